//! What a content is known by, and the map of what was last seen of every path. The map is shared by the first walk,
//! the disk side and the save path: whoever records a content first makes the change of it.
//! Called by `worker` and `walk`. Does not know: services, watches.

use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dashmap::{DashMap, Entry};

use crate::engine::Identity;

/// So long after its last modification a file can be told from a modified one by its time alone. Before that, a second
/// write may fall into the same tick of the file system's clock.
const TICK: Duration = Duration::from_millis(100);

/// The same for a time in full seconds, for there are file systems that know nothing smaller; FAT counts by twos.
const COARSE_TICK: Duration = Duration::from_millis(2_100);

/// A tick of the file system's clock is no event; so often we look whether it has come.
const LOOK_AT_CLOCK: Duration = Duration::from_micros(500);

const SECOND: i64 = 1_000_000_000;

/// Length and hash of a content. 16 bytes of hash are plenty against accidents, and 100,000 of them have to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint {
    length: u64,
    hash: [u8; 16],
}

/// A moment on the file system's clock, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileTime(i64);

impl FileTime {
    /// The moment before all others: no file is as old as this.
    pub(super) const NEVER: Self = Self(i64::MIN);

    /// The present, as the file system would write it down: what is modified from now on has this time or a later one.
    /// Linux takes the time of files from a clock that is some milliseconds behind the exact one.
    pub(super) fn now() -> Self {
        #[cfg(target_os = "linux")]
        if let Ok(now) = nix::time::clock_gettime(nix::time::ClockId::CLOCK_REALTIME_COARSE) {
            return Self(now.tv_sec().saturating_mul(SECOND).saturating_add(now.tv_nsec()));
        }
        Self::from(SystemTime::now())
    }

    /// The present, once it is later than the time of every file modified before this call. Takes two ticks of the clock at
    /// most, of 4 ms on most kernels. Newer kernels date files by the exact clock when somebody looks at them often.
    pub(super) fn next() -> Self {
        let before = Self::from(SystemTime::now());
        loop {
            let now = Self::now();
            if now > before {
                return now;
            }
            std::thread::sleep(LOOK_AT_CLOCK);
        }
    }

    /// The full seconds of it.
    pub(super) fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// When content, name or permissions of a file were last modified; unlike `mtime`, tools cannot set it back.
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self(metadata.ctime().saturating_mul(SECOND).saturating_add(metadata.ctime_nsec()))
    }

    /// The same for a path; `None` if there is nothing.
    pub(super) fn of_path(path: &Path) -> Option<Self> {
        path.symlink_metadata().ok().as_ref().map(Self::of)
    }

    /// This time if it tells a file from a modified one, else one that equals none.
    pub(super) fn if_settled(self) -> Self {
        let tick = if self.0 % SECOND == 0 { COARSE_TICK } else { TICK };
        let is_settled =
            i64::try_from(tick.as_nanos()).is_ok_and(|tick| Self::now().0.saturating_sub(self.0) > tick);
        if is_settled { self } else { Self::NEVER }
    }
}

/// What was seen of a file when it was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    fingerprint: Fingerprint,
    /// When the file had been modified, as far as it can be relied upon, to compare without reading.
    stamp: FileTime,
    /// When the file had been modified after it was read: what was read is no older than this.
    pub(super) modified: FileTime,
}

/// Reads a file or a symlink. `None`: there is none of these. What cannot be read is told apart by its times.
pub(super) fn read(path: &Path, buffer: &mut Vec<u8>) -> Option<Seen> {
    let metadata = path.symlink_metadata().ok()?;
    if metadata.is_symlink() {
        let target = path.read_link().ok()?;
        return Some(Seen::new(hash_all(target.as_os_str().as_bytes()), &metadata, &metadata));
    }
    // Opening a pipe would wait for its other end.
    if !metadata.is_file() {
        return None;
    }
    let opened = File::open(path).and_then(|file| {
        let before = file.metadata()?;
        let fingerprint = hash_file(&file, buffer)?;
        Ok(Seen::new(fingerprint, &before, &file.metadata()?))
    });
    match opened {
        Ok(seen) => Some(seen),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            tracing::debug!("could not read {}: {error}", path.display());
            let mut times = metadata.mtime().to_le_bytes().to_vec();
            times.extend(metadata.mtime_nsec().to_le_bytes());
            let fingerprint = Fingerprint { length: metadata.len(), ..hash_all(&times) };
            Some(Seen::new(fingerprint, &metadata, &metadata))
        }
    }
}

