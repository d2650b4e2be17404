//! Finds, reads and merges: flag > editor > file > guessed > default. Called through `config::load` and `explain`.
//! Does not know: what the keys mean.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::provenance::Lines;
use super::read::{self, Entry, Node, Value};
use super::resolve::{self, Project};
use super::{Config, ConfigProblem, ConfigSource, FILE, Overrides, Provenance, Spot, guess};

/// A configuration and the tree that it was made from.
#[derive(Debug)]
pub(super) struct Loaded {
    /// What holds.
    pub(super) config: Config,
    /// What was written, merged.
    pub(super) tree: Node,
}

/// Does it all. Every mistake is reported, not only the first, in the order of the file.
pub(super) fn load(root: &Path, overrides: &Overrides) -> Result<Loaded, Vec<ConfigProblem>> {
    gather(root, overrides).map_err(|mut problems| {
        problems.sort_by_key(|problem| problem.spot.as_ref().map(|spot| spot.start));
        problems.dedup();
        problems
    })
}

fn gather(root: &Path, overrides: &Overrides) -> Result<Loaded, Vec<ConfigProblem>> {
    let start = fs::canonicalize(root).map_err(|error| {
        vec![plain(
            format!("can't open the project {}: {error}", root.display()),
            "choose a folder that exists",
        )]
    })?;
    let is_whole = overrides.build.is_some() || overrides.exec.is_some();
    let file = if is_whole { None } else { find(&start, overrides)? };
    let mut project = place(&start, file, overrides)?;

    let flags = flags(&project.root, overrides);
    let mut tree = match (&project.file, flags) {
        (None, Some(flags)) => flags,
        (Some(file), _) => {
            let text = read_text(file)?;
            project.sources.push(ConfigSource::new(file, text.as_bytes()));
            read::from_toml(file, &text)?
        }
        (None, None) => Node { from: Provenance::Editor(String::new()), value: Value::Table(Vec::new()) },
    };
    if let Some(editor) = overrides.editor.as_ref().filter(|editor| !editor.is_null()) {
        tree = if is_whole {
            tree.over(read::from_json("", editor))
        } else {
            read::from_json("", editor).over(tree)
        };
    }
    if !is_whole {
        tree = with_guess(tree, &mut project)?;
        tree = with_globs(tree, &overrides.watch);
    }

    let mut problems = Vec::new();
    let options = read::options(&tree, &mut problems);
    let config = resolve::config(&options, project, &mut problems);
    if problems.is_empty() { Ok(Loaded { config, tree }) } else { Err(problems) }
}

/// The folder of the configuration that `load` would find for `folder`, else `folder` itself; symlinks resolved.
pub(super) fn root(folder: &Path) -> PathBuf {
    let start = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let found = find(&start, &Overrides::default()).ok().flatten();
    found.as_deref().and_then(Path::parent).map_or(start.clone(), Path::to_owned)
}

fn plain(message: String, help: &str) -> ConfigProblem {
    ConfigProblem { spot: None, message, help: Some(help.to_owned()) }
}

/// The file in the root or the nearest parent. The search ends below the home directory, at the border of the file
/// system, and at a file of another user, who must not choose our commands.
fn find(start: &Path, overrides: &Overrides) -> Result<Option<PathBuf>, Vec<ConfigProblem>> {
    if let Some(file) = &overrides.file {
        let path = fs::canonicalize(start.join(file)).map_err(|error| {
            let message = format!("can't open the configuration file {}: {error}", file.display());
            vec![plain(message, "name a file that exists")]
        })?;
        return Ok(Some(path));
    }
    let home = dirs::home_dir().and_then(|home| fs::canonicalize(home).ok());
    let Ok(of_start) = fs::metadata(start) else { return Ok(None) };
    for folder in start.ancestors() {
        let is_start = folder == start;
        let Ok(of_folder) = fs::metadata(folder) else { return Ok(None) };
        if !is_start && (Some(folder) == home.as_deref() || of_folder.dev() != of_start.dev()) {
            return Ok(None);
        }
        let path = folder.join(FILE);
        match fs::metadata(&path) {
            Ok(of_file) if is_start || is_ours(&of_file, &of_start) => return Ok(Some(path)),
            Ok(_) => {
                tracing::warn!(path = %path.display(), "not read: it belongs to another user");
                return Ok(None);
            }
            Err(_) => {}
        }
    }
    Ok(None)
}

fn is_ours(file: &Metadata, start: &Metadata) -> bool {
    let user = nix::unistd::geteuid().as_raw();
    file.uid() == user || file.uid() == start.uid() || file.uid() == 0
}

