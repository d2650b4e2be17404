//! Lines and output as text for the terminal (pure): times, marks, colors, and whose output it is. Called by `run`.
//! Does not know: when something is shown.

use std::time::SystemTime;

use anstyle_parse::{DefaultCharAccumulator, Parser, Perform};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::view::{Line, Mark};
use crate::cli::print::{Color, Paint};
use crate::engine::ServiceName;
use crate::output;

/// The colors of services, by their place in the configuration. Red is for what is bad.
const SERVICE_COLORS: [Color; 5] = [Color::Cyan, Color::Magenta, Color::Yellow, Color::Blue, Color::Green];

/// Details stand below the text of their line: after the time and the mark.
const INDENT: &str = "           ";

/// A new line at the place of details.
const BELOW: &str = "\n           ";

/// What a build says that it runs begins like this.
const COMMAND: &str = "$ ";

/// What the terminal shows so far, as far as the next text depends on it.
#[derive(Debug)]
pub(super) struct Screen {
    paint: Paint,
    zone: TimeZone,
    /// How many columns a line may have; `None` in a pipe.
    width: Option<usize>,
    services: Vec<ServiceName>,
    /// Whose line has not ended yet.
    open: Option<(ServiceName, output::From)>,
}

impl Screen {
    /// An empty screen. Times are shown in `zone`.
    pub(super) fn new(paint: Paint, zone: TimeZone) -> Self {
        Self { paint, zone, width: None, services: Vec::new(), open: None }
    }

    /// From now on a line may have so many columns.
    pub(super) fn set_width(&mut self, width: Option<usize>) {
        self.width = width;
    }

    /// From now on these services are shown. Names stand before output when there are several.
    pub(super) fn set_services(&mut self, services: impl Iterator<Item = ServiceName>) {
        self.services = services.collect();
    }

    /// One of our lines: always begins with the time, which no output of a service does, for that has a bar before it.
    pub(super) fn line(&mut self, line: &Line) -> String {
        let mut text = self.close();
        text.push_str(&self.paint.dim(&self.time(line.at)));
        text.push(' ');
        text.push_str(&self.mark(line.mark));
        if let Some(service) = &line.service {
            text.push(' ');
            text.push_str(&self.paint.strong(self.service_color(service), service.as_str()));
        }
        text.push(' ');
        text.push_str(&match line.mark {
            Mark::Bad => self.paint.color(Color::Red, &line.text),
            Mark::Note => self.paint.dim(&line.text),
            Mark::Begin | Mark::Good | Mark::Odd => line.text.clone(),
        });
        if let Some(link) = &line.link {
            // A link that is broken by the edge of the terminal cannot be clicked.
            text.push_str(if self.has_room(line) { " " } else { BELOW });
            text.push_str(&self.paint.color(Color::Cyan, link));
        }
        text.push('\n');
        for detail in &line.details {
            text.push_str(INDENT);
            text.push_str(detail);
            text.push('\n');
        }
        text
    }

    /// Whether the whole line fits into the terminal.
    fn has_room(&self, line: &Line) -> bool {
        let count = |text: &str| text.chars().count() + 1;
        let parts = line.service.as_ref().map(ServiceName::as_str).into_iter().chain([line.text.as_str()]);
        let columns: usize = parts.chain(line.link.as_deref()).map(count).sum();
        self.width.is_none_or(|width| INDENT.len() + columns <= width + 1)
    }

    /// A line, or a piece of one, that a build or a run has printed.
    pub(super) fn output(&mut self, line: &output::Line) -> String {
        let is_command = line.from == output::From::Reload && line.text.starts_with(COMMAND);
        if line.from == output::From::Reload && !is_command {
            let text = line.text.trim_end().to_owned();
            let mut note = Line::new(line.at, Mark::Note, text);
            note.service = Some(line.service.clone());
            return self.line(&note);
        }
        let from = if is_command { output::From::Build } else { line.from.clone() };
        let whose = (line.service.clone(), from);
        let mut text = String::new();
        if self.open.as_ref() != Some(&whose) {
            text.push_str(&self.close());
            text.push_str(&self.prefix(&whose));
        }
        match self.paint {
            Paint::Colors => text.push_str(&line.text),
            Paint::Plain => text.push_str(&strip(&line.text)),
        }
        self.open = (!line.text.ends_with('\n')).then_some(whose);
        text
    }

    /// Ends a line that is still open.
    pub(super) fn close(&mut self) -> String {
        // Colors that somebody left on must not reach our own text.
        let end = if self.paint == Paint::Colors { "\x1b[0m\n" } else { "\n" };
        self.open.take().map_or_else(String::new, |_| end.to_owned())
    }

    fn prefix(&self, (service, from): &(ServiceName, output::From)) -> String {
        let bar = match from {
            output::From::Build | output::From::Task(_) => "┆ ",
            output::From::Run | output::From::Reload => "│ ",
        };
        if self.services.len() < 2 {
            return self.paint.dim(bar);
        }
        let width = self.services.iter().map(|service| service.as_str().chars().count()).max().unwrap_or(0);
        self.paint.color(self.service_color(service), &format!("{:width$} {bar}", service.as_str()))
    }

