//! Tools of which each has little to say: spelling, templates, configuration, smaller languages. Data for `reader`.

use super::linters::includes_end;
use super::reader::Role::{Caret, Each, Last, More, Related, Skip, Stop, Wrap};
use super::reader::{FAR, Shape, Tool, USUAL, p};
use crate::engine::{ColumnUnit, Problem, Severity};

pub(super) static ANSIBLE_LINT: Tool = Tool {
    name: "ansible-lint",
    shapes: &[
        Shape::line(
            "ml:",
            r"^(?<file>\S.*?\.ya?ml):(?<line>[0-9]+)(?::(?<column>[0-9]+))?: (?<code>[a-z][a-z-]*(?:\[[^\]]+\])*): (?<message>.+)$",
        ),
        Shape::line(
            "ml:",
            r"^(?<file>\S.*?\.ya?ml):(?<line>[0-9]+)(?::(?<column>[0-9]+))?(?: (?:Task/Handler: |[A-Z`]).*)?$",
        )
        .below(1, r"^(?<code>[a-z][a-z-]*(?:\[[^\]]+\])?): (?<message>[A-Z].+)$"),
    ],
    ..USUAL
};

pub(super) static ASSEMBLYSCRIPT: Tool = Tool {
    name: "asc",
    unit: ColumnUnit::Utf16,
    words: &[("pedantic", Severity::Information)],
    shapes: &[
        Shape::block(
            ": ",
            r"^(?<severity>ERROR|WARNING|INFO|PEDANTIC) (?<code>(?:TS|AS)[0-9]+): (?<message>.+)$",
            &[
                (Last, p(r"^ +└─ in (?<file>\S.*)\((?<line>[0-9]+),(?<column>[0-9]+)\)$")),
                (Skip, p(r"^ +:$|^ *[0-9]* │")),
            ],
        ),
        Shape::line("Unknown option", r"^(?<severity>WARNING) (?<message>Unknown option .+)$"),
    ],
    ..USUAL
};

pub(super) static CFN_LINT: Tool = Tool {
    name: "cfn-lint",
    shapes: &[
        Shape::line("", r"^(?<file>\S.*?\.(?:ya?ml|json|template)):(?<line>[0-9]+):(?<column>[0-9]+)$")
            .below(1, r"^(?<code>(?<severity>[EWI])[0-9]{4}) (?<message>.+)$"),
        Shape::line(
            ":",
            r"^(?<file>\S.*?\.(?:ya?ml|json|template)):(?<line>[0-9]+):(?<column>[0-9]+):(?<end_line>[0-9]+):(?<end_column>[0-9]+):(?<code>(?<severity>[EWI])[0-9]{4}):(?<message>.+)$",
        ),
    ],
    ..USUAL
};

pub(super) static CHECKSTYLE: Tool = Tool {
    name: "checkstyle",
    unit: ColumnUnit::Display,
    shapes: &[Shape::line(
        "] ",
        r"^\[(?<severity>ERROR|WARN|INFO)\] (?<file>\S.*?):(?<line>[0-9]+)(?::(?<column>[0-9]+))?: (?<message>.+) \[(?<code>[A-Z]\w+)\]$",
    )],
    ..USUAL
};

pub(super) static CHKTEX: Tool = Tool {
    name: "chktex",
    unit: ColumnUnit::Byte,
    words: &[("message", Severity::Information)],
    shapes: &[Shape::block(
        " in ",
        r"^(?<severity>Warning|Error|Message) (?<code>[0-9]+) in (?<file>\S.*) line (?<line>[0-9]+): (?<message>.+)$",
        &[(Caret, p(r"^ *\^+$"))],
    )
    .with_source()],
    ..USUAL
};

