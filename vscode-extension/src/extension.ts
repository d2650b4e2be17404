// Puts the parts together. No logic.

import * as vscode from "vscode";
import { registerCommands } from "./commands";
import { registerDebugging } from "./debugging";
import { createOverlapFilter } from "./diagnostics";
import { filtersOverlap, OF_SERVER, SECTION } from "./options";
import { createOutputs } from "./output";
import { GET_LOG } from "./protocol";
import { createServer, type Server } from "./server";
import { createServicesView } from "./services-view";
import { createStatus } from "./status";
import { render } from "./status-bar";
import { registerTasks } from "./tasks";
import { registerToml } from "./toml";

let running: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const channel = vscode.window.createOutputChannel("Reload", { log: true });
  const overlap = createOverlapFilter(filtersOverlap);
  const status = createStatus();
  const server = createServer({
    extension: context.extensionUri,
    channel,
    overlap,
    onStatus: status.take,
    onLog: (log) => { outputs.take(log); },
    onRunning(isRunning) {
      status.clear();
      void vscode.commands.executeCommand("setContext", "reloadLsp.active", isRunning);
    },
  });
  const outputs = createOutputs((uri, service) => server.request(GET_LOG, { uri, service, after: 0, max: 2_000 }));
  running = server;

  const item = vscode.window.createStatusBarItem("reload", vscode.StatusBarAlignment.Left, 10);
  item.name = "Reload";
  item.command = "reloadLsp.menu";
  const paint = (): void => {
    const worst = status.worst();
    if (worst === undefined) {
      item.hide();
      return;
    }
    const { text, tooltip, color } = render(worst);
    item.text = text;
    item.tooltip = new vscode.MarkdownString(tooltip, true);
    item.tooltip.isTrusted = { enabledCommands: ["open", "restart", "build", "showOutput"].map((name) => `reloadLsp.${name}`) };
    item.backgroundColor = color === undefined ? undefined : new vscode.ThemeColor(`statusBarItem.${color}Background`);
    item.show();
    const isAsking = status.snapshots().some(({ trust }) => trust.state !== "allowed");
    void vscode.commands.executeCommand("setContext", "reloadLsp.untrusted", isAsking);
  };

  context.subscriptions.push(
    channel,
    overlap,
    server,
    outputs,
    item,
    status.onChange(paint),
    createServicesView(status),
    registerCommands({ server, status, outputs, channel }),
    registerTasks(server, status),
    registerDebugging(server, status, channel),
    registerToml(context.extensionUri),
    vscode.workspace.onDidChangeWorkspaceFolders(() => startWhereConfigured(server)),
    vscode.workspace.onDidSaveTextDocument(({ uri }) => (uri.path.endsWith("/reload.toml") ? startWhereConfigured(server) : undefined)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (server.isRunning() && OF_SERVER.some((name) => change.affectsConfiguration(`${SECTION}.${name}`))) {
        void server.restart();
      }
    }),
  );
  void startWhereConfigured(server);
}

/** The view and the commands alone start nothing: there must be a configuration, or a person who asks. */
async function startWhereConfigured(server: Server): Promise<void> {
  if (server.isRunning()) {
    return;
  }
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    const exists = await vscode.workspace.fs.stat(vscode.Uri.joinPath(uri, "reload.toml")).then(
      () => true,
      () => false,
    );
    if (exists) {
      await server.restart();
      return;
    }
  }
}

export function deactivate(): Thenable<void> | undefined {
  return running?.stop();
}
