//! Every output format there is, and the programs that print it. Called by `choice`.
//! Does not know: which of them a build needs.

use std::collections::BTreeSet;

use super::{Format, documents, go, jvm, languages, native, python, rust, tools, web};

/// One output format.
#[derive(Debug)]
pub(super) struct Row {
    /// As written in `problems = [..]`.
    pub(super) name: &'static str,
    /// The programs that print it.
    pub(super) commands: &'static [&'static str],
    pub(super) make: fn() -> Box<dyn Format>,
}

/// The ones that are easily told apart first, and those that many others resemble last.
const FAMILIES: [&[Row]; 9] = [
    documents::ROWS,
    web::ROWS,
    tools::ROWS,
    go::ROWS,
    python::ROWS,
    jvm::ROWS,
    languages::ROWS,
    rust::ROWS,
    native::ROWS,
];

/// Every format, in the order in which they are asked.
pub(super) fn all() -> impl Iterator<Item = &'static Row> + Clone {
    FAMILIES.into_iter().flatten()
}

/// What `problems = [..]` may name: the formats, and the programs that print them. Sorted.
pub fn names() -> Vec<&'static str> {
    all()
        .flat_map(|row| row.commands.iter().copied().chain([row.name]))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}