    fn service_color(&self, service: &ServiceName) -> Color {
        let place = self.services.iter().position(|known| known == service).unwrap_or(0);
        SERVICE_COLORS[place % SERVICE_COLORS.len()]
    }

    fn mark(&self, mark: Mark) -> String {
        match mark {
            Mark::Begin => self.paint.color(Color::Cyan, "▸"),
            Mark::Good => self.paint.strong(Color::Green, "✓"),
            Mark::Bad => self.paint.strong(Color::Red, "✗"),
            Mark::Odd => self.paint.strong(Color::Yellow, "!"),
            Mark::Note => self.paint.dim("·"),
        }
    }

    fn time(&self, at: SystemTime) -> String {
        let at = Timestamp::try_from(at).unwrap_or_default();
        at.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string()
    }
}

/// `text` without colors and other sequences that only a terminal understands.
pub(in crate::cli) fn strip(text: &str) -> String {
    let mut plain = Plain(String::with_capacity(text.len()));
    let mut parser = Parser::<DefaultCharAccumulator>::new();
    for byte in text.bytes() {
        parser.advance(&mut plain, byte);
    }
    plain.0
}

struct Plain(String);

impl Perform for Plain {
    fn print(&mut self, c: char) {
        self.0.push(c);
    }

    fn execute(&mut self, byte: u8) {
        self.0.push(char::from(byte));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Generation;
    use crate::output::{From, Stream};

    fn screen(paint: Paint, services: &[&str]) -> Screen {
        let mut screen = Screen::new(paint, TimeZone::UTC);
        screen.set_services(services.iter().map(|name| (*name).into()));
        screen
    }

    fn printed(service: &str, from: From, text: &str) -> output::Line {
        output::Line {
            n: 1,
            at: SystemTime::UNIX_EPOCH,
            service: service.into(),
            from,
            stream: Stream::Stdout,
            generation: Generation(1),
            text: text.into(),
        }
    }

    #[test]
    fn output_of_one_service_has_a_bar_and_of_several_their_names() {
        let mut one = screen(Paint::Plain, &["api"]);
        assert_eq!(one.output(&printed("api", From::Run, "GET /\n")), "│ GET /\n");
        assert_eq!(one.output(&printed("api", From::Build, "Compiling\n")), "┆ Compiling\n");
        let mut two = screen(Paint::Plain, &["api", "worker"]);
        assert_eq!(two.output(&printed("api", From::Run, "GET /\n")), "api    │ GET /\n");
    }

    #[test]
    fn an_unfinished_line_is_never_mixed_with_another() {
        let mut screen = screen(Paint::Plain, &["a", "b"]);
        let mut text = screen.output(&printed("a", From::Run, "half"));
        text += &screen.output(&printed("a", From::Run, " and half"));
        text += &screen.output(&printed("b", From::Run, "whole\n"));
        text += &screen.output(&printed("a", From::Run, "more"));
        text += &screen.line(&Line::new(SystemTime::UNIX_EPOCH, Mark::Note, "ours"));
        assert_eq!(text, "a │ half and half\nb │ whole\na │ more\n00:00:00 · ours\n");
    }

    #[test]
    fn a_pipe_gets_no_colors_of_anybody() {
        let mut screen = screen(Paint::Plain, &["api"]);
        let text = screen.output(&printed("api", From::Run, "\x1b[1;31mërror\x1b[0m\tx\n"));
        assert_eq!(text, "│ ërror\tx\n");
    }

    #[test]
    fn a_link_is_never_broken_by_the_edge_of_the_terminal() {
        let mut line = Line::new(SystemTime::UNIX_EPOCH, Mark::Good, "ready");
        line.link = Some("http://127.0.0.1:1".into());
        let mut screen = screen(Paint::Plain, &["api"]);
        screen.set_width(Some(35));
        assert_eq!(screen.line(&line), "00:00:00 ✓ ready http://127.0.0.1:1\n");
        screen.set_width(Some(34));
        assert_eq!(screen.line(&line), "00:00:00 ✓ ready\n           http://127.0.0.1:1\n");
    }

    #[test]
    fn the_command_of_a_build_stands_with_its_output() {
        let mut screen = screen(Paint::Plain, &["api"]);
        assert_eq!(screen.output(&printed("api", From::Reload, "$ make\n")), "┆ $ make\n");
        assert_eq!(
            screen.output(&printed("api", From::Reload, "port taken\n")),
            "00:00:00 · api port taken\n"
        );
    }

    #[test]
    fn a_line_has_its_link_and_its_details() {
        let mut line = Line::new(SystemTime::UNIX_EPOCH, Mark::Good, "ready");
        line.service = Some("api".into());
        line.link = Some("http://127.0.0.1:1".into());
        line.details = vec!["main.rs:1:2: no".into()];
        let text = screen(Paint::Plain, &["api"]).line(&line);
        assert_eq!(text, "00:00:00 ✓ api ready http://127.0.0.1:1\n           main.rs:1:2: no\n");
    }
}
