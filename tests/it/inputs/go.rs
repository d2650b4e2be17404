//! A workspace of Go with embedded files, cgo, a module in the workspace and one that is replaced by a directory.

use super::*;

fn project() -> Project {
    let project = Project::of(&[
        ("go.work", "go 1.21\n\nuse (\n\t.\n\t../worked\n)\n"),
        (
            "go.mod",
            "module example.com/app\n\ngo 1.21\n\nrequire example.com/replaced v0.0.0\n\n\
             replace example.com/replaced => ../replaced\n",
        ),
        (
            "cmd/api/main.go",
            "package main\n\nimport (\n\t\"example.com/app/fast\"\n\t\"example.com/app/web\"\n\t\"example.com/replaced\"\n\t\
             \"example.com/worked\"\n)\n\nfunc main() { println(fast.Two(), web.Page, replaced.One, worked.One) }\n",
        ),
        ("cmd/api/main_windows.go", "package main\n"),
        ("cmd/api/main_test.go", "package main\n"),
        ("cmd/other/main.go", "package main\n\nfunc main() {}\n"),
        (
            "web/web.go",
            "package web\n\nimport _ \"embed\"\nimport \"embed\"\n\n//go:embed page.svg\nvar Page string\n\n//go:embed static\nvar All embed.FS\n",
        ),
        ("web/page.svg", "<svg/>"),
        ("web/unread.svg", "<svg/>"),
        ("web/static/a.css", "a {}"),
        (
            "fast/fast.go",
            "package fast\n\n// #include \"fast.h\"\nimport \"C\"\n\nfunc Two() int { return int(C.two()) }\n",
        ),
        ("fast/fast.c", "#include \"fast.h\"\nint two(void) { return 2; }\n"),
        ("fast/fast.h", "int two(void);\n"),
        (
            "reload.toml",
            &(api("go build -tags fast -o {out} ./cmd/api")
                + "env = { GOTOOLCHAIN = \"local\", GOFLAGS = \"-buildvcs=false\", CGO_ENABLED = \"1\" }\n"),
        ),
    ]);
    for name in ["replaced", "worked"] {
        let module = project.beside(name);
        std::fs::create_dir_all(&module).unwrap();
        std::fs::write(module.join("go.mod"), format!("module example.com/{name}\n\ngo 1.21\n")).unwrap();
        std::fs::write(module.join("one.go"), format!("package {name}\n\nconst One = 1\n")).unwrap();
        std::fs::write(module.join("one_windows.go"), format!("package {name}\n")).unwrap();
    }
    project
}

#[tokio::test]
#[ignore = "needs Go: tests/run runs it"]
async fn what_go_reads_counts_and_its_neighbors_do_not() {
    let project = project();
    let main = project.path("cmd/api/main.go");
    let mut story = Story::begin(project, "go list", &main).await;
    let path = |name: &str| story.project.path(name);
    let (replaced, worked) = (story.project.beside("replaced"), story.project.beside("worked"));
    let (windows, other, picture) =
        (path("cmd/api/main_windows.go"), path("cmd/other/main.go"), path("web/unread.svg"));
    let elsewhere = replaced.join("one_windows.go");
    let unread = [&*windows, &*other, &*picture, &*elsewhere];
    let changes = [
        (path("web/page.svg"), "<svg>2</svg>"),
        (path("web/static/a.css"), "b {}"),
        (path("web/static/deep/new.js"), "new()"),
        (path("fast/fast.c"), "#include \"fast.h\"\nint two(void) { return 3; }\n"),
        (path("fast/fast.h"), "int two(void);\nint three(void);\n"),
        (replaced.join("one.go"), "package replaced\n\nconst One = 2\n"),
        (replaced.join("new.go"), "package replaced\n\nconst Two = 2\n"),
        (worked.join("one.go"), "package worked\n\nconst One = 2\n"),
        (path("cmd/api/new.go"), "package main\n"),
        (path("go.work"), "go 1.21\n\nuse (\n\t../worked\n\t.\n)\n"),
    ];
    for (changed, text) in changes {
        story.only(&unread, &changed, text).await;
    }
    // A save of what lies elsewhere counts, too.
    std::fs::write(worked.join("one.go"), "package worked\n\nconst One = 3\n").unwrap();
    story.client.save(&worked.join("one.go"));
    story.generation += 1;
    let api = story.passed().await;
    assert_eq!(api["trigger"]["files"], json!([uri(&worked.join("one.go"))]));
    let test = story.project.path("cmd/api/main_test.go");
    story.explained(&test, "`ignore` `**/*_test.go`").await;
    story.end().await;
}