pub(super) static CRYSTAL: Tool = Tool {
    name: "crystal",
    shapes: &[Shape::block(
        "n ",
        r"^(?:[Ii]n|Code in) (?<file>\S.*?\.e?cr):(?<line>[0-9]+):(?<column>[0-9]+)$",
        &[
            (Skip, p(r"^$|^[ >]*[0-9]+ \| |^Called macro defined in |^Which expanded to:$")),
            (Caret, p(r"^ +\^-*$")),
            (More, p(r"^(?<severity>Error|Warning): (?<message>.+)$")),
            (More, p(r"^(?<message>Overloads are:| - .+)$")),
        ],
    )],
    ..USUAL
};

pub(super) static CSPELL: Tool = Tool {
    name: "cspell",
    usual: Severity::Information,
    unit: ColumnUnit::Utf16,
    shapes: &[Shape::line(
        " word (",
        r"^(?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+) - (?<message>(?:Unknown|Misspelled|Forbidden) word \(.+)$",
    )],
    ..USUAL
};

pub(super) static CYTHON: Tool = Tool {
    name: "cython",
    first: 0,
    shapes: &[Shape::line(
        ".p",
        r"^(?:(?<severity>warning): )?(?<file>\S.*?\.p(?:yx|xd|xi)):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>.+)$",
    )],
    ..USUAL
};

pub(super) static DJLINT: Tool = Tool {
    name: "djlint",
    first: 0,
    shapes: &[Shape::line(
        " ",
        r"^(?<code>[HTDJN][0-9]{3}) (?<line>[0-9]+):(?<column>[0-9]+) (?<message>.+)$",
    )
    .below(FAR, r"^(?<file>[^\s─]\S*\.\w+)$")
    .strict()],
    ..USUAL
};

pub(super) static GDLINT: Tool = Tool {
    name: "gdlint",
    shapes: &[Shape::line(
        ".gd:",
        r"^(?<file>\S.*?\.gd):(?<line>[0-9]+): (?<severity>Error|Warning): (?<message>.+) \((?<code>[a-z-]+)\)$",
    )],
    ..USUAL
};

pub(super) static HAXE: Tool = Tool {
    name: "haxe",
    shapes: &[
        Shape::block(
            ".hx:",
            r"^(?<file>\S.*?\.hx):(?<line>[0-9]+): (?:characters? (?<column>[0-9]+)(?:-(?<end_column>[0-9]+))?|lines [0-9]+-(?<end_line>[0-9]+)) : (?:(?<severity>Warning|Error) : )?(?<message>[^.\s].*)$",
            &[(More, p(r"^\S.*?\.hx:[0-9]+: [a-z]+ [0-9-]+ : \.\.\. (?<message>.+)$"))],
        ),
        // The class that the command names.
        Shape::line("not found : ", r"^(?<message>(?<severity>Type not found) : \S+)$"),
    ],
    ..USUAL
};

pub(super) static MESON: Tool = Tool {
    name: "meson",
    first: 0,
    words: &[("deprecation", Severity::Warning)],
    shapes: &[Shape::line(
        "meson",
        r"^(?<file>(?:\S.*/)?meson(?:\.build|\.options|_options\.txt)):(?<line>[0-9]+)(?::(?<column>[0-9]+))?: (?<severity>ERROR|WARNING|DEPRECATION|NOTICE): (?<message>.+)$",
    )],
    ..USUAL
};

pub(super) static OCTAVE: Tool = Tool {
    name: "octave",
    shapes: &[Shape::line(
        "parse error",
        r"^(?:error: )?(?<message>parse error) near line (?<line>[0-9]+) of file (?<file>\S.*)$",
    )],
    ..USUAL
};

pub(super) static PUPPET_LINT: Tool = Tool {
    name: "puppet-lint",
    shapes: &[Shape::line(
        "(check: ",
        r"^(?:(?<file>\S.*) - )?(?<severity>ERROR|WARNING): (?<message>.+) on line (?<line>[0-9]+)(?: col [0-9]+)? \(check: (?<code>\w+)\)$",
    )],
    ..USUAL
};

