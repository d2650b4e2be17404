//! Those who run tests of Ruby, PHP and Elixir. Data for `reader`.

use super::reader::Role::{More, Skip, Stop, Trace};
use super::reader::{Shape, Tool, USUAL, p};
use crate::engine::{Problem, ProblemKind};

pub(super) static RSPEC: Tool = Tool {
    name: "rspec",
    shapes: &[
        Shape::block(
            ") ",
            r"^ {2,}[0-9]+\) (?<message>\S.*)$",
            &[
                (Trace, p(r"^ +# (?<file>\.?/\S.*?\.rb):(?<line>[0-9]+)(?<message>:in .*)?$")),
                (Skip, p(r"^$|^ +#")),
                (More, p(r"^ {3,}(?<message>\S.*)$")),
            ],
        ),
        Shape::block(
            "An error occurred while loading ",
            r"^(?<message>An error occurred while loading \S+?)\.(?: - Did you mean\?)?$",
            &[
                (Trace, p(r"^# (?<file>\.?/\S.*?\.rb):(?<line>[0-9]+)(?<message>:in .*)?$")),
                (Skip, p(r"^$|^#")),
                (More, p(r"^(?<message>Failure/Error: .*|\w*Error:.*|  .*|[a-z].*)$")),
            ],
        ),
    ],
    complete: of_test,
    ..USUAL
};

pub(super) static MINITEST: Tool = Tool {
    name: "minitest",
    shapes: &[
        Shape::block(
            "]:",
            r"^(?<message>[A-Z]\S*#test_.*) \[(?<file>\S.*?\.rb):(?<line>[0-9]+)\]:$",
            &[(Stop, p(r"^[0-9]+ runs, |^ +[0-9]+\) ")), (More, p(r"^(?<message>\S.*|  \S.*)$"))],
        ),
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
    shapes: &[Shape::block(
        "::",
        r"^[0-9]+\) (?<message>[\w\\]+::\w+.*)$",
        &[
            (Trace, p(r"^(?<file>/?\S.*?\.php):(?<line>[0-9]+)$")),
            (Stop, p(r"^--$|^(?:ERRORS|FAILURES|OK|WARNINGS)\b|^There w(?:as|ere) |^Tests: ")),
            (Skip, p(r"^$")),
            (More, p(r"^(?<message>[^\s0-9-].*|-{3} .*|[-+ ].*)$")),
        ],
    )],
    complete: of_test,
    ..USUAL
};

pub(super) static EXUNIT: Tool = Tool {
    name: "exunit",
    shapes: &[Shape::block(
        ") ",
        r"^ {2}[0-9]+\) (?<message>(?:test|doctest|property|feature) .* \([\w.]+\))$",
        &[
            (Skip, p(r"^ {5}\S+\.exs?:[0-9]+$|^$|^ {5}stacktrace:$")),
            (Trace, p(r"^ {7}(?:\([^)]+\) )?(?<file>[^\s(]\S*\.exs?):(?<line>[0-9]+): (?<message>.+)$")),
            (Skip, p(r"^ {7}\([a-z_]+ [0-9.]+\) ")),
            (More, p(r"^ {5}(?<message>\S.*)$")),
        ],
    )],
    complete: of_test,
    ..USUAL
};

fn of_test(problem: &mut Problem) -> bool {
    problem.kind = ProblemKind::Test;
    problem.place.is_some()
}
