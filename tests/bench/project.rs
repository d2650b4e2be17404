//! A project in a temporary folder whose build and service write down when they began. Used by every measurement.
//! Does not know: LSP, what is measured.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use serde_json::json;
use tempfile::TempDir;

/// One start of the build or of the service.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    /// `true`: a build; `false`: a run.
    pub(crate) is_build: bool,
    /// What the source held.
    pub(crate) content: String,
    /// The program's own first act.
    pub(crate) began: SystemTime,
    /// A build: its last act. A run: just before it said that it is ready.
    pub(crate) ready: SystemTime,
}

/// The project. Its folder is removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// A project with one source, one service, and `files` more sources, a hundred in each folder.
    pub(crate) fn new(files: usize) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("reload-bench-").tempdir()?;
        let project = Self { folder };
        let root = project.root();
        fs::create_dir_all(root.join("src"))?;
        fs::write(project.source(), "0")?;
        for index in 0..files {
            let parent = root.join(format!("src/d{}", index / 100));
            if index % 100 == 0 {
                fs::create_dir_all(&parent)?;
            }
            fs::write(parent.join(format!("f{index}.txt")), format!("{index}"))?;
        }
        let (stamp, log, source) = (stamp()?, project.log(), project.source());
        // An array of strings reads the same in JSON and in TOML.
        let build = json!([stamp, "build", log, source, "{out}"]);
        let run = json!([stamp, "run", log, "{out}"]);
        let configuration = format!(
            "[services.stamp]\nbuild = {build}\nrun = {run}\n\
             watch = [\"src/**/*.txt\"]\nready = {{ log = \"ready\" }}\n"
        );
        fs::write(root.join("reload.toml"), configuration)?;
        Ok(project)
    }

    /// The root, which the client opens.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// Beside the root: where the program may keep what it remembers.
    pub(crate) fn state(&self) -> &Path {
        self.folder.path()
    }

    /// The file that is saved.
    pub(crate) fn source(&self) -> PathBuf {
        self.root().join("src/source.txt")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("starts")
    }

    /// Writes the source in place.
    pub(crate) fn write(&self, content: &str) -> io::Result<()> {
        fs::write(self.source(), content)
    }

    /// Replaces the source by a rename, as careful editors do.
    pub(crate) fn replace(&self, content: &str) -> io::Result<()> {
        let beside = self.folder.path().join("source.new");
        fs::write(&beside, content)?;
        fs::rename(beside, self.source())
    }

    /// Everything that was started so far, in order.
    pub(crate) fn starts(&self) -> io::Result<Vec<Start>> {
        let text = fs::read_to_string(self.log())?;
        text.lines().map(|line| read_start(line).ok_or_else(|| io::Error::other(line.to_owned()))).collect()
    }

    /// The first build, or the first run, with this content.
    pub(crate) fn start(&self, content: &str, is_build: bool) -> io::Result<Start> {
        let is_it = |start: &Start| start.is_build == is_build && start.content == content;
        let start = self.starts()?.into_iter().find(is_it);
        start.ok_or_else(|| io::Error::other(format!("{content} was never started")))
    }

    /// Runs the build without reload-lsp.
    pub(crate) fn build_by_hand(&self) -> io::Result<()> {
        let (log, source, out) = (self.log(), self.source(), self.folder.path().join("out"));
        Command::new(stamp()?).arg("build").args([log, source, out]).status().map(drop)
    }
}

fn read_start(line: &str) -> Option<Start> {
    let mut words = line.split(' ');
    let is_build = words.next()? == "build";
    let content = words.next()?.to_owned();
    let mut time = || Some(SystemTime::UNIX_EPOCH + Duration::from_nanos(words.next()?.parse().ok()?));
    Some(Start { is_build, content, began: time()?, ready: time()? })
}

/// The compiled `stamp.rs`: static, so that its own start costs as little as can be.
fn stamp() -> io::Result<PathBuf> {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    if let Some(program) = PROGRAM.get() {
        return Ok(program.clone());
    }
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stamp");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/stamp.rs");
    let compiled = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition", "2024", "-O", "-C", "panic=abort", "-C", "target-feature=+crt-static", "-o"])
        .args([&program, &source])
        .status()?;
    if !compiled.success() {
        return Err(io::Error::other("could not compile tests/bench/stamp.rs"));
    }
    Ok(PROGRAM.get_or_init(|| program).clone())
}
