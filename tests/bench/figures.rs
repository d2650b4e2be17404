//! Figures and the budgets beside them: percentiles, rows, the table. Used by every measurement.

use std::time::Duration;

/// Whether a figure holds to its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It does.
    Holds,
    /// It does not.
    Fails,
    /// There is none to hold to.
    Told,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// The figure, for people.
    pub(crate) figure: String,
    /// The budget, for people.
    pub(crate) budget: String,
    /// Whether it holds.
    pub(crate) verdict: Verdict,
}

impl Row {
    /// A time that may not be longer than its budget.
    pub(crate) fn time(what: impl Into<String>, time: Duration, budget: Duration) -> Self {
        Self::judged(what, milliseconds(time), format!("≤ {}", milliseconds(budget)), time <= budget)
    }

    /// A figure with a budget of another kind.
    pub(crate) fn judged(
        what: impl Into<String>,
        figure: impl Into<String>,
        budget: impl Into<String>,
        holds: bool,
    ) -> Self {
        let verdict = if holds { Verdict::Holds } else { Verdict::Fails };
        Self { what: what.into(), figure: figure.into(), budget: budget.into(), verdict }
    }

    /// A figure without a budget.
    pub(crate) fn told(what: impl Into<String>, figure: impl Into<String>) -> Self {
        Self { what: what.into(), figure: figure.into(), budget: String::new(), verdict: Verdict::Told }
    }
}

/// For people: `1.25 ms`.
pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}

/// Times in ascending order.
#[derive(Debug, Clone)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// Sorts.
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The smallest time that `percent` of all do not exceed; zero if there is none.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }

    /// `p50 … · p99 … · most …`.
    pub(crate) fn summary(&self) -> String {
        let [half, most, all] = [50, 99, 100].map(|percent| milliseconds(self.percentile(percent)));
        format!("p50 {half} · p99 {most} · most {all}")
    }
}

/// The table, in Markdown, so that it can be pasted where people read it.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut lines = vec![["what".into(), "measured".into(), "budget".into(), String::new()]];
    for row in rows {
        let verdict = match row.verdict {
            Verdict::Holds => "holds",
            Verdict::Fails => "FAILS",
            Verdict::Told => "",
        };
        lines.push([row.what.clone(), row.figure.clone(), row.budget.clone(), verdict.to_owned()]);
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(width);
    let mut text: Vec<String> = lines.iter().map(|line| render(line, widths)).collect();
    text.insert(1, format!("|{}|", widths.map(|width| "-".repeat(width + 2)).join("|")));
    text.join("\n")
}

fn render(line: &[String; 4], widths: [usize; 4]) -> String {
    let cells: Vec<String> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    format!("| {} |", cells.join(" | "))
}
