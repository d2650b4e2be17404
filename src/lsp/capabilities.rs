//! What the client can do, and what we announce. Called by `handlers`; the result is read by all of `lsp`.
//! Does not know: sessions.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::commands;
use super::diagnostics::Encoding;
use super::protocol::{NOTIFICATIONS, Offer, OptIn, PROTOCOL, REQUESTS};
use super::types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CodeLensOptions, ExecuteCommandOptions,
    InitializeParams, OneOf, PositionEncodingKind, SaveOptions, ServerCapabilities,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
    WorkDoneProgressOptions, WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
};
use crate::config::Overrides;

/// Which diagnostics of builds are published (lsp.md 3.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Overlap {
    /// All where the client hides what another server says too; `Unowned` elsewhere.
    #[default]
    Auto,
    /// Not those in files of languages that another server checks.
    Unowned,
    /// All.
    All,
    /// One for each failed build.
    Summary,
}

/// `initializationOptions.reload`. An option that cannot be read is as if it were not there.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Options {
    /// Which notifications the client wants.
    pub opt_in: OptIn,
    /// Which diagnostics are published. Never `Auto`.
    pub overlap: Overlap,
    /// Languages that another server checks.
    pub owned_elsewhere: Vec<String>,
    /// Whether the client vouches for the folder.
    pub trusted: bool,
    /// Whether the URL of the service is shown after the first ready.
    pub open_url: bool,
    /// What the editor adds to the configuration; its file may be relative to the root.
    pub overrides: Overrides,
}

/// What the client can do.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a capability of its own, named as in the protocol"
)]
pub(super) struct Abilities {
    /// In which unit columns go over the wire.
    pub encoding: Encoding,
    /// `relatedInformation` of diagnostics.
    pub related_information: bool,
    /// `codeDescription` of diagnostics.
    pub code_description: bool,
    /// `data` of diagnostics.
    pub diagnostic_data: bool,
    /// Which tags of diagnostics.
    pub tags: Vec<i64>,
    /// `CodeAction` literals.
    pub code_action_literals: bool,
    /// `workspace/codeLens/refresh`.
    pub code_lens_refresh: bool,
    /// `window/workDoneProgress/create`.
    pub progress: bool,
    /// `window/showDocument`.
    pub show_document: bool,
    /// Dynamic registration of `workspace/didChangeWatchedFiles`.
    pub watched_files: bool,
    /// Patterns of that which are relative to a folder.
    pub relative_patterns: bool,
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

impl Options {
    /// Reads the options of an `initialize`.
    pub(super) fn from_params(params: &InitializeParams) -> Self {
        let options = params.initialization_options.as_ref().and_then(|options| options.get("reload"));
        let options = options.unwrap_or(&Value::Null);
        let experimental = params.capabilities.experimental.as_ref().and_then(|value| value.get("reload"));
        let wanted = |value: &Value| OptIn::deserialize(value).ok().filter(|opt_in| opt_in.protocol > 0);
        let diagnostics = &options["diagnostics"];
        let overlap = match Overlap::deserialize(&diagnostics["overlap"]).unwrap_or_default() {
            Overlap::Auto if options["overlapFilter"] == true => Overlap::All,
            Overlap::Auto => Overlap::Unowned,
            chosen @ (Overlap::Unowned | Overlap::All | Overlap::Summary) => chosen,
        };
        Self {
            opt_in: experimental.and_then(wanted).or_else(|| wanted(options)).unwrap_or_default(),
            overlap,
            // Nothing unless the person says so: whether another language server is there can't be seen from here, and a
            // failed build must never be invisible.
            owned_elsewhere: Vec::deserialize(&diagnostics["ownedElsewhere"]).unwrap_or_default(),
            trusted: options["trust"]["granted"] == true,
            open_url: options["openUrl"] == true,
            overrides: Overrides {
                file: text(&options["config"]).map(PathBuf::from),
                build: text(&options["build"]),
                exec: text(&options["exec"]),
                watch: Vec::deserialize(&options["watch"]).unwrap_or_default(),
                editor: Some(options["config"].clone()).filter(Value::is_object),
                client_watches: Abilities::from_params(params).watched_files,
            },
        }
    }

