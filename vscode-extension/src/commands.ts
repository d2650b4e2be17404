// Every command: its id and what it does, in one table.

import * as vscode from "vscode";
import type { Outputs } from "./output";
import { ACTIONS, EXPLAIN, type Action, type Explanation, type Service, type Target } from "./protocol";
import type { Server } from "./server";
import type { Node } from "./services-view";
import type { Status } from "./status";

export interface Parts {
  server: Server;
  status: Status;
  outputs: Outputs;
  channel: vscode.LogOutputChannel;
}

/** What a command may be called with: a row of the view, a target of a link, or nothing. */
type Argument = Node | Target | undefined;

interface Chosen {
  root: string;
  service: Service;
}

export function openUrl(url: string): Thenable<boolean> {
  // In a remote window the address is another one from here.
  return vscode.env.asExternalUri(vscode.Uri.parse(url)).then((uri) => vscode.env.openExternal(uri));
}

export function registerCommands({ server, status, outputs, channel }: Parts): vscode.Disposable {
  const named = (argument: Argument): Chosen | undefined => {
    if (argument === undefined) {
      return undefined;
    }
    if ("kind" in argument) {
      return argument.kind === "service" ? argument : undefined;
    }
    return status
      .services()
      .find(({ root, service }) => service.name === argument.service && (argument.uri === undefined || argument.uri === root));
  };

  /** The service that is meant, the only one, or the one that the person picks. */
  const choose = async (argument: Argument): Promise<Chosen | undefined> => {
    const all = status.services();
    const known = named(argument) ?? (all.length === 1 ? all[0] : undefined);
    if (known !== undefined) {
      return known;
    }
    if (all.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t("There is no service here yet."));
      return undefined;
    }
    const items = all.map((chosen) => ({ label: chosen.service.name, description: chosen.service.message, chosen }));
    return (await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t("Which service?") }))?.chosen;
  };

  const act = async (action: Action, argument: Argument): Promise<void> => {
    if (!server.isRunning()) {
      // Somebody wants it although nothing here says so: a plan is guessed.
      await server.restart();
    }
    const chosen = named(argument);
    const target: Target = chosen === undefined ? {} : { service: chosen.service.name, uri: chosen.root };
    await server.request(`reload/${action}`, target);
  };

  const open = async (argument: Argument): Promise<void> => {
    const chosen = await choose(argument);
    const url = chosen?.service.run?.urls[0];
    if (url !== undefined) {
      await openUrl(url);
    } else if (chosen !== undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t("{0} has told no URL.", chosen.service.name));
    }
  };

  const show = async (argument: Argument, kind: "run" | "build"): Promise<void> => {
    const chosen = await choose(argument);
    if (chosen !== undefined) {
      outputs.show(chosen.root, chosen.service.name, kind);
    }
  };

  const explain = async (): Promise<void> => {
    const uri = vscode.window.activeTextEditor?.document.uri.toString();
    if (uri !== undefined) {
      const { text } = await server.request<Explanation>(EXPLAIN, { uri });
      void vscode.window.showInformationMessage(text);
    }
  };

  const openConfiguration = async (): Promise<void> => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    if (folder === undefined) {
      return;
    }
    const uri = vscode.Uri.joinPath(folder, "reload.toml");
    const exists = await vscode.workspace.fs.stat(uri).then(() => true, () => false);
    await vscode.window.showTextDocument(exists ? uri : uri.with({ scheme: "untitled" }));
  };

  const menu = async (): Promise<void> => {
    interface Item extends vscode.QuickPickItem {
      command?: string;
      argument?: Target;
    }
    const items: Item[] = [];
    for (const { root, service } of status.services()) {
      const argument = { service: service.name, uri: root };
      items.push({ label: service.name, kind: vscode.QuickPickItemKind.Separator });
      const add = (icon: string, label: string, command: string): void => {
        items.push({ label: `$(${icon}) ${label}`, description: service.message, command, argument });
      };
      if ((service.run?.urls.length ?? 0) > 0) {
        add("link-external", vscode.l10n.t("Open {0}", service.run?.urls[0] ?? ""), "open");
      }
      add("debug-restart", vscode.l10n.t("Restart"), "restart");
      if (service.build !== null) {
        add("tools", vscode.l10n.t("Build"), "build");
      }
      if (service.run === null) {
        add("debug-start", vscode.l10n.t("Start"), "start");
      } else {
        add("debug-stop", vscode.l10n.t("Stop"), "stop");
      }
      add("terminal", vscode.l10n.t("Show Output"), "showOutput");
      add("output", vscode.l10n.t("Show Build Output"), "showBuild");
    }
    items.push({ label: "", kind: vscode.QuickPickItemKind.Separator });
    const isPaused = status.snapshots().some(({ state }) => state === "paused");
    items.push(
      isPaused
        ? { label: `$(debug-continue) ${vscode.l10n.t("Resume")}`, command: "resume" }
        : { label: `$(debug-pause) ${vscode.l10n.t("Pause")}`, command: "pause" },
      { label: `$(gear) ${vscode.l10n.t("Open the Configuration")}`, command: "openConfiguration" },
      { label: `$(refresh) ${vscode.l10n.t("Restart the Server")}`, command: "restartServer" },
      { label: `$(list-flat) ${vscode.l10n.t("Show the Log")}`, command: "showLog" },
    );
    const picked = await vscode.window.showQuickPick(items, { placeHolder: status.worst()?.message ?? "" });
    if (picked?.command !== undefined) {
      await vscode.commands.executeCommand(`reloadLsp.${picked.command}`, picked.argument);
    }
  };

  const table: Record<string, (argument: Argument) => unknown> = {
    menu,
    open,
    explain,
    openConfiguration,
    showOutput: (argument) => show(argument, "run"),
    showBuild: (argument) => show(argument, "build"),
    allow: () => server.request("workspace/executeCommand", { command: "reload-lsp.allow", arguments: [] }),
    restartServer: () => server.restart(),
    showLog: () => { channel.show(); },
    ...Object.fromEntries(ACTIONS.map((action) => [action, (argument: Argument) => act(action, argument)])),
  };
  const registered = Object.entries(table).map(([name, does]) =>
    vscode.commands.registerCommand(`reloadLsp.${name}`, async (argument: Argument) => {
      try {
        await does(argument);
      } catch (error) {
        void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
      }
    }),
  );
  registered.push(vscode.commands.registerCommand("reloadLsp.openUrl", openUrl));
  return vscode.Disposable.from(...registered);
}
