//! Traces of real programs, and where they point.

mod others;

use std::path::{Path, PathBuf};

use super::{Project, find};
use crate::engine::Problem;

/// What there is in the project at `/srv/app`.
const FILES: [&str; 25] = [
    ".venv/lib/site-packages/x.py",
    "A.cs",
    "a.c",
    "a.js",
    "app.exs",
    "app.py",
    "bad.js",
    "bad.mjs",
    "bad.py",
    "cause.mjs",
    "group.py",
    "inner.go",
    "lib.php",
    "lib.py",
    "lib/shop.rb",
    "lock.go",
    "main.go",
    "main.rb",
    "node_modules/x/index.js",
    "shop (old).js",
    "shop.go",
    "src/inner.rs",
    "src/main/java/com/acme/App.java",
    "src/main.rs",
    "src/work.rs",
];

/// A crash of a program that runs in `/srv/app/api`.
fn crash(text: &str) -> Option<Problem> {
    let real = |path: &Path| -> Option<PathBuf> {
        let path: PathBuf = path.components().filter(|part| part.as_os_str() != ".").collect();
        let inside = path.strip_prefix("/srv/app/api").ok().and_then(Path::to_str);
        let is_file = path.starts_with("/usr") || inside.is_some_and(|inside| FILES.contains(&inside));
        is_file.then_some(path)
    };
    find(text, &Project { root: Path::new("/srv/app"), dir: Path::new("/srv/app/api"), real: &real })
}

/// `tool, path:line[:column], message` and the related places, as short text.
fn short(problem: &Problem) -> (String, String, Vec<String>) {
    let place = |place: &crate::engine::Place| {
        let column = place.start.column.map_or(String::new(), |column| format!(":{column}"));
        format!("{}:{}{column}", place.path.strip_prefix("/srv/app").unwrap().display(), place.start.line)
    };
    let related = problem.related.iter();
    let related = related.map(|related| format!("{} {}", place(&related.place), related.message)).collect();
    let at = problem.place.as_ref().map_or("nowhere".to_owned(), place);
    (format!("{} {at}", problem.tool), problem.message.clone(), related)
}

#[track_caller]
fn assert_crash(text: &str, place: &str, message: &str, related: &[&str]) {
    let found = crash(text).expect("no crash was found");
    let related = related.iter().map(|text| (*text).to_owned()).collect();
    assert_eq!(short(&found), (place.to_owned(), message.to_owned(), related));
}

#[test]
fn a_go_panic_is_shown_at_the_innermost_frame_of_the_project() {
    let text = "\
hello
panic: runtime error: index out of range [5] with length 2

goroutine 1 [running]:
slices.pick(...)
\t/usr/local/go/src/slices/slices.go:12
main.(*Shop).open(0x1d314e38cf28?, {0x414752?, 0x1})
\t/srv/app/api/shop.go:7 +0x1b
main.main()
\t/srv/app/api/main.go:13 +0x85
created by main.init in goroutine 1
\t/srv/app/api/main.go:3 +0x17

goroutine 18 [select]:
main.wait()
\t/srv/app/api/wait.go:9 +0x1
exit status 2
";
    let related = ["api/main.go:13 in main.main", "api/main.go:3 created by main.init in goroutine 1"];
    let message = "panic: runtime error: index out of range [5] with length 2";
    assert_crash(text, "go api/shop.go:7", message, &related);
}

#[test]
fn the_last_of_several_go_panics_speaks() {
    let text = "\
panic: first
\tsecond line [recovered]
\tpanic: again: first
\tsecond line

goroutine 1 [running]:
panic({0x4a94a0?, 0x4cef68?})
\t/usr/local/go/src/runtime/panic.go:860 +0x13a
main.inner()
\texample.com/shop/api/inner.go:11 +0x3e
";
    assert_crash(text, "go api/inner.go:11", "panic: again: first\nsecond line", &[]);
}

#[test]
fn a_go_deadlock_is_a_crash() {
    let text = "fatal error: all goroutines are asleep - deadlock!\n\n\
goroutine 1 gp=0xc000002380 m=0 mp=0x5a4f60 [chan receive]:\nmain.main()\n\t/srv/app/api/lock.go:3 +0x25\n";
    assert_crash(text, "go api/lock.go:3", "fatal error: all goroutines are asleep - deadlock!", &[]);
}

