//! The only import of protocol types. Used by all of `lsp`.

pub(crate) use tower_lsp::ls_types::{
    CodeAction, CodeActionKind, CodeActionOptions, CodeActionOrCommand, CodeActionParams,
    CodeActionProviderCapability, CodeActionResponse, CodeDescription, CodeLens, CodeLensOptions,
    CodeLensParams, Command, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    DidChangeConfigurationParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidSaveTextDocumentParams, ExecuteCommandOptions, ExecuteCommandParams, FileChangeType, InitializeParams,
    InitializeResult, InitializedParams, LSPAny, Location, MessageType, NumberOrString, OneOf, Position,
    PositionEncodingKind, Range, SaveOptions, ServerCapabilities, ServerInfo, TextDocumentSaveReason,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
    TextEdit, Uri, WillSaveTextDocumentParams, WorkDoneProgressCancelParams, WorkDoneProgressOptions,
    WorkspaceEdit, WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
};
pub(crate) use tower_lsp::{LanguageServer, LspService};

/// The error of a request.
pub(crate) use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
