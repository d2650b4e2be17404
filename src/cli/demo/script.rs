//! The session that the demo plays: the first build, a change, a mistake, its repair. Called by `demo`.
//! Every step waits for what a person would look for: the page, the diagnostic.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};

use super::editor::{Disappointed, Editor, Seen};
use super::project::{FIRST, Project};
use super::tell::Tell;

/// The greetings after the first, each a piece of Rust: the second is a mistake.
const CHANGED: &str = "\"Saved, built, swapped\"";
const MISTAKE: &str = "42";
const REPAIRED: &str = "\"All is well again\"";

/// The stages of a reload and what the status calls them.
const STAGES: [(&str, &str); 5] = [
    ("settle", "settleMs"),
    ("build", "buildMs"),
    ("stop", "stopMs"),
    ("start", "startMs"),
    ("ready", "readyMs"),
];

/// One session of a person who works on the project.
#[derive(Debug)]
pub(super) struct Script<'a, R, W> {
    pub(super) project: &'a Project,
    pub(super) editor: Editor<R, W>,
    pub(super) tell: Tell,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Script<'_, R, W> {
    /// Plays it, and says goodbye. Dropping the future hangs up, which ends the language server as well.
    pub(super) async fn play(mut self) -> Result<(), Disappointed> {
        self.tell.step(1, "Open the folder");
        self.editor.open(&self.project.root).await?;
        self.reloaded("the first build", 0).await?;
        self.page(FIRST, "").await?;

        self.tell.step(2, "Save a change");
        self.reload(CHANGED).await?;
        self.page(CHANGED, "").await?;

        self.tell.step(3, "Save a mistake");
        self.save(MISTAKE).await?;
        self.refused().await?;
        self.page(CHANGED, ": the version before still serves").await?;

        self.tell.step(4, "Save the repair");
        self.reload(REPAIRED).await?;
        self.page(REPAIRED, "").await?;
        self.repaired().await?;

        self.editor.close().await
    }

    /// Writes a greeting into the program as an editor saves it.
    async fn save(&mut self, greeting: &str) -> Result<(), Disappointed> {
        self.tell.edit("main.rs", &format!("const GREETING: &str = {greeting};"));
        self.editor.save(&self.project.main(), &Project::greet(greeting)).await
    }

    async fn reload(&mut self, greeting: &str) -> Result<(), Disappointed> {
        let before = generation(self.editor.seen());
        self.save(greeting).await?;
        self.reloaded("the reload after the save", before).await
    }

    async fn reloaded(&mut self, what: &str, before: u64) -> Result<(), Disappointed> {
        let is_ready = |seen: &Seen| generation(seen) > before && seen.service()["state"] == "ready";
        self.editor.wait(what, is_ready).await?;
        let reload = &self.editor.seen().service()["lastReload"];
        self.tell.good(&format!("ready in {} ms", reload["totalMs"]));
        self.tell.bars(&STAGES.map(|(name, key)| (name, millis(&reload[key]))));
        Ok(())
    }

    /// The mistake has its diagnostic, where it is.
    async fn refused(&mut self) -> Result<(), Disappointed> {
        let main = self.project.main();
        let is_refused = |seen: &Seen| {
            !seen.diagnostics_of(&main).is_empty() && seen.service()["build"]["phase"] == "failed"
        };
        self.editor.wait("the diagnostic of the mistake", is_refused).await?;
        let seen = self.editor.seen();
        self.tell.bad(&format!(
            "build failed in {} ms",
            millis(&seen.service()["build"]["elapsedMs"]).as_millis()
        ));
        for diagnostic in seen.diagnostics_of(&main) {
            self.tell.bad(&format!("main.rs:{}", place_and_message(diagnostic)));
        }
        Ok(())
    }

    async fn repaired(&mut self) -> Result<(), Disappointed> {
        let main = self.project.main();
        let is_clean = |seen: &Seen| seen.diagnostics_of(&main).is_empty();
        self.editor.wait("the end of the diagnostic", is_clean).await?;
        self.tell.good("no diagnostics are left");
        Ok(())
    }

    /// Looks at the page: it must say `greeting`.
    async fn page(&self, greeting: &str, note: &str) -> Result<(), Disappointed> {
        const WHAT: &str = "looking at the page";
        let expected = greeting.trim_matches('"');
        let said = self.project.ask().await.map_err(|why| self.editor.disappointed(WHAT, why))?;
        if said != expected {
            let why = format!("it says `{said}` instead of `{expected}`");
            return Err(self.editor.disappointed(WHAT, why));
        }
        self.tell.page(&said, note);
        Ok(())
    }
}

/// The generation of the last reload that was completed; 0 before the first.
fn generation(seen: &Seen) -> u64 {
    seen.service()["lastReload"]["generation"].as_u64().unwrap_or_default()
}

fn millis(value: &Value) -> Duration {
    Duration::from_millis(value.as_u64().unwrap_or_default())
}

/// `3:24-26 mismatched types`: as editors count, from 1.
fn place_and_message(diagnostic: &Value) -> String {
    let number = |end: &str, part: &str| diagnostic["range"][end][part].as_u64().unwrap_or_default() + 1;
    let message = diagnostic["message"].as_str().unwrap_or_default();
    let message = message.lines().next().unwrap_or_default();
    let (line, from, to) =
        (number("start", "line"), number("start", "character"), number("end", "character"));
    format!("{line}:{from}-{to} {message}")
}
