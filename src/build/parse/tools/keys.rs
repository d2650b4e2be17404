//! The keys under which tools put the parts of a problem into JSON. Data for `json`.

use crate::engine::ColumnUnit;

/// How a tool writes a problem. A pointer that is empty is not there.
pub(super) struct Row {
    pub(super) tool: &'static str,
    pub(super) unit: ColumnUnit,
    /// What the first line and column are called.
    pub(super) first: u32,
    /// Whether the last column is one that still belongs to it.
    pub(super) includes_end: bool,
    /// The list in the object, if the object is that of a file.
    pub(super) list: &'static str,
    /// What no other tool has.
    pub(super) mark: &'static str,
    /// In the outer object, if there is a list.
    pub(super) file: &'static str,
    pub(super) line: &'static str,
    pub(super) column: &'static str,
    pub(super) end: [&'static str; 2],
    pub(super) severity: &'static str,
    pub(super) code: &'static str,
    /// What stands before the code elsewhere.
    pub(super) prefix: &'static str,
    pub(super) message: &'static str,
    /// More of the message.
    pub(super) details: &'static str,
}

const USUAL: Row = Row {
    tool: "",
    unit: ColumnUnit::Char,
    first: 1,
    includes_end: false,
    list: "",
    mark: "",
    file: "/file",
    line: "/line",
    column: "/column",
    end: ["", ""],
    severity: "/severity",
    code: "/code",
    prefix: "",
    message: "/message",
    details: "",
};

pub(super) static ROWS: &[Row] = &[
    Row {
        tool: "shellcheck",
        unit: ColumnUnit::Display,
        mark: "/fix",
        end: ["/endLine", "/endColumn"],
        severity: "/level",
        prefix: "SC",
        ..USUAL
    },
    Row { tool: "hadolint", mark: "/column", severity: "/level", column: "", ..USUAL },
    Row {
        tool: "actionlint",
        unit: ColumnUnit::Byte,
        includes_end: true,
        mark: "/kind",
        file: "/filepath",
        end: ["/line", "/end_column"],
        code: "/kind",
        ..USUAL
    },
    Row {
        tool: "rubocop",
        includes_end: true,
        list: "/offenses",
        mark: "/cop_name",
        file: "/path",
        line: "/location/line",
        column: "/location/column",
        end: ["/location/last_line", "/location/last_column"],
        code: "/cop_name",
        ..USUAL
    },
    Row {
        tool: "staticcheck",
        unit: ColumnUnit::Byte,
        mark: "/code",
        file: "/location/file",
        line: "/location/line",
        column: "/location/column",
        end: ["/end/line", "/end/column"],
        ..USUAL
    },
    Row {
        tool: "golangci-lint",
        unit: ColumnUnit::Byte,
        mark: "/FromLinter",
        file: "/Pos/Filename",
        line: "/Pos/Line",
        column: "/Pos/Column",
        severity: "/Severity",
        code: "/FromLinter",
        message: "/Text",
        ..USUAL
    },
    Row {
        tool: "markdownlint",
        unit: ColumnUnit::Utf16,
        mark: "/ruleNames",
        file: "/fileName",
        line: "/lineNumber",
        column: "/errorRange/0",
        code: "/ruleNames/0",
        message: "/ruleDescription",
        ..USUAL
    },
    Row { tool: "crystal", mark: "/size", code: "", ..USUAL },
    Row {
        tool: "terraform",
        mark: "/summary",
        file: "/range/filename",
        line: "/range/start/line",
        column: "/range/start/column",
        end: ["/range/end/line", "/range/end/column"],
        code: "",
        message: "/summary",
        details: "/detail",
        ..USUAL
    },
    Row {
        tool: "sqlfluff",
        list: "/violations",
        mark: "/start_line_no",
        file: "/filepath",
        line: "/start_line_no",
        column: "/start_line_pos",
        end: ["/end_line_no", "/end_line_pos"],
        message: "/description",
        ..USUAL
    },
    Row {
        tool: "buf",
        unit: ColumnUnit::Byte,
        mark: "/start_line",
        file: "/path",
        line: "/start_line",
        column: "/start_column",
        end: ["/end_line", "/end_column"],
        code: "/type",
        ..USUAL
    },
    Row {
        tool: "htmlhint",
        unit: ColumnUnit::Utf16,
        list: "/messages",
        mark: "/evidence",
        column: "/col",
        severity: "/type",
        code: "/rule/id",
        ..USUAL
    },
    Row {
        tool: "solhint",
        unit: ColumnUnit::Utf16,
        mark: "/filePath",
        file: "/filePath",
        code: "/ruleId",
        ..USUAL
    },
    Row {
        tool: "psalm",
        mark: "/file_path",
        file: "/file_path",
        line: "/line_from",
        column: "/column_from",
        end: ["/line_to", "/column_to"],
        code: "/type",
        ..USUAL
    },
    Row {
        tool: "tflint",
        mark: "/rule/name",
        file: "/range/filename",
        line: "/range/start/line",
        column: "/range/start/column",
        end: ["/range/end/line", "/range/end/column"],
        severity: "/rule/severity",
        code: "/rule/name",
        ..USUAL
    },
    Row {
        tool: "swiftlint",
        mark: "/rule_id",
        column: "/character",
        code: "/rule_id",
        message: "/reason",
        ..USUAL
    },
    Row { tool: "ktlint", list: "/errors", mark: "/rule", code: "/rule", ..USUAL },
    Row {
        tool: "hlint",
        mark: "/decl",
        line: "/startLine",
        column: "/startColumn",
        end: ["/endLine", "/endColumn"],
        code: "",
        message: "/hint",
        ..USUAL
    },
    Row {
        tool: "credo",
        mark: "/check",
        file: "/filename",
        line: "/line_no",
        end: ["/line_no", "/column_end"],
        severity: "/category",
        code: "/check",
        ..USUAL
    },
    Row {
        tool: "dart",
        unit: ColumnUnit::Utf16,
        mark: "/problemMessage",
        file: "/location/file",
        line: "/location/range/start/line",
        column: "/location/range/start/column",
        end: ["/location/range/end/line", "/location/range/end/column"],
        message: "/problemMessage",
        details: "/correctionMessage",
        ..USUAL
    },
    Row {
        tool: "semgrep",
        unit: ColumnUnit::Char,
        mark: "/check_id",
        file: "/path",
        line: "/start/line",
        column: "/start/col",
        end: ["/end/line", "/end/col"],
        severity: "/extra/severity",
        code: "/check_id",
        message: "/extra/message",
        ..USUAL
    },
    Row {
        tool: "bandit",
        unit: ColumnUnit::Byte,
        mark: "/test_id",
        file: "/filename",
        line: "/line_number",
        column: "",
        severity: "/issue_severity",
        code: "/test_id",
        message: "/issue_text",
        ..USUAL
    },
];
