// The Reload view: every service with its run, its last reload and its errors.

import * as vscode from "vscode";
import { basename } from "node:path";
import { memoryOf, size } from "./memory";
import type { LastReload, Service, Snapshot } from "./protocol";
import type { Status } from "./status";
import { address, bar, timeline } from "./status-bar";

export type Node =
  | { kind: "service"; root: string; service: Service; isAlone: boolean }
  | { kind: "row"; label: string; description: string; icon: string; command?: vscode.Command; tooltip?: string; pid?: number };

const COLORS: Partial<Record<string, string>> = {
  ready: "testing.iconPassed",
  buildFailed: "testing.iconFailed",
  crashed: "testing.iconFailed",
  misconfigured: "testing.iconFailed",
  untrusted: "problemsWarningIcon.foreground",
};

const ICONS: Partial<Record<string, string>> = {
  untrusted: "shield",
  misconfigured: "error",
  paused: "debug-pause",
  building: "sync~spin",
  buildFailed: "error",
  crashed: "error",
  restarting: "sync~spin",
  starting: "sync~spin",
  ready: "pass",
  finished: "pass",
  stopped: "debug-stop",
};

/** What menus look for: `service build url up`. */
function contextOf({ build, run }: Service): string {
  const words = ["service"];
  if (build !== null) {
    words.push("build");
  }
  if ((run?.urls.length ?? 0) > 0) {
    words.push("url");
  }
  words.push(run === null ? "down" : "up");
  return words.join(" ");
}

function rows({ run, build, waiting, suspended, tasks }: Service, reloads: readonly LastReload[]): Node[] {
  const found: Node[] = [];
  const row = (label: string, description: string, icon: string, command?: vscode.Command): void => {
    found.push({ kind: "row", label, description, icon, ...(command === undefined ? {} : { command }) });
  };
  for (const url of run?.urls ?? []) {
    row(url, "", "link", { title: "", command: "reloadLsp.openUrl", arguments: [url] });
  }
  if (run !== null) {
    const { id, phase, generation, pid } = run;
    const description = `${phase}, generation ${generation}${pid === null ? "" : `, pid ${pid}`}`;
    found.push({
      kind: "row",
      label: vscode.l10n.t("run {0}", id),
      description,
      icon: "server-process",
      ...(pid === null ? {} : { pid }),
    });
  }
  for (const [age, reload] of reloads.entries()) {
    const label = age === 0 ? vscode.l10n.t("last reload") : vscode.l10n.t("before");
    found.push({
      kind: "row",
      label,
      description: `${reload.totalMs} ms ${bar(reload)}`,
      icon: "history",
      tooltip: `generation ${reload.generation}: ${timeline(reload)}`,
    });
  }
  if (build !== null) {
    row(vscode.l10n.t("build {0}", build.generation), `${build.phase}, ${build.elapsedMs} ms`, "tools");
    for (const { uri, line, character, message } of build.first) {
      const selection = new vscode.Range(line, character, line, character);
      const command =
        uri === null ? undefined : { title: "", command: "vscode.open", arguments: [vscode.Uri.parse(uri), { selection }] };
      row(message, uri === null ? "" : `${basename(vscode.Uri.parse(uri).fsPath)}:${line + 1}`, "error", command);
    }
  }
  for (const { command, last } of tasks) {
    row(command, last?.phase ?? "", "checklist");
  }
  if (waiting !== null) {
    row(vscode.l10n.t("waits"), waiting.why, "watch");
  }
  for (const uri of suspended) {
    row(vscode.l10n.t("does not count"), basename(vscode.Uri.parse(uri).fsPath), "eye-closed");
  }
  return found;
}

function services(snapshots: readonly Snapshot[]): Node[] {
  return snapshots.flatMap(({ root, services }) =>
    services.map((service): Node => ({ kind: "service", root, service, isAlone: snapshots.length === 1 })),
  );
}

function itemOf(node: Node): vscode.TreeItem {
  if (node.kind === "row") {
    const item = new vscode.TreeItem(node.label);
    item.description = node.description;
    item.iconPath = new vscode.ThemeIcon(node.icon);
    // Of a run more is known when somebody asks.
    if (node.pid === undefined) {
      item.tooltip = node.tooltip ?? `${node.label} ${node.description}`;
    }
    if (node.command !== undefined) {
      item.command = node.command;
    }
    return item;
  }
  const { service, root, isAlone } = node;
  const item = new vscode.TreeItem(service.name, vscode.TreeItemCollapsibleState.Expanded);
  item.id = `${root}#${service.name}`;
  const where = isAlone ? "" : `${basename(vscode.Uri.parse(root).fsPath)} · `;
  item.description = `${where}${address(service) ?? ""} ${service.message}`.trim();
  item.tooltip = service.message;
  item.contextValue = contextOf(service);
  const color = service.stale && service.run !== null ? "problemsWarningIcon.foreground" : COLORS[service.state];
  item.iconPath = new vscode.ThemeIcon(
    ICONS[service.state] ?? "circle-outline",
    color === undefined ? undefined : new vscode.ThemeColor(color),
  );
  return item;
}

export function createServicesView(status: Status): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const view = vscode.window.createTreeView<Node>("reloadLsp.services", {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: (node?: Node) =>
        node === undefined ? services(status.snapshots()) : node.kind === "service" ? rows(node.service, status.reloads(node.root, node.service.name)) : [],
      getTreeItem: itemOf,
      async resolveTreeItem(item: vscode.TreeItem, node: Node) {
        if (node.kind === "row" && node.pid !== undefined) {
          const memory = await memoryOf(node.pid);
          item.tooltip = memory === undefined ? node.description : `${node.description}, ${size(memory)}`;
        }
        return item;
      },
    },
  });
  const listening = status.onChange(() => {
    changed.fire();
    const errors = status.services().reduce((sum, { service }) => sum + (service.build?.errors ?? 0), 0);
    view.badge = errors === 0 ? undefined : { value: errors, tooltip: vscode.l10n.t("{0} errors in the last builds", errors) };
  });
  return vscode.Disposable.from(view, changed, listening);
}
