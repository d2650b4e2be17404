//! Compilers of style sheets. Data for `reader`.

use super::reader::Role::{Related, Skip};
use super::reader::{Shape, Tool, USUAL, p};
use crate::engine::ColumnUnit;

pub(super) static SASS: Tool = Tool {
    name: "sass",
    unit: ColumnUnit::Utf16,
    words: &[("deprecation warning", crate::engine::Severity::Warning)],
    shapes: &[
        Shape::block(
            "  ",
            r"^ {2,4}(?<file>[^\s│╷╵].*?\.(?:scss|sass|css)) (?<line>[0-9]+):(?<column>[0-9]+) +(?:root stylesheet|@\w+|[\w-]+\(\))$",
            &[(
                Related,
                p(
                    r"^ {2,4}(?<file>[^\s│╷╵].*?\.(?:scss|sass|css)) (?<line>[0-9]+):(?<column>[0-9]+) +(?<message>\S.*)$",
                ),
            )],
        )
        .below(
            30,
            r"^(?:(?<severity>Error|WARNING|DEPRECATION WARNING|Deprecation Warning)(?: \[(?<code>[\w-]+)\])?): (?<message>\S.*)$",
        ),
        // libsass
        Shape::block(
            " on line ",
            r"^ {8}on line (?<line>[0-9]+)(?::(?<column>[0-9]+))? of (?<file>\S.*?)(?:, in .*)?$",
            &[
                (Related, p(r"^ {8}from line (?<line>[0-9]+):(?<column>[0-9]+) of (?<file>\S.*?)(?:, in .*)?$")),
                (Skip, p(r"^>> |^$|^ *-*\^$")),
            ],
        )
        .below(2, r"^(?:(?<severity>Error|WARNING|DEPRECATION WARNING)): (?<message>\S.*)$"),
    ],
    ..USUAL
};

pub(super) static LESSC: Tool = Tool {
    name: "lessc",
    unit: ColumnUnit::Utf16,
    words: &[("deprecated warning", crate::engine::Severity::Warning)],
    shapes: &[
        Shape::line(
            ", column ",
            r"^(?<message>[A-Z]\w*Error: .+) in (?<file>\S.*?) on line (?<line>[0-9]+), column (?<column>[0-9]+):?$",
        ),
        Shape::line(
            ", column ",
            r"^(?<severity>(?:DEPRECATED )?WARNING): (?<message>.+) in (?<file>\S.*?) on line (?<line>[0-9]+), column (?<column>[0-9]+):?$",
        ),
    ],
    ..USUAL
};
