//! Real programs in several languages that crash: the line is shown, and nothing of it is left after the repair.
//!
//! Each is ignored by `cargo test`, named after the program it needs, and run by `tests/run`, which installs that program.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use crate::support::page::{ready, service};
use crate::support::project::Project;

/// A service of one file. With `CRASH` in the place of `GOOD` it crashes in an inner function.
struct Language {
    file: &'static str,
    build: Option<&'static str>,
    run: &'static str,
    text: &'static str,
    good: &'static str,
    crash: &'static str,
    /// Part of what is said of it.
    message: &'static str,
}

async fn assert_crash_is_shown_until_it_is_repaired(language: &Language) {
    let build = language.build.map_or(String::new(), |build| format!("build = \"{build}\"\n"));
    let toml = format!(
        "[services.note]\n{build}run = \"{}\"\nwatch = [\"{}\"]\nready = {{ log = \"^ready\" }}\non_crash = \"wait\"\n",
        language.run, language.file
    );
    let text = |body: &str| language.text.replace("BODY", body);
    let project = Project::of(&[(language.file, &text(language.good)), ("reload.toml", &toml)]);
    let file = project.path(language.file);
    let mut client = project.open().await;
    ready(&mut client, "note", 1).await;

    project.save(&client, language.file, &text(language.crash));
    service(&mut client, "note", |note| note["state"] == "crashed").await;
    let shown = client.wait_diagnostics(&file, |shown| !shown.is_empty()).await;
    let line = text(language.crash).lines().position(|line| line.contains(language.crash)).unwrap();
    assert_eq!(shown.len(), 1, "{shown:#?}");
    assert_eq!(shown[0]["range"]["start"]["line"], line, "{shown:#?}");
    assert!(shown[0]["message"].as_str().is_some_and(|text| text.contains(language.message)), "{shown:#?}");

    project.save(&client, language.file, &text(language.good));
    client.wait_diagnostics(&file, <[_]>::is_empty).await;
    ready(&mut client, "note", 3).await;
    assert_eq!(client.shutdown().await, Some(0));
}

/// Defines a test for each language.
macro_rules! languages {
    ($($name:ident: $language:expr,)*) => {$(
        #[tokio::test]
        #[ignore = "needs the program that it is named after"]
        async fn $name() {
            assert_crash_is_shown_until_it_is_repaired(&$language).await;
        }
    )*};
}

languages! {
    go_crashes: Language {
        file: "main.go",
        build: Some("go build -o {out} main.go"),
        run: "{out}",
        text: "package main\n\nimport (\n\t\"fmt\"\n\t\"time\"\n)\n\nfunc inner(list []int) int {\n\tBODY\n}\n\nfunc main() {\n\t\
               fmt.Println(inner([]int{1}))\n\tfmt.Println(\"ready\")\n\ttime.Sleep(time.Hour)\n}\n",
        good: "return list[len(list)-1]",
        crash: "return list[len(list)]",
        message: "index out of range",
    },
    python3_crashes: Language {
        file: "main.py",
        build: None,
        run: "python3 -u main.py",
        text: "import time\n\ndef inner(x):\n    BODY\n\ninner({'a': 1})\nprint('ready')\ntime.sleep(3600)\n",
        good: "return x['a']",
        crash: "return x['b']",
        message: "KeyError: 'b'",
    },
    node_crashes: Language {
        file: "main.js",
        build: None,
        run: "node main.js",
        text: "function inner(x) {\n  BODY\n}\ninner({ a: () => 1 });\nconsole.log('ready');\nsetInterval(() => {}, 1000);\n",
        good: "return x.a();",
        crash: "return x.b();",
        message: "x.b is not a function",
    },
    java_crashes: Language {
        file: "Main.java",
        build: None,
        run: "java Main.java",
        text: "class Main {\n    static int inner(String x) {\n        BODY\n    }\n\n    public static void main(String[] args) throws \
               Exception {\n        inner(\"1\");\n        System.out.println(\"ready\");\n        Thread.sleep(3600000);\n    }\n}\n",
        good: "return Integer.parseInt(x);",
        crash: "return Integer.parseInt(x + \"x\");",
        message: "NumberFormatException",
    },
    ruby_crashes: Language {
        file: "main.rb",
        build: None,
        run: "ruby main.rb",
        text: "$stdout.sync = true\ndef inner(x)\n  BODY\nend\ninner({ a: 1 })\nputs 'ready'\nsleep\n",
        good: "x.fetch(:a)",
        crash: "x.fetch(:b)",
        message: "key not found: :b",
    },
}
