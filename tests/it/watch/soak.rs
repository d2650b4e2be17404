//! Random operations for some seconds: in the end, what was reported is what is there.

use std::collections::BTreeMap;

use super::*;

/// A small generator of the same sequence every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

fn do_anything(root: &Path, dice: &mut Dice, round: usize) {
    const DIRECTORIES: [&str; 5] = ["", "a", "a/b", "c", "c/d"];
    let directory = root.join(DIRECTORIES[dice.roll(5)]);
    let file = directory.join(format!("{}.go", dice.roll(4)));
    let other = root.join(DIRECTORIES[dice.roll(5)]).join(format!("{}.go", dice.roll(4)));
    let content = format!("{round}");
    // Whatever does not work at the moment is left out.
    let _ = match dice.roll(12) {
        0..4 => fs::write(&file, content),
        4..6 => {
            fs::write(root.join("scratch"), content).and_then(|()| fs::rename(root.join("scratch"), &file))
        }
        6 => fs::remove_file(&file),
        7 => fs::rename(&file, &other),
        8 => fs::create_dir_all(root.join("a/b")).and_then(|()| fs::create_dir_all(root.join("c/d"))),
        9 => fs::rename(root.join("a"), root.join("c/moved"))
            .and_then(|()| fs::rename(root.join("c/moved"), root.join("a"))),
        10 => fs::rename(root.join("c"), root.join("e")).and_then(|()| fs::create_dir(root.join("c"))),
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

#[tokio::test]
async fn after_thousands_of_random_operations_every_last_content_has_been_reported() {
    for seed in 0..8 {
        let mut project = Project::watched(&["a/b/0.go", "c/d/1.go", "2.go"], &["**/*.go"]).await;
        let mut believed = content_of_all(&project.root);
        let root = project.root.clone();
        let operations = tokio::task::spawn_blocking(move || {
            let mut dice = Dice(seed);
            for round in 0..1_000 {
                do_anything(&root, &mut dice, round);
            }
        });
        let mut believe = |report: &Report| {
            if let Report::Changed(_, change) = report {
                // What is there when the report comes; if it is another thing later, there has to be another report.
                match fs::read_to_string(&change.path) {
                    Ok(content) => believed.insert(change.path.to_path_buf(), content),
                    Err(_) => believed.remove(&*change.path),
                };
            }
        };
        while !operations.is_finished() {
            let reports = &mut project.session.as_mut().unwrap().1;
            while let Ok(report) = reports.try_recv() {
                believe(&report);
            }
            tokio::task::yield_now().await;
        }
        operations.await.unwrap();
        project.cookie().await.iter().for_each(&mut believe);
        let there = content_of_all(&project.root);
        believed.retain(|path, _| !there.contains_key(path));
        // What the worker has taken note of is exactly what is there: saves of it are all `Same`.
        for path in there.keys() {
            project.handle().saves().saved(path.clone(), SaveReason::Manual);
        }
        let told = project.told().await;
        let not_seen: Vec<_> = told.iter().filter(|told| told.2 == Content::New).collect();
        assert_eq!((told.len(), not_seen), (there.len(), Vec::new()), "seed {seed}");
        // And that the others are gone: were they still known, their last content would be no change.
        for (path, content) in &believed {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let told: BTreeSet<_> = project.changed().await.into_iter().map(|path| project.path(&path)).collect();
        assert_eq!(told, believed.into_keys().collect(), "seed {seed}");
    }
}