impl From<SystemTime> for FileTime {
    fn from(time: SystemTime) -> Self {
        let since_1970 = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since_1970.as_nanos()).unwrap_or(i64::MAX))
    }
}

impl Seen {
    /// What the engine tells contents apart by.
    pub(super) fn identity(&self) -> Identity {
        self.fingerprint.identity()
    }

    fn new(fingerprint: Fingerprint, before: &Metadata, after: &Metadata) -> Self {
        Self { fingerprint, stamp: FileTime::of(before).if_settled(), modified: FileTime::of(after) }
    }
}

impl Fingerprint {
    /// Half of the hash is plenty to compare two contents of one path.
    fn identity(&self) -> Identity {
        let mut half = [0; 8];
        half.copy_from_slice(&self.hash[..8]);
        Identity::Content(u64::from_le_bytes(half))
    }
}

fn hash_all(bytes: &[u8]) -> Fingerprint {
    Fingerprint { length: bytes.len() as u64, hash: shorten(blake3::hash(bytes)) }
}

fn hash_file(mut file: &File, buffer: &mut Vec<u8>) -> std::io::Result<Fingerprint> {
    buffer.resize(64 * 1024, 0);
    let mut hasher = blake3::Hasher::new();
    let mut length = 0;
    loop {
        match file.read(buffer) {
            Ok(0) => return Ok(Fingerprint { length, hash: shorten(hasher.finalize()) }),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                length += count as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn shorten(hash: blake3::Hash) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&hash.as_bytes()[..16]);
    short
}

/// What was last seen of every path that concerns somebody.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    seen: DashMap<Box<Path>, (Fingerprint, FileTime)>,
}

impl Fingerprints {
    /// Takes over what was seen. Returns what was known before, if anything was: of all who saw the same content exactly
    /// one is told of another.
    pub(super) fn record(&self, path: &Path, seen: Seen) -> Option<Identity> {
        let new = (seen.fingerprint, seen.stamp);
        if let Some(mut known) = self.seen.get_mut(path) {
            return Some(replace(&mut known, new));
        }
        match self.seen.entry(path.into()) {
            Entry::Occupied(mut known) => Some(replace(known.get_mut(), new)),
            Entry::Vacant(free) => {
                free.insert(new);
                None
            }
        }
    }

    /// Takes over what was simply there, unless something is known already: what a walk has read may be older.
    /// False if something other was known.
    pub(super) fn record_first(&self, path: &Path, seen: Seen) -> bool {
        let known = self.seen.entry(path.into()).or_insert((seen.fingerprint, seen.stamp));
        known.0 == seen.fingerprint
    }

    /// The path is gone. Returns what was known, to exactly one of all who noticed; `None` if nothing was.
    pub(super) fn remove(&self, path: &Path) -> Option<Identity> {
        self.seen.remove(path).map(|(_, (fingerprint, _))| fingerprint.identity())
    }

    /// True if something is known of the path.
    pub(super) fn contains(&self, path: &Path) -> bool {
        self.seen.contains_key(path)
    }

    /// True when the file is certainly as it was when it was last read. Reads nothing but its time and length.
    pub(super) fn is_untouched(&self, path: &Path) -> bool {
        let Some((fingerprint, stamp)) = self.seen.get(path).map(|known| *known) else { return false };
        path.symlink_metadata()
            .is_ok_and(|metadata| FileTime::of(&metadata) == stamp && metadata.len() == fingerprint.length)
    }

    /// All known paths, in order.
    pub(super) fn paths(&self) -> Vec<Box<Path>> {
        self.paths_where(|_| true)
    }

