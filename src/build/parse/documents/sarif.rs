//! SARIF 2.1: what many checkers print on demand, also GCC and Clang, one document for each process.
//! A shape of `document`. Does not know: how the document was found.

use std::sync::LazyLock;

use serde_json::Value;

use super::document::Shape;
use super::fields::{Region, items, number, path_of, text, tool_name};
use crate::build::parse::codes::tags;
use crate::build::parse::context::Context;
use crate::build::parse::pattern::{Pattern, pattern};
use crate::engine::{ColumnUnit, Edit, Fix, Place, Problem, Related, Severity};

pub(super) const SHAPE: Shape = Shape { marks: &["\"runs\""], foreign: &[], depth: 4, read };

/// `[this](1)` links to another place of the result, or to a page.
static LINK: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"\[(?<text>[^\[\]]+)\]\((?:[0-9]+|https?://[^\s()]+)\)"));

/// Bases of bases of URIs are followed this far.
const BASES: usize = 8;

/// One run of a tool.
struct Run<'a> {
    value: &'a Value,
    tool: String,
    unit: ColumnUnit,
}

fn read(value: &Value, context: &mut Context) -> bool {
    if !is_sarif(value) {
        return false;
    }
    for value in items(value, "/runs") {
        let tool = tool(value);
        let unit = match (text(value, "/columnKind"), tool.as_str()) {
            (Some("utf16CodeUnits"), _) | (None, "eslint" | "stylelint") => ColumnUnit::Utf16,
            (None, "golangci-lint" | "gosec" | "staticcheck" | "oxlint") => ColumnUnit::Byte,
            // Nothing says so, but it counts as in its text.
            (None, "gcc") => ColumnUnit::Display,
            _ => ColumnUnit::Char,
        };
        let run = Run { value, tool, unit };
        let mut problems: Vec<Problem> = Vec::new();
        for result in items(value, "/results") {
            run.result(result, &mut problems, context);
        }
        for invocation in items(value, "/invocations") {
            for pointer in ["/toolExecutionNotifications", "/toolConfigurationNotifications"] {
                let told = items(invocation, pointer).iter();
                for notification in told.filter(|told| text(told, "/level") == Some("error")) {
                    run.result(notification, &mut problems, context);
                }
            }
        }
        for problem in problems {
            context.report(problem);
        }
    }
    true
}

// Whatever was cut off may have been the version.
fn is_sarif(value: &Value) -> bool {
    match text(value, "/version") {
        Some(version) => version.starts_with("2."),
        None => items(value, "/runs").iter().any(|run| run.pointer("/results/0/message").is_some()),
    }
}

fn tool(run: &Value) -> String {
    let name = text(run, "/tool/driver/name").unwrap_or("sarif");
    // GCC gives the name of its language.
    if name.starts_with("GNU ") { "gcc".to_owned() } else { tool_name(name) }
}

impl<'a> Run<'a> {
    fn result(&self, result: &'a Value, problems: &mut Vec<Problem>, context: &mut Context) {
        let rule = self.rule(result);
        let Some(severity) = severity(result, rule) else { return };
        let Some(message) = message(result, rule) else { return };
        // Since version 15 GCC doubles the braces, as there could be numbers in them.
        let message =
            if self.tool == "gcc" { message.replace("{{", "{").replace("}}", "}") } else { message };
        let is_clang = self.tool == "clang";
        let mut places = items(result, "/locations").iter();
        let mut first = places.next();
        // Of Clang's locations the empty one is the caret, the others are what it underlines.
        if is_clang {
            first = first.into_iter().chain(places.by_ref()).find(|location| is_caret(location)).or(first);
        }
        // The notes of compilers follow their problem as results of their own.
        if (is_clang || self.tool == "gcc") && text(result, "/level") == Some("note") {
            let place = first.and_then(|location| self.place(location, context));
            if let (Some(problem), Some(place)) = (problems.last_mut(), place) {
                problem.related.push(Related { place, message });
            }
            return;
        }
        let mut problem = match first {
            Some(location) => self.problem(severity, &message, location, context),
            None => Problem::new(severity, &self.tool, message),
        };
        problem.code = self.code(result, rule);
        problem.tags = problem.code.as_deref().map(tags).unwrap_or_default();
        problem.href = rule.and_then(|rule| text(rule, "/helpUri")).map(str::to_owned);
        for location in places.chain(items(result, "/relatedLocations")) {
            if let Some(place) = self.place(location, context) {
                let message = text(location, "/message/text").map_or_else(|| "here".to_owned(), plain);
                problem.related.push(Related { place, message });
            }
        }
        problem.fixes =
            items(result, "/fixes").iter().filter_map(|fix| self.fix(fix, &problem, context)).collect();
        problems.push(problem);
    }