#[test]
fn a_rust_panic_is_read_as_every_version_prints_it() {
    let place = "rust api/src/main.rs:4:18";
    let heads = [
        "thread 'main' panicked at 'it''s \"gone\", src/x.rs', api/src/main.rs:4:18\nnote: run with `RUST_BACKTRACE=1` …\n",
        "thread 'main' panicked at src/main.rs:4:18:\nit''s \"gone\", src/x.rs\nnote: run with `RUST_BACKTRACE=1` …\n",
        "\nthread '<unnamed>' (26158) panicked at src/main.rs:4:18:\nit''s \"gone\", src/x.rs\n",
    ];
    for head in heads {
        assert_crash(head, place, "panicked: it''s \"gone\", src/x.rs", &[]);
    }
    let old = "thread 'main' panicked at 'one\ntwo', src/main.rs:4:18\n";
    assert_crash(old, place, "panicked: one\ntwo", &[]);
}

#[test]
fn a_rust_backtrace_adds_the_callers() {
    let text = "
thread 'main' (25849) panicked at /rustc/59807616/library/core/src/missing.rs:271:5:
index out of bounds: the len is 2 but the index is 7
stack backtrace:
   0: __rustc::rust_begin_unwind
             at /rustc/59807616/library/std/src/panicking.rs:689:5
   6: main::inner
             at ./src/inner.rs:1:52
   7: main::main
             at ./src/main.rs:7:20
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
";
    let message = "panicked: index out of bounds: the len is 2 but the index is 7";
    assert_crash(text, "rust api/src/inner.rs:1:52", message, &["api/src/main.rs:7:20 in main::main"]);
}

#[test]
fn the_thread_that_panicked_first_is_blamed_and_not_the_one_that_joined_it() {
    let text = "
thread 'worker' (1) panicked at src/work.rs:4:10:
no value
thread 'main' (2) panicked at src/main.rs:5:18:
called `Result::unwrap()` on an `Err` value: Any { .. }
";
    assert_crash(text, "rust api/src/work.rs:4:10", "panicked: no value", &[]);
}

#[test]
fn of_chained_python_exceptions_the_last_is_shown_with_its_cause() {
    let text = r#"
Traceback (most recent call last):
  File "/srv/app/api/app.py", line 4, in main
    lib.load("x")
  File "/srv/app/api/lib.py", line 2, in load
    return {}[n]
           ~~^^^
KeyError: 'x'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "<frozen runpy>", line 88, in _run_code
  File "app.py", line 7, in <module>
    main()
  [Previous line repeated 3 more times]
  File "/srv/app/api/app.py", line 6, in main
    raise RuntimeError("could not load\nsecond line") from e
  File "/srv/app/api/.venv/lib/site-packages/x.py", line 1, in x
shop.errors.LoadError: could not load
second line
"#;
    let related = [
        "api/.venv/lib/site-packages/x.py:1 in x",
        "api/app.py:7 in <module>",
        "api/lib.py:2 in load",
        "api/app.py:4 in main",
    ];
    assert_crash(text, "python api/app.py:6", "shop.errors.LoadError: could not load\nsecond line", &related);
}

#[test]
fn a_python_syntax_error_is_shown_where_it_is() {
    let direct =
        "  File \"/srv/app/api/bad.py\", line 1\n    def f(:\n          ^\nSyntaxError: invalid syntax\n";
    assert_crash(direct, "python api/bad.py:1", "SyntaxError: invalid syntax", &[]);
    let imported = format!(
        "Traceback (most recent call last):\n  File \"/srv/app/api/app.py\", line 1, in <module>\n    import bad\n{direct}"
    );
    let related = ["api/app.py:1 in <module>"];
    assert_crash(&imported, "python api/bad.py:1", "SyntaxError: invalid syntax", &related);
}

