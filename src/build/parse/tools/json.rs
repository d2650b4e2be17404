//! Objects of JSON, each a problem or the problems of a file, whose keys are data. Called by `documents::list`.
//! Does not know: how the objects were found.

use serde_json::Value;

use super::keys::{ROWS, Row};
use crate::build::parse::codes::tags;
use crate::build::parse::context::Context;
use crate::build::parse::documents::told::Told;
use crate::engine::Severity;

/// Reports what an object says. False if it is none of these.
pub(in crate::build::parse) fn report(value: &Value, context: &mut Context) -> bool {
    ROWS.iter().any(|row| row.read(value, context))
}

impl Row {
    fn read(&self, value: &Value, context: &mut Context) -> bool {
        let Some(file) = value.pointer(self.file).and_then(Value::as_str) else { return false };
        if self.list.is_empty() {
            return self.is_one(value) && self.tell(file, value, context);
        }
        let Some(all) = value.pointer(self.list).and_then(Value::as_array) else { return false };
        // An empty list says nothing of whose it is.
        let is_ours = !all.is_empty() && all.iter().all(|one| self.is_one(one));
        is_ours && all.iter().all(|one| self.tell(file, one, context))
    }

    fn is_one(&self, one: &Value) -> bool {
        let is_number = |pointer: &str| one.pointer(pointer).is_some_and(Value::is_u64);
        // solhint gives no rule for what it can't read.
        let has_code = self.code.is_empty() || self.mark == "/filePath" || self.code(one).is_some();
        has_code
            && one.pointer(self.mark).is_some()
            && is_number(self.line)
            && one.pointer(self.message).is_some_and(Value::is_string)
            && (self.column.is_empty()
                || one.pointer(self.column).is_none_or(|it| it.is_u64() || it.is_null()))
    }

    fn tell(&self, file: &str, one: &Value, context: &mut Context) -> bool {
        let number = |pointer: &str| {
            let number = one.pointer(pointer).filter(|_| !pointer.is_empty()).and_then(Value::as_u64);
            number.and_then(|number| u32::try_from(number).ok()).map(|number| number + 1 - self.first)
        };
        let end = |(line, column): (u32, u32)| (line, column.saturating_add(u32::from(self.includes_end)));
        let start = (number(self.line).unwrap_or(1), number(self.column).unwrap_or(0));
        let code = self.code(one);
        let told = Told {
            tool: self.tool,
            severity: severity(one.pointer(self.severity).and_then(Value::as_str)),
            message: &self.message(one),
            code: code.as_deref(),
            file,
            start,
            end: number(self.end[0]).zip(number(self.end[1])).map(end).filter(|end| *end > start),
            unit: self.unit,
        };
        let mut problem = told.problem(context);
        if file.is_empty() {
            // Said of no file, but of a package of Go by its compiler.
            if told.lines_of_go(context) {
                return true;
            }
            told.message.clone_into(&mut problem.message);
        }
        problem.tags = code.as_deref().map(tags).unwrap_or_default();
        context.report(problem);
        true
    }

    fn code(&self, one: &Value) -> Option<String> {
        let code = one.pointer(self.code).filter(|_| !self.code.is_empty())?;
        let text = code.as_str().map(str::to_owned).or(code.as_u64().map(|number| number.to_string()))?;
        Some(format!("{}{text}", self.prefix)).filter(|code| !code.is_empty())
    }

    fn message(&self, one: &Value) -> String {
        let text =
            |pointer: &str| one.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        let mut message = text(self.message).unwrap_or_default().to_owned();
        if let Some(details) = text(self.details).filter(|_| !self.details.is_empty()) {
            message = format!("{message}\n{details}");
        }
        // markdownlint
        if let Some(detail) = text("/errorDetail") {
            message = format!("{message} [{detail}]");
        }
        if let Some(context) = text("/errorContext") {
            message = format!("{message} [Context: \"{context}\"]");
        }
        message
    }
}

fn severity(word: Option<&str>) -> Severity {
    match word.unwrap_or_default().to_ascii_lowercase().as_str() {
        "warning" | "medium" => Severity::Warning,
        "info" | "information" | "style" | "convention" | "refactor" | "note" | "notice" | "low"
        | "suggestion" | "readability" | "design" => Severity::Information,
        "hint" | "ignore" => Severity::Hint,
        _ => Severity::Error,
    }
}
