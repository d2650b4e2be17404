//! What the codes of problems mean, whatever tool gives them. Called by formats and matchers.

use crate::engine::Tag;

/// What the name of a rule says of its code.
pub(super) fn tags(code: &str) -> Vec<Tag> {
    let code = code.to_ascii_lowercase();
    let code = code.rsplit(['/', '(']).next().unwrap_or_default();
    let is_unused = ["unused", "no-unused", "nounused", "-wunused", "unreachable"]
        .iter()
        .any(|start| code.starts_with(start));
    let is_kept = code.contains("result") || code.contains("must_use") || code.contains("expression");
    if (is_unused && !is_kept) || ["f401", "f841", "w0611", "w0612"].contains(&code) {
        vec![Tag::Unnecessary]
    } else if code.contains("deprecat") {
        vec![Tag::Deprecated]
    } else {
        vec![]
    }
}
