//! What a toolchain said that the build reads, with the globs that hold beside it. Called by `filter` only.
//! Does not know: rules, ignore files.

use std::path::Path;
use std::sync::Arc;

use super::globs::Globs;
use crate::watch::inputs::{Inputs, Read};
use crate::watch::{Interest, Sources};

/// The list of an interest.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) inputs: Arc<Inputs>,
    /// Globs of what the run reads.
    pub(super) kept: Globs,
    /// What a person does not want to count.
    pub(super) ignore: Globs,
}

impl Listed {
    /// `None` while nobody has said anything.
    pub(super) fn new(interest: &Interest) -> Option<Self> {
        let Sources { kept, ignore, inputs } = interest.sources.as_ref()?;
        let inputs = inputs.clone()?;
        Some(Self { inputs, kept: Globs::new(kept), ignore: Globs::new(ignore) })
    }

    /// Why the build reads a path, for `explain`.
    pub(super) fn reason(&self, read: Read<'_>) -> String {
        let by = &self.inputs.by;
        match read {
            Read::Listed => format!("read by the build ({by})"),
            Read::In(folder) => {
                format!("new in `{}`, of which the build reads everything ({by})", folder.display())
            }
            Read::Beside(name) => {
                format!("new beside `{}`, which the build reads ({by})", Path::new(name).display())
            }
        }
    }

    /// Why a path does not count although nothing is said against it.
    pub(super) fn unread(&self) -> String {
        format!("the build does not read it ({})", self.inputs.by)
    }
}
