//! The JSON lines of cargo and rustc (`--message-format=json`, `--error-format=json`).
//! A format of `Parser`. Does not know: their text; `rustc` reads that.

use cargo_metadata::diagnostic::{Applicability, Diagnostic, DiagnosticLevel, DiagnosticSpan};
use cargo_metadata::{Artifact, CompilerMessage, Message};

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Program, Reading, Spot, add_line};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Edit, Fix, Place, Position, Problem, Related, Severity, Tag};

const READING: Reading = Reading { unit: ColumnUnit::Char, base: Base::Workspace };

/// Each line is complete, so nothing is kept.
#[derive(Debug, Default)]
pub(super) struct Cargo {}

impl Format for Cargo {
    #[expect(clippy::wildcard_enum_match_arm, reason = "later versions of cargo add kinds")]
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        // `cargo run`: the program's own text may stand before the first line of JSON.
        if line.starts_with("{\"reason\":\"") {
            let Ok(message) = serde_json::from_str::<Message>(line) else {
                return is_other_message(line, context);
            };
            context.is_cargo = true;
            context.shown = Some(String::new());
            match message {
                Message::CompilerMessage(message) => told(&message, context),
                Message::CompilerArtifact(artifact) => made(artifact, context),
                _ => {}
            }
            return true;
        }
        if line.starts_with("{\"$message_type\":\"") {
            context.shown = Some(String::new());
            if let Ok(diagnostic) = serde_json::from_str::<Diagnostic>(line) {
                show(&diagnostic, context);
                report(&diagnostic, "rustc", context);
            }
            return true;
        }
        false
    }

    fn flush(&mut self, _context: &mut Context) {}
}

// A kind of message that we don't know is for machines all the same, if it is cargo who speaks.
fn is_other_message(line: &str, context: &mut Context) -> bool {
    let is_json = serde_json::from_str::<serde_json::Value>(line).is_ok();
    if is_json && context.is_cargo {
        context.shown = Some(String::new());
    }
    is_json && context.is_cargo
}

fn told(message: &CompilerMessage, context: &mut Context) {
    let source = message.target.src_path.as_std_path();
    for span in &message.message.spans {
        context.places.learn_same(&span.file_name, source);
    }
    show(&message.message, context);
    report(&message.message, "cargo", context);
}

fn made(artifact: Artifact, context: &mut Context) {
    if let Some(dir) = artifact.manifest_path.parent() {
        // Packages outside of the root are dependencies: theirs are absolute paths.
        if context.places.is_own(dir.as_std_path()) {
            context.places.learn_package(dir.as_std_path());
        }
    }
    if let Some(executable) = artifact.executable {
        let program = Program {
            name: artifact.target.name.clone(),
            path: executable.into(),
            manifest: artifact.manifest_path.into(),
        };
        context.programs.retain(|known| known.path != program.path);
        context.programs.push(program);
    }
}

fn show(diagnostic: &Diagnostic, context: &mut Context) {
    let mut rendered = diagnostic.rendered.clone().unwrap_or_default();
    if !rendered.is_empty() && !rendered.ends_with('\n') {
        rendered.push('\n');
    }
    context.shown = Some(rendered);
}

#[expect(clippy::wildcard_enum_match_arm, reason = "later versions of rustc add levels")]
fn report(diagnostic: &Diagnostic, tool: &str, context: &mut Context) {
    let severity = match diagnostic.level {
        DiagnosticLevel::Error | DiagnosticLevel::Ice => Severity::Error,
        DiagnosticLevel::Warning => Severity::Warning,
        // Notes that belong to what was said before, "For more information about this error", and what else comes to be.
        _ => return,
    };
    let is_placeless = diagnostic.spans.is_empty() && diagnostic.code.is_none();
    if is_placeless && is_summary(&diagnostic.message) {
        return;
    }
    let mut problem = Problem::new(severity, tool, diagnostic.message.clone());
    if let Some(code) = &diagnostic.code {
        problem.href = href(&code.code);
        problem.tags = tags(&code.code);
        problem.code = Some(code.code.clone());
    }
    add_spans(&mut problem, diagnostic, context);
    for child in &diagnostic.children {
        add_child(&mut problem, child, context);
    }
    context.report(problem);
}

/// What the compiler says when it has said everything.
pub(super) fn is_summary(message: &str) -> bool {
    message.starts_with("aborting due to ")
        || message.ends_with(" warning emitted")
        || message.ends_with(" warnings emitted")
}

