// Stands between the server's diagnostics and what is shown of them.

import * as vscode from "vscode";
import type { HandleDiagnosticsSignature } from "vscode-languageclient/node";
import { visible } from "./overlap";

export interface OverlapFilter {
  /** The client's middleware. */
  handle(uri: vscode.Uri, diagnostics: vscode.Diagnostic[], next: HandleDiagnosticsSignature): void;
  dispose(): void;
}

/** What the server said of a file, and what of it is shown. */
interface Said {
  uri: vscode.Uri;
  diagnostics: vscode.Diagnostic[];
  shown: vscode.Diagnostic[] | undefined;
  next: HandleDiagnosticsSignature;
}

export function createOverlapFilter(isOn: () => boolean): OverlapFilter {
  const ours = new Map<string, Said>();
  const show = (said: Said): void => {
    const { uri, diagnostics, next } = said;
    const now = isOn() ? visible(diagnostics, vscode.languages.getDiagnostics(uri)) : diagnostics;
    const before = said.shown;
    // What we set is told to us as well.
    if (before?.length !== now.length || before.some((diagnostic, at) => diagnostic !== now[at])) {
      said.shown = now;
      next(uri, now);
    }
  };
  const changes = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
    for (const said of uris.flatMap((uri) => ours.get(uri.toString()) ?? [])) {
      show(said);
    }
  });
  return {
    handle(uri, diagnostics, next) {
      const said = { uri, diagnostics, next, shown: undefined };
      ours.set(uri.toString(), said);
      show(said);
      if (diagnostics.length === 0) {
        ours.delete(uri.toString());
      }
    },
    dispose() {
      changes.dispose();
    },
  };
}
