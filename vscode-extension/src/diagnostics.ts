// Stands between the server's diagnostics and what is shown of them.

import * as vscode from "vscode";
import type { HandleDiagnosticsSignature } from "vscode-languageclient/node";
import { visible } from "./overlap";

export interface OverlapFilter {
  /** The client's middleware. */
  handle(uri: vscode.Uri, diagnostics: vscode.Diagnostic[], next: HandleDiagnosticsSignature): void;
  dispose(): void;
}

export function createOverlapFilter(isOn: () => boolean): OverlapFilter {
  const ours = new Map<string, { uri: vscode.Uri; diagnostics: vscode.Diagnostic[]; shown: number; next: HandleDiagnosticsSignature }>();
  const show = (key: string): void => {
    const of = ours.get(key);
    if (of === undefined) {
      return;
    }
    const { uri, diagnostics, next } = of;
    const shown = isOn() ? visible(diagnostics, vscode.languages.getDiagnostics(uri)) : diagnostics;
    // What we set is told to us as well.
    const mark = shown.reduce((sum, diagnostic) => sum + 2 ** (diagnostics.indexOf(diagnostic) % 48), shown.length / 1024);
    if (mark !== of.shown) {
      of.shown = mark;
      next(uri, shown);
    }
  };
  const changes = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
    for (const uri of uris) {
      show(uri.toString());
    }
  });
  return {
    handle(uri, diagnostics, next) {
      const key = uri.toString();
      ours.set(key, { uri, diagnostics, next, shown: -1 });
      show(key);
      if (diagnostics.length === 0) {
        ours.delete(key);
      }
    },
    dispose() {
      changes.dispose();
    },
  };
}
