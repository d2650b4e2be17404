//! What clients write otherwise than the specification says, put right before anything is parsed by its type. What cannot
//! be put right costs one line of the log. Called by `transport` for every request and notification.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::types::{
    DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams, DidSaveTextDocumentParams,
    InitializeParams, WillSaveTextDocumentParams, WorkDoneProgressCancelParams,
};
use super::uri;

/// Sent by clients although nobody asked; large, frequent, and nothing to us.
const UNWANTED: [&str; 8] = [
    "textDocument/didOpen",
    "textDocument/didChange",
    "textDocument/didClose",
    "notebookDocument/didOpen",
    "notebookDocument/didChange",
    "notebookDocument/didClose",
    "notebookDocument/didSave",
    "$/setTrace",
];

/// The message as the handlers can take it; `None` if there is nothing to handle.
pub(super) fn prepare(mut message: Value) -> Option<Value> {
    let method = message["method"].as_str().unwrap_or_default().to_owned();
    if UNWANTED.contains(&method.as_str()) && message.get("id").is_none() {
        return None;
    }
    if let Some(params) = message.get_mut("params") {
        uri::encode_all(params);
    }
    match method.as_str() {
        "initialize" => soften(&mut message["params"]),
        // Some clients send an empty object, which the framework refuses: nothing would ever shut down.
        "shutdown" | "exit" => drop(message.as_object_mut().and_then(|members| members.remove("params"))),
        "initialized" if message["params"].is_null() => message["params"] = json!({}),
        "workspace/executeCommand" if message["params"]["arguments"].is_null() => {
            if let Some(params) = message["params"].as_object_mut() {
                params.remove("arguments");
            }
        }
        reload if reload.starts_with("reload/") && message["params"].is_null() => {
            message["params"] = json!({});
        }
        _ => {}
    }
    if let Err(error) = check(&method, &message["params"]) {
        tracing::warn!("`{method}` of the client is ignored: {error}");
        return None;
    }
    Some(message)
}

/// Whether the parameters of a notification can be read. The framework would drop it without a word.
fn check(method: &str, params: &Value) -> Result<(), serde_json::Error> {
    match method {
        "textDocument/didSave" => DidSaveTextDocumentParams::deserialize(params).map(drop),
        "textDocument/willSave" => WillSaveTextDocumentParams::deserialize(params).map(drop),
        "workspace/didChangeWorkspaceFolders" => {
            DidChangeWorkspaceFoldersParams::deserialize(params).map(drop)
        }
        "workspace/didChangeWatchedFiles" => DidChangeWatchedFilesParams::deserialize(params).map(drop),
        "window/workDoneProgress/cancel" => WorkDoneProgressCancelParams::deserialize(params).map(drop),
        _ => Ok(()),
    }
}

/// Leaves out of an `initialize` what cannot be read, so that the rest of it counts.
fn soften(params: &mut Value) {
    if params.get("capabilities").is_none_or(|capabilities| !capabilities.is_object()) {
        params["capabilities"] = json!({});
    }
    // Not every client gives what the type says; `null` and missing are the same to us.
    drop_nulls(&mut params["capabilities"]);
    if InitializeParams::deserialize(&*params).is_ok() {
        return;
    }
    let Some(members) = params.as_object_mut() else { return };
    keep_readable(members, |name, value| json!({ "capabilities": {}, name: value }));
    if let Some(capabilities) = members.get_mut("capabilities").and_then(Value::as_object_mut) {
        keep_readable(capabilities, |name, value| json!({ "capabilities": { name: value } }));
    }
}

/// Keeps the members with which an `initialize` of nothing else can be read.
fn keep_readable(members: &mut Map<String, Value>, alone: impl Fn(&str, &Value) -> Value) {
    members.retain(|name, value| {
        let is_readable = name == "capabilities" || InitializeParams::deserialize(alone(name, value)).is_ok();
        if !is_readable {
            tracing::warn!("`{name}` of the client's `initialize` cannot be read and does not count");
        }
        is_readable
    });
}

fn drop_nulls(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|_, member| !member.is_null());
        members.values_mut().for_each(drop_nulls);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(method: &str, params: &Value) -> Option<Value> {
        prepare(json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    #[test]
    fn one_unreadable_capability_does_not_cost_the_others() {
        let params = json!({
            "rootUri": "file:///a b",
            "rootPath": 7,
            "capabilities": { "window": { "workDoneProgress": true }, "workspace": { "codeLens": 9 }, "textDocument": null },
        });
        let message = prepared("initialize", &params).unwrap();
        let read = InitializeParams::deserialize(&message["params"]).unwrap();
        assert!(read.capabilities.window.is_some());
        assert_eq!(message["params"]["rootUri"], "file:///a%20b");
    }

    #[test]
    fn a_save_in_a_folder_with_a_space_is_read() {
        let message =
            prepared("textDocument/didSave", &json!({ "textDocument": { "uri": "file:///a b/c.rs" } }));
        assert!(message.is_some());
    }

    #[test]
    fn a_shutdown_with_parameters_is_a_shutdown() {
        assert_eq!(prepared("shutdown", &json!({})).unwrap().get("params"), None);
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        assert_eq!(prepared("textDocument/didSave", &json!({ "textDocument": {} })), None);
        assert_eq!(prepared("textDocument/didChange", &json!({})), None);
    }
}
