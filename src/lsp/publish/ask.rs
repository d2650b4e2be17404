//! Asks the person whether the commands of a root may run, and shows exactly these. No answer is no.
//! Called by `publish`.

use serde_json::json;

use super::{Pictures, Worker};
use crate::lsp::types::MessageType;
use crate::session::Trust;
use crate::trust::{Decision, Plan};

/// The answers, as the person reads them.
const ANSWERS: [(&str, Decision); 3] =
    [("Allow", Decision::Allow), ("Only now", Decision::OnlyNow), ("Never", Decision::Never)];

/// Asks about each plan that waits for somebody, once, and again when somebody wants it.
pub(super) async fn run(worker: &Worker) {
    let mut pictures = Pictures::of(&worker.session);
    let mut asked = String::new();
    loop {
        let (picture, again) = tokio::select! {
            picture = pictures.next() => match picture {
                Some(picture) => (picture, false),
                None => return,
            },
            () = worker.ask_again.notified() => (pictures.0.borrow().clone(), true),
        };
        let (plan, before) = match &*picture.trust {
            Trust::Asking { plan, before } => (plan, before.as_deref()),
            // Somebody who wants to be asked again may have changed their mind.
            Trust::Denied { plan } if again => (plan, None),
            Trust::Allowed | Trust::Denied { .. } => continue,
        };
        if plan.hash == asked && !again {
            continue;
        }
        asked.clone_from(&plan.hash);
        let still_asking = async {
            while let Some(later) = pictures.next().await {
                if hash(&later.trust) != Some(&plan.hash) {
                    break;
                }
            }
        };
        let decision = tokio::select! {
            decision = ask(worker, plan, before) => decision,
            () = still_asking => None,
        };
        if let Some(decision) = decision {
            worker.session.decide(&plan.hash, decision);
        }
        // What came in the meantime is looked at next.
        pictures.0.mark_changed();
    }
}

fn hash(trust: &Trust) -> Option<&String> {
    match trust {
        Trust::Allowed => None,
        Trust::Asking { plan, .. } | Trust::Denied { plan } => Some(&plan.hash),
    }
}

async fn ask(worker: &Worker, plan: &Plan, before: Option<&[String]>) -> Option<Decision> {
    let actions: Vec<_> = ANSWERS.iter().map(|(title, _)| json!({ "title": title })).collect();
    let params =
        json!({ "type": MessageType::WARNING, "message": question(plan, before), "actions": actions });
    // A person may take longer than any limit; whatever is decided about this plan elsewhere ends the waiting.
    let answer = worker.client.ask_person("window/showMessageRequest", &params).await;
    let Ok(answer) = answer else {
        tell(worker, plan, before);
        return None;
    };
    let title = answer["title"].as_str()?;
    ANSWERS.iter().find(|(known, _)| *known == title).map(|(_, decision)| *decision)
}

/// For an editor that can't ask: who sees this knows why nothing runs, and what to do.
fn tell(worker: &Worker, plan: &Plan, before: Option<&[String]>) {
    let message = format!("{}\n(help: `reload-lsp allow` in a terminal allows them)", question(plan, before));
    worker.client.notify("window/showMessage", &json!({ "type": MessageType::WARNING, "message": message }));
}

/// The question with the exact commands; of a changed plan, what was and what is new.
fn question(plan: &Plan, before: Option<&[String]>) -> String {
    let root = plan.root.display();
    let Some(before) = before else {
        let commands = plan.commands.join("\n");
        return format!("reload-lsp wants to run these commands in {root}:\n{commands}");
    };
    let gone = before.iter().filter(|line| !plan.commands.contains(line)).map(|line| format!("- {line}"));
    let rest = plan.commands.iter().map(|line| {
        let sign = if before.contains(line) { ' ' } else { '+' };
        format!("{sign} {line}")
    });
    let lines: Vec<_> = gone.chain(rest).collect();
    format!("the commands of {root} have changed since they were allowed:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_plan_is_shown_with_its_difference() {
        let plan = Plan { root: "/w".into(), hash: String::new(), commands: vec!["a".into(), "c".into()] };
        assert!(question(&plan, None).ends_with(":\na\nc"));
        let before = ["a".to_owned(), "b".to_owned()];
        assert!(question(&plan, Some(&before)).ends_with(":\n- b\n  a\n+ c"));
    }
}
