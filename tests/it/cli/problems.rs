//! `reload-lsp problems`: what a build printed, on stdin, and what people and programs get of it.

use serde_json::{Value, json};

use super::folder::Folder;

/// The file that the log below is of. Behind the tab and the emoji the columns of GCC, of bytes and of UTF-16 all differ.
const SOURCE: &str = "int main(void) {\n\tchar *é = \"😀\"; return nothing;\n}\n";

/// What GCC 12 says of it.
const LOG: &str = "\
a.c: In function ‘main’:
a.c:2:32: error: ‘nothing’ undeclared (first use in this function)
    2 |         char *é = \"😀\"; return nothing;
      |                                ^~~~~~~
a.c:2:32: note: each undeclared identifier is reported only once for each function it appears in
a.c:2:15: warning: unused variable ‘é’ [-Wunused-variable]
    2 |         char *é = \"😀\"; return nothing;
      |               ^
";

fn problems(folder: &Folder, arguments: &[&str], log: &str) -> String {
    let output = folder.piped(&[&["problems"], arguments].concat(), log);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn with_source() -> Folder {
    let folder = Folder::empty();
    folder.write("a.c", SOURCE);
    folder
}

#[test]
fn for_people_each_problem_is_a_line() {
    let said = problems(&with_source(), &[], LOG);
    let wanted = "a.c:2:32: error: ‘nothing’ undeclared (first use in this function)\n\
                  a.c:2:15: warning: unused variable ‘é’ [-Wunused-variable]\n";
    assert_eq!(said, wanted);
}

#[test]
fn for_programs_there_is_everything_that_is_known() {
    let folder = with_source();
    let said: Value = serde_json::from_str(&problems(&folder, &["--format", "json"], LOG)).unwrap();
    let file = folder.root().join("a.c");
    let related = json!([{
        "file": file, "line": 2, "column": 32, "columnUnit": "display",
        "message": "each undeclared identifier is reported only once for each function it appears in",
    }]);
    let first = json!({
        "file": file, "line": 2, "column": 32, "endLine": 2, "endColumn": 39, "columnUnit": "display",
        "utf16Column": 25, "severity": "error", "code": null, "tool": "gcc", "kind": "build",
        "message": "‘nothing’ undeclared (first use in this function)", "related": related,
    });
    assert_eq!(said[0], first);
    assert_eq!(said[1]["code"], "-Wunused-variable");
    assert_eq!(said.as_array().unwrap().len(), 2);
}

#[test]
fn the_other_formats_count_as_their_readers_do() {
    let folder = with_source();
    let github = problems(&folder, &["--format", "github"], LOG);
    let wanted = "::error file=a.c,line=2,col=32,endLine=2,endColumn=39,title=gcc::‘nothing’ undeclared";
    assert!(github.starts_with(wanted), "{github}");
    let rdjson = problems(&folder, &["--format", "rdjsonl"], LOG);
    let first: Value = serde_json::from_str(rdjson.lines().next().unwrap()).unwrap();
    let range = json!({ "start": { "line": 2, "column": 28 }, "end": { "line": 2, "column": 35 } });
    assert_eq!(first["location"], json!({ "path": "a.c", "range": range }));
    let sarif: Value = serde_json::from_str(&problems(&folder, &["--format", "sarif"], LOG)).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    let region = &run["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(*region, json!({ "startLine": 2, "startColumn": 25, "endLine": 2, "endColumn": 32 }));
}

#[test]
fn a_log_of_another_machine_is_read_when_it_is_said_that_it_is_one() {
    let folder = Folder::empty();
    let unplaced: Value = serde_json::from_str(&problems(&folder, &["--format", "json"], LOG)).unwrap();
    assert_eq!(unplaced[0]["file"], json!(null), "the file is not here");
    let arguments = ["--format", "json", "--tolerant", "--cwd", "/srv/app/lib", "--root", "/srv/app"];
    let placed: Value = serde_json::from_str(&problems(&folder, &arguments, LOG)).unwrap();
    assert_eq!(placed[0]["file"], "/srv/app/lib/a.c");
    assert_eq!((&placed[0]["column"], &placed[0]["utf16Column"]), (&json!(32), &json!(null)));
}

#[test]
fn a_program_that_crashes_within_a_build_is_found() {
    let folder = Folder::empty();
    folder.write("gen.js", "throw new Error('no schema');\n");
    let log = "node gen.js\n/srv/x\nError: no schema\n    at Object.<anonymous> (./gen.js:1:7)\n    \
               at node:internal/main/run_main_module:28:49\n\nNode.js v20.20.2\nmake: *** [Makefile:2: gen] Error 1\n";
    let said: Value = serde_json::from_str(&problems(&folder, &["--format", "json"], log)).unwrap();
    let crash = said.as_array().unwrap().iter().find(|problem| problem["kind"] == "crash").unwrap();
    assert_eq!((&crash["line"], &crash["column"]), (&json!(1), &json!(7)));
    assert_eq!(crash["message"], "Error: no schema");
}

#[test]
fn it_is_explained_line_by_line() {
    let said = problems(&with_source(), &["--explain"], &format!("hello\n{LOG}"));
    assert!(said.starts_with("           │ hello\n       gcc │ a.c: In function ‘main’:\n"), "{said}");
    assert!(said.contains("           → a.c:2:32: error: ‘nothing’ undeclared"), "{said}");
}

#[test]
fn a_format_that_is_unknown_is_named_with_those_that_there_are() {
    let output = Folder::empty().piped(&["problems", "--format", "xml"], "");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("'xml'") && said.contains("sarif"), "{said}");
}
