//! Linters: of shell scripts, containers, workflows, markup, Lua, Ruby, Go, C.
//! Data for `reader`.

use super::reader::Role::{Caret, Each, Related, Skip};
use super::reader::{FAR, Shape, Tool, USUAL, p};
use crate::engine::{ColumnUnit, Problem, Severity};

pub(super) static ACTIONLINT: Tool = Tool {
    name: "actionlint",
    unit: ColumnUnit::Byte,
    shapes: &[Shape::block(
        "ml:",
        r"^(?<file>\S.*\.ya?ml):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>\S.*) \[(?<code>[a-z][a-z-]*)\]$",
        &[(Caret, p(r"^ *\| +\^~*$")), (Skip, p(r"^ *[0-9]* \|"))],
    )],
    ..USUAL
};

pub(super) static CODESPELL: Tool = Tool {
    name: "codespell",
    usual: Severity::Warning,
    shapes: &[
        Shape::line(" ==> ", r"^(?<file>\S.*?)(?::(?<line>[0-9]+))?: (?<message>\S+ ==> \S.*)$").strict()
    ],
    ..USUAL
};

pub(super) static CPPLINT: Tool = Tool {
    name: "cpplint",
    usual: Severity::Warning,
    shapes: &[Shape::line(
        ":  ",
        r"^(?<file>\S.*?):(?<line>[0-9]+):  (?<message>.+?)  \[(?<code>[a-z_]+/[\w+/]+)\] \[[1-5]\]$",
    )],
    ..USUAL
};

pub(super) static HADOLINT: Tool = Tool {
    name: "hadolint",
    words: &[("style", Severity::Information)],
    shapes: &[
        Shape::line(
            ": ",
            r"^(?:hadolint:)?(?<file>\S.*?):(?<line>[0-9]+):? (?<code>(?:DL|SC)[0-9]{4}) (?<severity>error|warning|info|style): (?<message>.+)$",
        ),
        Shape::line(
            "ockerfile",
            r"^(?:hadolint:)?(?<file>(?:\S.*)?[Dd]ockerfile\S*?):(?<line>[0-9]+):(?<column>[0-9]+):? (?<message>\S.*)$",
        ),
    ],
    ..USUAL
};

pub(super) static JSHINT: Tool = Tool {
    name: "jshint",
    unit: ColumnUnit::Utf16,
    shapes: &[
        Shape::line(
            ": line ",
            r"^(?<file>\S.*?): line (?<line>[0-9]+), col (?<column>[0-9]+), (?<message>.+?)(?: \((?<code>(?<severity>[EWI])[0-9]{3})\))?$",
        ),
        Shape::line(
            ".js:",
            r"^(?<file>\S.*?\.m?js):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>['A-Z].*[.?!])(?: \((?<code>(?<severity>[EWI])[0-9]{3})\))?$",
        )
        .strict(),
    ],
    ..USUAL
};

pub(super) static LUACHECK: Tool = Tool {
    name: "luacheck",
    shapes: &[
        Shape::block(
            "Checking ",
            r"^Checking (?<file>\S.*?) +(?:[0-9]+ (?<severity>warning|error)s?(?: / [0-9]+ errors?)?|(?:Syntax |I/O )?error)$",
            &[
                (
                    Each,
                    p(
                        r"^ {4}\S.*?:(?<line>[0-9]+):(?<column>[0-9]+)(?:-(?<end_column>[0-9]+))?: (?:\((?<code>(?<severity>[WE])[0-9]+)\) )?(?<message>.+)$",
                    ),
                ),
                (Skip, p(r"^$")),
            ],
        ),
        Shape::line(
            ".lua:",
            r"^(?<file>\S.*?\.lua):(?<line>[0-9]+):(?<column>[0-9]+)(?:-(?<end_column>[0-9]+))?: (?:\((?<code>(?<severity>[WE])[0-9]+)\) )?(?<message>[a-z(].+)$",
        ),
    ],
    complete: includes_end,
    ..USUAL
};

pub(super) static MARKDOWNLINT: Tool = Tool {
    name: "markdownlint",
    unit: ColumnUnit::Utf16,
    shapes: &[Shape::line(
        " MD0",
        r"^(?<file>\S.*?):(?<line>[0-9]+)(?::(?<column>[0-9]+))? (?:(?<severity>error|warning) )?(?<code>MD[0-9]{3})(?:/[\w-]+)+ (?<message>.+)$",
    )],
    ..USUAL
};

