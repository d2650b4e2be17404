// Completion and hover in reload.toml.

import { readFileSync } from "node:fs";
import * as vscode from "vscode";
import { complete, explain, type Schema } from "./schema";

const SELECTOR: vscode.DocumentSelector = { scheme: "file", pattern: "**/reload.toml" };

const KINDS = {
  table: vscode.CompletionItemKind.Module,
  key: vscode.CompletionItemKind.Property,
  value: vscode.CompletionItemKind.EnumMember,
};

export function registerToml(extension: vscode.Uri): vscode.Disposable {
  let schema: Schema | undefined;
  const known = (): Schema =>
    (schema ??= JSON.parse(readFileSync(vscode.Uri.joinPath(extension, "schema", "reload.json").fsPath, "utf8")) as Schema);
  const completion = vscode.languages.registerCompletionItemProvider(
    SELECTOR,
    {
      provideCompletionItems: (document, { line, character }) =>
        complete(document.getText(), line, character, known()).map(({ label, kind, text, documentation }) => {
          const item = new vscode.CompletionItem(label, KINDS[kind]);
          item.insertText = text;
          item.documentation = new vscode.MarkdownString(documentation);
          return item;
        }),
    },
    "[",
    ".",
    "=",
    '"',
    " ",
  );
  const hover = vscode.languages.registerHoverProvider(SELECTOR, {
    provideHover(document, { line, character }) {
      const text = explain(document.getText(), line, character, known());
      return text === undefined ? undefined : new vscode.Hover(new vscode.MarkdownString(text));
    },
  });
  return vscode.Disposable.from(completion, hover);
}
