//! `reload-lsp problems`: the output of a build on stdin → its problems, for people and for programs.
//! Does not know: how output is read (`build::parse`).

mod entry;
mod lines;
mod sarif;

use std::collections::BTreeMap;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::args::{ProblemFormat, Problems};
use super::exit::{Error, ExitStatus};
use super::print::{self, Paint};
use crate::build::parse::matcher::Matcher;
use crate::build::parse::{self, Dirs, Hints, Parser};
use crate::build::shell;
use crate::config::{self, Overrides};
use crate::engine::Problem;
use crate::output::Stream;
use crate::process::CommandLine;
use entry::{Entry, Texts};

/// Reads stdin to its end. What it finds is printed as soon as it is complete, where the format allows that.
pub(super) fn problems(args: &Problems) -> Result<ExitStatus, Error> {
    let dir = absolute(args.cwd.as_deref())?;
    let root = args.root.as_deref().map_or(Ok(dir.clone()), |root| absolute(Some(root)))?;
    let commands = args.command.clone().map(|command| shell::words(&CommandLine::Shell(command)));
    let hints =
        Hints { commands: commands.unwrap_or_default(), matchers: matchers(&root)?, ..Hints::default() };
    let mut parser = Parser::new(&hints, Dirs { root: root.clone(), dir }, Path::is_file);
    if args.tolerant {
        parser = parser.accepting_absent_files();
    }
    let mut printer = Printer { format: args.format, root, texts: Texts::default(), kept: Vec::new() };
    let read = if args.explain { explain(parser, &mut printer) } else { list(parser, &mut printer) };
    read.map_err(Error::Stdin)?;
    printer.finish();
    Ok(ExitStatus::Success)
}

/// The matchers that the project describes, if it has a configuration.
fn matchers(root: &Path) -> Result<Vec<Arc<Matcher>>, Error> {
    if !root.join(config::FILE).is_file() {
        return Ok(Vec::new());
    }
    let config = config::load(root, &Overrides::default()).map_err(Error::Configuration)?;
    let all = config.services.into_iter().flat_map(|service| service.matchers);
    let by_name: BTreeMap<_, _> = all.map(|matcher| (matcher.name.clone(), matcher)).collect();
    Ok(by_name.into_values().collect())
}

fn list(mut parser: Parser, printer: &mut Printer) -> std::io::Result<()> {
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let length = match std::io::stdin().lock().read(&mut chunk)? {
            0 => break,
            length => length,
        };
        printer.print(&parser.feed(Stream::Stdout, &chunk[..length]).problems);
    }
    printer.print(&parser.finish(Stream::Stdout).problems);
    Ok(())
}

fn explain(mut parser: Parser, printer: &mut Printer) -> std::io::Result<()> {
    let mut line = Vec::new();
    let mut stdin = std::io::stdin().lock();
    while stdin.read_until(b'\n', &mut line)? > 0 {
        let fed = parser.feed(Stream::Stdout, &line);
        let text = String::from_utf8_lossy(&line);
        let by = fed.read_by.unwrap_or_default();
        printer.explain(&fed.problems);
        print::out(&format!("{by:>10} │ {}\n", parse::plain(text.trim_end())));
        line.clear();
    }
    printer.explain(&parser.finish(Stream::Stdout).problems);
    Ok(())
}

/// Prints problems in one of the formats.
struct Printer {
    format: ProblemFormat,
    root: PathBuf,
    texts: Texts,
    /// What one document is made of at the end.
    kept: Vec<Value>,
}

impl Printer {
    fn print(&mut self, problems: &[Problem]) {
        let paint = Paint::for_stdout();
        for problem in problems {
            let entry = Entry::new(problem, &mut self.texts);
            match self.format {
                ProblemFormat::Text => print::out(&lines::text(&entry, &self.root, paint)),
                ProblemFormat::Github => print::out(&lines::github(&entry, &self.root)),
                ProblemFormat::Rdjsonl => print::out(&format!("{}\n", lines::rdjson(&entry, &self.root))),
                ProblemFormat::Json => self.kept.push(entry.to_json()),
                ProblemFormat::Sarif => self.kept.push(sarif::result(&entry)),
            }
        }
    }

    fn explain(&mut self, problems: &[Problem]) {
        for problem in problems {
            let entry = Entry::new(problem, &mut self.texts);
            print::out(&format!("{:>10} → {}", "", lines::text(&entry, &self.root, Paint::for_stdout())));
        }
    }

    fn finish(&mut self) {
        let kept = Value::Array(std::mem::take(&mut self.kept));
        match self.format {
            ProblemFormat::Json => print::out(&format!("{kept:#}\n")),
            ProblemFormat::Sarif => print::out(&format!("{:#}\n", sarif::document(&kept))),
            ProblemFormat::Text | ProblemFormat::Github | ProblemFormat::Rdjsonl => {}
        }
    }
}

/// The folder need not exist: the log may be of another machine.
fn absolute(path: Option<&Path>) -> Result<PathBuf, Error> {
    let path = path.unwrap_or(Path::new("."));
    let absolute = std::path::absolute(path);
    absolute.map_err(|cause| Error::Root { path: path.to_owned(), cause })
}
