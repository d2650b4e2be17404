//! Who speaks like C's compilers, as it shows in the file that is spoken of and in the code. Called by `gcc`.
//! Does not know: the lines themselves.

use std::sync::LazyLock;

use crate::build::parse::pattern::{Pattern, pattern};
use crate::engine::{ColumnUnit, Problem, Severity, Tag};

static CODE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<message>.+?)\s+\[(?:-Werror,)?(?<code>-[A-Za-z][^\]\s]*|[A-Za-z][\w.+#-]*(?:,[A-Za-z][\w.+#-]*)*)(?:,-warnings-as-errors)?\]$",
    )
});
static DRIVER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:\S*/)?(?:\S+-)?(?<tool>gcc|g\+\+|cc|c\+\+|clang|clang\+\+|cc1|cc1plus)(?:-[0-9.]+)?: (?<severity>fatal error|error|warning): (?<message>.+)$",
    )
});

/// Which of the two prints; it becomes clear while reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Compiler {
    #[default]
    Unknown,
    Gcc,
    Clang,
}

// The extension of a file, or nothing.
fn extension(file: &str) -> &str {
    file.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Whether it looks like source even if it isn't found, as in a container.
pub(super) fn is_source(file: &str) -> bool {
    const EXTENSIONS: [&str; 40] = [
        "c", "h", "cc", "hh", "cpp", "hpp", "cxx", "hxx", "c++", "h++", "C", "H", "m", "mm", "cu", "inc",
        "ipp", "tpp", "S", "s", "py", "pyi", "asm", "nasm", "rs", "adb", "ads", "y", "yy", "ypp", "f", "F",
        "f90", "F90", "f95", "f03", "f08", "for", "l", "ll",
    ];
    EXTENSIONS.contains(&extension(file)) && !file.contains(' ')
}

/// Their own formats count columns in another way.
pub(super) fn is_of_others(file: &str) -> bool {
    const EXTENSIONS: [&str; 10] = ["kt", "kts", "swift", "zig", "zon", "java", "scala", "proto", "hs", "rb"];
    EXTENSIONS.contains(&extension(file)) || is_makefile(file)
}

/// Whether make reads it.
pub(super) fn is_makefile(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    ["Makefile", "makefile", "GNUmakefile"].iter().any(|start| name.starts_with(start))
        || ["mk", "mak"].contains(&extension(name))
}

/// Whether it is Ada, whose compiler goes on with a message in another one at the same place.
pub(super) fn is_ada(file: &str) -> bool {
    ["adb", "ads", "ada"].contains(&extension(file))
}

/// Whether it is a grammar, of which bison also speaks as a whole.
pub(super) fn is_grammar(file: &str) -> bool {
    ["y", "yy", "ypp", "yxx", "y++"].contains(&extension(file))
}

/// Whether an assembler reads it: GNU's writes its severities with a capital, and says it of C as well.
pub(super) fn is_assembled(file: &str) -> bool {
    ["s", "S", "c", "cc", "cpp", "cxx", "asm", "nasm"].contains(&extension(file))
}

/// Others that print the same, by what they read. An empty tool is one of the two compilers.
pub(super) fn tool_of(file: &str, has_column: bool) -> (&'static str, ColumnUnit) {
    match extension(file) {
        "inc" if !has_column => ("nasm", ColumnUnit::Byte),
        "py" | "pyi" => ("mypy", ColumnUnit::Char),
        "asm" | "nasm" => ("nasm", ColumnUnit::Byte),
        "rs" => ("rustc", ColumnUnit::Char),
        "f" | "F" | "for" | "f90" | "F90" | "f95" | "f03" | "f08" => ("gfortran", ColumnUnit::Byte),
        _ if is_ada(file) => ("gnat", ColumnUnit::Display),
        _ => ("", ColumnUnit::Display),
    }
}

// The checkers of C, which name every check; an empty tool is a compiler.
fn tool_of_code(code: &str) -> &'static str {
    let is_tidy = |check: &str| {
        const GROUPS: [&str; 24] = [
            "abseil",
            "altera",
            "android",
            "boost",
            "bugprone",
            "cert",
            "clang",
            "concurrency",
            "cppcoreguidelines",
            "darwin",
            "fuchsia",
            "google",
            "hicpp",
            "linuxkernel",
            "llvm",
            "llvmlibc",
            "misc",
            "modernize",
            "mpi",
            "objc",
            "openmp",
            "performance",
            "portability",
            "readability",
        ];
        check.split_once('-').is_some_and(|(group, _)| GROUPS.contains(&group))
    };
    if code.starts_with('-') {
        ""
    } else if is_tidy(code) {
        "clang-tidy"
    } else if code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        "cppcheck"
    } else {
        ""
    }
}

// What a compiler's option says of its code.
fn tags(code: &str) -> Vec<Tag> {
    let name = code.trim_start_matches("-Werror=").trim_start_matches("-W");
    let name = name.trim_start_matches("clang-diagnostic-");
    if name.starts_with("unused") && name != "unused-result" {
        vec![Tag::Unnecessary]
    } else if name.starts_with("deprecated") {
        vec![Tag::Deprecated]
    } else {
        vec![]
    }
}

/// How bad it is; `None` for a note.
pub(super) fn severity(said: &str) -> Option<Severity> {
    match said {
        "note" | "Anmerkung" => None,
        "info" | "information" => Some(Severity::Information),
        "warning" | "Warning" | "Warnung" | "attention" | "avertissement" | "remark" | "style"
        | "performance" | "portability" => Some(Severity::Warning),
        _ => Some(Severity::Error),
    }
}

/// Takes out the name of the option or check at the end of a message.
pub(super) fn take_code(problem: &mut Problem) {
    // GCC and Ada's say so of what no option is for.
    if let Some(rest) = problem.message.strip_suffix(" [enabled by default]") {
        problem.message.truncate(rest.len());
    }
    let Some(parts) = CODE.captures(&problem.message) else { return };
    let (length, code) = (parts["message"].len(), parts["code"].to_owned());
    problem.message.truncate(length);
    problem.tags = tags(&code);
    if problem.tool.is_empty() {
        tool_of_code(&code).clone_into(&mut problem.tool);
    }
    problem.code = Some(code);
}

/// What the program that starts the compilers and the linker says for itself, if it says something new.
pub(super) fn driver(line: &str) -> Option<Vec<Problem>> {
    let driver = DRIVER.captures(line)?;
    let message = &driver["message"];
    let is_summary = message.starts_with("linker command failed") || message.starts_with("ld returned");
    if is_summary || message.ends_with("[-Wsarif-format-unstable]") {
        return Some(vec![]);
    }
    let severity = if &driver["severity"] == "warning" { Severity::Warning } else { Severity::Error };
    let tool = if driver["tool"].starts_with("clang") { "clang" } else { "gcc" };
    let mut problem = Problem::new(severity, tool, message);
    take_code(&mut problem);
    Some(vec![problem])
}

/// Where an option is explained.
pub(super) fn href(code: &str, compiler: Compiler) -> Option<String> {
    let option = code.strip_prefix("-Werror=").or(code.strip_prefix("-W"))?;
    let name = option.split('=').next().unwrap_or(option);
    match compiler {
        Compiler::Gcc => {
            Some(format!("https://gcc.gnu.org/onlinedocs/gcc/Warning-Options.html#index-W{name}"))
        }
        Compiler::Clang => Some(format!("https://clang.llvm.org/docs/DiagnosticsReference.html#w{name}")),
        Compiler::Unknown => None,
    }
}
