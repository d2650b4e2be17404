//! D, Vala, and flex. Data for `reader`.

use super::linters::includes_end;
use super::reader::Role::{Related, Skip};
use super::reader::{Shape, Tool, USUAL, p};
use crate::engine::{ColumnUnit, Severity};

pub(super) static DMD: Tool = Tool {
    name: "dmd",
    unit: ColumnUnit::Byte,
    words: &[("deprecation", Severity::Warning)],
    shapes: &[Shape::block(
        "): ",
        r"^(?<file>\S.*?\.di?)(?:-mixin-[0-9]+)?\((?<line>[0-9]+)(?:,(?<column>[0-9]+))?\): (?<severity>Error|Warning|Deprecation): (?<message>.+)$",
        &[
            (
                Related,
                p(r"^(?<file>\S.*?\.di?)\((?<line>[0-9]+)(?:,(?<column>[0-9]+))?\): {2,}(?<message>\S.*)$"),
            ),
            (Skip, p(r"^\s*\^$")),
        ],
    )
    .with_source()],
    ..USUAL
};

pub(super) static VALAC: Tool = Tool {
    name: "valac",
    words: &[("deprecated", Severity::Warning)],
    shapes: &[Shape::block(
        ": ",
        r"^(?<file>\S.*?\.(?:vala|vapi|gs)):(?<line>[0-9]+)\.(?<column>[0-9]+)-(?<end_line>[0-9]+)\.(?<end_column>[0-9]+): (?<severity>error|warning|note): (?<message>.+)$",
        &[(Skip, p(r"^ *[0-9]* \|"))],
    )],
    complete: includes_end,
    ..USUAL
};

pub(super) static FLEX: Tool = Tool {
    name: "flex",
    shapes: &[Shape::line(
        ": ",
        r"^(?:flex: )?(?<file>\S.*?\.(?:ll?|lex|lpp|lxx)):(?<line>[0-9]+): (?:(?<severity>warning), )?(?<message>[a-z{-].+|EOF .+)$",
    )],
    ..USUAL
};
