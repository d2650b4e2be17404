//! Code actions: the compiler's own repairs, and what helps after a failed build. Called by `handlers`.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::json;

use super::capabilities::Abilities;
use super::diagnostics::{Attached, Repair, Texts};
use super::publish::Published;
use super::types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse, Command,
    Diagnostic, Range, TextEdit, Uri, WorkspaceEdit,
};
use super::uri;

/// The actions for a range of a file; `None` where there is nothing of ours.
pub(super) fn answer(
    params: &CodeActionParams,
    published: &Published,
    abilities: &Abilities,
) -> Option<CodeActionResponse> {
    let wanted = params.context.only.as_ref();
    if wanted.is_some_and(|kinds| !kinds.iter().any(includes_quick_fixes)) {
        return None;
    }
    let path = uri::to_path(params.text_document.uri.as_str())?;
    let ours = published.of(&uri::canonical(&path));
    // Some editors ask for what they show on the line: their cursor does not get behind the last letter.
    let shown = &params.context.diagnostics;
    let is_here = |diagnostic: &Diagnostic| {
        touches(diagnostic.range, params.range) || shown.iter().any(|other| is_same(other, diagnostic))
    };
    let here: Vec<_> = ours.into_iter().filter(is_here).collect();
    let mut texts = Texts::default();
    let mut actions = Vec::new();
    for diagnostic in &here {
        let Some(attached) = attached(diagnostic, shown) else { continue };
        let fitting = attached.fixes.iter().filter(|fix| fits(fix, &mut texts, abilities));
        if abilities.code_action_literals {
            actions.extend(fitting.map(|fix| repair(fix, diagnostic)));
        }
    }
    let service =
        here.iter().find_map(|diagnostic| attached(diagnostic, &[])).map(|attached| attached.service);
    if let Some(service) = service {
        for (title, id) in [("Build again", "reload-lsp.build"), ("Show build output", "reload-lsp.showLog")]
        {
            actions.push(CodeActionOrCommand::Command(Command {
                title: title.to_owned(),
                command: id.to_owned(),
                arguments: Some(vec![json!({ "service": service })]),
            }));
        }
    }
    (!actions.is_empty()).then_some(actions)
}

fn includes_quick_fixes(kind: &CodeActionKind) -> bool {
    let kind = kind.as_str();
    kind.is_empty() || kind == "quickfix"
}

fn touches(a: Range, b: Range) -> bool {
    a.start <= b.end && b.start <= a.end
}

fn is_same(one: &Diagnostic, other: &Diagnostic) -> bool {
    one.range == other.range && one.message == other.message
}

/// What travels with a diagnostic: as the client gives it back, else as it was sent.
fn attached(diagnostic: &Diagnostic, given_back: &[Diagnostic]) -> Option<Attached> {
    let same = given_back.iter().find(|other| is_same(other, diagnostic) && other.data.is_some());
    let data = same.and_then(|other| other.data.as_ref()).or(diagnostic.data.as_ref())?;
    Attached::deserialize(data).ok()
}

/// Whether the text is still what the compiler saw, as far as the text of the ranges tells.
fn fits(fix: &Repair, texts: &mut Texts, abilities: &Abilities) -> bool {
    fix.edits.iter().all(|edit| {
        let path = uri::to_path(edit.uri.as_str());
        path.is_some_and(|path| texts.slice(&path, edit.range, abilities).as_ref() == Some(&edit.old_text))
    })
}

/// All edits of one fix are one action.
fn repair(fix: &Repair, diagnostic: &Diagnostic) -> CodeActionOrCommand {
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for edit in &fix.edits {
        let edits = changes.entry(edit.uri.clone()).or_default();
        edits.push(TextEdit { range: edit.range, new_text: edit.new_text.clone() });
    }
    CodeActionOrCommand::CodeAction(CodeAction {
        title: fix.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostic.clone()]),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        ..CodeAction::default()
    })
}
