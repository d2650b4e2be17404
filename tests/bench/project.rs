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

/// Files in each folder.
pub(crate) const FOLDER: usize = 20;

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
    /// A project with one source, one service, and `files` more sources.
    pub(crate) fn new(files: usize) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("reload-bench-").tempdir()?;
        let project = Self { folder };
        let root = project.root();
        fs::create_dir_all(root.join("src"))?;
        project.write("0")?;
        fs::write(root.join(".gitignore"), "node_modules/\n*.log\n.reload/\n")?;
        for (index, path) in project.files(files).enumerate() {
            create(index, &path)?;
        }
        let (stamp, log, source) = (stamp()?, project.log(), project.source());
        // An array of strings reads the same in JSON and in TOML.
        let build = json!([stamp, "build", log, source, "{out}"]);
        let run = json!([stamp, "run", log, "{out}"]);
        project.configure(&format!("build = {build}\nrun = {run}\nready = {{ log = \"ready\" }}\n"))?;
        Ok(project)
    }

    /// The service is this from now on.
    pub(crate) fn configure(&self, service: &str) -> io::Result<()> {
        let configuration = format!("[services.stamp]\nwatch = [\"src/**/*.txt\"]\n{service}");
        fs::write(self.root().join("reload.toml"), configuration)
    }

    /// The first `count` of the other sources, as in large projects: twenty in each folder.
    pub(crate) fn files(&self, count: usize) -> impl Iterator<Item = PathBuf> {
        let src = self.root().join("src");
        (0..count).map(move |index| src.join(format!("d{}/f{index}.txt", index / FOLDER)))
    }

    /// Creates files that are ignored, as a package manager does in a project of several packages.
    pub(crate) fn install(&self, files: usize) -> io::Result<()> {
        for index in 0..files {
            let folder = index / FOLDER;
            let path = format!("src/d{}/node_modules/p{folder}/f{index}.txt", folder % 50);
            create(index, &self.root().join(path))?;
        }
        Ok(())
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

    /// Where starts are written down.
    pub(crate) fn log(&self) -> PathBuf {
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

/// A file of about a kibibyte; its folder is created with the first file in it.
fn create(index: usize, path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent().filter(|_| index.is_multiple_of(FOLDER)) {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, format!("{index}\n").repeat(1_024 / (index.to_string().len() + 1)))
}

fn read_start(line: &str) -> Option<Start> {
    let mut words = line.split(' ');
    let is_build = words.next()? == "build";
    let content = words.next()?.to_owned();
    let mut time = || Some(SystemTime::UNIX_EPOCH + Duration::from_nanos(words.next()?.parse().ok()?));
    Some(Start { is_build, content, began: time()?, ready: time()? })
}

/// The compiled `stamp.rs`: static, so that its own start costs as little as can be.
pub(crate) fn stamp() -> io::Result<PathBuf> {
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
