//! When a list holds, and what decides beside it.

use super::*;

/// A service that is built by make out of `main.txt`, and a neighbor of that.
fn project(more: &str) -> Project {
    Project::of(&[
        ("Makefile", "build/main: main.txt\n\tmkdir -p build\n\tcp $< $@\n"),
        ("main.txt", "main"),
        ("other.txt", "other"),
        (".gitignore", "build\n"),
        ("reload.toml", &(api("make") + more)),
    ])
}

#[tokio::test]
async fn globs_of_a_person_hold_whatever_the_build_reads() {
    let project = project("watch = [\"other.txt\"]\n");
    let client = project.open().await;
    let mut story = Story { project, client, generation: 1, by: "make" };
    story.passed().await;
    let (main, other) = (story.project.path("main.txt"), story.project.path("other.txt"));
    story.explained(&main, "no `watch` glob matches").await;
    story.project.write("main.txt", "another");
    story.only(&[], &other, "another").await;
    story.explained(&main, "no `watch` glob matches").await;
    story.end().await;
}

#[tokio::test]
async fn rules_and_what_is_ignored_win_over_the_list() {
    let more =
        "ignore = [\"main.txt\"]\n[[services.api.rules]]\npaths = [\"Makefile\"]\naction = \"ignore\"\n";
    let project = project(more);
    project
        .write("Makefile", project.read("Makefile").replace("main.txt", "main.txt part.txt generated.txt"));
    project.write("part.txt", "part");
    project.write("generated.txt", "generated");
    project.write(".gitignore", "build\ngenerated.txt\n");
    let part = project.path("part.txt");
    let mut story = Story::begin(project, "make", &part).await;
    let path = |name: &str| story.project.path(name);
    let (main, makefile, generated) = (path("main.txt"), path("Makefile"), path("generated.txt"));
    story.explained(&main, "`ignore` `main.txt`").await;
    story.explained(&makefile, "rules[0] `Makefile`").await;
    story.explained(&generated, ".gitignore:2 `generated.txt`, although the build reads it").await;
    for path in [&main, &makefile, &generated] {
        let text = std::fs::read_to_string(path).unwrap() + "\n";
        std::fs::write(path, text).unwrap();
    }
    story.only(&[], &part, "another").await;
    story.end().await;
}

#[tokio::test]
async fn what_is_modified_while_the_build_reads_it_for_the_first_time_is_not_lost() {
    let project = project("");
    // It has read the file by the time that it waits. What it made is old, for make to tell it from what is modified in the
    // same tick of the file system's clock.
    let text = "build/main: main.txt sub/new.dat Makefile\n\tmkdir -p build\n\tcat main.txt sub/new.dat > $@\n\ttouch -t 200001010000 $@\n\techo read > read; while [ ! -e go ]; do :; done\n";
    project.write("sub/new.dat", "one");
    project.write("reload.toml", project.read("reload.toml") + "ignore = [\"read\", \"go\"]\n");
    let main = project.path("main.txt");
    let mut story = Story::begin(project, "make", &main).await;
    let new = story.project.path("sub/new.dat");
    story.explained(&new, "the build does not read it (make)").await;
    story.project.save(&story.client, "Makefile", text);
    story.project.written("read").await;
    story.project.save(&story.client, "sub/new.dat", "two");
    story.project.write("go", "");
    story.generation = 3;
    let api = story.passed().await;
    assert_eq!(api["trigger"]["files"], json!([uri(&new)]));
    assert_eq!(story.project.read("build/main"), "maintwo");
    story.end().await;
}
