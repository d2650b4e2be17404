//! One problem with a place as one diagnostic. Called by `collect`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::columns::{self, Text};
use crate::config::Spot;
use crate::engine::{Fix, Place, Problem, ServiceName, Severity, Tag};
use crate::lsp::capabilities::Abilities;
use crate::lsp::types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, Position, Range, Uri,
};
use crate::lsp::uri;

/// Files that were read for one round of diagnostics, each once.
#[derive(Debug, Default)]
pub(in crate::lsp) struct Texts {
    texts: HashMap<PathBuf, Option<String>>,
}

/// What travels with a diagnostic: what the code actions need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::lsp) struct Attached {
    /// Whose problem.
    pub service: String,
    /// What the compiler itself calls safe.
    #[serde(default)]
    pub fixes: Vec<Repair>,
}

/// One fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::lsp) struct Repair {
    /// What it does.
    pub title: String,
    /// All of it belongs together.
    pub edits: Vec<Replacement>,
}

/// One replacement of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::lsp) struct Replacement {
    /// In which file.
    pub uri: Uri,
    /// What is replaced.
    pub range: Range,
    /// What stood there when the compiler said it.
    pub old_text: String,
    /// What is to stand there.
    pub new_text: String,
}

impl Texts {
    fn with<T>(&mut self, path: &Path, use_it: impl FnOnce(Option<&Text<'_>>) -> T) -> T {
        let text = self.texts.entry(path.to_owned()).or_insert_with(|| {
            // One invalid byte does not cost the columns of all other lines.
            std::fs::read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        });
        match text {
            Some(text) => use_it(Some(&Text::new(text))),
            None => use_it(None),
        }
    }

    /// The range of a place.
    pub(super) fn range(&mut self, place: &Place, abilities: &Abilities) -> Range {
        self.with(&place.path, |text| columns::range(place, text, abilities.encoding))
    }

    /// The range of a spot in a configuration.
    pub(super) fn spot_range(&mut self, spot: &Spot, abilities: &Abilities) -> Range {
        self.with(&spot.path, |text| columns::byte_range(spot.start, spot.end, text, abilities.encoding))
    }

    /// The text of a range, if the range is there.
    pub(in crate::lsp) fn slice(
        &mut self,
        path: &Path,
        range: Range,
        abilities: &Abilities,
    ) -> Option<String> {
        self.with(path, |text| text?.slice(range, abilities.encoding))
    }
}

/// A problem at a range. What the client cannot show is put into the message or left out.
pub(super) fn diagnostic(
    problem: &Problem,
    range: Range,
    service: &ServiceName,
    abilities: &Abilities,
    texts: &mut Texts,
) -> Diagnostic {
    let mut message = problem.message.clone();
    let related_information = if abilities.related_information {
        let locations = problem.related.iter().map(|related| DiagnosticRelatedInformation {
            location: Location {
                uri: uri::from_path(&related.place.path),
                range: texts.range(&related.place, abilities),
            },
            message: related.message.clone(),
        });
        Some(locations.collect::<Vec<_>>()).filter(|locations| !locations.is_empty())
    } else {
        for related in &problem.related {
            let Place { path, start, .. } = &related.place;
            let _ = write!(message, "\n{}:{}: {}", path.display(), start.line, related.message);
        }
        None
    };
    let href = problem.href.as_deref().filter(|_| abilities.code_description);
    Diagnostic {
        range,
        severity: Some(severity(problem.severity)),
        code: problem.code.clone().map(NumberOrString::String),
        code_description: href.and_then(|href| href.parse().ok()).map(|href| CodeDescription { href }),
        source: Some(source(&problem.tool)),
        message,
        related_information,
        tags: tags(&problem.tags, abilities),
        data: attached(problem, service, abilities, texts),
    }
}

/// The name of a tool as people see it beside the message.
pub(super) fn source(tool: &str) -> String {
    if tool == "reload" { tool.to_owned() } else { format!("reload: {tool}") }
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Information => DiagnosticSeverity::INFORMATION,
        Severity::Hint => DiagnosticSeverity::HINT,
    }
}

fn tags(tags: &[Tag], abilities: &Abilities) -> Option<Vec<DiagnosticTag>> {
    let tags = tags.iter().map(|tag| match tag {
        Tag::Unnecessary => (1, DiagnosticTag::UNNECESSARY),
        Tag::Deprecated => (2, DiagnosticTag::DEPRECATED),
    });
    let known: Vec<_> = tags.filter(|(n, _)| abilities.tags.contains(n)).map(|(_, tag)| tag).collect();
    (!known.is_empty()).then_some(known)
}

fn attached(
    problem: &Problem,
    service: &ServiceName,
    abilities: &Abilities,
    texts: &mut Texts,
) -> Option<serde_json::Value> {
    let fixes = problem.fixes.iter().filter_map(|fix| repair(fix, abilities, texts)).collect();
    serde_json::to_value(Attached { service: service.as_str().to_owned(), fixes }).ok()
}

/// A fix whose every edit has its text; with one missing, the rest would do harm.
fn repair(fix: &Fix, abilities: &Abilities, texts: &mut Texts) -> Option<Repair> {
    let edits = fix.edits.iter().map(|edit| {
        let range = insertion_or(edit.place.start == edit.place.end?, texts.range(&edit.place, abilities));
        let old_text = texts.slice(&edit.place.path, range, abilities)?;
        let uri = uri::from_path(&edit.place.path);
        Some(Replacement { uri, range, old_text, new_text: edit.text.clone() })
    });
    Some(Repair { title: fix.title.clone(), edits: edits.collect::<Option<_>>()? })
}

/// Something inserted replaces nothing.
fn insertion_or(is_insertion: bool, range: Range) -> Range {
    if is_insertion { Range::new(range.start, range.start) } else { range }
}

/// The first line of a file.
pub(super) fn top() -> Range {
    Range::new(Position::new(0, 0), Position::new(0, 0))
}
