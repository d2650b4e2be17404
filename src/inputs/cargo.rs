//! What `cargo build` reads, as its dep-info tells: sources, what they include, and what build scripts depend on, of every
//! package that lies in a directory. Called by `course`. Does not know: other toolchains.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, Package, TargetKind};

use super::ask::{self, read};
use super::calls::{self, Call};
use super::found::Found;

/// Files that choose how and with what cargo builds, in a directory or above it.
const ABOVE: [&str; 4] = [".cargo/config.toml", ".cargo/config", "rust-toolchain.toml", "rust-toolchain"];

/// What the command says about where its results lie.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    /// The directory in the target directory.
    profile: String,
    target_dir: Option<String>,
    triple: Option<String>,
    packages: Vec<String>,
    programs: Vec<String>,
    /// What `cargo metadata` has to know, too.
    shared: Vec<String>,
}

/// Which of the words is the subcommand.
pub(super) fn subcommand(words: &[&str]) -> Option<usize> {
    let mut at = 1;
    while let Some(word) = words.get(at) {
        match *word {
            "--color" | "--config" | "-Z" | "-C" => at += 2,
            _ if word.starts_with(['-', '+']) => at += 1,
            _ => return Some(at),
        }
    }
    None
}

/// Asks about `cargo build …`.
pub(super) async fn ask(call: &Call) -> Result<Found, String> {
    let words: Vec<&str> = call.words.iter().map(String::as_str).collect();
    let options = Options::of(&words);
    let mut asked = vec![call.words[0].clone()];
    asked.extend(call.words.get(1).filter(|word| word.starts_with('+')).cloned());
    asked.extend(["metadata", "--no-deps", "--offline", "--format-version", "1"].map(str::to_owned));
    asked.extend(options.shared.iter().cloned());
    let text = ask::answer(call, asked).await?;
    let metadata: Metadata = serde_json::from_str(&text)
        .map_err(|error| format!("`cargo metadata` said what is unclear: {error}"))?;
    let target = match &options.target_dir {
        Some(directory) => calls::join(&call.dir, directory),
        None => metadata.target_directory.clone().into_std_path_buf(),
    };
    let infos = dep_infos(&metadata, &options, &target);
    if infos.is_empty() {
        return Err(format!("there is no dep-info below {}", target.display()));
    }
    let mut found = Found::default();
    let workspace = metadata.workspace_root.as_std_path();
    for info in infos {
        let paths = parse(&read(&info).unwrap_or_default());
        found.paths.extend(paths.into_iter().map(|path| workspace.join(path)));
    }
    // What build scripts have written is none of what a person writes.
    found.paths.retain(|path| !path.starts_with(&target));
    let sources: BTreeSet<PathBuf> =
        found.paths.iter().filter_map(|path| path.parent()).map(Path::to_owned).collect();
    for directory in sources {
        let manifest =
            directory.ancestors().map(|above| above.join("Cargo.toml")).find(|path| path.is_file());
        found.paths.extend(manifest);
    }
    found.add_existing(["Cargo.toml", "Cargo.lock"].map(|name| workspace.join(name)));
    // Above the project it is the person's own.
    for above in call.dir.ancestors().take_while(|above| above.starts_with(workspace)) {
        found.add_existing(ABOVE.map(|name| above.join(name)));
    }
    Ok(found)
}

impl Options {
    fn of(words: &[&str]) -> Self {
        let mut options = Self { profile: "debug".to_owned(), ..Self::default() };
        let own: Vec<&str> = words.iter().copied().take_while(|word| *word != "--").collect();
        let mut at = 1;
        while let Some(word) = own.get(at) {
            at += 1;
            let (name, given) = match word.split_once('=') {
                Some((name, value)) if name.starts_with('-') => (name, Some(value)),
                Some(_) | None => (*word, None),
            };
            if matches!(name, "-r" | "--release") {
                "release".clone_into(&mut options.profile);
                continue;
            }
            let known = [
                "--profile",
                "--target-dir",
                "--target",
                "-p",
                "--package",
                "--bin",
                "--example",
                "--manifest-path",
                "--config",
                "-Z",
            ];
            if !known.contains(&name) {
                continue;
            }
            let Some(value) = given.or_else(|| own.get(at).copied()) else { break };
            at += usize::from(given.is_none());
            match name {
                "--profile" => directory_of_profile(value).clone_into(&mut options.profile),
                "--target-dir" => options.target_dir = Some(value.to_owned()),
                "--target" => options.triple = Some(value.to_owned()),
                "-p" | "--package" => options.packages.push(value.to_owned()),
                "--bin" => options.programs.push(value.to_owned()),
                "--example" => options.programs.push(format!("examples/{value}")),
                _ => options.shared.extend([name.to_owned(), value.to_owned()]),
            }
        }
        options
    }
}

