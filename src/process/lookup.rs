//! Finds the program of a command, and says precisely why one cannot be executed. Called by `child`.
//! Does not know: guards.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::{AccessFlags, access};

use super::error::SpawnError;

/// The absolute path of `program`: with a slash relative to `dir`, without one from the first directory in `path` (as the
/// variable `PATH` has it) where it is executable.
pub(super) fn find(program: &str, dir: &Path, path: &[u8]) -> Result<PathBuf, SpawnError> {
    if program.is_empty() {
        return Err(SpawnError::NoCommand);
    }
    if program.contains('/') {
        let path = dir.join(program);
        return check(&path).map(|()| path);
    }
    let mut first_refusal = None;
    for entry in path.split(|byte| *byte == b':') {
        // An empty entry is the working directory, and so is the start of a relative one.
        let path = dir.join(std::ffi::OsStr::from_bytes(entry)).join(program);
        match check(&path) {
            Ok(()) => return Ok(path),
            Err(SpawnError::NoSuchFile { .. } | SpawnError::NotAProgram { .. }) => {}
            Err(error) => first_refusal = first_refusal.or(Some(error)),
        }
    }
    Err(first_refusal.unwrap_or_else(|| SpawnError::NotInPath { program: program.to_owned() }))
}

/// What `cause`, met when `path` was executed, means.
pub(super) fn explain(path: &Path, cause: Errno) -> SpawnError {
    let path = path.to_owned();
    if SpawnError::is_shortage(cause) {
        return SpawnError::NoRoom { cause };
    }
    let is_absent = matches!(cause, Errno::ENOENT | Errno::ENOTDIR);
    if is_absent && path.exists() {
        let interpreter = interpreter(&path).unwrap_or_else(|| "its dynamic loader".to_owned());
        return SpawnError::NoInterpreter { path, interpreter };
    }
    if is_absent {
        return SpawnError::NoSuchFile { path };
    }
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the system has more errors than are worth a sentence"
    )]
    match cause {
        Errno::ENOEXEC => SpawnError::NotAProgram { path },
        Errno::ETXTBSY => SpawnError::BeingWritten { path },
        Errno::E2BIG => SpawnError::TooLong { path },
        _ => SpawnError::Refused { path, cause },
    }
}

fn check(path: &Path) -> Result<(), SpawnError> {
    let file = fs::metadata(path).map_err(|_| SpawnError::NoSuchFile { path: path.to_owned() })?;
    if !file.is_file() {
        return Err(SpawnError::NotAProgram { path: path.to_owned() });
    }
    access(path, AccessFlags::X_OK).map_err(|_| SpawnError::NotExecutable { path: path.to_owned() })
}

/// What the first line of a script names.
fn interpreter(path: &Path) -> Option<String> {
    let mut line = Vec::new();
    BufReader::new(File::open(path).ok()?.take(256)).read_until(b'\n', &mut line).ok()?;
    let line = String::from_utf8_lossy(line.strip_prefix(b"#!")?).into_owned();
    // A carriage return is part of the name to the kernel, and the usual reason why it does not exist.
    let name = line.trim_matches([' ', '\t', '\n']).split([' ', '\t']).next()?;
    Some(name.escape_debug().to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn put(path: &Path, text: &str, mode: u32) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_first_executable_file_in_path_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        put(&dir.path().join("a/tool"), "", 0o644);
        put(&dir.path().join("b/tool/file"), "", 0o755);
        put(&dir.path().join("c/tool"), "", 0o755);
        let path = format!("/nowhere:a:{0}/b:{0}/c", dir.path().display());
        assert_eq!(find("tool", dir.path(), path.as_bytes()), Ok(dir.path().join("c/tool")));
    }

    #[test]
    fn what_is_in_path_but_not_executable_is_said_so() {
        let dir = tempfile::tempdir().unwrap();
        put(&dir.path().join("a/tool"), "", 0o644);
        let error = find("tool", dir.path(), b"/nowhere:a").unwrap_err();
        assert_eq!(error, SpawnError::NotExecutable { path: dir.path().join("a/tool") });
    }

    #[test]
    fn a_program_with_a_slash_is_relative_to_the_directory() {
        let dir = tempfile::tempdir().unwrap();
        put(&dir.path().join("bin/tool"), "", 0o755);
        assert_eq!(find("bin/tool", dir.path(), b""), Ok(dir.path().join("bin/tool")));
        let missing = find("./tool", dir.path(), b"bin").unwrap_err();
        assert_eq!(missing, SpawnError::NoSuchFile { path: dir.path().join("./tool") });
    }

    #[test]
    fn a_missing_interpreter_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("script");
        put(&script, "#! /usr/bin/pyton3 -u\n", 0o755);
        let error = explain(&script, Errno::ENOENT).to_string();
        assert!(error.contains("needs `/usr/bin/pyton3`, which does not exist (help:"), "{error}");
        put(&script, "#!/bin/sh\r\n", 0o755);
        let error = explain(&script, Errno::ENOENT).to_string();
        assert!(error.contains("needs `/bin/sh\\r`"), "{error}");
    }
}