/// The root moves to the folder of a file that was found above it: that is where the project begins.
fn place(start: &Path, file: Option<PathBuf>, overrides: &Overrides) -> Result<Project, Vec<ConfigProblem>> {
    let folder = file.as_deref().and_then(Path::parent).unwrap_or(start).to_owned();
    let root = if start.starts_with(&folder) {
        folder.clone()
    } else if folder.starts_with(start) {
        start.to_owned()
    } else {
        let name = overrides.file.as_deref().unwrap_or(&folder);
        let message =
            format!("the configuration file {} lies outside of {}", name.display(), start.display());
        return Err(vec![plain(message, "put it into the project, or into a folder above")]);
    };
    Ok(Project { root, base: folder, file, sources: Vec::new(), client_watches: overrides.client_watches })
}

fn read_text(path: &Path) -> Result<String, Vec<ConfigProblem>> {
    // A pipe or a device would be read for ever.
    let bytes = match fs::metadata(path) {
        Ok(found) if found.is_file() && found.len() <= LIMIT => fs::read(path),
        Ok(found) if found.is_file() => Err(io::Error::other("it is larger than 1 MiB")),
        Ok(_) => Err(io::Error::other("it is no regular file")),
        Err(error) => Err(error),
    };
    let bytes = bytes.map_err(|error| {
        let message = format!("can't read {}: {error}", path.display());
        let help = Some("make it a text file that you may read".to_owned());
        vec![ConfigProblem { spot: Some(Spot::top(path)), message, help }]
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let valid = String::from_utf8_lossy(&error.as_bytes()[..at]).into_owned();
        let spot = Lines::of(&valid).spot(path, &(at..at));
        let help = Some("save it as UTF-8".to_owned());
        vec![ConfigProblem { spot: Some(spot), message: "the text is not UTF-8".to_owned(), help }]
    })
}

const LIMIT: u64 = 1024 * 1024;

/// A whole configuration out of `--build`, `--exec` and `--watch`, if there is a command among them.
fn flags(root: &Path, overrides: &Overrides) -> Option<Node> {
    let text = |flag, text: &String| Node { from: Provenance::Flag(flag), value: Value::Text(text.clone()) };
    let globs = (!overrides.watch.is_empty()).then(|| globs(&overrides.watch));
    let values = [
        ("build", overrides.build.as_ref().map(|build| text("--build", build))),
        ("run", overrides.exec.as_ref().map(|exec| text("--exec", exec))),
        ("watch", globs),
    ];
    overrides.build.as_ref().or(overrides.exec.as_ref())?;
    let entries: Vec<Entry> = values
        .into_iter()
        .filter_map(|(key, node)| {
            node.map(|node| Entry { key: key.to_owned(), from: node.from.clone(), node })
        })
        .collect();
    let from = entries.first()?.from.clone();
    let service = Node { from: from.clone(), value: Value::Table(entries) };
    let services = Node::table(&guess::name_of(root), &from, service);
    Some(Node::table("services", &from, services))
}

fn globs(globs: &[String]) -> Node {
    let from = Provenance::Flag("--watch");
    let item = |glob: &String| Node { from: from.clone(), value: Value::Text(glob.clone()) };
    let value = Value::List(globs.iter().map(item).collect());
    Node { from, value }
}

/// `--watch` alone replaces the globs of every service.
fn with_globs(tree: Node, written: &[String]) -> Node {
    let names: Vec<String> =
        tree.get("services").into_iter().flat_map(Node::entries).map(|service| service.key.clone()).collect();
    if written.is_empty() {
        return tree;
    }
    let from = Provenance::Flag("--watch");
    names.iter().fold(tree, |tree, name| {
        let service = Node::table(name, &from, Node::table("watch", &from, globs(written)));
        Node::table("services", &from, service).over(tree)
    })
}

/// A guess fills in what nobody wrote: all services when there is none, or the commands of the one that the editor adds to.
fn with_guess(tree: Node, project: &mut Project) -> Result<Node, Vec<ConfigProblem>> {
    let services = tree.get("services").map(Node::entries).unwrap_or_default();
    let has_command =
        |service: &Entry| service.node.get("build").is_some() || service.node.get("run").is_some();
    if !services.is_empty() && (project.file.is_some() || services.iter().any(has_command)) {
        return Ok(tree);
    }
    let guess = match guess::guess(&project.root) {
        Ok(guess) => guess,
        // Then what the file lacks is the better message.
        Err(_) if project.file.is_some() => return Ok(tree),
        Err(problem) => return Err(vec![problem]),
    };
    if !services.is_empty() && services.iter().any(|service| service.key != guess.name) {
        return Ok(tree);
    }
    project.sources.extend(guess.sources);
    let written = read::from_toml(&project.root.join(FILE), &guess.text)?;
    Ok(tree.over(written.stamped(&Provenance::Guessed(guess.from))))
}

impl ConfigSource {
    /// The digest of what was read of a file.
    pub(super) fn new(path: &Path, bytes: &[u8]) -> Self {
        Self { path: path.to_owned(), sha256: Sha256::digest(bytes).into() }
    }
}
