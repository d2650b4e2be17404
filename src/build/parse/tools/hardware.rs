//! Verilog and VHDL. Data for `reader`.

use super::reader::Role::{Caret, More, Related, Skip};
use super::reader::{Shape, Tool, USUAL, p};
use crate::engine::{ColumnUnit, Problem};

pub(super) static VERILATOR: Tool = Tool {
    name: "verilator",
    unit: ColumnUnit::Byte,
    shapes: &[Shape::block(
        "%",
        r"^%(?<severity>Warning|Error)(?:-(?<code>[A-Z0-9]+))?: (?:(?<file>\S.*?):(?<line>[0-9]+):(?:(?<column>[0-9]+):)? )?(?<message>.+)$",
        &[
            (Related, p(r"^ +(?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+): \.\.\. (?<message>.+)$")),
            (Caret, p(r"^ *\| +\^~*$")),
            (Skip, p(r"^ *[0-9]* \||^ +\.\.\. ")),
            (More, p(r"^ +: \.\.\. (?<message>.+)$")),
            (Skip, p(r"^ {12,}\S")),
        ],
    )],
    complete: |problem: &mut Problem| {
        const NOTHING_NEW: [&str; 3] = ["Exiting due to ", "Cannot continue", "This may be because "];
        !NOTHING_NEW.iter().any(|start| problem.message.starts_with(start))
    },
    ..USUAL
};

pub(super) static IVERILOG: Tool = Tool {
    name: "iverilog",
    shapes: &[
        Shape::block(
            ": ",
            r"^(?<file>\S.*?\.(?:v|sv|vh|svh|vl)):(?<line>[0-9]+): (?:(?<severity>error|warning|sorry): )?(?<message>[A-Za-z`'].*)$",
            &[(More, p(r"^\S.*?:[0-9]+: +: +(?<message>.+)$"))],
        ),
        Shape::line(
            "No such file",
            r"^(?<message>[^\s:]+\.(?:v|sv|vl): (?<severity>No such file or directory))$",
        ),
    ],
    ..USUAL
};

pub(super) static GHDL: Tool = Tool {
    name: "ghdl",
    unit: ColumnUnit::Display,
    shapes: &[
        Shape::line("cannot open ", r"^(?:\S*/)?ghdl\S*: (?<message>(?<severity>cannot open) .+)$"),
        // It explains the error above.
        Shape::line(": (", r"^\S.*?\.vhdl?:[0-9]+:[0-9]+: \("),
        Shape::line(
            ".vhd",
            r"^(?<file>\S.*?\.vhdl?):(?<line>[0-9]+):(?<column>[0-9]+):(?:(?<severity>error|warning|note):)? ?(?<message>[^\s@(].*?)(?: \[(?<code>-W[\w-]+)\])?$",
        ),
    ],
    ..USUAL
};
