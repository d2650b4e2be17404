//! All diagnostics of a picture, file by file: sorted, without duplicates, bounded in number. Called by `publish`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::convert::{self, Texts};
use super::spots;
use crate::engine::Problem;
use crate::lsp::capabilities::{Abilities, Options, Overlap};
use crate::lsp::types::{Diagnostic, DiagnosticSeverity, Position, Range};
use crate::session::{Picture, ServiceProblems};

/// The diagnostics of every file that has any.
pub(in crate::lsp) type Files = BTreeMap<PathBuf, Vec<Diagnostic>>;

/// How many diagnostics one file may have.
const PER_FILE: usize = 200;
/// How many diagnostics there may be in all.
const IN_ALL: usize = 1000;

/// The diagnostics of a picture. Reads the files that problems name; call it where that may take its time.
pub(in crate::lsp) fn collect(picture: &Picture, options: &Options, abilities: &Abilities) -> Files {
    let mut texts = Texts::default();
    let mut files = Files::new();
    for (path, diagnostic) in spots::configuration(picture, abilities, &mut texts) {
        files.entry(path).or_default().push(diagnostic);
    }
    for service in picture.problems.iter() {
        if options.overlap == Overlap::Summary {
            summarize(picture, service, abilities, &mut texts, &mut files);
            continue;
        }
        for problem in &service.problems {
            if is_owned_elsewhere(problem, options) {
                continue;
            }
            let shown = match &problem.place {
                Some(place) => Some((place.path.clone(), texts.range(place, abilities))),
                None => spots::range(service.spot.as_ref(), picture, abilities, &mut texts),
            };
            let Some((path, range)) = shown else { continue };
            let diagnostic = convert::diagnostic(problem, range, &service.service, abilities, &mut texts);
            files.entry(path).or_default().push(diagnostic);
        }
    }
    tidy(&mut files);
    files
}

/// One diagnostic for all problems of a service.
fn summarize(
    picture: &Picture,
    service: &ServiceProblems,
    abilities: &Abilities,
    texts: &mut Texts,
    files: &mut Files,
) {
    let errors: Vec<_> =
        service.problems.iter().filter(|p| p.severity == crate::engine::Severity::Error).collect();
    let Some(first) = errors.first() else { return };
    let Some((path, range)) = spots::range(service.spot.as_ref(), picture, abilities, texts) else { return };
    let place = first.place.as_ref().map(|place| format!(" {}:{}:", place.path.display(), place.start.line));
    let count = errors.len();
    let message = format!(
        "{}: failed: {count} error{}, first:{} {}",
        service.service,
        if count == 1 { "" } else { "s" },
        place.unwrap_or_default(),
        first.message.lines().next().unwrap_or_default(),
    );
    files.entry(path).or_default().push(spots::own(range, DiagnosticSeverity::ERROR, message));
}

/// Whether another language server says this problem too.
fn is_owned_elsewhere(problem: &Problem, options: &Options) -> bool {
    let language = problem.place.as_ref().and_then(|place| language(&place.path));
    options.overlap == Overlap::Unowned
        && language.is_some_and(|language| options.owned_elsewhere.iter().any(|owned| owned == language))
}

/// The identifier of a file's language, as clients name it.
fn language(path: &Path) -> Option<&str> {
    let extension = path.extension()?.to_str()?;
    Some(match extension {
        "rs" => "rust",
        "ts" | "mts" | "cts" => "typescript",
        "tsx" => "typescriptreact",
        "js" | "mjs" | "cjs" => "javascript",
        "jsx" => "javascriptreact",
        "py" | "pyi" => "python",
        "cc" | "cxx" | "hpp" | "hh" => "cpp",
        "h" => "c",
        "rb" => "ruby",
        "kt" => "kotlin",
        "cs" => "csharp",
        "ex" | "exs" => "elixir",
        "hs" => "haskell",
        other => other,
    })
}

/// Sorts, drops duplicates, and bounds the number.
fn tidy(files: &mut Files) {
    let mut left = IN_ALL;
    let mut dropped = 0;
    for diagnostics in files.values_mut() {
        diagnostics.sort_by(|a, b| key(a).cmp(&key(b)));
        diagnostics.dedup_by(|a, b| key(a) == key(b));
        let room = left.min(PER_FILE);
        if diagnostics.len() > room {
            // The closing entry takes the place of one.
            let kept = room.saturating_sub(1);
            let more = diagnostics.len() - kept;
            diagnostics.truncate(kept);
            if room == 0 {
                dropped += more;
            } else {
                close(diagnostics, more);
            }
        }
        left -= diagnostics.len();
    }
    files.retain(|_, diagnostics| !diagnostics.is_empty());
    if let (1.., Some(mut last)) = (dropped, files.last_entry()) {
        close(last.get_mut(), dropped);
    }
}

/// Says how many are not shown.
fn close(diagnostics: &mut Vec<Diagnostic>, more: usize) {
    let end = diagnostics.last().map_or_else(convert::top, |last| last.range);
    let message = format!("{more} more (help: see the output of the build)");
    diagnostics.push(spots::own(end, DiagnosticSeverity::INFORMATION, message));
}

fn key(diagnostic: &Diagnostic) -> (Position, Position, Option<DiagnosticSeverity>, &str) {
    let Range { start, end } = diagnostic.range;
    (start, end, diagnostic.severity, &diagnostic.message)
}

#[cfg(test)]
mod tests;