    /// What flags and the editor add to the configuration of a root. A flag wins over the editor.
    pub(super) fn overrides_of(&self, root: &Path, flags: &Overrides) -> Overrides {
        let editor = &self.overrides;
        Overrides {
            file: flags.file.clone().or_else(|| editor.file.as_ref().map(|file| root.join(file))),
            build: flags.build.clone().or_else(|| editor.build.clone()),
            exec: flags.exec.clone().or_else(|| editor.exec.clone()),
            watch: if flags.watch.is_empty() { editor.watch.clone() } else { flags.watch.clone() },
            editor: editor.editor.clone(),
            client_watches: editor.client_watches,
        }
    }
}

impl Abilities {
    /// Reads the capabilities of an `initialize`.
    pub(super) fn from_params(params: &InitializeParams) -> Self {
        let capabilities = serde_json::to_value(&params.capabilities).unwrap_or_default();
        let has = |pointer: &str| capabilities.pointer(pointer).is_some_and(|value| value == true);
        let list = |pointer: &str| capabilities.pointer(pointer).and_then(Value::as_array);
        let offers_utf8 =
            list("/general/positionEncodings").is_some_and(|encodings| encodings.contains(&json!("utf-8")));
        let tags = list("/textDocument/publishDiagnostics/tagSupport/valueSet");
        Self {
            encoding: if offers_utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            related_information: has("/textDocument/publishDiagnostics/relatedInformation"),
            code_description: has("/textDocument/publishDiagnostics/codeDescriptionSupport"),
            diagnostic_data: has("/textDocument/publishDiagnostics/dataSupport"),
            tags: tags.into_iter().flatten().filter_map(Value::as_i64).collect(),
            code_action_literals: capabilities
                .pointer("/textDocument/codeAction/codeActionLiteralSupport")
                .is_some_and(Value::is_object),
            code_lens_refresh: has("/workspace/codeLens/refreshSupport"),
            progress: has("/window/workDoneProgress"),
            show_document: has("/window/showDocument/support"),
            watched_files: has("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            relative_patterns: has("/workspace/didChangeWatchedFiles/relativePatternSupport"),
        }
    }
}

/// What we announce.
pub(super) fn announce(abilities: &Abilities) -> ServerCapabilities {
    let offer = Offer {
        protocol: PROTOCOL,
        methods: NOTIFICATIONS.into_iter().chain(REQUESTS).map(str::to_owned).collect(),
        commands: commands::IDS.map(str::to_owned).to_vec(),
    };
    ServerCapabilities {
        // A client that offered nothing is not to be told anything: VS Code throws.
        position_encoding: (abilities.encoding == Encoding::Utf8).then_some(PositionEncodingKind::UTF8),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(false),
            change: Some(TextDocumentSyncKind::NONE),
            will_save: Some(true),
            will_save_wait_until: None,
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
        })),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: offer.commands.clone(),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: None,
        }),
        experimental: Some(json!({ "reload": offer })),
        ..ServerCapabilities::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(value: Value) -> InitializeParams {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_encoding_is_named_only_to_a_client_that_offered_it() {
        let offered =
            params(json!({ "capabilities": { "general": { "positionEncodings": ["utf-16", "utf-8"] } } }));
        let silent = params(json!({ "capabilities": {} }));
        let announced = |params| announce(&Abilities::from_params(params)).position_encoding;
        assert_eq!(announced(&offered), Some(PositionEncodingKind::UTF8));
        assert_eq!(announced(&silent), None);
    }

    #[test]
    fn nothing_of_ours_is_sent_without_an_opt_in() {
        let silent = Options::from_params(&params(json!({ "capabilities": {} })));
        assert_eq!(silent.opt_in, OptIn::default());
        let wants = json!({ "protocol": 1, "status": true, "log": true });
        for both in [
            json!({ "capabilities": { "experimental": { "reload": wants } } }),
            json!({ "capabilities": {}, "initializationOptions": { "reload": wants } }),
        ] {
            let options = Options::from_params(&params(both));
            assert!(options.opt_in.status && options.opt_in.log);
        }
    }

    #[test]
    fn what_another_server_says_is_left_out_unless_the_client_hides_it_itself() {
        let overlap = |reload: Value| {
            let options = json!({ "capabilities": {}, "initializationOptions": { "reload": reload } });
            Options::from_params(&params(options)).overlap
        };
        assert_eq!(overlap(json!({})), Overlap::Unowned);
        assert_eq!(overlap(json!({ "overlapFilter": true })), Overlap::All);
        assert_eq!(overlap(json!({ "diagnostics": { "overlap": "summary" } })), Overlap::Summary);
        assert_eq!(overlap(json!({ "diagnostics": { "overlap": "unknown" } })), Overlap::Unowned);
    }
}
