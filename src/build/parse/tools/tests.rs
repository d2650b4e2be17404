//! Those who run tests of Ruby, PHP and Elixir. Data for `reader`.

use super::reader::Role::{More, Skip, Stop, Trace};
use super::reader::{FAR, Shape, Tool, USUAL, p};
use crate::engine::{Problem, ProblemKind, Severity};

pub(super) static RSPEC: Tool = Tool {
    name: "rspec",
    shapes: &[
        Shape::block(
            ") ",
            r"^ {2,}[0-9]+\) (?<message>\S.*)$",
            &[
                (Trace, p(r"^ +# (?<file>\.?/\S.*?\.rb):(?<line>[0-9]+)(?<message>:in .*)?$")),
                (Skip, p(r"^\s*$|^ +#")),
                (More, p(r"^ {3,}(?<message>\S.*)$")),
            ],
        )
        // What is pending is listed before.
        .below(FAR, r"^Failures:$"),
        Shape::block(
            "An error occurred while loading ",
            r"^(?<message>An error occurred while loading \S+?)\.(?: - Did you mean\?)?$",
            &[
                (Trace, p(r"^# (?<file>\.?/\S.*?\.rb):(?<line>[0-9]+)(?<message>:in .*)?$")),
                (Skip, p(r"^$|^#")),
                (More, p(r"^  (?<file>/\S.*?\.rb):(?<line>[0-9]+): (?<message>syntax error.*)$")),
                (More, p(r"^(?<message>Failure/Error: .*|\w*Error:.*|  .*|[a-z].*)$")),
            ],
        ),
    ],
    complete: |problem: &mut Problem| problem.message.contains('\n') && of_test(problem),
    ..USUAL
};

pub(super) static MINITEST: Tool = Tool {
    name: "minitest",
    shapes: &[
        Shape::block(
            "]:",
            r"^(?<message>[A-Z]\S*#test_.*) \[(?<file>\S.*?\.rb):(?<line>[0-9]+)\]:$",
            &[(Stop, p(r"^[0-9]+ runs, |^ +[0-9]+\) ")), (More, p(r"^(?<message> {0,2}\S.*)$"))],
        )
        // And not what was skipped.
        .below(1, r"^(?: +[0-9]+\) )?Failure:$"),
        Shape::block(
            "#test_",
            r"^(?<message>[A-Z]\S*#test_.*):$",
            &[
                (Trace, p(r"^ {4}(?<file>[^\s:<].*?\.rb):(?<line>[0-9]+)(?<message>:in .*)?$")),
                (Stop, p(r"^[0-9]+ runs, |^ {2}[0-9]+\) ")),
                (Skip, p(r"^$|^ {4}")),
                (More, p(r"^(?<message>\S.*)$")),
            ],
        ),
    ],
    complete: of_test,
    ..USUAL
};

pub(super) static PHPUNIT: Tool = Tool {
    name: "phpunit",
    words: &[
        ("risky", Severity::Warning),
        ("deprecation", Severity::Warning),
        ("skipped", Severity::Hint),
        ("incomplete", Severity::Hint),
    ],
    shapes: &[Shape::block(
        "::",
        r"^[0-9]+\) (?<message>[\w\\]+::\w+.*)$",
        &[
            (Trace, p(r"^(?<file>/?\S.*?\.php):(?<line>[0-9]+)$")),
            (Stop, p(r"^--$|^(?:ERRORS|FAILURES|OK|WARNINGS)\b|^There w(?:as|ere) |^Tests: ")),
            (Skip, p(r"^$")),
            (More, p(r"^(?<message>[^\s0-9-].*|-{3} .*|[-+ ].*)$")),
        ],
    )
    .below(
        FAR,
        r"^There w(?:as|ere) [0-9]+ (?:PHPUnit )?(?<severity>error|failure|warning|risky|deprecation|skipped|incomplete)",
    )],
    complete: |problem: &mut Problem| problem.severity != Severity::Hint && of_test(problem),
    ..USUAL
};

pub(super) static EXUNIT: Tool = Tool {
    name: "exunit",
    shapes: &[Shape::block(
        ") ",
        r"^ {2}[0-9]+\) (?<message>(?:test|doctest|property|feature) .* \([\w.]+\)|[\w.]+: failure on setup_all callback.*)$",
        &[
            (Skip, p(r"^ {5}\S[^:]*\.exs?:[0-9]+$|^$|^ {5}stacktrace:$")),
            (Trace, p(r"^ {7}(?:\([^)]+\) )?(?<file>[^\s(:][^:]*\.exs?):(?<line>[0-9]+): (?<message>.+)$")),
            (Skip, p(r"^ {7}\([a-z_]+ [0-9.]+\) ")),
            (Skip, p(r"^ {7}(?::\w|\()")),
            (More, p(r"^ {5,}(?<message>\S.*)$")),
        ],
    )],
    complete: of_test,
    ..USUAL
};

fn of_test(problem: &mut Problem) -> bool {
    problem.kind = ProblemKind::Test;
    problem.place.is_some()
}
