//! OCaml, Erlang, Lua, Nim, Pascal. Data for `reader`.

use super::reader::Role::{More, Related, Skip, Stop};
use super::reader::{Shape, Tool, USUAL, p};
use crate::engine::{ColumnUnit, Problem, Severity};

pub(super) static OCAML: Tool = Tool {
    name: "ocaml",
    unit: ColumnUnit::Byte,
    first: 0,
    words: &[("alert", Severity::Warning)],
    shapes: &[Shape::block(
        "File \"",
        r#"^File "(?<file>[^"]+)", lines? (?<line>[0-9]+)(?:-(?<end_line>[0-9]+))?(?:, characters (?<column>[0-9]+)-(?<end_column>[0-9]+))?:$"#,
        &[
            (
                Related,
                p(
                    r#"^ +File "(?<file>[^"]+)", lines? (?<line>[0-9]+)(?:-(?<end_line>[0-9]+))?, characters (?<column>[0-9]+)-(?<end_column>[0-9]+): *(?<message>\S.*)?$"#,
                ),
            ),
            (Skip, p(r"^ *[0-9]* \|(?: |$)|^ *\^[\^ ]*$|^\.\.\.$")),
            (
                More,
                p(
                    r"^(?<severity>Error)(?: \((?:warning (?<code>[0-9]+)(?: \[[\w-]+\])?|alert [\w-]+)\))?: (?<message>.+)$",
                ),
            ),
            (More, p(r"^(?<severity>Warning|Alert) (?<code>[\w-]+)(?: \[[\w-]+\])?: (?<message>.+)$")),
            (Stop, p(r"^(?:\S*make|ninja|dune|ocaml\w*|npm)\b|^\[|^$")),
            (More, p(r"^(?<message> *\S.*)$")),
        ],
    )],
    ..USUAL
};

pub(super) static ERLC: Tool = Tool {
    name: "erlc",
    shapes: &[Shape::block(
        "rl:",
        r"^(?<file>[^\s:%][^:]*\.(?:erl|hrl|yrl|xrl)):(?<line>[0-9]+)(?::(?<column>[0-9]+))?: (?:(?<severity>Warning): )?(?<message>\S.*)$",
        &[(Skip, p(r"^% *[0-9]*\|"))],
    )],
    ..USUAL
};

pub(super) static LUA: Tool = Tool {
    name: "lua",
    shapes: &[Shape::block(
        ".lua:",
        r"^(?:\S*/)?lua(?:c|jit)?[0-9.-]*: (?<file>[^\s:\[][^:]*):(?<line>[0-9]+): (?<message>.+)$",
        &[
            (Related, p(r"^\t(?<file>[^\s:\[][^:]*):(?<line>[0-9]+): (?<message>in .+)$")),
            (Skip, p(r"^stack traceback:$|^\t(?:\[C\]|\.\.\.|\(\.\.\.)")),
            (More, p(r"^\t(?<message>no .+)$")),
        ],
    )],
    ..USUAL
};

pub(super) static NIM: Tool = Tool {
    name: "nim",
    unit: ColumnUnit::Byte,
    shapes: &[
        Shape::block(
            ") ",
            r"^(?<file>\S.*?\.(?:nims?|nimble|cfg))\((?<line>[0-9]+), (?<column>[0-9]+)\) (?<severity>Error|Warning|Hint): (?<message>.+?)(?: \[(?<code>[A-Z]\w+)\])?$",
            &[
                (
                    More,
                    p(
                        r"^(?<message>(?:but expected|proc |func |template |macro |iterator |method |converter |candidates |expression: |required type |but expression |  | \().*)$",
                    ),
                ),
                (Skip, p(r"^$")),
            ],
        ),
        // It leads to the next error.
        Shape::line(
            ") template/generic instantiation",
            r"^\S.*?\.nims?\([0-9]+, [0-9]+\) template/generic instantiation",
        ),
    ],
    ..USUAL
};

pub(super) static FPC: Tool = Tool {
    name: "fpc",
    unit: ColumnUnit::Byte,
    words: &[("note", Severity::Information)],
    shapes: &[Shape::line(
        ") ",
        r"^(?<file>\S.*?\.(?:pas|pp|p|lpr|dpr|inc))\((?<line>[0-9]+)(?:,(?<column>[0-9]+))?\) (?<severity>Fatal|Error|Warning|Note|Hint): (?:\((?<code>[0-9]{4,5})\) )?(?<message>.+)$",
    )],
    complete: |problem: &mut Problem| {
        let message = &problem.message;
        !message.starts_with("There were ") && !message.starts_with("Compilation aborted")
    },
    ..USUAL
};
