//! A Makefile whose compiler writes dependency files.

use super::*;

const MAKEFILE: &str = "\
OBJECTS := build/main.o build/util.o
include config.mk

.PHONY: all
all: build/app assets.txt

build/app: $(OBJECTS)
\t$(CC) -o $@ $^

build/%.o: src/%.c | build
\t$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

build:
\tmkdir -p build

assets.txt: logo.txt
\tcp $< $@

-include $(OBJECTS:.o=.d)
";

fn project(build: &str) -> Project {
    Project::of(&[
        ("Makefile", MAKEFILE),
        ("config.mk", "CFLAGS := -O0\n"),
        ("src/main.c", "#include \"util.h\"\nint main(void) { return util(); }\n"),
        (
            "src/util.c",
            "#include \"util.h\"\n#include <stdio.h>\nint util(void) { return puts(\"\") < 0; }\n",
        ),
        ("src/util.h", "int util(void);\n"),
        ("src/unused.c", "unused"),
        ("src/unused.h", "unused"),
        ("logo.txt", "logo"),
        ("notes.txt", "notes"),
        (".gitignore", "build\nassets.txt\n"),
        ("reload.toml", &api(build)),
    ])
}

#[tokio::test]
async fn what_make_reads_counts_and_its_neighbors_do_not() {
    let project = project("make");
    let header = project.path("src/util.h");
    let mut story = Story::begin(project, "make", &header).await;
    let path = |name: &str| story.project.path(name);
    let (unused, unused_header, notes) = (path("src/unused.c"), path("src/unused.h"), path("notes.txt"));
    let unread = [&*unused, &*unused_header, &*notes];
    let changes = [
        (header.clone(), "int util(void);\nint more(void);\n"),
        (path("src/util.c"), "#include \"util.h\"\nint util(void) { return 1; }\n"),
        (path("logo.txt"), "another logo"),
        (path("config.mk"), "CFLAGS := -O1\n"),
        (path("src/new.h"), "int new(void);\n"),
        (path("src/main.c"), "#include \"new.h\"\n#include \"util.h\"\nint main(void) { return 0; }\n"),
    ];
    for (changed, text) in changes {
        story.only(&unread, &changed, text).await;
    }
    let new = story.project.path("src/new.h");
    story.explained(&new, "read by the build (make)").await;
    story.end().await;
}

#[tokio::test]
async fn a_goal_that_always_runs_is_as_good_as_its_commands() {
    let project = project("make -s program && cp build/app {out}");
    let text = project.read("Makefile")
        + "\n.PHONY: program\nprogram: build/app\n\t@echo made; generate < notes.txt || true\n";
    project.write("Makefile", text);
    let mut client = project.open().await;
    service(&mut client, "api", |api| api["build"]["phase"] == "passed").await;
    let main = project.path("src/main.c");
    let mut story = Story { project, client, generation: 1, by: "make" };
    story.explained(&main, "read by the build (make)").await;
    // Nobody knows what `generate` reads: the guess holds beside the list.
    let notes = story.project.path("notes.txt");
    story.explained(&notes, "default for any project `watch` `**`").await;
    story.only(&[], &notes, "more notes").await;
    story.end().await;
}
