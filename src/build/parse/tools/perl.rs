//! perl, whose messages say their place at the end and not how bad they are.
//! Data for `reader`.

use std::sync::LazyLock;

use super::reader::Role::{Last, More, Related};
use super::reader::{Pattern, Role, Shape, Tool, USUAL, p};
use crate::build::parse::pattern::{Pattern as Ready, pattern};
use crate::engine::{ColumnUnit, Problem, Severity};

const BODY: &[(Role, Pattern)] = &[
    (Related, p(r"^\t(?<message>\S.*) called at (?<file>\S.*?) line (?<line>[0-9]+)\.?$")),
    (More, p(r"^\t(?<message>\(.+\))$")),
];

pub(super) static PERL: Tool = Tool {
    name: "perl",
    unit: ColumnUnit::Byte,
    shapes: &[
        // The text nearby has several lines.
        Shape::block(
            r#", near ""#,
            r#"^(?<message>\S.*) at (?<file>[^\s"'(][^"'(]*?) line (?<line>[0-9]+)(?<tail>, near "[^"]*)$"#,
            &[(Last, p(r#"^(?<message>[^"]*"\)?)$"#)), (More, p(r"^(?<message>.*)$"))],
        )
        .strict(),
        Shape::block(
            " line ",
            r#"^(?<message>\S.*) at (?<file>[^\s"'(][^"'(]*?) line (?<line>[0-9]+)(?:, <\S+> (?:line|chunk) [0-9]+)?(?:\.|(?<tail>, (?:near|at|within) .*)|;.*)?$"#,
            BODY,
        )
        .strict(),
    ],
    complete,
    ..USUAL
};

// As `perldiag` has them among the warnings.
static WARNING: LazyLock<Ready> = LazyLock::new(|| {
    pattern(
        r#"^Use of uninitialized |masks earlier declaration|used only once: possible typo|better written as|isn't numeric in |^Useless use of |^Subroutine \S+ redefined|^Constant subroutine \S+ redefined|^Prototype mismatch|^Possible |found where operator expected|^Unquoted string |^Statement unlikely to be reached|^Deep recursion |^Odd number of elements|^Reference found where |^Applying |\(\) on (?:un|closed)|on closed (?:filehandle|socket)|^Unrecognized escape |^Found = in conditional|^Parentheses missing around|^Misplaced _ in number|^Integer overflow|is deprecated|is experimental|is not available at|will not stay shared|^Negative repeat count|^substr outside of string|^splice\(\) offset past|^Exiting \S+ via |^Ambiguous (?:use|call|range)|^Operator or semicolon missing|^Multidimensional syntax|^Wide character |^Argument "|^elseif should be|^Duplicate specification|^Hexadecimal number|^Illegal \S+ digit .* ignored|^Scalar value |^Redundant argument|^Missing argument in|^Unsuccessful |^Variable "\S+" is not (?:imported|available)|^Bareword found where|^Quantifier unexpected|^False \[\] range|^Invalid conversion|^Filehandle \S+ (?:opened|reopened)|^Smartmatch |^given is |^when is |^Attempt to free|^\S+ package attribute may clash|^Replacement list is longer|^length\(\) used on|^Non-octal character|^"\S+ \S+" is|^Name ""#,
    )
});

fn complete(problem: &mut Problem) -> bool {
    let message = &problem.message;
    if WARNING.is_match(message) {
        problem.severity = Severity::Warning;
    }
    // What was compiled says why.
    !message.starts_with("BEGIN failed--") && !message.starts_with("Compilation failed in require")
}
