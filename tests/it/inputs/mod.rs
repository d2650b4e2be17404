//! What the build reads is what counts: the real program, real toolchains. Those that not every machine with a Rust toolchain
//! has are asked for by `tests/run`: their tests are ignored otherwise.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod cargo;
mod go;
mod lists;
mod make;
mod ninja;
mod tsc;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::client::{Client, LIMIT, uri};
use crate::support::page::service;
use crate::support::project::Project;

/// A service that is built by this command, and then only lives.
fn api(build: &str) -> String {
    format!("[services.api]\nbuild = {build:?}\nrun = \"exec tail -f /dev/null\"\n")
}

/// A session in which what the build reads is known.
struct Story {
    project: Project,
    client: Client,
    generation: u64,
    by: &'static str,
}

impl Story {
    /// Opens the project and waits until the build has passed and `by` has said that it reads `known`.
    async fn begin(project: Project, by: &'static str, known: &Path) -> Self {
        let client = project.open().await;
        let mut story = Self { project, client, generation: 1, by };
        story.passed().await;
        story.explained(known, &format!("read by the build ({by})")).await;
        story
    }

    /// Waits until the build of this generation has passed, and gives the service.
    async fn passed(&mut self) -> Value {
        let generation = self.generation;
        service(&mut self.client, "api", |api| {
            let build = &api["build"];
            build["generation"] == generation && (build["phase"] == "passed" || build["phase"] == "unchanged")
        })
        .await
    }

    /// Waits until this is why a path counts or doesn't. There is no event for that, so this asks again.
    async fn explained(&mut self, path: &Path, because: &str) {
        let mut again = tokio::time::interval(Duration::from_millis(5));
        let mut last = String::new();
        let explained = async {
            while !last.contains(because) {
                again.tick().await;
                let answer = self.client.request("reload/explain", json!({ "uri": uri(path) })).await;
                answer.unwrap()["verdicts"][0]["because"].as_str().unwrap().clone_into(&mut last);
            }
        };
        let explained = tokio::time::timeout(LIMIT, explained).await;
        explained.unwrap_or_else(|_| panic!("{}: {last}, not {because}", path.display()));
    }

    /// Modifies these, which the build doesn't read, by disk and by save, then `path`: that alone is what the next build is for.
    async fn only(&mut self, unread: &[&Path], path: &Path, text: &str) -> Value {
        for (number, path) in unread.iter().enumerate() {
            // Go reads this much of what it leaves out.
            std::fs::write(path, format!("package unread // {number}, {}", self.generation)).unwrap();
            self.client.save(path);
            self.explained(path, &format!("the build does not read it ({})", self.by)).await;
        }
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self.generation += 1;
        let api = self.passed().await;
        assert_eq!(api["trigger"]["files"], json!([uri(path)]), "{api}");
        assert_eq!(api["trigger"]["count"], 1, "{api}");
        api
    }

    async fn end(mut self) {
        assert_eq!(self.client.shutdown().await, Some(0));
    }
}
