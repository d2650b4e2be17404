//! Tools that are read as their documents and reports have it. Data for `reader`.

use super::reader::Role::{Last, More, Skip, Wrap};
use super::reader::{FAR, Shape, Tool, USUAL, p};
use crate::engine::{ColumnUnit, Severity};

const LETTERS: &[(&str, Severity)] = &[
    ("R", Severity::Information),
    ("C", Severity::Information),
    ("D", Severity::Information),
    ("F", Severity::Warning),
];

pub(super) static CODESPAN: Tool = Tool {
    name: "codespan",
    shapes: &[
        // rebar3
        Shape::block(
            "┌─ ",
            r"^ *┌─ (?<file>\S.*\.[ehyx]rl):$",
            &[
                (Last, p(r"^ *│ +╰── (?:(?<severity>Warning): )?(?<message>.+)$")),
                (More, p(r"^ *(?<line>[0-9]+) │")),
                (Skip, p(r"^ *│")),
            ],
        ),
        Shape::line("┌─ ", r"^ *┌─+ (?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+)$")
            .below(2, r"^(?<severity>error|warning|bug|note)(?:\[(?<code>\w+)\])?: (?<message>.+)$"),
    ],
    ..USUAL
};

pub(super) static CREDO: Tool = Tool {
    name: "credo",
    words: LETTERS,
    shapes: &[
        Shape::line(" #(", r"^\s*┃ +(?<file>\S.*\.exs?):(?<line>[0-9]+)(?::(?<column>[0-9]+))? #\(.*\)$")
            .below(4, r"^\s*┃ +\[(?<severity>[RCDFW])\] +\S+ (?<message>.+)$"),
        Shape::line(
            "] ",
            r"^\[(?<severity>[RCDFW])\] \S+ (?<file>\S.*?\.exs?):(?<line>[0-9]+)(?::(?<column>[0-9]+))? (?<message>.+)$",
        ),
    ],
    ..USUAL
};

pub(super) static DART: Tool = Tool {
    name: "dart",
    unit: ColumnUnit::Utf16,
    shapes: &[
        Shape::line(
            ".dart:",
            r"^ *(?<severity>error|warning|info|hint) - (?<file>\S.*?\.dart):(?<line>[0-9]+):(?<column>[0-9]+) - (?<message>.+) - (?<code>\w+)$",
        ),
        Shape::line(
            ".dart:",
            r"^ *(?<severity>error|warning|info|hint) • (?<message>.+) • (?<file>\S.*?\.dart):(?<line>[0-9]+):(?<column>[0-9]+) • (?<code>\w+)$",
        ),
        Shape::line(
            ".dart:",
            r"^(?<file>\S.*?\.dart):(?<line>[0-9]+):(?<column>[0-9]+): (?<severity>Error|Warning|Info): (?<message>.+)$",
        ),
    ],
    ..USUAL
};

pub(super) static DOCKER: Tool = Tool {
    name: "docker",
    shapes: &[Shape::block(
        "ockerfile",
        r"^(?<file>(?:\S*/)?\S*[Dd]ockerfile\S*):(?<line>[0-9]+)$",
        &[(Skip, p(r"^-{4,}$|^ +[0-9]+ \||^$")), (Last, p(r"^ERROR: (?<message>failed to .+)$"))],
    )],
    ..USUAL
};

// Compilers of chips, which have Edison's front end or speak like it.
pub(super) static EDG: Tool = Tool {
    name: "edg",
    shapes: &[
        Shape::line(
            "\", line ",
            r#"^"(?<file>[^"]+)", line (?<line>[0-9]+)(?:\.(?<column>[0-9]+))?: (?:(?i)(?<severity>fatal error|error|warning|remark)):? ?#?(?:(?<code>[0-9]+(?:-D)?): )?(?<message>\S.*)$"#,
        ),
        Shape::line(
            "): ",
            r"^(?<file>\S.*?\.(?:cu|cuh|c|cc|cpp|cxx|h|hh|hpp))\((?<line>[0-9]+)\): (?<severity>error|warning|remark|catastrophic error)(?: #(?<code>[0-9]+(?:-D)?))?: (?<message>.+)$",
        ),
        // sdcc
        Shape::line(
            ": ",
            r"^(?<file>\S.*?\.[ch]):(?<line>[0-9]+): (?<severity>error|warning|info) (?<code>[0-9]{1,3}): (?<message>.+)$",
        ),
    ],
    ..USUAL
};

