//! Python: the interpreter, checkers, linters, the test runner. Read by `Parser`.

mod bandit;
mod interpreter;
pub(super) mod json;
mod lint;
mod mypy;
mod pyright;
mod pytest;
mod ruff;

use super::formats::Row;
use super::linters::Linter;

pub(super) const ROWS: &[Row] = &[
    Row { name: "pyright", commands: PYRIGHT, make: || Box::<pyright::Pyright>::default() },
    Row { name: "pytest", commands: &["py.test", "pytest"], make: || Box::<pytest::Pytest>::default() },
    Row { name: "mypy", commands: &["mypy", "dmypy"], make: || Box::<mypy::Mypy>::default() },
    Row { name: "pylint", commands: &["pylint"], make: || Box::new(Linter::new(&lint::PYLINT)) },
    Row { name: "ruff", commands: &["ruff"], make: || Box::<ruff::Ruff>::default() },
    Row { name: "flake8", commands: FLAKE8, make: || Box::new(Linter::new(&lint::FLAKE8)) },
    Row { name: "pyflakes", commands: &["pyflakes"], make: || Box::new(Linter::new(&lint::PYFLAKES)) },
    Row { name: "bandit", commands: &["bandit"], make: || Box::<bandit::Bandit>::default() },
    Row { name: "python", commands: PYTHON, make: || Box::<interpreter::Python>::default() },
];

const FLAKE8: &[&str] = &["flake8", "pycodestyle"];
const PYRIGHT: &[&str] = &["pyright", "basedpyright"];
pub(super) const PYTHON: &[&str] = &["pytest", "python", "python3"];
