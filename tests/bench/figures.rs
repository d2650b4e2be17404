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

/// For people: `12.5 MiB`.
pub(crate) fn mebibytes(kibibytes: u64) -> String {
    format!("{}.{} MiB", kibibytes / 1024, kibibytes % 1024 * 10 / 1024)
}

/// The table of figures and budgets.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut lines = vec![["what", "measured", "budget", ""].map(str::to_owned).to_vec()];
    for row in rows {
        let verdict = match row.verdict {
            Verdict::Holds => "holds",
            Verdict::Fails => "FAILS",
            Verdict::Told => "",
        };
        lines.push(vec![row.what.clone(), row.figure.clone(), row.budget.clone(), verdict.to_owned()]);
    }
    grid(&lines)
}

/// Lines of cells in Markdown, the first one the head, so that they can be pasted where people read them.
pub(crate) fn grid(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |line: &[String], column: usize| line.get(column).cloned().unwrap_or_default();
    let width = |column| lines.iter().map(|line| cell(line, column).chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let render = |line: &Vec<String>| {
        let cells = widths.iter().enumerate().map(|(column, width)| format!("{:width$}", cell(line, column)));
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let mut text: Vec<String> = lines.iter().map(render).collect();
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
    text.insert(1.min(text.len()), format!("|{}|", rule.join("|")));
    text.join("\n")
}
