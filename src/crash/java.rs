//! Java, Kotlin, Scala and Groovy: a frame has no path, but the package of its class is one.

use std::sync::LazyLock;

use super::Trace;
use super::stack::{self, Style, pattern};

/// Where the folders of packages lie in a project.
pub(super) const ROOTS: &[&str] = &[
    "",
    "src",
    "src/main/java",
    "src/main/kotlin",
    "src/main/scala",
    "src/main/groovy",
    "src/test/java",
    "src/test/kotlin",
    "app/src/main/java",
    "app/src/main/kotlin",
];

static STYLE: LazyLock<Style> = LazyLock::new(|| Style {
    head: pattern(
        r#"^(?:Exception in thread "[^"]*" )?(?<message>(?:[a-z][\w$]*\.)*[A-Z][\w$]*(?:Exception|Error|Throwable)(?:: .*)?)$"#,
    ),
    frame: pattern(
        r"^\s+at (?:[\w.@-]*/)*(?<label>(?<package>(?:[\w$]+\.)*)[\w$]+\.[\w$<>-]+)\((?<file>\w+\.(?:java|kt|scala|groovy)):(?<line>[0-9]+)\)",
    ),
    more: pattern(r"^\s*(?<message>(?:Caused by|Suppressed): .*)$"),
    between: pattern(r"^\s+(?:at \S|\.\.\. [0-9]+ (?:more|common frames omitted))"),
    is_wordy: true,
});

/// Every stack in `lines`.
pub(super) fn read(lines: &[&str]) -> Vec<Trace> {
    stack::read(&STYLE, lines)
}
