//! The XML of cppcheck (`--xml`): a problem, and inside of it its places, the first of which is its own.
//! A kind of `xml`. Does not know: how the document was found; its text is read by `gcc`.

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::fields::Region;
use super::xml::{Kind, attribute};
use crate::build::parse::codes::tags;
use crate::build::parse::context::Context;
use crate::engine::{ColumnUnit, Problem, Related, Severity};

/// The document.
pub(super) const KIND: Kind = Kind { start: "<results version=\"2\"", end: "</results>", report };

fn report(text: &str, context: &mut Context) {
    let mut reader = Reader::from_str(text);
    let mut open = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) if tag.name().as_ref() == "error" => open = problem(&tag),
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.name().as_ref() == "location" => {
                if let Some(problem) = &mut open {
                    locate(problem, &tag, context);
                }
            }
            Ok(Event::End(tag)) if tag.name().as_ref() == "error" => {
                if let Some(problem) = open.take().filter(|problem| problem.place.is_some()) {
                    context.report(problem);
                }
            }
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

fn problem(tag: &BytesStart<'_>) -> Option<Problem> {
    let severity = match attribute(tag, "severity")?.as_str() {
        "error" => Severity::Error,
        "information" | "debug" | "none" => Severity::Information,
        _ => Severity::Warning,
    };
    let mut problem = Problem::new(severity, "cppcheck", attribute(tag, "msg")?);
    problem.code = attribute(tag, "id");
    problem.tags = problem.code.as_deref().map(tags).unwrap_or_default();
    Some(problem)
}

fn locate(problem: &mut Problem, tag: &BytesStart<'_>, context: &mut Context) {
    let Some(file) = attribute(tag, "file") else { return };
    let number = |name: &str| attribute(tag, name).and_then(|text| text.trim().parse().ok());
    let region = Region {
        line: number("line").unwrap_or(1).max(1),
        column: number("column").filter(|&column| column > 0),
        ..Region::default()
    };
    if problem.place.is_none() {
        let at = region.problem(
            problem.severity,
            "cppcheck",
            &problem.message,
            (&file, ColumnUnit::Byte),
            context,
        );
        (problem.place, problem.message) = (at.place, at.message);
    } else if let Some(place) = region.place(&file, ColumnUnit::Byte, context) {
        let message = attribute(tag, "info").unwrap_or_else(|| "here".to_owned());
        problem.related.push(Related { place, message });
    }
}
