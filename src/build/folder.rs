//! The folders of the generations: made before a build, removed when nothing can need them any more. Called by `worker`.
//! Does not know: what is put into them.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::artifact;
use crate::engine::{Generation, ServiceName};

/// How many generations that passed are kept.
const KEPT: usize = 2;

/// Sees to it that the folder of a generation is there and empty, and that git ignores everything of ours. The error is for
/// people.
pub(super) fn prepare(root: &Path, service: &ServiceName, generation: Generation) -> Result<(), String> {
    let folder = artifact::folder(root, service, generation);
    match fs::create_dir(&folder) {
        // Made ahead, so that nobody has to wait for it.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && is_empty(&folder) => return Ok(()),
        // An earlier session may have got this far: what it left must not pass for our result.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::remove_dir_all(&folder).map_err(|error| refused("remove", &folder, &error))?;
            fs::create_dir(&folder)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir_all(&folder),
        made => made,
    }
    .map_err(|error| refused("make", &folder, &error))?;
    artifact::ignore(root).map_err(|(path, error)| refused("write", &path, &error))?;
    has_room(root, service)
}

/// The same before anybody asks for it. What can't be done is left to `prepare`, which says why.
pub(super) fn prepare_ahead(root: &Path, service: &ServiceName, generation: Generation) {
    if prepare(root, service, generation).is_err() {
        let _ = fs::remove_dir(artifact::folder(root, service, generation));
    }
}

/// A disk without room lets folders be made; a build that can't write its result would tell less clearly. The error is for
/// people.
pub(super) fn has_room(root: &Path, service: &ServiceName) -> Result<(), String> {
    let probe = root.join(artifact::FOLDER).join(service.as_str()).join(".room");
    fs::write(&probe, [0; 4096])
        .and_then(|()| fs::remove_file(&probe))
        .map_err(|error| refused("write", &probe, &error))
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the kinds that people can do something about")]
fn refused(verb: &str, path: &Path, error: &io::Error) -> String {
    let help = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space on this disk".to_owned(),
        ErrorKind::PermissionDenied => {
            "make its folder writable, or remove what another user left there".to_owned()
        }
        ErrorKind::ReadOnlyFilesystem => "work on a copy on a disk that can be written".to_owned(),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => "a file is in the way: remove it".to_owned(),
        _ => format!("try it in a terminal: touch {}", path.display()),
    };
    format!("could not {verb} `{}`: {error} (help: {help})", path.display())
}

/// The folders that nobody can need any more: all but this generation, those that may still be run, and the last that passed
/// (those that didn't were removed when they ended). To be asked before the next build may begin: its folder would be among them.
pub(super) fn old(
    root: &Path,
    service: &ServiceName,
    current: Generation,
    needed: &BTreeSet<Generation>,
) -> Vec<PathBuf> {
    let parent = root.join(artifact::FOLDER).join(service.as_str());
    let Ok(entries) = fs::read_dir(&parent) else { return Vec::new() };
    let mut found: Vec<(Generation, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((Generation(entry.file_name().to_str()?.parse().ok()?), entry.path())))
        .collect();
    found.sort();
    // Numbers above ours are from an earlier session, which counted from 1 too.
    let (mut passed, stale): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(generation, _)| *generation <= current);
    passed.truncate(passed.len().saturating_sub(KEPT));
    let all = passed.into_iter().chain(stale);
    all.filter(|(generation, _)| !needed.contains(generation)).map(|(_, path)| path).collect()
}

/// Removes folders. Blocks; a failure is only logged.
pub(super) fn remove(folders: &[PathBuf]) {
    for folder in folders {
        match fs::remove_dir_all(folder) {
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                tracing::warn!("could not remove `{}`: {error}", folder.display());
            }
            Ok(()) | Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(root: &Path) -> Vec<String> {
        let entries = fs::read_dir(root.join(".reload/api")).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_generation_begins_with_an_empty_folder_that_git_ignores() {
        let root = tempfile::tempdir().unwrap();
        prepare(root.path(), &"api".into(), Generation(1)).unwrap();
        let left = root.path().join(".reload/api/1/api");
        fs::write(&left, "from an earlier session").unwrap();
        prepare(root.path(), &"api".into(), Generation(1)).unwrap();
        assert!(!left.exists());
        assert_eq!(fs::read_to_string(root.path().join(".reload/.gitignore")).unwrap(), "*\n");
    }

    #[test]
    fn a_folder_that_was_made_ahead_is_taken_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        prepare_ahead(root.path(), &"api".into(), Generation(2));
        fs::remove_file(root.path().join(".reload/.gitignore")).unwrap();
        prepare(root.path(), &"api".into(), Generation(2)).unwrap();
        assert_eq!(folders(root.path()), ["2"]);
        assert!(!root.path().join(".reload/.gitignore").exists(), "nothing was done again");
    }

    #[test]
    fn a_file_in_the_way_is_named_with_what_to_do() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(".reload"), "").unwrap();
        let error = prepare(root.path(), &"api".into(), Generation(1)).unwrap_err();
        assert!(error.contains(".reload/api/1") && error.contains("(help: a file is in the way"), "{error}");
    }

    #[test]
    fn what_may_still_be_run_and_the_last_two_that_passed_are_kept() {
        let root = tempfile::tempdir().unwrap();
        for generation in [1, 2, 4, 5, 6, 7, 8, 90] {
            prepare(root.path(), &"api".into(), Generation(generation)).unwrap();
        }
        remove(&old(root.path(), &"api".into(), Generation(8), &[2, 5].map(Generation).into()));
        assert_eq!(folders(root.path()), ["2", "5", "7", "8"]);
    }
}