pub(super) static R: Tool = Tool {
    name: "R",
    words: &[("style", Severity::Information)],
    shapes: &[
        Shape::line(
            ": [",
            r"^(?<file>\S.*?\.(?:[Rr]|[Rq]md)):(?<line>[0-9]+):(?<column>[0-9]+): (?<severity>style|warning|error): \[(?<code>\w+)\] (?<message>.+)$",
        ),
        Shape::line(
            ": unexpected ",
            r"^(?:Error.*: | +)?(?<file>[^\s:]+\.[Rr]):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>unexpected .+)$",
        ),
    ],
    ..USUAL
};

pub(super) static RACKET: Tool = Tool {
    name: "racket",
    first: 0,
    shapes: &[Shape::block(
        ".rkt",
        r"^(?<file>\S.*?\.rkt[ld]?):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>.+)$",
        &[(Skip, p(r"^  (?:location|context)\.\.\.:$|^   \S")), (More, p(r"^  (?<message>\S.*)$"))],
    )],
    ..USUAL
};

pub(super) static RESCRIPT: Tool = Tool {
    name: "rescript",
    unit: ColumnUnit::Utf16,
    words: &[("we've found a bug for you!", Severity::Error)],
    shapes: &[Shape::block(
        ".res",
        r"^  (?<file>\S.*?\.resi?):(?<line>[0-9]+):(?<column>[0-9]+)(?:-(?:(?<end_line>[0-9]+):)?(?<end_column>[0-9]+))?$",
        &[
            (Stop, p(r"^  (?:We've found a bug for you!|Syntax error!|Warning number )")),
            (Skip, p(r"^$|^ +[0-9]+ [│┆]|^ +[·.]+ [│┆]")),
            (More, p(r"^  (?<message>\S.*)$")),
        ],
    )
    .below(
        1,
        r"^  (?<severity>We've found a bug for you!|Syntax error!|Warning)(?: number (?<code>[0-9]+).*)?$",
    )],
    complete: includes_end,
    ..USUAL
};

pub(super) static SCALA: Tool = Tool {
    name: "scalac",
    unit: ColumnUnit::Utf16,
    first: 0,
    shapes: &[Shape::block(
        "-- ",
        r"^(?:\[(?:error|warn|info)\] )?-- (?:\[(?<code>E[0-9]+)\] )?(?:[A-Z][\w -]*? )?(?<severity>Error|Warning|Info): (?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+) -*$",
        &[
            (Skip, p(r"^(?:\[\w+\] )?\s*[0-9]+ ?\||^(?:\[\w+\] )?\s*\|\s*$")),
            (Caret, p(r"^(?:\[\w+\] )?\s*\|\s*\^[\^-]*$")),
            (Skip, p(r"^(?:\[\w+\] )?\s*\|\s*(?:longer explanation available|[\^-]+$)")),
            (More, p(r"^(?:\[\w+\] )?\s*\|\s*(?<message>\S.*)$")),
        ],
    )],
    ..USUAL
};

pub(super) static SOLC: Tool = Tool {
    name: "solc",
    unit: ColumnUnit::Byte,
    shapes: &[Shape::block(
        "--> ",
        r"^ *--> (?<file>\S.*?\.sol)(?::(?<line>[0-9]+):(?<column>[0-9]+):)?$",
        &[
            (Skip, p(r"^ *[0-9]* \|.*$|^$|^Note: ")),
            (Related, p(r"^ *--> (?<file>\S.*?\.sol):(?<line>[0-9]+):(?<column>[0-9]+):$")),
        ],
    )
    .below(1, r"^(?<severity>\w*Error|Warning|Info)(?: \((?<code>[0-9]+)\))?: (?<message>.+)$")],
    ..USUAL
};

pub(super) static SQLFLUFF: Tool = Tool {
    name: "sqlfluff",
    shapes: &[Shape::block(
        "| P:",
        r"^L: *(?<line>[0-9]+) \| P: *(?<column>[0-9]+) \| *(?<code>\w+) \| (?:(?<severity>WARNING): )?(?<message>.+)$",
        &[(Wrap, p(r"^ +\| (?<message>.+)$"))],
    )
    .below(FAR, r"^== \[(?<file>.+)\] (?:FAIL|PASS)$")],
    complete: |problem: &mut Problem| {
        let rule = problem.message.rfind(" [").filter(|_| problem.message.ends_with(']'));
        if let Some(at) = rule.filter(|&at| !problem.message[at + 2..].contains(' ')) {
            problem.message.truncate(at);
        }
        true
    },
    ..USUAL
};