    /// All known paths below any of these directories, in order. Goes through everything: ask once for many.
    pub(super) fn below(&self, directories: &BTreeSet<PathBuf>) -> Vec<Box<Path>> {
        self.paths_where(|path| path.ancestors().any(|ancestor| directories.contains(ancestor)))
    }

    fn paths_where(&self, is_wanted: impl Fn(&Path) -> bool) -> Vec<Box<Path>> {
        let all = self.seen.iter();
        let mut wanted: Vec<_> =
            all.filter(|known| is_wanted(known.key())).map(|known| known.key().clone()).collect();
        wanted.sort_unstable();
        wanted
    }
}

fn replace(known: &mut (Fingerprint, FileTime), new: (Fingerprint, FileTime)) -> Identity {
    std::mem::replace(known, new).0.identity()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    fn seen(text: &str) -> Seen {
        Seen { fingerprint: hash_all(text.as_bytes()), stamp: FileTime::NEVER, modified: FileTime::NEVER }
    }

    fn is_new(fingerprints: &Fingerprints, path: &Path, text: &str) -> bool {
        let seen = seen(text);
        fingerprints.record(path, seen) != Some(seen.identity())
    }

    #[test]
    fn of_two_who_see_the_same_content_exactly_one_makes_the_change() {
        let fingerprints = Fingerprints::default();
        let barrier = Barrier::new(2);
        let path = Path::new("/project/main.rs");
        let see_all = || {
            let contents = (0..2_000).map(|round| {
                barrier.wait();
                is_new(&fingerprints, path, &round.to_string())
            });
            contents.collect::<Vec<_>>()
        };
        let (one, other) = std::thread::scope(|scope| {
            let one = scope.spawn(see_all);
            let other = scope.spawn(see_all);
            (one.join().unwrap(), other.join().unwrap())
        });
        for (round, (one, other)) in one.iter().zip(&other).enumerate() {
            assert!(one ^ other, "round {round}: {one} {other}");
        }
    }

    #[test]
    fn a_content_is_new_once_and_new_again_after_it_was_gone() {
        let fingerprints = Fingerprints::default();
        let path = Path::new("/project/a");
        let record = |text: &str| is_new(&fingerprints, path, text);
        assert_eq!([record("a"), record("a"), record("b"), record("a")], [true, false, true, true]);
        assert_eq!(fingerprints.remove(path), Some(seen("a").identity()));
        assert_eq!(fingerprints.remove(path), None);
        assert!(record("a"));
    }

    #[test]
    fn what_a_walk_has_read_never_replaces_what_was_seen_since() {
        let fingerprints = Fingerprints::default();
        let path = Path::new("/project/a");
        fingerprints.record(path, seen("newer"));
        assert!(!fingerprints.record_first(path, seen("older")));
        assert!(!is_new(&fingerprints, path, "newer"));
    }

    #[test]
    fn files_and_symlinks_are_read_and_nothing_else_is() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let buffer = &mut Vec::new();
        std::fs::write(at("a"), "text").unwrap();
        std::fs::write(at("b"), "text").unwrap();
        std::fs::write(at("large"), "x".repeat(200_000)).unwrap();
        std::os::unix::fs::symlink("a", at("link")).unwrap();
        assert_eq!(read(&at("a"), buffer).unwrap().fingerprint, read(&at("b"), buffer).unwrap().fingerprint);
        assert_eq!(read(&at("large"), buffer).unwrap().fingerprint, hash_all("x".repeat(200_000).as_bytes()));
        assert_eq!(read(&at("link"), buffer).unwrap().fingerprint, hash_all(b"a"));
        assert!(read(directory.path(), buffer).is_none());
        assert!(read(&at("missing"), buffer).is_none());
    }

    #[test]
    fn only_what_is_older_than_a_tick_is_known_by_its_time() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        std::fs::write(&path, "text").unwrap();
        let fingerprints = Fingerprints::default();
        let just_written = read(&path, &mut Vec::new()).unwrap();
        fingerprints.record(&path, just_written);
        assert!(!fingerprints.is_untouched(&path), "another write may have the same time");
        fingerprints.record(&path, Seen { stamp: just_written.modified, ..just_written });
        assert!(fingerprints.is_untouched(&path));
    }
}
