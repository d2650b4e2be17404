//! What `go test` says of tests that fail, as text and as JSON (`-json`). Files are named without their directory: the
//! package that tells it comes last, so all of a package's problems are kept until then.
//! A format of `Parser`. Does not know: other formats but `go`, the file system.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use serde::Deserialize;

use super::build::Go;
use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::native::Gcc;
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Related, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Byte, base: Base::Module };
/// What a package logs beyond this is not kept.
const HELD: usize = 300;
/// A panic's goroutines are not longer.
const FRAMES: u16 = 400;
/// Packages at the same time.
const PACKAGES: usize = 256;

static RUN: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^=== (?:RUN|CONT|NAME|PAUSE) +(?<test>\S+)$"));
static RESULT: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^ *--- (?<result>FAIL|PASS|SKIP): (?<test>\S+) \([0-9.]+s\)$"));
static PACKAGE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?:FAIL|ok  )\t(?<package>\S+)(?:\t(?:[0-9.]+s|\(cached\))| \[(?:build|setup) failed\]).*$")
});
static LOG: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^ {4,}(?<file>[\w.-]+\.go):(?<line>[0-9]+): ?(?<message>.*)$"));
static PANIC: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<message>(?:panic|fatal error): .+?)(?: \[recovered.*\])?$"));
static FRAME: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^\t(?<file>\S.*\.go):(?<line>[0-9]+)(?: \+0x[0-9a-f]+)?$"));
static DUMP: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:\t|goroutine |created by |\[signal |panic: |runtime[.:]|exit status |FAIL$|\.\.\.)|^[\w./*()\[\]-]+\(.*\)? in goroutine",
    )
});
static END: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?:FAIL|PASS|exit status [0-9]+)$"));

/// A line of a test's log, and those that follow it.
#[derive(Debug)]
struct Held {
    test: String,
    file: String,
    line: String,
    message: String,
}

/// The tests of one package.
#[derive(Debug, Default)]
struct Run {
    test: Option<String>,
    held: Vec<Held>,
    failed: Vec<String>,
    panic: Option<Problem>,
    frames: u16,
    /// Whether the last line was one of a log.
    in_log: bool,
}

impl Run {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(package) = PACKAGE.captures(line) {
            self.end(&package["package"], context);
            return true;
        }
        if let Some(run) = RUN.captures(line) {
            (self.test, self.in_log) = (Some(run["test"].to_owned()), false);
            return true;
        }
        if let Some(result) = RESULT.captures(line) {
            self.result(&result["result"], &result["test"]);
            return true;
        }
        if self.panic.is_some() {
            return self.frame(line, context);
        }
        let Some(test) = &self.test else { return false };
        if let Some(log) = LOG.captures(line) {
            self.in_log = self.held.len() < HELD;
            if self.in_log {
                let part = |name: &str| log[name].to_owned();
                let (file, line, message) = (part("file"), part("line"), part("message"));
                self.held.push(Held { test: test.clone(), file, line, message });
            }
            return true;
        }
        if let Some(panic) = PANIC.captures(line) {
            self.panic = Some(Problem::new(Severity::Error, "go", &panic["message"]));
            self.frames = 0;
            return true;
        }
        let is_more = self.in_log && line.starts_with("        ");
        if let Some(held) = self.held.last_mut().filter(|_| is_more) {
            add_line(&mut held.message, line.trim_start());
        }
        is_more || END.is_match(line)
    }

    fn result(&mut self, result: &str, test: &str) {
        self.in_log = false;
        self.test = Some(test.to_owned());
        if result == "FAIL" {
            self.failed.push(test.to_owned());
        } else {
            self.held.retain(|held| held.test != test);
        }
    }

    // The innermost frame in the project is the place; the others led there.
    fn frame(&mut self, line: &str, context: &mut Context) -> bool {
        self.frames += 1;
        let belongs = line.is_empty() || line.ends_with(')') || DUMP.is_match(line);
        let Some(panic) = self.panic.as_mut().filter(|_| self.frames < FRAMES && belongs) else {
            return false;
        };
        if let Some(frame) = FRAME.captures(line)
            && let Some(place) = spot(&frame).and_then(|spot| context.place(spot, READING))
            && context.places.is_own(&place.path)
        {
            if panic.place.is_none() {
                panic.place = Some(place);
            } else if panic.related.len() < 10 {
                panic.related.push(Related { place, message: "called from here".to_owned() });
            }
        }
        true
    }

    fn end(&mut self, package: &str, context: &mut Context) {
        let Run { held, failed, panic, .. } = std::mem::take(self);
        for held in held.into_iter().filter(|held| failed.contains(&held.test)) {
            // A module without a domain is no folder: `app/c` lies in `c`.
            let (module, below) = package.split_once('/').unwrap_or((package, ""));
            let folder = if module.contains('.') { package } else { below };
            let inner = Path::new(folder).join(&held.file).to_string_lossy().into_owned();
            let message = if held.message.is_empty() { "failed" } else { &held.message };
            let spot = Spot { file: &inner, line: &held.line, column: None };
            let mut problem = context.problem(Severity::Error, "go", message, spot, READING);
            add_line(&mut problem.message, &format!("in {}", held.test));
            context.report(problem);
        }
        if let Some(panic) = panic {
            context.report(panic);
        }
    }
}

/// A line of `go test -json` or `go build -json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    action: String,
    package: Option<String>,
    import_path: Option<String>,
    test: Option<String>,
    output: Option<String>,
}

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct GoTest {
    text: Run,
    packages: BTreeMap<String, Run>,
    /// What compiles a package: Go's compiler, and C's for cgo.
    builds: BTreeMap<String, (Go, Gcc)>,
}

impl Format for GoTest {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if line.starts_with("{\"") && line.contains("\"Action\":\"") {
            let Ok(event) = serde_json::from_str::<Event>(line) else { return false };
            self.event(event, context);
            return true;
        }
        self.text.line(line, context)
    }

    // Tests that are not at their end yet stay: their place is still unknown.
    fn flush(&mut self, context: &mut Context) {
        for (go, c) in self.builds.values_mut() {
            go.flush(context);
            c.flush(context);
        }
    }
}

impl GoTest {
    fn event(&mut self, event: Event, context: &mut Context) {
        let text = event.output.unwrap_or_default();
        let line = text.trim_end_matches(['\r', '\n']);
        match (event.action.as_str(), event.package, event.import_path) {
            ("output", Some(package), _) if self.packages.len() < PACKAGES => {
                let run = self.packages.entry(package.clone()).or_default();
                run.test = event.test.or(run.test.take());
                run.line(line, context);
                if PACKAGE.is_match(line) {
                    self.packages.remove(&package);
                }
            }
            ("build-output", _, Some(path)) if self.builds.len() < PACKAGES => {
                let (go, c) = self.builds.entry(path).or_default();
                if !go.line(line, context) {
                    c.line(line, context);
                }
            }
            ("build-fail", _, Some(path)) => {
                if let Some((mut go, mut c)) = self.builds.remove(&path) {
                    go.flush(context);
                    c.flush(context);
                }
            }
            _ => {}
        }
        context.shown = Some(text);
    }
}
