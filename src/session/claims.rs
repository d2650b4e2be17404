//! Never two sessions for one service of one project: who was first holds a lock in its folder of `.reload`, and the
//! others wait for it. Without this, one would replace the programs that the other is running. Called by the loop.
//! Does not know: configurations, what a session does.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;
use std::thread::{self, JoinHandle};

use crate::artifact;
use crate::engine::ServiceName;

/// The locks that a session holds, and those that it waits for. Dropping it gives them back; so does the end of the
/// process, however it comes.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// Without a file where the disk allows no lock.
    held: BTreeMap<ServiceName, Option<File>>,
    waits: BTreeMap<ServiceName, JoinHandle<()>>,
}

/// Another session has a service.
#[derive(Debug)]
pub(super) struct Taken {
    /// Which service.
    pub(super) service: ServiceName,
    /// The process of the other session, as far as it is known.
    pub(super) pid: Option<u32>,
    lock: File,
}

impl Claims {
    /// Takes all of these, or none.
    pub(super) fn take<'a>(
        &mut self,
        root: &Path,
        services: impl Iterator<Item = &'a ServiceName>,
    ) -> Result<(), Taken> {
        let mut taken = Vec::new();
        for service in services.filter(|service| !self.held.contains_key(*service)) {
            let lock = match open(root, service) {
                Ok(file) => match file.try_lock() {
                    Ok(()) => Some(sign(file)),
                    Err(TryLockError::WouldBlock) => {
                        let pid = signature(&file);
                        return Err(Taken { service: service.clone(), pid, lock: file });
                    }
                    Err(TryLockError::Error(error)) => unlocked(service, &error),
                },
                Err(error) => unlocked(service, &error),
            };
            taken.push((service.clone(), lock));
        }
        self.held.extend(taken);
        Ok(())
    }

    /// Calls `tell` when the other session has given back what it has, which somebody else may take first.
    pub(super) fn wait(&mut self, taken: Taken, tell: impl FnOnce() + Send + 'static) {
        if self.waits.get(&taken.service).is_some_and(|wait| !wait.is_finished()) {
            return;
        }
        let lock = taken.lock;
        // A thread of its own: nothing else waits for a lock without asking again and again.
        let wait = thread::Builder::new().name("reload-claim".to_owned()).spawn(move || {
            let _ = lock.lock();
            drop(lock);
            tell();
        });
        match wait {
            Ok(wait) => drop(self.waits.insert(taken.service, wait)),
            Err(error) => tracing::error!("could not start the thread that waits: {error}"),
        }
    }
}

fn open(root: &Path, service: &ServiceName) -> io::Result<File> {
    let folder = root.join(artifact::FOLDER).join(service.as_str());
    fs::create_dir_all(&folder)?;
    artifact::ignore(root).map_err(|(_, error)| error)?;
    File::options().read(true).write(true).create(true).truncate(false).open(folder.join("lock"))
}

/// Leaves our process in the file, for whoever comes second. Nothing but a message depends on it.
fn sign(mut file: File) -> File {
    let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
    file
}

fn signature(mut file: &File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.parse().ok()
}

/// A disk that is full or read-only, or has no locks: then there is none, and what it means for builds they say themselves.
fn unlocked(service: &ServiceName, error: &io::Error) -> Option<File> {
    tracing::debug!(%service, %error, "no lock");
    None
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    fn names(names: [&str; 2]) -> [ServiceName; 2] {
        names.map(ServiceName::from)
    }

    #[test]
    fn who_comes_second_gets_none_and_is_told_when_the_first_is_gone() {
        let root = tempfile::tempdir().unwrap();
        let (mut first, mut second) = (Claims::default(), Claims::default());
        first.take(root.path(), names(["api", "db"]).iter()).unwrap();
        let taken = second.take(root.path(), names(["web", "db"]).iter()).unwrap_err();
        assert_eq!((taken.service.as_str(), taken.pid), ("db", Some(std::process::id())));
        let (tell, told) = channel();
        second.wait(taken, move || tell.send(()).unwrap());
        first.take(root.path(), names(["api", "web"]).iter()).unwrap();
        drop(first);
        told.recv_timeout(Duration::from_secs(60)).unwrap();
        second.take(root.path(), names(["web", "db"]).iter()).unwrap();
    }

    #[test]
    fn without_a_place_for_locks_everything_goes_on() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(artifact::FOLDER), "").unwrap();
        for _ in 0..2 {
            Claims::default().take(root.path(), names(["api", "db"]).iter()).unwrap();
        }
    }
}