pub(super) static STANDARD: Tool = Tool {
    name: "standard",
    unit: ColumnUnit::Utf16,
    shapes: &[Shape::line(
        ")",
        r"^  (?<file>\S.*?\.[cm]?[jt]sx?):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>.+) \((?<code>[\w@/-]+)\)(?: \((?<severity>warning)\))?$",
    )],
    complete: |problem: &mut Problem| {
        problem.code = problem.code.take().filter(|code| code != "null");
        true
    },
    ..USUAL
};

pub(super) static TERRAFORM: Tool = Tool {
    name: "terraform",
    shapes: &[Shape::block(
        "  on ",
        r"^(?:│ )? {2}on (?<file>\S.*?) line (?<line>[0-9]+)(?:, in .*)?:$",
        &[(Skip, p(r"^(?:│ )? +[0-9]+:|^│ *$|^│  +\S")), (More, p(r"^│ (?<message>\S.*)$"))],
    )
    .below(8, r"^(?:│ )?(?<severity>Error|Warning): (?<message>.+)$")],
    ..USUAL
};

pub(super) static TYPOS: Tool = Tool {
    name: "typos",
    shapes: &[
        Shape::line(
            "should be",
            r"^(?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+): (?<severity>error|warning): (?<message>`.+` should be .+)$",
        ),
        Shape::line("╭▸ ", r"^ *╭▸ (?<file>\S.*):(?<line>[0-9]+):(?<column>[0-9]+)$")
            .below(1, r"^(?<severity>error|warning): (?<message>`.+` should be .+)$"),
    ],
    ..USUAL
};

pub(super) static VFILE: Tool = Tool {
    name: "remark",
    unit: ColumnUnit::Utf16,
    shapes: &[Shape::line(
        "-",
        r"^ +(?<line>[0-9]+):(?<column>[0-9]+)-(?<end_line>[0-9]+):(?<end_column>[0-9]+) +(?<severity>error|warning|info) +(?<message>\S.*?) {2,}(?<code>[\w-]+)(?: {2,}[\w@/-]+)?$",
    )
    .below(FAR, r"^(?<file>[^\s:⚠✖]\S*\.\w+)(?:: .*)?$")
    .strict()],
    ..USUAL
};

pub(super) static VYPER: Tool = Tool {
    name: "vyper",
    first: 0,
    shapes: &[Shape::line(
        "contract \"",
        r#"^ {2}contract "(?<file>[^"]+?):[0-9]+",.* line (?<line>[0-9]+):(?<column>[0-9]+) ?$"#,
    )
    .below(4, r"^vyper\.exceptions\.\w+: (?<message>.+)$")],
    ..USUAL
};

pub(super) static SPECTRAL: Tool = Tool {
    name: "spectral",
    unit: ColumnUnit::Utf16,
    words: &[("information", Severity::Information)],
    shapes: &[
        Shape::block(
            ".",
            r"^(?<file>/\S.*\.(?:ya?ml|json))$",
            &[(
                Each,
                p(
                    r"^ +(?<line>[0-9]+):(?<column>[0-9]+) +(?<severity>error|warning|information|hint)  (?<code>[a-z0-9][\w.-]*) {2,}(?<message>\S.*?)(?: {2,}\S+)?$",
                ),
            )],
        )
        .strict(),
        Shape::line(
            "\"",
            r#"^(?<file>/\S.*\.(?:ya?ml|json)):(?<line>[0-9]+):(?<column>[0-9]+) (?<severity>error|warning|information|hint) (?<code>[a-z0-9][\w.-]*) "(?<message>.+)"$"#,
        ),
    ],
    ..USUAL
};
