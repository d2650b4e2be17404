//! Watching real files, written by real programs, as the session sees it: which changes are reported, and which not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod anchors;
mod limits;
mod links;
mod plans;
mod poll;
mod saves;
mod soak;
mod tree;
mod watchman;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reload_lsp::engine::{Action, Content, Identity, Origin, SaveReason};
use reload_lsp::watch::{self, Glance, Handle, How, Interest, Mode, Plan, Report, Status};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Reached only by a bug.
const LIMIT: Duration = Duration::from_secs(60);
const SAVED: Origin = Origin::Editor(SaveReason::Manual);

/// A project that is watched for the service `api`, and for the service `cookie` of the test itself.
struct Project {
    directory: tempfile::TempDir,
    root: PathBuf,
    plan: Plan,
    session: Option<(Handle, UnboundedReceiver<Report>)>,
    status: Status,
    cookies: u64,
}

/// What `api` is told: path relative to the root, origin, content.
type Told = (String, Origin, Content);

impl Project {
    /// A project of these files, each with its own path as content. Nothing is watched yet.
    fn new(files: &[&str], watch: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let outer = directory.path().canonicalize().unwrap();
        let root = outer.join("project");
        fs::create_dir(&root).unwrap();
        let plan = Plan {
            root: root.clone(),
            mode: Mode::Auto,
            poll_interval: Duration::from_millis(20),
            gitignore: true,
            interests: vec![interest("api", watch), interest("cookie", &["cookie-*"])],
            configuration: vec![root.join("reload.toml")],
        };
        let project = Self { directory, root, plan, session: None, status: Status::default(), cookies: 0 };
        for file in files {
            project.write(file, file);
        }
        project
    }

    /// The same, watched, and walked to the end.
    async fn watched(files: &[&str], watch: &[&str]) -> Self {
        Self::watched_by(Mode::Auto, files, watch).await
    }

    /// The same, by this mode.
    async fn watched_by(mode: Mode, files: &[&str], watch: &[&str]) -> Self {
        let mut project = Self::new(files, watch);
        project.plan.mode = mode;
        project.spawn();
        project.complete().await;
        project
    }

    /// Watches it. What is there is simply there, however short a time ago it was written.
    fn spawn(&mut self) {
        let (inbox, reports) = unbounded_channel();
        self.session = Some((watch::spawn(self.plan.clone(), inbox), reports));
    }

    fn handle(&self) -> &Handle {
        &self.session.as_ref().expect("nothing is watched").0
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    fn write(&self, relative: &str, content: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A shell script in the root.
    fn sh(&self, script: &str) {
        sh(&self.root, script);
    }

    fn save(&self, relative: &str) {
        self.handle().saves().saved(self.path(relative), SaveReason::Manual);
    }

    async fn next(&mut self) -> Report {
        let reports = &mut self.session.as_mut().expect("nothing is watched").1;
        let report = tokio::time::timeout(LIMIT, reports.recv()).await;
        let report = report.expect("no report in a minute").expect("the watching has ended");
        self.note(&report);
        report
    }

    /// The next report, if it is there already.
    fn try_next(&mut self) -> Option<Report> {
        let report = self.session.as_mut().expect("nothing is watched").1.try_recv().ok()?;
        self.note(&report);
        Some(report)
    }

    fn note(&mut self, report: &Report) {
        if let Report::Status(status) = report {
            self.status = status.clone();
        }
    }

    /// Waits until a report is as wanted, and returns all before it and itself.
    async fn until(&mut self, is_wanted: impl Fn(&Report) -> bool) -> Vec<Report> {
        let mut all = Vec::new();
        loop {
            all.push(self.next().await);
            if is_wanted(&all[all.len() - 1]) {
                return all;
            }
        }
    }

    async fn complete(&mut self) -> Vec<Report> {
        self.until(|report| matches!(report, Report::Status(status) if status.complete)).await
    }

    /// Waits until all that happened before has been reported, and returns it: a marker is written, and removed when
    /// it has been reported. A removal is reported last, since it is waited out whether the file comes back.
    async fn cookie(&mut self) -> Vec<Report> {
        self.cookies += 1;
        let marker = self.path(&format!("cookie-{}", self.cookies));
        let is_about_marker =
            |report: &Report| matches!(report, Report::Changed(_, change) if *change.path == marker);
        // Another service that is told of it too is told before.
        let is_marker = |report: &Report| {
            is_about_marker(report)
                && matches!(report, Report::Changed(service, _) if service.as_str() == "cookie")
        };
        fs::write(&marker, "cookie").unwrap();
        let mut all = self.until(is_marker).await;
        fs::remove_file(&marker).unwrap();
        // On a machine that is busy it may have been seen while it was empty, and then once more.
        let is_gone = |report: &Report| matches!(report, Report::Changed(_, change) if change.after == Identity::Nothing);
        all.extend(self.until(|report| is_marker(report) && is_gone(report)).await);
        // Who polls may have been at another directory last.
        self.handle().catch_up(self.cookies);
        let cookie = Report::CaughtUp(self.cookies);
        all.extend(self.until(|report| *report == cookie).await);
        all.retain(|report| *report != cookie);
        all.retain(|report| !is_about_marker(report));
        all
    }

    /// The paths that were reported when all that could be known was.
    async fn caught_up(&mut self) -> BTreeSet<String> {
        self.handle().catch_up(1);
        let reports = self.until(|report| *report == Report::CaughtUp(1)).await;
        self.of_api(&reports).into_iter().map(|(path, ..)| path).collect()
    }

    /// What `api` was told of all that happened before.
    async fn told(&mut self) -> Vec<Told> {
        let reports = self.cookie().await;
        self.of_api(&reports)
    }

    /// The paths that `api` was told about, and that all of them came from the disk.
    async fn changed(&mut self) -> BTreeSet<String> {
        let told = self.told().await.into_iter();
        told.map(|(path, origin, content)| {
            assert_eq!((origin, content), (Origin::Disk, Content::New), "{path}");
            path
        })
        .collect()
    }

    /// Waits until all of these have been reported, and holds that nothing else was. For what comes from several sources: a
    /// marker can't overtake what comes from the same one only.
    async fn expect(&mut self, wanted: BTreeSet<String>) {
        let mut told = BTreeSet::new();
        while !wanted.is_subset(&told) {
            let report = self.next().await;
            told.extend(self.of_api(&[report]).into_iter().map(|(path, ..)| path));
        }
        told.extend(self.changed().await);
        assert_eq!(told, wanted);
    }

    fn of_api(&self, reports: &[Report]) -> Vec<Told> {
        let told = reports.iter().filter_map(|report| {
            let Report::Changed(service, change) = report else { return None };
            (service.as_str() == "api").then_some(change)
        });
        told.map(|change| {
            let relative = change.path.strip_prefix(&self.root).unwrap().to_str().unwrap();
            (relative.to_owned(), change.origin, change.content())
        })
        .collect()
    }
}

fn interest(service: &str, watch: &[&str]) -> Interest {
    Interest {
        service: service.into(),
        rules: Vec::new(),
        watch: watch.iter().map(|glob| (*glob).to_owned()).collect(),
        ignore: Vec::new(),
        action: Action::Rebuild,
        literal: Vec::new(),
        origin: "reload.toml:1".to_owned(),
        sources: None,
        places: reload_lsp::watch::Places::new(),
    }
}

fn set(paths: &[&str]) -> BTreeSet<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the programs that write files in these tests are not ours to stop"
)]
fn sh(directory: &Path, script: &str) {
    let output = std::process::Command::new("sh")
        .args(["-e", "-c", script])
        .current_dir(directory)
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
}
