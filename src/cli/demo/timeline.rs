//! The stages of one reload as bars, each beginning where the one before ends (pure). Called by `script`.

use std::time::Duration;

use crate::cli::print::{Color, Paint};
use crate::cli::run::words;

/// How many columns the whole reload takes.
const WIDTH: usize = 48;

/// Eighths of a column, from one to eight.
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// One line for each stage that took any time, 80 columns at most.
pub(super) fn bars(stages: &[(&str, Duration)], paint: Paint) -> String {
    let total: Duration = stages.iter().map(|(_, time)| *time).sum();
    let mut before = Duration::ZERO;
    let mut text = String::new();
    for (name, time) in stages.iter().filter(|(_, time)| !time.is_zero()) {
        let start = eighths(before, total);
        let end = eighths(before + *time, total);
        let bar = bar(start, end);
        let rest = " ".repeat((WIDTH + 1).saturating_sub(bar.chars().count()));
        let bar = paint.color(color(name), &bar);
        text += &line(&format!("{name:<6}"), &bar, &rest, *time, paint);
        before += *time;
    }
    text
}

fn line(name: &str, bar: &str, rest: &str, time: Duration, paint: Paint) -> String {
    format!("     {} {bar}{rest} {:>8}\n", paint.dim(name), words::duration(time))
}

/// Blanks up to the start, then the bar: at least one eighth of a column.
fn bar(start: usize, end: usize) -> String {
    let column = (start / 8).min(WIDTH - 1);
    let length = end.saturating_sub(column * 8).max(1);
    let mut bar = " ".repeat(column);
    bar.extend(std::iter::repeat_n(EIGHTHS[7], length / 8));
    bar.extend((!length.is_multiple_of(8)).then(|| EIGHTHS[length % 8 - 1]));
    bar
}

/// A time in eighths of a column.
fn eighths(time: Duration, total: Duration) -> usize {
    let eighths = time.as_micros() * (WIDTH as u128 * 8) / total.as_micros().max(1);
    usize::try_from(eighths).unwrap_or(WIDTH * 8)
}

fn color(stage: &str) -> Color {
    match stage {
        "settle" => Color::Blue,
        "build" => Color::Cyan,
        "stop" => Color::Yellow,
        "start" => Color::Magenta,
        _ => Color::Green,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_begins_where_the_one_before_ends() {
        let millis = Duration::from_millis;
        let stages =
            [("settle", millis(0)), ("build", millis(300)), ("stop", millis(1)), ("ready", millis(99))];
        let bars = bars(&stages, Paint::Plain);
        let lines: Vec<_> = bars.lines().collect();
        assert_eq!(lines.len(), 3, "{bars}");
        assert_eq!(lines[0], format!("     build  {:<49}   300 ms", "█".repeat(36)));
        assert_eq!(lines[1], format!("     stop   {:<49}     1 ms", format!("{}▏", " ".repeat(36))));
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{bars}");
        assert!(lines[2].starts_with(&format!("     ready  {}█", " ".repeat(36))), "{bars}");
    }
}
