//! Ways in which real programs put a new content in the place of `note.txt`: each is one change, one generation and one
//! build, whether the editor says that it was saved or not, and whenever it says so.
//!
//! What every machine has runs with `cargo test`; what needs more is ignored there, named after the program it needs, and
//! run by `tests/run`, which installs that program.

use std::time::Duration;

use serde_json::json;
use tokio::process::Command;

use crate::support::client::{Client, LIMIT, uri};
use crate::support::page::{printed, ready, service};
use crate::support::project::Project;

/// When the editor says that `note.txt` was saved.
#[derive(Debug, Clone, Copy)]
enum Told {
    /// Not at all.
    Never,
    /// Before anything was written. Then nothing is new, and it is the disk that counts.
    Before,
    /// As soon as the new content is there, while the program may still tidy up.
    Between,
    /// When the program has ended.
    After,
    /// When the new version serves.
    Late,
}

/// Defines a test for each way: its name, and a shell script that gives `note.txt` the content `$1`.
macro_rules! ways {
    ($($(#[$attribute:meta])* $name:ident: $script:literal,)*) => {$(
        #[tokio::test]
        $(#[$attribute])*
        async fn $name() {
            assert_one_change($script).await;
        }
    )*};
}

ways! {
    sh_writes_in_place: "echo $1 > note.txt",
    sh_writes_in_small_pieces: "echo $1 | dd of=note.txt bs=1",
    sh_empties_and_then_writes: ": > note.txt; echo $1 > note.txt",
    sh_removes_and_writes_anew: "rm note.txt; echo $1 > note.txt",
    sh_copies_over: "echo $1 > ../new; cp ../new note.txt",
    sh_moves_into_place: "echo $1 > .note.new; mv .note.new note.txt",
    sh_moves_into_place_from_elsewhere: "echo $1 > ../new; mv ../new note.txt",
    sh_keeps_a_backup: "mv note.txt note.txt~; echo $1 > note.txt; rm note.txt~",
    sh_swaps_in_a_hard_link: "echo $1 > .new; ln .new .link; mv -f .link note.txt; rm .new",
    sh_forces_a_hard_link: "rm -f ../new; echo $1 > ../new; ln -f ../new note.txt",
    sh_keeps_the_old_file_as_jetbrains_do:
        "echo $1 > note.txt___jb_tmp___; mv note.txt note.txt___jb_old___
         mv note.txt___jb_tmp___ note.txt; rm note.txt___jb_old___",
    sed_edits_in_place: "sed -i s/.*/$1/ note.txt",
    sed_edits_in_place_with_a_backup: "sed -i.bak s/.*/$1/ note.txt",
    #[ignore = "needs git"]
    git_checks_out_a_file:
        "git init -q; blob=$(echo $1 | git hash-object -w --stdin)
         git update-index --add --cacheinfo 100644,$blob,note.txt; git checkout -q -- note.txt",
    #[ignore = "needs git"]
    git_checks_out_a_commit:
        "git init -q; git add note.txt; git commit -qm old --allow-empty
         blob=$(echo $1 | git hash-object -w --stdin)
         tree=$(printf '100644 blob %s\\tnote.txt\\n' $blob | git mktree)
         git checkout -q $(git commit-tree -p HEAD -m new $tree)",
    #[ignore = "needs git"]
    git_applies_a_patch:
        "printf -- '--- a/note.txt\\n+++ b/note.txt\\n@@ -1 +1 @@\\n-%s\\n+%s\\n' $(cat note.txt) $1 | git apply -",
    #[ignore = "needs vim"]
    vim_as_it_comes: "vim -u NONE -i NONE -es +%s/.*/$1/ +wq note.txt",
    #[ignore = "needs vim"]
    vim_renames_the_old_file: "vim -u NONE -i NONE -es '+set backupcopy=no' +%s/.*/$1/ +wq note.txt",
    #[ignore = "needs vim"]
    vim_copies_the_old_file: "vim -u NONE -i NONE -es '+set backupcopy=yes' +%s/.*/$1/ +wq note.txt",
    #[ignore = "needs vim"]
    vim_keeps_the_backup: "vim -u NONE -i NONE -es '+set backup backupext=.bak' +%s/.*/$1/ +wq note.txt",
    #[ignore = "needs vim"]
    vim_without_a_backup: "vim -u NONE -i NONE -es '+set nowritebackup' +%s/.*/$1/ +wq note.txt",
    #[ignore = "needs nvim"]
    nvim_as_it_comes: "nvim -u NONE -i NONE --headless +%s/.*/$1/ +wq note.txt",
    #[ignore = "needs nvim"]
    nvim_renames_the_old_file: "nvim -u NONE -i NONE --headless '+set backupcopy=no' +%s/.*/$1/ +wq note.txt",
    #[ignore = "needs nvim"]
    nvim_copies_the_old_file: "nvim -u NONE -i NONE --headless '+set backupcopy=yes' +%s/.*/$1/ +wq note.txt",
    #[ignore = "needs emacs"]
    emacs_as_it_comes:
        "emacs -Q --batch note.txt --eval \"(progn (erase-buffer) (insert \\\"$1\\n\\\") (save-buffer))\"",
    #[ignore = "needs emacs"]
    emacs_copies_the_old_file:
        "emacs -Q --batch note.txt --eval \"(setq backup-by-copying t)\" \
         --eval \"(progn (erase-buffer) (insert \\\"$1\\n\\\") (save-buffer))\"",
    #[ignore = "needs emacs"]
    emacs_is_precious:
        "emacs -Q --batch note.txt --eval \"(setq file-precious-flag t)\" \
         --eval \"(progn (erase-buffer) (insert \\\"$1\\n\\\") (save-buffer))\"",
    #[ignore = "needs rsync"]
    rsync_replaces: "mkdir -p ../from; echo $1 > ../from/note.txt; rsync -rc ../from/ .",
    #[ignore = "needs rsync"]
    rsync_writes_in_place: "mkdir -p ../from; echo $1 > ../from/note.txt; rsync -rc --inplace ../from/ .",
    #[ignore = "needs python3"]
    python3_writes_in_place: "python3 -c \"open('note.txt', 'w').write('$1\\n')\"",
    #[ignore = "needs python3"]
    python3_replaces:
        "python3 -c \"import os; open('note.new', 'w').write('$1\\n'); os.replace('note.new', 'note.txt')\"",
    #[ignore = "needs node"]
    node_writes_in_place: "node -e \"fs.writeFileSync('note.txt', '$1\\n')\"",
    #[ignore = "needs node"]
    node_truncates_and_writes_as_vs_code_does:
        "node -e \"fd = fs.openSync('note.txt', 'r+'); fs.ftruncateSync(fd); fs.writeSync(fd, '$1\\n'); \
         fs.fdatasyncSync(fd); fs.closeSync(fd)\"",
}

/// Goes through all of `Told` in one session, a new content each. That nothing else was seen is proven by a cookie: the
/// generation that follows is the cookie's alone.
async fn assert_one_change(script: &str) {
    let project = Project::note("");
    let mut client = project.open().await;
    ready(&mut client, "note", 1).await;
    let mut generation = 1;
    for told in [Told::Never, Told::Before, Told::Between, Told::After, Told::Late] {
        let content = format!("{told:?}").to_lowercase();
        if let Told::Before = told {
            client.save(&project.path("note.txt"));
            // Saves are served in order: when this one has been, so has the other.
            project.save(&client, "cookie.txt", "served");
            generation += 1;
            assert_alone(&mut client, &project, "cookie.txt", generation, told).await;
        }
        save(&project, &client, script, &content, told).await;
        generation += 1;
        assert_eq!(
            printed(&mut client, &content).await,
            generation,
            "{told:?}: of two builds this is the last"
        );
        assert_alone(&mut client, &project, "note.txt", generation, told).await;
        if let Told::Late = told {
            client.save(&project.path("note.txt"));
        }
        project.write("cookie.txt", content);
        generation += 1;
        assert_alone(&mut client, &project, "cookie.txt", generation, told).await;
    }
    assert_eq!(client.shutdown().await, Some(0));
    assert_eq!(project.read("builds").lines().count().to_string(), generation.to_string());
}

/// Waits for a generation, and looks at what it is for. One that is younger is one too many.
async fn assert_alone(client: &mut Client, project: &Project, file: &str, generation: u64, told: Told) {
    let note = service(client, "note", |note| {
        note["state"] == "ready" && note["run"]["generation"].as_u64() >= Some(generation)
    });
    let note = note.await;
    let found = [&note["run"]["generation"], &note["trigger"]["files"], &note["trigger"]["count"]];
    let wanted = [&json!(generation), &json!([uri(&project.path(file))]), &json!(1)];
    assert_eq!(found, wanted, "{told:?}");
}

/// Runs the script, and tells of it.
async fn save(project: &Project, client: &Client, script: &str, content: &str, told: Told) {
    let note = project.path("note.txt");
    let program = Command::new("sh")
        .args(["-e", "-c", script, "sh", content])
        .current_dir(project.root())
        .env("HOME", project.beside(""))
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")])
        .envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@b")])
        .envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@b")])
        .kill_on_drop(true)
        .output();
    let mut is_told = !matches!(told, Told::Between);
    let is_there = || std::fs::read_to_string(&note).is_ok_and(|text| text.trim_end() == content);
    let tell = async {
        // There is no event for that, so this looks again.
        let mut again = tokio::time::interval(Duration::from_millis(1));
        loop {
            again.tick().await;
            if !is_told && is_there() {
                client.save(&note);
                is_told = true;
            }
        }
    };
    let ended = async {
        tokio::select! { output = program => output, () = tell => unreachable!("it looks for ever") }
    };
    let output = tokio::time::timeout(LIMIT, ended).await.expect("the program ends").unwrap();
    assert!(output.status.success() && is_there(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
    if matches!(told, Told::After) || !is_told {
        client.save(&note);
    }
}