#[tokio::test]
#[ignore = "needs Go: tests/run runs it"]
async fn what_is_known_holds_while_go_cannot_tell() {
    let project = Project::of(&[
        ("go.mod", "module example.com/app\n\ngo 1.21\n"),
        (
            "main.go",
            "package main\n\nimport _ \"embed\"\nimport \"example.com/app/lib\"\n\n//go:embed page.svg\nvar Page string\n\nfunc main() { println(Page, lib.One) }\n",
        ),
        ("page.svg", "<svg/>"),
        ("other/main.go", "package main\n\nfunc main() {}\n"),
        ("lib/lib.go", "package lib\n\nconst One = 1\n"),
        ("lib/lib_windows.go", "package lib\n"),
        ("windows.txt", "package lib\n"),
        (
            "reload.toml",
            &(api("go build -o {out} . && cp -p windows.txt lib/lib_windows.go")
                + "env = { GOTOOLCHAIN = \"local\", GOFLAGS = \"-buildvcs=false\" }\n"),
        ),
    ]);
    let picture = project.path("page.svg");
    let mut story = Story::begin(project, "go list", &picture).await;
    let (other, source, windows) = (
        story.project.path("other/main.go"),
        story.project.path("windows.txt"),
        story.project.path("lib/lib_windows.go"),
    );
    let unread = "the build does not read it (go list)";
    story.explained(&other, unread).await;

    // The build passes and leaves behind what `go list` stumbles over: a file of a package for another system, of which it
    // reads nothing while the package is younger than two seconds.
    std::fs::write(&source, "broken\n").unwrap();
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
    for path in [&source, &story.project.path("lib/lib.go")] {
        std::fs::File::options().append(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }
    std::fs::write(&picture, "<svg>2</svg>").unwrap();
    story.generation += 1;
    story.passed().await;
    story.explained(&other, "default for Go `watch` `**/*.go`").await;
    story.explained(&picture, "read by the build (go list)").await;

    std::fs::write(&source, "package lib\n").unwrap();
    std::fs::write(&windows, "package lib\n").unwrap();
    story.client.save(&windows);
    story.generation += 1;
    story.passed().await;
    story.explained(&other, unread).await;
    story.end().await;
}

#[tokio::test]
#[ignore = "needs Go: tests/run runs it"]
async fn what_a_build_has_failed_by_is_tried_again_although_it_was_not_read() {
    let project = Project::of(&[
        ("go.mod", "module example.com/app\n\ngo 1.21\n"),
        ("main.go", "package main\n\nfunc main() {}\n"),
        ("main_test.go", "package main\n\nvar _ = 1\n"),
        (
            "reload.toml",
            &(api("go vet . && go build -o {out} .")
                + "env = { GOTOOLCHAIN = \"local\", GOFLAGS = \"-buildvcs=false\" }\n"),
        ),
    ]);
    let (main, test) = (project.path("main.go"), project.path("main_test.go"));
    let mut story = Story::begin(project, "go list", &main).await;
    std::fs::write(&test, "package main\n\nvar _ = nothing\n").unwrap();
    story.client.save(&test);
    story.explained(&test, "`ignore` `**/*_test.go`").await;
    std::fs::write(&main, "package main\n\nfunc main() { println() }\n").unwrap();
    story.client.save(&main);
    story.client.wait_diagnostics(&test, |found| !found.is_empty()).await;

    std::fs::write(&test, "package main\n\nvar _ = 2\n").unwrap();
    story.client.save(&test);
    story.client.wait_diagnostics(&test, <[Value]>::is_empty).await;
    story.generation = 3;
    story.passed().await;
    story.end().await;
}
