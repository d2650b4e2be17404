//! The JSON schema of `reload.toml`, made from `options`. Called by `cli` and `reference`.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::options::{
    Address, At, ColumnOptions, Embedded, Level, Named, Options, Pin, ReadyOptions, RuleAction, SignalName,
    Time, Unit, Variable, WatchMode, Written,
};
use crate::engine::{Action, ColumnUnit, OnBuildFailure, OnCrash, OnSave, Severity, Swap};
use crate::process::CommandLine;

/// The schema, for editors that complete and check `reload.toml`.
pub fn schema() -> Value {
    of::<Options>()
}

/// The schema of any of our types, with the tables in it as definitions.
pub(super) fn of<T: JsonSchema>() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<T>().to_value()
}

/// The keys of a table that is a definition of `schema`.
pub(super) fn properties<'a>(schema: &'a Value, table: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let keys = schema["definitions"][table]["properties"].as_object();
    keys.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// The keys at the top level.
pub(super) fn top(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    schema["properties"].as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// A type that is written as one of a few words.
pub(super) trait Words: Copy + 'static {
    /// Each word and what it stands for; the default first.
    const WORDS: &'static [(&'static str, Self)];
}

macro_rules! words {
    ($type:ident: $($word:literal => $value:expr),+ $(,)?) => {
        impl Words for $type {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, $value)),+];
        }
        inline!($type, json_schema!({ "type": "string", "enum": [$($word),+] }));
    };
}

macro_rules! inline {
    ($type:ident, $schema:expr) => {
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

words!(Swap: "stop-first" => Self::StopFirst, "start-first" => Self::StartFirst);
words!(OnBuildFailure: "keep" => Self::Keep, "stop" => Self::Stop);
words!(OnCrash: "restart" => Self::Restart, "wait" => Self::Wait);
words!(OnSave: "always" => Self::Always, "manual" => Self::Manual, "never" => Self::Never);
words!(Pin: "auto" => Self::Auto, "always" => Self::Always);
words!(WatchMode: "auto" => Self::Auto, "native" => Self::Native, "poll" => Self::Poll,
    "client" => Self::Client, "watchman" => Self::Watchman, "off" => Self::Off);
words!(RuleAction: "rebuild" => Self::Do(Action::Rebuild), "restart" => Self::Do(Action::Restart),
    "refresh" => Self::Do(Action::Refresh), "ignore" => Self::Ignore);

words!(Level: "error" => Self(Severity::Error), "warning" => Self(Severity::Warning),
    "info" => Self(Severity::Information), "hint" => Self(Severity::Hint));
words!(Unit: "char" => Self(ColumnUnit::Char), "utf8" => Self(ColumnUnit::Byte), "utf16" => Self(ColumnUnit::Utf16),
    "display" => Self(ColumnUnit::Display));

inline!(Embedded, json_schema!({ "type": "object" }));
inline!(Time, json_schema!({ "type": "string", "x-type": "duration", "examples": ["5s", "300ms"] }));
inline!(
    SignalName,
    json_schema!({ "type": ["string", "integer"], "x-type": "signal", "examples": ["SIGTERM", "INT", 15] })
);
inline!(Address, json_schema!({ "type": "string", "x-type": "address", "examples": ["127.0.0.1:8080"] }));
inline!(Variable, json_schema!({ "type": ["string", "integer"] }));
inline!(
    CommandLine,
    json_schema!({
        "x-type": "command",
        "anyOf": [
            { "type": "string", "minLength": 1 },
            { "type": "array", "items": { "type": "string" }, "minItems": 1 }
        ]
    })
);

// The place of a value is no part of what is written.
macro_rules! transparent {
    ($wrapper:ident) => {
        impl<T: JsonSchema> JsonSchema for $wrapper<T> {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }
            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                generator.subschema_for::<T>()
            }
        }
    };
}

transparent!(At);
transparent!(Written);

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Named_{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<T>() })
    }
}

/// A default beside a reference is lost in older readers of schemas.
pub(super) fn column(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "allOf": [generator.subschema_for::<ColumnOptions>()] })
}

/// `ready` is a word or a table.
pub(super) fn ready(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [{ "type": "string", "enum": ["auto"] }, generator.subschema_for::<ReadyOptions>()] })
}
