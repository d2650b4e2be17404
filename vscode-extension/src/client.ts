// The language client. A bundle of its own, loaded when a server is started: a window that needs none does not wait for it.

import type * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn, type StaticFeature } from "vscode-languageclient/node";
import type { OverlapFilter } from "./diagnostics";
import { initializationOptions } from "./options";
import { LOG, PROTOCOL, STATUS, type Log, type Snapshot } from "./protocol";

export interface Ears {
  channel: vscode.LogOutputChannel;
  overlap: OverlapFilter;
  onStatus: (snapshot: Snapshot) => void;
  onLog: (log: Log) => void;
}

/** Tells the server that we know `reload/*`. */
const optIn: StaticFeature = {
  fillClientCapabilities(capabilities) {
    const ours = { reload: { protocol: PROTOCOL, status: true, log: true } };
    capabilities.experimental = { ...(capabilities.experimental as object | undefined), ...ours };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

/** A client of this program that has not been started. */
export function createClient(program: string, { channel, overlap, onStatus, onLog }: Ears): LanguageClient {
  const client = new LanguageClient(
    "reloadLsp",
    "Reload",
    { command: program, args: ["--stdio"], options: { env: { ...process.env } } },
    {
      documentSelector: [{ scheme: "file", pattern: "**" }],
      outputChannel: channel,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions,
      diagnosticCollectionName: "reload",
      middleware: { handleDiagnostics: (uri, diagnostics, next) => { overlap.handle(uri, diagnostics, next); } },
    },
  );
  client.registerFeature(optIn);
  client.onNotification(STATUS, onStatus);
  client.onNotification(LOG, onLog);
  return client;
}