pub(super) static ELM: Tool = Tool {
    name: "elm",
    shapes: &[Shape::block(
        "-- ",
        r"^-- (?<message>[A-Z][A-Z ]+?) -+ (?<file>\S.*\.elm)$",
        &[
            (More, p(r"^(?<line>[0-9]+)\|[ >]")),
            (Skip, p(r"^$|^ +\^+$")),
            (More, p(r"^(?<message>[^\s-].*)$")),
        ],
    )],
    ..USUAL
};

pub(super) static GLSLANG: Tool = Tool {
    name: "glslang",
    shapes: &[Shape::line(
        ": ",
        r"^(?<severity>ERROR|WARNING): (?<file>\S.*?\.(?:vert|frag|comp|geom|tesc|tese|glsl|rgen|mesh|task)):(?<line>[0-9]+): (?<message>.+)$",
    )],
    ..USUAL
};

pub(super) static GN: Tool = Tool {
    name: "gn",
    shapes: &[Shape::line(
        "ERROR at //",
        r"^ERROR at //(?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>.+)$",
    )],
    ..USUAL
};

pub(super) static HLINT: Tool = Tool {
    name: "hlint",
    words: &[("suggestion", Severity::Information), ("ignore", Severity::Hint)],
    shapes: &[Shape::line(
        "hs:",
        r"^(?<file>\S.*?\.l?hs):\(?(?<line>[0-9]+)[:,](?<column>[0-9]+)\)?(?:-\(?(?:[0-9]+,)?[0-9]+\)?)?: (?<severity>Error|Warning|Suggestion|Ignore): (?<message>.+)$",
    )],
    ..USUAL
};

pub(super) static JSONNET: Tool = Tool {
    name: "jsonnet",
    shapes: &[Shape::line(
        "STATIC ERROR: ",
        r"^STATIC ERROR: (?<file>\S.*?):\(?(?<line>[0-9]+):(?<column>[0-9]+)\)?(?:-\S+)?: (?<message>.+)$",
    )],
    ..USUAL
};

pub(super) static KTLINT: Tool = Tool {
    name: "ktlint",
    shapes: &[Shape::line(
        ".kt",
        r"^(?<file>\S.*?\.kts?):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>[A-Z].+) [(\[](?<code>[A-Za-z][\w:-]*)[)\]]$",
    )],
    ..USUAL
};

pub(super) static LATEX: Tool = Tool {
    name: "latex",
    shapes: &[Shape::line(
        ":",
        r"^(?<file>\S*?\.(?:tex|sty|cls|ltx|bib)):(?<line>[0-9]+): (?<message>\S.*)$",
    )
    .strict()],
    ..USUAL
};

pub(super) static NIX: Tool = Tool {
    name: "nix",
    shapes: &[Shape::line(" at ", r"^ +at (?<file>\S.*\.nix):(?<line>[0-9]+):(?<column>[0-9]+):?$")
        .below(4, r"^ *error: (?<message>\S.*)$")],
    ..USUAL
};

pub(super) static NGINX: Tool = Tool {
    name: "nginx",
    words: &[("emerg", Severity::Error)],
    shapes: &[Shape::line(
        "nginx: [",
        r"^nginx: \[(?<severity>emerg|alert|crit|error|warn)\] (?<message>.+) in (?<file>\S+):(?<line>[0-9]+)$",
    )],
    ..USUAL
};

pub(super) static ODIN: Tool = Tool {
    name: "odin",
    shapes: &[Shape::line(
        ".odin(",
        r"^(?<file>\S.*?\.odin)\((?<line>[0-9]+):(?<column>[0-9]+)\) (?:(?<severity>Error|Warning|Syntax Error|Syntax Warning): )?(?<message>.+)$",
    )],
    ..USUAL
};

