//! Where a crash is shown.

use super::*;

#[tokio::test]
async fn a_rust_panic_is_shown_in_the_source() {
    let source = "mod shop;\nfn main() {\n    shop::open(7);\n}\n";
    let shop = "pub fn open(n: usize) -> u8 {\n    vec![1, 2][n]\n}\n";
    for backtrace in ["0", "1"] {
        let project = Project::new("rustc -g src/main.rs -o app 2>/dev/null && exec ./app")
            .file("src/main.rs", source)
            .file("src/shop.rs", shop)
            .env("RUST_BACKTRACE", backtrace);
        let ended = project.run().await;
        let message = "panicked: index out of bounds: the len is 2 but the index is 7";
        assert_eq!(ended.crash(&project.root()), ("src/shop.rs:2".into(), message.into()));
        assert_eq!(ended.problems[0].related.len(), usize::from(backtrace == "1"), "{ended:?}");
    }
}

#[tokio::test]
async fn a_python_exception_is_shown_in_the_source() {
    let project = Project::new("python3 app.py")
        .file("app.py", "import lib\nlib.load('x')\n")
        .file("lib.py", "import json\ndef load(n):\n    return json.loads(n)\n");
    let (place, message) = project.run().await.crash(&project.root());
    assert_eq!(place, "lib.py:3");
    assert!(message.starts_with("json.decoder.JSONDecodeError: Expecting value"), "{message}");
    let project = project.file("lib.py", "def load(:\n");
    assert_eq!(project.run().await.crash(&project.root()).0, "lib.py:1");
}

#[tokio::test]
async fn a_node_error_is_shown_in_the_source() {
    if !has("node") {
        return;
    }
    let project = Project::new("node app.mjs")
        .file("app.mjs", "import { load } from './lib.mjs'\nload(null)\n")
        .file("lib.mjs", "\nexport const load = (x) => x.name\n");
    let (place, message) = project.run().await.crash(&project.root());
    assert_eq!(place, "lib.mjs:2");
    assert!(message.starts_with("TypeError: "), "{message}");
    let project = project.file("lib.mjs", "export const load = ;\n");
    assert_eq!(project.run().await.crash(&project.root()).0, "lib.mjs:1");
}

#[tokio::test]
async fn a_go_panic_is_shown_in_the_source() {
    if !has("go") {
        return;
    }
    let project = Project::new("go run main.go")
        .file("main.go", "package main\n\nfunc main() {\n\tvar m map[int]int\n\tm[1] = 1\n}\n");
    let (place, message) = project.run().await.crash(&project.root());
    assert_eq!((place.as_str(), message.as_str()), ("main.go:5", "panic: assignment to entry in nil map"));
}