    // By its index, else by its name; of the tool or of an extension of it.
    fn rule(&self, result: &Value) -> Option<&'a Value> {
        let extension = number(result, "/rule/toolComponent/index");
        let owner = match extension {
            Some(index) => self.value.pointer(&format!("/tool/extensions/{index}")),
            None => self.value.pointer("/tool/driver"),
        }?;
        let index = number(result, "/ruleIndex").or_else(|| number(result, "/rule/index"));
        let by_index = index.and_then(|index| owner.pointer(&format!("/rules/{index}")));
        let id = id(result);
        let is_same = |rule: &&Value| id.is_some() && text(rule, "/id") == id;
        by_index.or_else(|| items(owner, "/rules").iter().find(is_same))
    }

    fn code(&self, result: &Value, rule: Option<&Value>) -> Option<String> {
        let id = id(result).or_else(|| rule.and_then(|rule| text(rule, "/id")))?;
        // GCC names what has no option by its level, Clang everything by a number of its own.
        let is_level = ["error", "warning", "note", "fatal error"].contains(&id);
        let is_number = self.tool == "clang" && id.bytes().all(|byte| byte.is_ascii_digit());
        (!is_level && !is_number).then(|| id.to_owned())
    }

    fn problem(&self, severity: Severity, message: &str, location: &Value, context: &mut Context) -> Problem {
        let Some((files, region)) = self.region(location) else {
            return Problem::new(severity, &self.tool, message);
        };
        if let Some(place) = found(&files, region, self.unit, context) {
            return Problem::new(severity, &self.tool, message).at(place);
        }
        let file = files.last().map_or("", String::as_str);
        region.problem(severity, &self.tool, message, (file, self.unit), context)
    }

    fn place(&self, location: &Value, context: &mut Context) -> Option<Place> {
        let (files, region) = self.region(location)?;
        found(&files, region, self.unit, context)
    }

    fn region(&self, location: &Value) -> Option<(Vec<String>, Region)> {
        let physical = location.get("physicalLocation")?;
        let files = self.files(physical.get("artifactLocation")?)?;
        Some((files, physical.get("region").map_or(Region { line: 1, ..Region::default() }, region)))
    }

    // The paths that it may stand for, the best first.
    fn files(&self, artifact: &Value) -> Option<Vec<String>> {
        let index = number(artifact, "/index");
        let indexed = index.and_then(|index| self.value.pointer(&format!("/artifacts/{index}/location")));
        let artifact = if text(artifact, "/uri").is_some() { artifact } else { indexed? };
        let uri = text(artifact, "/uri")?;
        let mut whole = uri.to_owned();
        let mut next = text(artifact, "/uriBaseId");
        for _ in 0..BASES {
            let Some(base) = next.and_then(|id| self.value.get("originalUriBaseIds")?.get(id)) else { break };
            let above = text(base, "/uri").unwrap_or_default();
            let slash = if above.is_empty() || above.ends_with('/') { "" } else { "/" };
            whole = format!("{above}{slash}{whole}");
            next = text(base, "/uriBaseId");
        }
        Some(if whole == uri { vec![path_of(uri)] } else { vec![path_of(&whole), path_of(uri)] })
    }

    fn fix(&self, fix: &Value, problem: &Problem, context: &mut Context) -> Option<Fix> {
        let mut edits = Vec::new();
        for change in items(fix, "/artifactChanges") {
            let files = self.files(change.get("artifactLocation")?)?;
            for replacement in items(change, "/replacements") {
                let region = region(replacement.get("deletedRegion")?);
                let mut places = files.iter().map(|file| region.replaced(file, self.unit, context));
                let place = places.find_map(|place| place)?;
                let inserted = replacement.pointer("/insertedContent/text").and_then(Value::as_str);
                edits.push(Edit { place, text: inserted.unwrap_or_default().to_owned() });
            }
        }
        let title = text(fix, "/description/text").unwrap_or(&problem.message);
        let title = title.lines().next().unwrap_or_default().to_owned();
        (!edits.is_empty()).then_some(Fix { title, edits })
    }
}

fn id(result: &Value) -> Option<&str> {
    text(result, "/ruleId").or_else(|| text(result, "/rule/id"))
}

fn is_caret(location: &Value) -> bool {
    location.pointer("/physicalLocation/region").is_some_and(|region| {
        region.get("endLine").is_none() && region.get("startColumn") == region.get("endColumn")
    })
}

fn found(files: &[String], region: Region, unit: ColumnUnit, context: &mut Context) -> Option<Place> {
    files.iter().find_map(|file| region.place(file, unit, context))
}

fn region(region: &Value) -> Region {
    let line = number(region, "/startLine").unwrap_or(1);
    Region {
        line,
        column: number(region, "/startColumn"),
        end_line: number(region, "/endLine"),
        end_column: number(region, "/endColumn"),
    }
}

// None: it is no problem, or one that somebody has accepted.
fn severity(result: &Value, rule: Option<&Value>) -> Option<Severity> {
    let is_suppressed = items(result, "/suppressions")
        .iter()
        .any(|one| !matches!(text(one, "/status"), Some("underReview" | "rejected")));
    if is_suppressed || text(result, "/baselineState") == Some("absent") {
        return None;
    }
    match text(result, "/kind") {
        None | Some("fail") => {}
        Some("pass" | "notApplicable") => return None,
        Some(_) => return Some(Severity::Information),
    }
    let level = text(result, "/level");
    let level = level.or_else(|| rule.and_then(|rule| text(rule, "/defaultConfiguration/level")));
    // GCC gives no level to what ends it.
    let level = level.or_else(|| id(result).filter(|&id| id == "fatal error").and(Some("error")));
    Some(match level {
        Some("error") => Severity::Error,
        Some("note" | "none") => Severity::Information,
        _ => Severity::Warning,
    })
}

fn message(result: &Value, rule: Option<&Value>) -> Option<String> {
    let message = result.get("message")?;
    let by_id = || {
        let strings = rule?.get("messageStrings")?;
        text(strings.get(text(message, "/id")?)?, "/text")
    };
    let said = text(message, "/text").or_else(by_id).or_else(|| text(message, "/markdown"))?;
    let mut said = said.to_owned();
    for (at, argument) in items(message, "/arguments").iter().enumerate().take(20) {
        said = said.replace(&format!("{{{at}}}"), argument.as_str().unwrap_or_default());
    }
    Some(plain(said.trim()))
}

fn plain(text: &str) -> String {
    LINK.regex().replace_all(text, "$text").into_owned()
}
