//! Random operations from four processes while the system drops events: in the end, what is believed is what is there.
//! `SOAK_SEED` chooses other operations, `SOAK_OPERATIONS` how many; a failure names both.

use std::collections::BTreeMap;

use super::*;

const PROCESSES: u64 = 4;
const DIRECTORIES: [&str; 6] = ["", "a", "a/b", "c", "c/d", "c/d/e"];
const QUEUE: &str = "/proc/sys/fs/inotify/max_queued_events";

/// A small generator of the same sequence every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn do_anything(root: &Path, dice: &mut Dice, round: u64) {
    let directory = root.join(DIRECTORIES[dice.roll(6)]);
    let file = directory.join(format!("{}.go", dice.roll(8)));
    let other = root.join(DIRECTORIES[dice.roll(6)]).join(format!("{}.go", dice.roll(8)));
    let scratch = root.join(format!("scratch-{}", std::process::id()));
    let content = format!("{} {round}", std::process::id());
    // Whatever does not work at the moment is left out.
    let _ = match dice.roll(20) {
        0..8 => fs::write(&file, content),
        8..11 => fs::write(&scratch, content).and_then(|()| fs::rename(&scratch, &file)),
        11 => fs::remove_file(&file),
        12 => fs::rename(&file, &other),
        13 | 14 => fs::create_dir_all(root.join("a/b")).and_then(|()| fs::create_dir_all(root.join("c/d/e"))),
        // Trees move within the root, out of it and in again, with whatever they hold.
        15 => fs::rename(root.join("a"), root.join("c/moved"))
            .and_then(|()| fs::rename(root.join("c/moved"), root.join("a"))),
        16 => fs::rename(root.join("c/d"), root.join("../outside")),
        17 => fs::rename(root.join("../outside"), root.join("c/d")),
        18 => fs::rename(root.join("c"), root.join("e")).and_then(|()| fs::create_dir(root.join("c"))),
        _ => fs::remove_dir_all(root.join("e")),
    };
}

fn content_of_all(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                directories.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "go") {
                all.insert(entry.path(), fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    all
}

/// The queue of every watcher that is opened meanwhile is this short. It belongs to the whole system, so it is not for
/// long; whoever else opens one then loses no more than we do.
struct ShortQueue;

impl ShortQueue {
    fn new(length: u32) -> Option<Self> {
        fs::write(QUEUE, length.to_string()).is_ok().then_some(Self)
    }
}

impl Drop for ShortQueue {
    fn drop(&mut self) {
        // What the kernel begins with; somebody else may just have done what we did.
        fs::write(QUEUE, "16384").unwrap();
    }
}

#[tokio::test]
async fn after_twenty_thousand_random_operations_what_is_believed_is_what_is_there() {
    let (seed, operations) = (number("SOAK_SEED", 1), number("SOAK_OPERATIONS", 20_000));
    let case = format!("SOAK_SEED={seed} SOAK_OPERATIONS={operations}");
    let short = ShortQueue::new(64);
    if short.is_none() {
        crate::support::skip("dropped events: only root can shorten the queue of events");
    }
    let mut project = Project::watched(&["a/b/0.go", "c/d/1.go", "2.go"], &["**/*.go"]).await;
    let is_short = short.is_some();
    drop(short);
    let mut believed = content_of_all(&project.root);
    let mut writers: Vec<_> = (0..PROCESSES)
        .map(|process| writer(&project.root, seed * PROCESSES + process, operations / PROCESSES))
        .collect();
    let mut walks = 0;
    let mut believe = |report: &Report| match report {
        // What is there when the report comes; if it is another thing later, there has to be another report.
        Report::Changed(_, change) => match fs::read_to_string(&change.path) {
            Ok(content) => drop(believed.insert(change.path.to_path_buf(), content)),
            Err(_) => drop(believed.remove(&*change.path)),
        },
        Report::Status(status) => walks += usize::from(!status.complete),
        Report::Configuration | Report::Root { .. } | Report::Held { .. } | Report::CaughtUp(_) => {}
    };
    while !writers.iter_mut().all(|writer| writer.try_wait().unwrap().is_some()) {
        while let Some(report) = project.try_next() {
            believe(&report);
        }
        tokio::task::yield_now().await;
    }
    assert!(writers.iter_mut().all(|writer| writer.wait().unwrap().success()), "{case}");
    // Once events were dropped, a walk goes over everything; nothing is certain before it has ended.
    project.cookie().await.iter().for_each(&mut believe);
    while !project.status.complete {
        project.complete().await.iter().for_each(&mut believe);
        project.cookie().await.iter().for_each(&mut believe);
    }
    assert!(walks > 0 || !is_short, "no event was dropped: {case}");
    let there = content_of_all(&project.root);
    // What the worker has taken note of is exactly what is there: saves of it are all `Same`.
    for path in there.keys() {
        project.handle().saves().saved(path.clone(), SaveReason::Manual);
    }
    let told = project.told().await;
    let not_seen: Vec<_> = told.iter().filter(|told| told.2 == Content::New).collect();
    assert_eq!((told.len(), not_seen), (there.len(), Vec::new()), "{case}");
    // And that the others are gone: were they still known, their last content would be no change.
    believed.retain(|path, _| !there.contains_key(path));
    for (path, content) in &believed {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let gone =
        believed.keys().map(|path| path.strip_prefix(&project.root).unwrap().to_str().unwrap().to_owned());
    project.expect(gone.collect()).await;
}

#[expect(clippy::disallowed_methods, reason = "four processes of the test's own, waited for")]
fn writer(root: &Path, seed: u64, operations: u64) -> std::process::Child {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "watch::soak::one_of_the_processes"])
        .env("SOAK_ROOT", root)
        .env("SOAK_SEED", seed.to_string())
        .env("SOAK_OPERATIONS", operations.to_string())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "run by the test above, four times at once"]
fn one_of_the_processes() {
    let root = PathBuf::from(std::env::var_os("SOAK_ROOT").unwrap());
    let mut dice = Dice(number("SOAK_SEED", 1));
    for round in 0..number("SOAK_OPERATIONS", 1) {
        do_anything(&root, &mut dice, round);
    }
}
