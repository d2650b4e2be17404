//! Projects without a file, and services without `watch`.

use reload_lsp::config;
use reload_lsp::engine::Action;

use super::{Project, shell};

const ROOT_MAIN: (&str, &str) = ("src/main.rs", "fn main() {}");

/// Files, the name of the service, its build and its run.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, Option<&'a str>, &'a str);

#[test]
fn a_project_without_a_file_is_guessed() {
    let package = "[package]\nname = \"shop\"\n";
    let cases: &[Case] = &[
        (&[("Cargo.toml", package), ROOT_MAIN], "shop", Some("cargo build"), "{exe}"),
        (
            &[
                ("Cargo.toml", "[package]\nname = \"shop\"\ndefault-run = \"web\"\n"),
                ROOT_MAIN,
                ("src/bin/web.rs", "fn main() {}"),
            ],
            "web",
            Some("cargo build --bin web"),
            "{exe}",
        ),
        (
            &[
                ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"),
                ("crates/core/Cargo.toml", "[package]\nname = \"core\"\n"),
                ("crates/core/src/lib.rs", ""),
                (
                    "crates/web/Cargo.toml",
                    "[package]\nname = \"web\"\n[[bin]]\nname = \"serve\"\npath = \"src/main.rs\"\n",
                ),
                ("crates/web/src/main.rs", "fn main() {}"),
            ],
            "serve",
            Some("cargo build -p web --bin serve"),
            "{exe}",
        ),
        (
            &[("go.mod", "module example.com/shop/v2\n"), ("main.go", "package main // x\n")],
            "shop",
            Some("go build -o {out} ."),
            "{out}",
        ),
        (
            &[
                ("go.mod", "module example.com/shop\n"),
                ("shop.go", "package shop\n"),
                ("gen.go", "//go:build ignore\n\npackage main\n"),
                ("cmd/api/main.go", "package main\n"),
                ("cmd/internal/x.go", "package internal\n"),
            ],
            "api",
            Some("go build -o {out} ./cmd/api"),
            "{out}",
        ),
        (
            &[("package.json", r#"{"name": "@me/web", "scripts": {"start": "node server.js"}}"#)],
            "web",
            None,
            "node server.js",
        ),
        (
            &[
                ("package.json", r#"{"scripts": {"dev": "tsx src/index.ts", "start": "node ."}}"#),
                ("yarn.lock", ""),
            ],
            "shop",
            None,
            "yarn run dev",
        ),
        (
            &[
                ("package.json", r#"{"scripts": {"dev": "nodemon x", "start": "node dist/x.js"}}"#),
                ("tsconfig.json", "{}"),
            ],
            "shop",
            Some("npx tsc"),
            "node dist/x.js",
        ),
        (
            &[("package.json", r#"{"main": "dist/index.js"}"#), ("tsconfig.json", "{}")],
            "shop",
            Some("npx tsc"),
            "node dist/index.js",
        ),
        (&[("manage.py", "")], "shop", None, "python3 manage.py runserver --noreload"),
        (
            &[
                ("pyproject.toml", "[project]\nname = \"my.app\"\n"),
                ("main.py", ""),
                (".venv/bin/python", ""),
            ],
            "my.app",
            None,
            ".venv/bin/python main.py",
        ),
        (&[("app.py", "")], "shop", None, "python3 app.py"),
    ];
    for (files, name, build, run) in cases {
        let project = Project::new(files);
        let config = project.load().unwrap_or_else(|problems| panic!("{files:?}: {problems:?}"));
        let [service] = config.services.as_slice() else { panic!("one service") };
        assert_eq!(service.name.as_str(), *name, "{files:?}");
        assert_eq!((&service.build, &service.run), (&build.map(shell), &Some(shell(run))), "{files:?}");
        assert_eq!(config.file, None);

        // What `init` writes down is the same plan.
        project.write("reload.toml", &config::init(&project.root).unwrap());
        let written = project.load().unwrap();
        assert_eq!((&written.services[0].build, &written.services[0].run), (&service.build, &service.run));
        assert_eq!(written.services[0].env, service.env);
        assert!(config::init(&project.root).unwrap_err().to_string().contains("is there already"));
    }
}

#[test]
fn what_cant_be_guessed_says_what_to_write() {
    let package = "[package]\nname = \"shop\"\n";
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("notes.txt", "")], "`[services.app]`"),
        (
            &[("Cargo.toml", package), ("src/bin/a.rs", ""), ("src/bin/b.rs", "")],
            "`build = \"cargo build --bin a\"`",
        ),
        (&[("Cargo.toml", package), ("src/lib.rs", "")], "`build = \"cargo test\"`"),
        (&[("Cargo.toml", "[")], "`cargo metadata`"),
        (&[("go.mod", "module x\n"), ("x.go", "package x\n")], "go build -o {out}"),
        (
            &[("go.mod", "module x\n"), ("cmd/a/a.go", "package main\n"), ("cmd/b/b.go", "package main\n")],
            "`build = \"go build -o {out} ./cmd/a\"`",
        ),
        (&[("package.json", "{}")], "add a `start` script"),
        (&[("package.json", "{")], "correct package.json"),
        (&[("pyproject.toml", "")], "`run = \"python3 -m package\"`"),
    ];
    for (files, remedy) in cases {
        let problems = Project::new(files).load().unwrap_err();
        let [problem] = problems.as_slice() else { panic!("{files:?}: {problems:?}") };
        assert!(problem.help.as_ref().unwrap().contains(remedy), "{files:?}: {problem}");
    }
}

#[test]
fn what_is_watched_by_default_fits_the_kind_of_project_and_its_folder() {
    let project = Project::new(&[
        ("reload.toml", ""),
        ("api/go.mod", ""),
        ("api/cmd/api/main.go", ""),
        ("web/package.json", ""),
        ("web/tsconfig.json", ""),
        ("other/x", ""),
    ]);
    let check = |service: &str, glob: &str, origin: &str, action: Action| {
        project.write("reload.toml", &format!("[services.a]\n{service}\n"));
        let config = project.load().unwrap_or_else(|problems| panic!("{}", project.told(&problems)));
        let interest = &config.services[0].interest;
        assert!(interest.watch.iter().any(|watched| watched == glob), "{service}: {:?}", interest.watch);
        assert_eq!((interest.origin.as_str(), interest.action), (origin, action), "{service}");
    };
    check("dir = \"api/cmd/api\"\nbuild = \"make\"", "api/**/*.go", "default for Go", Action::Rebuild);
    check(
        "dir = \"web\"\nrun = \"node x\"",
        "web/**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx,json}",
        "default for Node",
        Action::Restart,
    );
    check(
        "dir = \"web\"\nbuild = \"npx tsc\"\nrun = \"node x\"",
        "web/**/*.{ts,mts,cts,tsx}",
        "default for TypeScript",
        Action::Rebuild,
    );
    check(
        "build = \"RUSTFLAGS=x cargo build\"\nrun = \"{exe}\"",
        "**/*.rs",
        "default for Cargo",
        Action::Rebuild,
    );
    check(
        "dir = \"other\"\nrun = [\"/usr/bin/python3.12\", \"x\"]",
        "other/**/*.py",
        "default for Python",
        Action::Restart,
    );
    check("dir = \"other\"\nrun = \"./x\"", "other/**", "default for any project", Action::Restart);
    check("run = \"./x\"\nwatch = [\"a.txt\"]", "a.txt", "reload.toml:3", Action::Restart);
}
