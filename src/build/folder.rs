//! The folders of the generations: made before a build, removed when nothing can need them any more. Called by `worker`.
//! Does not know: what is put into them.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::artifact;
use crate::engine::{Generation, ServiceName};

/// What the names of folders begin with that are to be removed.
const ASIDE: &str = ".old-";

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
            fs::create_dir(&folder).or_else(|error| if is_empty(&folder) { Ok(()) } else { Err(error) })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir_all(&folder),
        made => made,
    }
    .map_err(|error| refused("make", &folder, &error))?;
    artifact::ignore(root).map_err(|(path, error)| refused("write", &path, &error))?;
    has_room(root, service)
}

/// Makes the folder before anybody asks for it, if nothing is there: its build may have begun by now, so nothing is taken away.
/// What can't be done is left to `prepare`, which says why.
pub(super) fn prepare_ahead(root: &Path, service: &ServiceName, generation: Generation) {
    if artifact::ignore(root).is_ok() && has_room(root, service).is_ok() {
        let _ = fs::create_dir(artifact::folder(root, service, generation));
    }
}

/// A disk without room lets folders be made; a build that can't write its result would tell less clearly. The error is for
/// people.
pub(super) fn has_room(root: &Path, service: &ServiceName) -> Result<(), String> {
    let probe = root.join(artifact::FOLDER).join(service.as_str()).join(".room");
    let removed = fs::write(&probe, [0; 4096]).and_then(|()| fs::remove_file(&probe));
    match removed {
        // Somebody else has just looked, too.
        Err(error) if error.kind() == ErrorKind::NotFound && probe.parent().is_some_and(Path::exists) => {
            Ok(())
        }
        removed => removed.map_err(|error| refused("write", &probe, &error)),
    }
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

/// Puts aside the folders that nobody can need any more: all but this generation, those that may still be run, and the last that
/// passed (those that didn't were removed when they ended). Returns where they are now, to be removed. To be called before the
/// next build may begin: what an earlier session left could have its number, and removing takes time.
pub(super) fn put_aside(
    root: &Path,
    service: &ServiceName,
    current: Generation,
    needed: &BTreeSet<Generation>,
) -> Vec<PathBuf> {
    let parent = root.join(artifact::FOLDER).join(service.as_str());
    let Ok(entries) = fs::read_dir(&parent) else { return Vec::new() };
    let (mut found, mut aside) = (Vec::new(), Vec::new());
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Ok(number) = name.parse() {
            found.push((Generation(number), entry.path()));
        } else if name.starts_with(ASIDE) {
            // Somebody ended before it was removed.
            aside.push(entry.path());
        }
    }
    found.sort();
    // Numbers above ours are from an earlier session, which counted from 1 too.
    let (mut passed, stale): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(generation, _)| *generation <= current);
    passed.truncate(passed.len().saturating_sub(KEPT));
    let all = passed.into_iter().chain(stale).filter(|(generation, _)| !needed.contains(generation));
    aside.extend(all.filter_map(|(generation, path)| rename_aside(&parent, generation, &path)));
    aside
}

// A name that is taken belongs to a folder of the same number that is still being removed.
fn rename_aside(parent: &Path, generation: Generation, path: &Path) -> Option<PathBuf> {
    let mut names = (0..100).map(|number| parent.join(format!("{ASIDE}{generation}-{number}")));
    names.find(|name| fs::rename(path, name).is_ok())
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
        prepare(root.path(), &"api".into(), Generation(1)).unwrap();
        prepare_ahead(root.path(), &"api".into(), Generation(2));
        fs::remove_file(root.path().join(".reload/.gitignore")).unwrap();
        prepare(root.path(), &"api".into(), Generation(2)).unwrap();
        assert_eq!(folders(root.path()), ["1", "2"]);
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
        remove(&put_aside(root.path(), &"api".into(), Generation(8), &[2, 5].map(Generation).into()));
        assert_eq!(folders(root.path()), ["2", "5", "7", "8"]);
    }

    #[test]
    fn what_is_made_ahead_takes_nothing_from_a_build_that_has_begun() {
        let root = tempfile::tempdir().unwrap();
        prepare(root.path(), &"api".into(), Generation(2)).unwrap();
        let result = root.path().join(".reload/api/2/api");
        fs::write(&result, "a program").unwrap();
        prepare_ahead(root.path(), &"api".into(), Generation(2));
        assert_eq!(fs::read_to_string(result).unwrap(), "a program");
    }

    #[test]
    fn what_is_removed_late_is_never_the_folder_of_the_next_build() {
        let root = tempfile::tempdir().unwrap();
        for generation in [1, 2] {
            prepare(root.path(), &"api".into(), Generation(generation)).unwrap();
        }
        // The 2 is of an earlier session.
        let aside = put_aside(root.path(), &"api".into(), Generation(1), &BTreeSet::new());
        prepare(root.path(), &"api".into(), Generation(2)).unwrap();
        let result = root.path().join(".reload/api/2/api");
        fs::write(&result, "a program").unwrap();
        remove(&aside);
        assert_eq!(fs::read_to_string(result).unwrap(), "a program");
        assert_eq!(folders(root.path()), ["1", "2"]);
        prepare(root.path(), &"api".into(), Generation(3)).unwrap();
        fs::rename(root.path().join(".reload/api/3"), root.path().join(".reload/api/.old-3-0")).unwrap();
        remove(&put_aside(root.path(), &"api".into(), Generation(2), &BTreeSet::new()));
        assert_eq!(folders(root.path()), ["1", "2"], "what an earlier end has left is removed");
    }
}