#[test]
fn the_exceptions_in_a_python_group_are_read_behind_their_bars() {
    let text = r#"
  + Exception Group Traceback (most recent call last):
  |   File "/srv/app/api/group.py", line 8, in <module>
  |     g()
  | ExceptionGroup: many (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/app/api/group.py", line 4, in <lambda>
    |     for h in (f, lambda: 1/0):
    |                          ~^~
    | ZeroDivisionError: division by zero
    +------------------------------------
"#;
    assert_crash(text, "python api/group.py:4", "ZeroDivisionError: division by zero", &[]);
}

#[test]
fn a_node_error_is_shown_in_the_persons_own_code() {
    let text = "\
/srv/app/api/node_modules/x/index.js:1
exports.load = (x) => x.name;
                        ^

TypeError: Cannot read properties of null (reading 'name')
    at exports.load (/srv/app/api/node_modules/x/index.js:1:25)
    at async main (file:///srv/app/api/a.js:2:21)
    at new Shop (/srv/app/api/shop (old).js:3:1)
    at node:internal/main/run_main_module:28:49

Node.js v20.20.2
npm ERR! code ELIFECYCLE
";
    let related = ["api/node_modules/x/index.js:1:25 in exports.load", "api/shop (old).js:3:1 in new Shop"];
    let message = "TypeError: Cannot read properties of null (reading 'name')";
    assert_crash(text, "node api/a.js:2:21", message, &related);
}

#[test]
fn a_node_syntax_error_is_shown_where_its_head_says() {
    let text = "\
file:///srv/app/api/bad.mjs:3
export const x = ;
                 ^

SyntaxError: Unexpected token ';'
    at compileSourceTextModule (node:internal/modules/esm/utils:346:16)

Node.js v20.20.2
";
    assert_crash(text, "node api/bad.mjs:3:18", "SyntaxError: Unexpected token ';'", &[]);
    let text = "\
/srv/app/api/bad.js:3
\tb: 2
\t^

SyntaxError: Unexpected identifier 'b'
    at wrapSafe (node:internal/modules/cjs/loader:1464:18)
    at require (node:internal/modules/helpers:177:18)
    at Object.<anonymous> (/srv/app/api/a.js:1:1)

Node.js v20.20.2
";
    let message = "SyntaxError: Unexpected identifier 'b'";
    assert_crash(text, "node api/bad.js:3:2", message, &["api/a.js:1:1 in Object.<anonymous>"]);
}

#[test]
fn what_is_thrown_in_node_need_not_be_an_error() {
    let text = "\
/srv/app/api/a.js:7
  throw { code: 1 };
  ^
{ code: 1 }

Node.js v20.20.2
";
    assert_crash(text, "node api/a.js:7:3", "{ code: 1 }", &[]);
    let text = text.replace(
        "{ code: 1 }\n\n",
        "late\n(Use `node --trace-uncaught ...` to show where the exception was thrown)\n\n",
    );
    assert_crash(&text, "node api/a.js:7:3", "late", &[]);
}

#[test]
fn a_module_that_node_misses_is_shown_where_it_is_imported() {
    let text = "\
node:internal/modules/esm/resolve:283
    throw new ERR_MODULE_NOT_FOUND(
          ^

Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/srv/app/gone.mjs' imported from /srv/app/api/bad.mjs
    at finalizeResolution (node:internal/modules/esm/resolve:283:11) {
  code: 'ERR_MODULE_NOT_FOUND',
}
";
    let message = "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/srv/app/gone.mjs' imported from /srv/app/api/bad.mjs";
    assert_crash(text, "node api/bad.mjs:1", message, &[]);
}

#[test]
fn the_cause_and_the_fields_of_a_node_error_belong_to_it() {
    let text = "\
Error: outer
second
    at file:///srv/app/api/cause.mjs:2:37 {
  code: 'E',
  [cause]: TypeError: inner
      at f (file:///srv/app/api/cause.mjs:1:28)
}
Emitted 'error' event on Server instance at:
    at emitErrorNT (node:net:1944:8)
";
    assert_crash(text, "node api/cause.mjs:2:37", "Error: outer\nsecond", &["api/cause.mjs:1:28 in f"]);
}

#[test]
fn a_crash_outside_the_project_has_a_message_but_no_place() {
    let text = "thread 'main' panicked at /rustc/1/missing.rs:4:18:\ngone\n";
    assert_crash(text, "rust nowhere", "panicked: gone", &[]);
    assert_crash(
        "thread 'main' (7) has overflowed its stack\n",
        "rust nowhere",
        "thread 'main' (7) has overflowed its stack",
        &[],
    );
}

#[test]
fn an_error_that_was_survived_long_ago_is_not_blamed() {
    let error = "Traceback (most recent call last):\n  File \"/srv/app/api/app.py\", line 4, in main\nKeyError: 'x'\n";
    assert!(crash(error).is_some());
    assert!(crash(&format!("{error}{}", "GET / 200\n".repeat(50))).is_none());
    for log in ["panic: this is a line of a log\n", "server.go:42: listening\n", "    at home\n", ""] {
        assert_eq!(crash(log), None, "{log}");
    }
}

#[test]
fn at_most_ten_other_frames_are_shown() {
    let frames: Vec<String> = (1..30).map(|n| format!("    at f (/srv/app/api/a.js:{n}:1)\n")).collect();
    assert_eq!(crash(&format!("Error: x\n{}", frames.concat())).unwrap().related.len(), 10);
}
