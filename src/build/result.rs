//! What a passed build has brought: is it there, which program is it, is it the same as what runs. Called by `worker`.
//! Does not know: processes, how the build went.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::parse::Program;
use super::{Purpose, Request};
use crate::artifact;
use crate::engine::Generation;

/// Looks at the result and completes it. `Some` names the running generation if it is the same, byte for byte. The error says
/// what the build should have brought, for people. Blocks.
pub(super) fn take(
    request: &Request,
    programs: &[Program],
    wanted: Option<&str>,
) -> Result<Option<Generation>, String> {
    let Request { root, service, generation, .. } = request;
    // A task makes nothing that we know of.
    let Purpose::Build { running, exe, .. } = request.purpose else { return Ok(None) };
    let mut kinds: Vec<fn(&Path, &_, _) -> PathBuf> = Vec::new();
    if artifact::is_named(&request.command, "{out}") {
        let out = artifact::out(root, service, *generation);
        if !out.exists() {
            let help = "make the build write to `{out}`, or leave `{out}` out of the configuration";
            return Err(format!("the build passed without writing `{}` (help: {help})", out.display()));
        }
        kinds.push(artifact::out);
    }
    if exe {
        let program = choose(programs, wanted)?;
        let exe = artifact::exe(root, service, *generation);
        link(&program.path, &exe).map_err(|error| {
            format!("could not take `{}` to `{}`: {error} (help: check the space and the permissions of `.reload`)", program.path.display(), exe.display())
        })?;
        kinds.push(artifact::exe);
    }
    let Some(running) = running.filter(|_| !kinds.is_empty()) else { return Ok(None) };
    let is_same = kinds.iter().all(|path| {
        let (ours, theirs) = (path(root, service, *generation), path(root, service, running));
        // What can't be read is not known to be the same.
        same(&ours, &theirs).unwrap_or(false)
    });
    Ok(is_same.then_some(running))
}

// The one that `--bin` names, else the only one, else the `default-run` of its package.
fn choose<'a>(programs: &'a [Program], wanted: Option<&str>) -> Result<&'a Program, String> {
    if let Some(wanted) = wanted
        && let Some(program) = programs.iter().rev().find(|program| program.name == wanted)
    {
        return Ok(program);
    }
    if let [only] = programs {
        return Ok(only);
    }
    let is_default = |program: &&Program| default_run(&program.manifest).as_ref() == Some(&program.name);
    let mut defaults = programs.iter().filter(is_default);
    if let (Some(program), None) = (defaults.next(), defaults.next()) {
        return Ok(program);
    }
    let names: Vec<_> = programs.iter().map(|program| format!("`{}`", program.name)).collect();
    Err(if names.is_empty() {
        "`run` names `{exe}`, but the build made no program (help: build with a plain `cargo build`, or use `{out}`)".to_owned()
    } else {
        format!(
            "cargo made {} programs, {}, and `{{exe}}` can be only one (help: add `--bin NAME` to the build command, or `default-run` to Cargo.toml)",
            names.len(),
            names.join(", ")
        )
    })
}

fn default_run(manifest: &Path) -> Option<String> {
    let manifest: toml::Table = fs::read_to_string(manifest).ok()?.parse().ok()?;
    Some(manifest.get("package")?.get("default-run")?.as_str()?.to_owned())
}

// cargo replaces its programs and never writes into them, so a second name keeps what it is.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(|_| ()))
}

/// Whether two files or whole trees are the same: kinds, permissions, names, bytes.
fn same(one: &Path, other: &Path) -> io::Result<bool> {
    let (left, right) = (fs::symlink_metadata(one)?, fs::symlink_metadata(other)?);
    if (left.dev(), left.ino()) == (right.dev(), right.ino()) {
        return Ok(true);
    }
    if left.mode() != right.mode() {
        return Ok(false);
    }
    if left.is_dir() {
        return same_trees(one, other);
    }
    if left.is_symlink() {
        return Ok(fs::read_link(one)? == fs::read_link(other)?);
    }
    same_files(one, &left, other, &right)
}

fn same_trees(one: &Path, other: &Path) -> io::Result<bool> {
    let names = |path: &Path| -> io::Result<Vec<_>> {
        let mut names: Vec<_> =
            fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
        names.sort();
        Ok(names)
    };
    let ours = names(one)?;
    if ours != names(other)? {
        return Ok(false);
    }
    for name in ours {
        if !same(&one.join(&name), &other.join(&name))? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn same_files(one: &Path, left: &Metadata, other: &Path, right: &Metadata) -> io::Result<bool> {
    if left.len() != right.len() || !left.is_file() {
        return Ok(false);
    }
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    let (mut ours, mut theirs) = (vec![0; 256 * 1024], vec![0; 256 * 1024]);
    loop {
        let size = one.read(&mut ours)?;
        if size == 0 {
            return Ok(other.read(&mut theirs)? == 0);
        }
        match other.read_exact(&mut theirs[..size]) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            read => read?,
        }
        if ours[..size] != theirs[..size] {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(name: &str, manifest: &Path) -> Program {
        Program { name: name.into(), path: format!("/t/{name}").into(), manifest: manifest.to_owned() }
    }

    fn name<'a>(programs: &'a [Program], wanted: Option<&str>) -> Option<&'a str> {
        choose(programs, wanted).ok().map(|program| program.name.as_str())
    }

    #[test]
    fn the_program_is_the_one_that_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("Cargo.toml");
        fs::write(&manifest, "[package]\nname = \"a\"\n").unwrap();
        let two = [program("a", &manifest), program("b", &manifest)];
        assert_eq!(name(&two, Some("a")), Some("a"));
        assert_eq!(name(&two[1..], None), Some("b"));
        let error = choose(&two, None).unwrap_err();
        assert!(error.contains("`a`, `b`") && error.contains("--bin"), "{error}");
        fs::write(&manifest, "[package]\nname = \"a\"\ndefault-run = \"b\"\n").unwrap();
        assert_eq!(name(&two, None), Some("b"));
        assert!(choose(&[], None).unwrap_err().contains("no program"));
    }

    #[test]
    fn trees_are_the_same_down_to_the_last_byte() {
        let folder = tempfile::tempdir().unwrap();
        let tree = |name: &str| {
            let tree = folder.path().join(name);
            fs::create_dir_all(tree.join("static")).unwrap();
            fs::write(tree.join("app"), vec![7; 600_000]).unwrap();
            fs::write(tree.join("static/x.css"), "a").unwrap();
            tree
        };
        let (one, other) = (tree("one"), tree("other"));
        assert!(same(&one, &other).unwrap());
        fs::write(other.join("static/x.css"), "b").unwrap();
        assert!(!same(&one, &other).unwrap());
        fs::write(other.join("static/x.css"), "a").unwrap();
        fs::write(other.join("new"), "").unwrap();
        assert!(!same(&one, &other).unwrap());
        fs::remove_file(other.join("new")).unwrap();
        let mut bytes = vec![7; 600_000];
        bytes[599_999] = 8;
        fs::write(other.join("app"), bytes).unwrap();
        assert!(!same(&one, &other).unwrap());
    }
}