fn directory_of_profile(profile: &str) -> &str {
    match profile {
        "dev" | "test" => "debug",
        "bench" => "release",
        other => other,
    }
}

/// The dep-info files of what was built, as far as they are there.
fn dep_infos(metadata: &Metadata, options: &Options, target: &Path) -> Vec<PathBuf> {
    let names: BTreeSet<String> = if options.programs.is_empty() {
        let wanted = |package: &&Package| {
            options.packages.is_empty() || options.packages.iter().any(|name| *name == *package.name)
        };
        metadata.packages.iter().filter(wanted).flat_map(results).collect()
    } else {
        options.programs.iter().cloned().collect()
    };
    let mut directories = Vec::new();
    if let Some(triple) = &options.triple {
        directories.push(target.join(triple).join(&options.profile));
    } else {
        directories.push(target.join(&options.profile));
        // `build.target` of the configuration.
        let below = target.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
        directories.extend(below.map(|directory| directory.join(&options.profile)));
    }
    let files = directories
        .iter()
        .flat_map(|directory| names.iter().map(move |name| directory.join(format!("{name}.d"))));
    files.filter(|file| file.is_file()).collect()
}

/// The names of what cargo makes of a package.
fn results(package: &Package) -> Vec<String> {
    let mut names = Vec::new();
    for target in &package.targets {
        if target.kind.contains(&TargetKind::Bin) {
            names.push(target.name.clone());
        } else if !target.kind.contains(&TargetKind::CustomBuild) {
            names.push(format!("lib{}", target.name.replace('-', "_")));
        }
    }
    names
}

/// Dep-info, in the form of a Makefile: `target: dependency dependency` → the dependencies, as written.
fn parse(text: &str) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some(at) = line.find(": ") else { continue };
        let mut name = String::new();
        let mut chars = line[at + 2..].chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' if matches!(chars.peek(), Some(' ' | '#' | '\\')) => name.extend(chars.next()),
                '$' if chars.peek() == Some(&'$') => name.extend(chars.next()),
                ' ' if name.is_empty() => {}
                ' ' => paths.push(PathBuf::from(std::mem::take(&mut name))),
                c => name.push(c),
            }
        }
        if !name.is_empty() {
            paths.push(name.into());
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dep_info_is_read_with_its_blanks() {
        let paths = parse(include_str!("../../tests/fixtures/inputs/app.d"));
        let paths: Vec<_> = paths.iter().map(|path| path.to_str().unwrap()).collect();
        assert_eq!(
            paths,
            [
                "/w/shop/app/build.rs",
                "/w/shop/app/data",
                "/w/shop/app/rerun.txt",
                "/w/shop/app/src/main.rs",
                "/w/shop/app/with space/t.txt",
                "/w/shop/target/debug/build/app-91a0b120e31eda27/out/g.rs",
                "/w/shop/util/src/lib.rs",
                "/w/outside/src/lib.rs",
            ]
        );
    }

    #[test]
    fn the_command_says_where_its_results_lie() {
        let options = |text: &str| Options::of(&text.split(' ').collect::<Vec<_>>());
        let debug = Options { profile: "debug".into(), ..Options::default() };
        assert_eq!(options("cargo build"), debug);
        let found = options("cargo build -r --bin api --target x --target-dir=t -- --release");
        let release = Options {
            profile: "release".into(),
            programs: vec!["api".into()],
            triple: Some("x".into()),
            target_dir: Some("t".into()),
            ..Options::default()
        };
        assert_eq!(found, release);
        let found = options("cargo --config a=b build --profile dev -p web --manifest-path api/Cargo.toml");
        let shared = ["--config", "a=b", "--manifest-path", "api/Cargo.toml"].map(str::to_owned).to_vec();
        assert_eq!(found, Options { packages: vec!["web".into()], shared, ..debug });
    }
}