// Its own configuration; what is wrong with the sources is read with eslint's.
pub(super) static PRETTIER: Tool = Tool {
    name: "prettier",
    unit: ColumnUnit::Utf16,
    shapes: &[
        Shape::line(
            "[error] ",
            r"^\[error\] (?<message>\S.*?)(?: at line (?<line>[0-9]+), column (?<column>[0-9]+):)?$",
        )
        .below(1, r#"^\[error\] \w+ Error in "?(?<file>\S.*?)"?:$"#),
        Shape::line(
            "[error] ",
            r"^\[(?<severity>error)\] (?<message>(?:Invalid \S.* value\. Expected|No parser could be inferred for|No files matching the pattern were found:|Couldn't resolve parser) .+)$",
        ),
    ],
    ..USUAL
};

pub(super) static RUBOCOP: Tool = Tool {
    name: "rubocop",
    words: RUBOCOP_WORDS,
    shapes: &[
        Shape::block(
            ": ",
            r"^(?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+): (?<severity>[RCWEFI]): (?:\[(?:Correctable|Corrected|Todo)\] )?(?:(?<code>[A-Z]\w+(?:/\w+)+): )?(?<message>.+)$",
            &[(Caret, p(r"^\s*\^+(?:\{\})?$"))],
        )
        .with_source(),
        Shape::block(
            "== ",
            r"^== (?<file>\S.*) ==$",
            &[(
                Each,
                p(
                    r"^(?<severity>[RCWEFI]): *(?<line>[0-9]+): *(?<column>[0-9]+): (?:\[(?:Correctable|Corrected)\] )?(?:(?<code>[A-Z]\w+(?:/\w+)+): )?(?<message>.+)$",
                ),
            )],
        )
        .strict(),
    ],
    ..USUAL
};

const RUBOCOP_WORDS: &[(&str, Severity)] = &[("C", Severity::Information), ("R", Severity::Information)];

pub(super) static SHELLCHECK: Tool = Tool {
    name: "shellcheck",
    words: &[("style", Severity::Information)],
    shapes: &[
        Shape::block(
            "In ",
            r"^In (?<file>\S.*) line (?<line>[0-9]+):$",
            &[(
                Each,
                p(
                    r"^ *\^-*\^? (?<code>SC[0-9]{4,5}) \((?<severity>error|warning|info|style)\): (?<message>.+)$",
                ),
            )],
        )
        .with_source(),
        Shape::line(
            "[SC",
            r"^(?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+): (?<severity>error|warning|note): (?<message>.+) \[(?<code>SC[0-9]{4,5})\]$",
        ),
    ],
    ..USUAL
};

pub(super) static STATICCHECK: Tool = Tool {
    name: "staticcheck",
    unit: ColumnUnit::Byte,
    shapes: &[Shape::block(
        ".go:",
        r"^(?<file>\S.*?\.go):(?<line>[0-9]+)(?::(?<column>[0-9]+))?: (?<message>.+) \((?<code>[A-Z]{1,3}[0-9]{4}|compile|[a-z]{3,}[a-z0-9]*)\)$",
        &[
            (Related, p(r"^\t(?<file>\S.*?\.go):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>.+)$")),
            (Skip, p(r"^\s*\^$")),
        ],
    )
    .with_source()],
    complete: by_rule,
    ..USUAL
};

pub(super) static XMLLINT: Tool = Tool {
    name: "xmllint",
    unit: ColumnUnit::Byte,
    shapes: &[
        Shape::block(
            " : ",
            r"^(?<file>\S.*?):(?<line>[0-9]+): (?:element \S+: )?[\w -]+ (?<severity>error|warning) : (?<message>.+)$",
            &[(Caret, p(r"^\s*\^$"))],
        )
        .with_source(),
        Shape::line("warning: failed", r"^(?<severity>warning): (?<message>failed to load external entity .+)$"),
    ],
    complete: is_not_cut,
    ..USUAL
};

pub(super) static YAMLLINT: Tool = Tool {
    name: "yamllint",
    shapes: &[
        Shape::line(
            ": [",
            r"^(?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+): \[(?<severity>error|warning)\] (?<message>.+?)(?: \((?<code>[a-z-]+)\))?$",
        ),
        Shape::line(
            ")",
            r"^ +(?<line>[0-9]+):(?<column>[0-9]+) +(?<severity>error|warning) +(?<message>\S.*?) +\((?<code>[a-z-]+)\)$",
        )
        .below(FAR, r"^(?<file>\S.*\.ya?ml)$"),
    ],
    ..USUAL
};

// The last column that is told still belongs to it.
pub(super) fn includes_end(problem: &mut Problem) -> bool {
    let end = problem.place.as_mut().and_then(|place| place.end.as_mut());
    if let Some(column) = end.and_then(|end| end.column.as_mut()) {
        *column += 1;
    }
    true
}

// Of a longer line only the end is shown, and the mark stands below that.
fn is_not_cut(problem: &mut Problem) -> bool {
    if let Some(place) = &mut problem.place {
        place.start.column = place.start.column.filter(|&column| column < 80);
    }
    true
}

// golangci-lint names the linter, staticcheck its own rule.
fn by_rule(problem: &mut Problem) -> bool {
    let is_own = |code: &str| code == "compile" || code.starts_with(char::is_uppercase);
    if !problem.code.as_deref().is_some_and(is_own) {
        "golangci-lint".clone_into(&mut problem.tool);
    }
    true
}

/// Whether a line of Go is one of staticcheck's, which names its rule at the end.
pub(in crate::build::parse) fn is_of_staticcheck(line: &str) -> bool {
    let inner = line.strip_suffix(')').and_then(|line| line.rsplit_once(" ("));
    inner.is_some_and(|(_, rule)| {
        let digits = rule.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
        let has_digits = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_digit());
        rule == "compile" || (has_digits && digits.len() < rule.len())
    })
}
