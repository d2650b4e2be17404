//! Rules of ninja with the dependencies that the compiler found.

use super::*;

const RULES: &str = "\
include rules.ninja
build build/main.o: cc src/main.c
build build/util.o: cc src/util.c | schema.txt
build build/app: link build/main.o build/util.o
default build/app
";

const CC: &str = "\
rule cc
  command = cc -MD -MF $out.d -c $in -o $out
  depfile = $out.d
  deps = gcc
rule link
  command = cc $in -o $out
";

#[tokio::test]
#[ignore = "needs ninja: tests/run runs it"]
async fn what_ninja_reads_counts_and_its_neighbors_do_not() {
    let project = Project::of(&[
        ("build.ninja", RULES),
        ("rules.ninja", CC),
        ("src/main.c", "#include \"util.h\"\nint main(void) { return util(); }\n"),
        (
            "src/util.c",
            "#include \"util.h\"\n#include <stdio.h>\nint util(void) { return puts(\"\") < 0; }\n",
        ),
        ("src/util.h", "int util(void);\n"),
        ("src/unused.h", "unused"),
        ("schema.txt", "schema"),
        ("notes.txt", "notes"),
        (".gitignore", "build\n.ninja*\n"),
        ("reload.toml", &api("ninja")),
    ]);
    let header = project.path("src/util.h");
    let mut story = Story::begin(project, "ninja", &header).await;
    let path = |name: &str| story.project.path(name);
    let (unused, notes) = (path("src/unused.h"), path("notes.txt"));
    let changes = [
        (header.clone(), "int util(void);\nint more(void);\n"),
        (path("schema.txt"), "another"),
        (path("src/new.c"), "int new;\n"),
        (path("rules.ninja"), &CC.replace("cc -MD", "cc -O1 -MD")),
    ];
    for (changed, text) in changes {
        story.only(&[&unused, &notes], &changed, text).await;
    }
    story.end().await;
}