pub(super) static PHPCS: Tool = Tool {
    name: "phpcs",
    shapes: &[
        Shape::block(
            " | ",
            r"^ *(?<line>[0-9]+) \| (?<severity>ERROR|WARNING) +\| (?:\[[x ]\] )?(?<message>\S.*?)\s*$",
            &[(Wrap, p(r"^ +\| +\| +(?<message>\S.*?)\s*$"))],
        )
        .below(FAR, r"^FILE: (?<file>\S.*)$"),
        Shape::line(
            ".php:",
            r"^(?<file>\S.*?\.php):(?<line>[0-9]+):(?<column>[0-9]+): (?<severity>error|warning) - (?<message>.+)$",
        ),
    ],
    ..USUAL
};

pub(super) static PHPSTAN: Tool = Tool {
    name: "phpstan",
    shapes: &[Shape::block(
        "  ",
        r"^ {2}(?<line>[0-9]+) {2,}(?<message>\S.*?)\s*$",
        &[
            (More, p(r"^ {6,}🪪 +(?<code>[\w.]+)\s*$")),
            (Skip, p(r"^ {6,}(?:💡|✏)")),
            (Wrap, p(r"^ {6,}(?<message>\S.*?)\s*$")),
        ],
    )
    .below(FAR, r"^ {2}Line {2,}(?<file>\S.*?\.php)\s*$")],
    ..USUAL
};

pub(super) static PSALM: Tool = Tool {
    name: "psalm",
    shapes: &[Shape::line(
        " - ",
        r"^(?<severity>ERROR|INFO): (?<code>[A-Z]\w+) - (?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+) - (?<message>.+?)(?: \(see https?://\S+\))?$",
    )],
    ..USUAL
};

pub(super) static PURESCRIPT: Tool = Tool {
    name: "purescript",
    shapes: &[Shape::block(
        ".purs:",
        r"^ *at (?<file>\S.*\.purs):(?<line>[0-9]+):(?<column>[0-9]+) - (?<end_line>[0-9]+):(?<end_column>[0-9]+) \(.*\)$",
        &[(Skip, p(r"^$")), (More, p(r"^  (?<message>\S.*)$"))],
    )
    .below(3, r"^(?:\[[0-9/]+ \w+\] )?(?<severity>Error|Warning)(?: [0-9]+ of [0-9]+:|:| found:)$")],
    ..USUAL
};

pub(super) static SIMULATORS: Tool = Tool {
    name: "vlog",
    shapes: &[
        Shape::line(
            "** ",
            r"^\*\* (?<severity>Error|Warning|Note|Fatal)(?: \(suppressible\))?: (?:\((?<code>\w+-[0-9]+)\) )?(?:\*\* while parsing \S+ .*)?(?<file>\S.*?)\((?<line>[0-9]+)\): (?:\(v\w+-[0-9]+\) )?(?<message>.+)$",
        ),
        // Vivado
        Shape::line(
            ": [",
            r"^(?<severity>ERROR|WARNING|CRITICAL WARNING|INFO): \[(?<code>\w[\w ]*[0-9]+-[0-9]+)\] (?<message>.+) \[(?<file>/?\S.*?):(?<line>[0-9]+)\]$",
        ),
        // Yosys
        Shape::line(": ERROR: ", r"^(?<file>\S.*?\.s?vh?):(?<line>[0-9]+): ERROR: (?<message>.+)$"),
    ],
    words: &[("critical warning", Severity::Warning)],
    ..USUAL
};

pub(super) static SPHINX: Tool = Tool {
    name: "sphinx",
    words: &[("severe", Severity::Error), ("critical", Severity::Error)],
    shapes: &[
        Shape::line(
            ": ",
            r"^(?<file>\S.*?\.(?:rst|md|txt|py|ipynb)):(?:docstring of \S+?:)?(?<line>[0-9]+)?: (?<severity>WARNING|ERROR|SEVERE|CRITICAL): (?<message>.+?)(?: \[(?<code>[a-z]+\.[\w.]+)\])?$",
        ),
        Shape::line(
            "/",
            r"^(?<file>\S.*?\.(?:rst|txt)):(?<line>[0-9]+): \((?<severity>INFO|WARNING|ERROR|SEVERE)/[1-4]\) (?<message>.+)$",
        ),
    ],
    ..USUAL
};