// The first primary span is the place; the others and the labeled ones help to understand it.
fn add_spans(problem: &mut Problem, diagnostic: &Diagnostic, context: &mut Context) {
    let mut spans: Vec<&DiagnosticSpan> = diagnostic.spans.iter().collect();
    spans.sort_by_key(|span| (!span.is_primary, span.file_name.clone(), span.byte_start));
    for span in spans {
        let label = span.label.as_deref().unwrap_or_default();
        let Some(place) = place(span, context) else { continue };
        if problem.place.is_none() {
            problem.place = Some(place);
            add_line(&mut problem.message, label);
        } else if span.is_primary || !label.is_empty() {
            let message = if label.is_empty() { "here".to_owned() } else { label.to_owned() };
            problem.related.push(Related { place, message });
        }
    }
}

fn add_child(problem: &mut Problem, child: &Diagnostic, context: &mut Context) {
    let replacements: Vec<&str> =
        child.spans.iter().filter_map(|span| span.suggested_replacement.as_deref()).collect();
    if !replacements.is_empty() && replacements.len() == child.spans.len() {
        let title = match replacements[..] {
            [one] if !one.trim().is_empty() && !one.contains('\n') => {
                format!("{}: `{}`", child.message, one.trim())
            }
            _ => child.message.clone(),
        };
        problem.fixes.extend(fix(&title, child, context));
        add_line(&mut problem.message, &format!("{}: {title}", word(child.level)));
        return;
    }
    let mut has_place = false;
    for span in &child.spans {
        let Some(place) = place(span, context) else { continue };
        has_place = true;
        let label = span.label.as_ref().map_or(String::new(), |label| format!(": {label}"));
        problem.related.push(Related { place, message: format!("{}{label}", child.message) });
    }
    // The linker's whole command line explains nothing.
    let is_command = ["\"", " \"", "LC_ALL=", "env -u "].iter().any(|start| child.message.starts_with(start));
    if !has_place && !is_command {
        add_line(&mut problem.message, &format!("{}: {}", word(child.level), child.message));
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "later versions of rustc add levels")]
fn word(level: DiagnosticLevel) -> &'static str {
    match level {
        DiagnosticLevel::Help => "help",
        DiagnosticLevel::Warning => "warning",
        DiagnosticLevel::Error | DiagnosticLevel::Ice => "error",
        _ => "note",
    }
}

// Only what rustc itself would apply without a question, and only where all of it can be applied.
fn fix(title: &str, child: &Diagnostic, context: &mut Context) -> Option<Fix> {
    let edits: Option<Vec<Edit>> = child
        .spans
        .iter()
        .map(|span| {
            let is_safe = span.suggestion_applicability == Some(Applicability::MachineApplicable);
            if !is_safe || span.expansion.is_some() {
                return None;
            }
            Some(Edit { place: at(span, context)?, text: span.suggested_replacement.clone()? })
        })
        .collect();
    Some(Fix { title: title.to_owned(), edits: edits? })
}

// Climbs out of macros: to the first call in the project's own code, else to the first file that exists.
fn place(span: &DiagnosticSpan, context: &mut Context) -> Option<Place> {
    let mut first = None;
    let mut next = Some(span);
    while let Some(span) = next {
        if let Some(place) = at(span, context) {
            if context.places.is_own(&place.path) {
                return Some(place);
            }
            first = first.or(Some(place));
        }
        next = span.expansion.as_ref().map(|expansion| &expansion.span);
    }
    first
}

fn at(span: &DiagnosticSpan, context: &mut Context) -> Option<Place> {
    let (line, column) = (span.line_start.to_string(), span.column_start.to_string());
    let spot = Spot { file: &span.file_name, line: &line, column: Some(&column) };
    let mut place = context.place(spot, READING)?;
    let line = u32::try_from(span.line_end).ok()?;
    place.end = Some(Position { line, column: u32::try_from(span.column_end).ok() });
    Some(place)
}

/// Where the code of rustc or clippy is explained.
pub(super) fn href(code: &str) -> Option<String> {
    if let Some(lint) = code.strip_prefix("clippy::") {
        return Some(format!("https://rust-lang.github.io/rust-clippy/master/index.html#{lint}"));
    }
    let number = code.strip_prefix('E')?;
    let is_number = number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("https://doc.rust-lang.org/error_codes/{code}.html"))
}

/// What a lint says of its code.
pub(super) fn tags(code: &str) -> Vec<Tag> {
    match code {
        "unused_must_use" => vec![],
        "dead_code" | "unreachable_code" => vec![Tag::Unnecessary],
        _ if code.starts_with("unused_") => vec![Tag::Unnecessary],
        _ if code.starts_with("deprecated") => vec![Tag::Deprecated],
        _ => vec![],
    }
}
