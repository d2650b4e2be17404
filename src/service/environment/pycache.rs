//! Where the Python of a run keeps its bytecode, so that no run executes bytecode of older sources. Called by `environment`.
//! Does not know: whether the run is Python at all.
//!
//! Python takes bytecode for current when the second and the size of the source are those it was made from, so the second
//! of two saves of equal size within one second would never run. The service has a folder for its bytecode, and what could
//! have been made from older text is removed before each run. The rest stays: compiling the standard library and the
//! installed packages again for every run would take longer than most programs need to start.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::artifact;
use crate::engine::ServiceName;

/// Bytecode this much younger than the last change of its source was made from that very text: Python reads, compiles and
/// writes in less. In seconds.
const SURE: i64 = 10;

/// The folder for `PYTHONPYCACHEPREFIX`, with nothing in it that may be stale. Reads and removes files.
pub(super) fn prepare(root: &Path, service: &ServiceName) -> PathBuf {
    let folder = root.join(artifact::FOLDER).join(service.as_str()).join("pycache");
    if let Ok(inside) = root.strip_prefix("/") {
        clean(&folder.join(inside), root);
    }
    folder
}

/// Removes from `cache` what may be stale of the sources in `source`, but for the packages of a virtual environment.
fn clean(cache: &Path, source: &Path) {
    let Ok(entries) = fs::read_dir(cache) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let source = source.join(entry.file_name());
            if !source.join("pyvenv.cfg").exists() {
                clean(&path, &source);
            }
        } else if !is_current(&path, source) {
            let _ = fs::remove_file(&path);
        }
    }
}

/// Whether `bytecode` (`shop.cpython-311.pyc`) is surely that of its source (`shop.py`). Asks when the inode of the source
/// was changed: unlike the time of the last save, nobody can set that back.
fn is_current(bytecode: &Path, source: &Path) -> bool {
    let name = bytecode.file_name().and_then(OsStr::to_str).and_then(|name| name.split('.').next());
    let source = name.and_then(|name| fs::metadata(source.join(name).with_extension("py")).ok());
    let (Some(source), Ok(bytecode)) = (source, fs::metadata(bytecode)) else { return false };
    bytecode.mtime().saturating_sub(source.ctime()) > SURE
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn bytecode_that_may_be_stale_is_removed_and_the_rest_is_kept() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let cache = root.join(".reload/api/pycache").join(root.strip_prefix("/").unwrap());
        // Sources can't be made to look old, so bytecode is made to look young.
        let write = |path: PathBuf, later: u64| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            let time = SystemTime::now() + Duration::from_secs(later);
            fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
            path
        };
        for source in ["app/old.py", "app/new.py", ".venv/pyvenv.cfg", ".venv/package.py"] {
            write(root.join(source), 0);
        }
        let old = write(cache.join("app/old.cpython-311.pyc"), 100);
        let new = write(cache.join("app/new.cpython-311.opt-1.pyc"), 0);
        let gone = write(cache.join("app/gone.cpython-311.pyc"), 100);
        let package = write(cache.join(".venv/package.cpython-311.pyc"), 0);
        let library = write(root.join(".reload/api/pycache/usr/lib/json.cpython-311.pyc"), 0);
        prepare(root, &"api".into());
        let exists = [old, new, gone, package, library].map(|path| path.exists());
        assert_eq!(exists, [true, false, false, true, true]);
    }
}
