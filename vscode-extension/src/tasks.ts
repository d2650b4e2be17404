// The task type `reload-lsp`: builds or restarts on demand, and ends when the service is ready, so that F5 can wait for it.

import * as vscode from "vscode";
import type { Service } from "./protocol";
import type { Server } from "./server";
import type { Status } from "./status";
import { verdict } from "./verdict";

interface Definition extends vscode.TaskDefinition {
  do: "ready" | "build" | "restart";
  service?: string;
}

function run(server: Server, status: Status, definition: Definition): vscode.Pseudoterminal {
  const written = new vscode.EventEmitter<string>();
  const closed = new vscode.EventEmitter<number>();
  let listening: { dispose(): void } | undefined;
  const end = (says: string, code: number): void => {
    listening?.dispose();
    written.fire(`${says}\r\n`);
    closed.fire(code);
  };
  const meant = (): Service[] =>
    status
      .services()
      .map(({ service }) => service)
      .filter(({ name }) => definition.service === undefined || name === definition.service);
  const begin = async (): Promise<void> => {
    if (!server.isRunning()) {
      await server.restart();
    }
    const before = new Map(meant().map(({ name, build, run }) => [name, { generation: build?.generation ?? 0, run: run?.id ?? 0 }]));
    if (definition.do !== "ready") {
      await server.request(`reload/${definition.do}`, definition.service === undefined ? {} : { service: definition.service });
    }
    // What was asked for shows in the status a moment later.
    const hasBegun = ({ name, build, run }: Service): boolean => {
      const { generation, run: id } = before.get(name) ?? { generation: 0, run: 0 };
      switch (definition.do) {
        case "ready":
          return true;
        case "build":
          return build === null || build.generation > generation;
        case "restart":
          return (run?.id ?? 0) > id;
      }
    };
    const look = (): void => {
      const services = meant();
      if (services.length === 0) {
        const worst = status.worst();
        if (worst !== undefined && ["misconfigured", "untrusted"].includes(worst.state)) {
          end(worst.message, 1);
        } else if (status.services().length > 0) {
          end(vscode.l10n.t("There is no service {0}.", definition.service ?? ""), 1);
        }
        return;
      }
      const is = services.every(hasBegun) ? verdict(services) : undefined;
      if (is !== undefined) {
        end(is.says, is.isGood ? 0 : 1);
      }
    };
    listening = status.onChange(() => { look(); });
    look();
  };
  return {
    onDidWrite: written.event,
    onDidClose: closed.event,
    open() {
      begin().catch((error: unknown) => { end(error instanceof Error ? error.message : String(error), 1); });
    },
    close() {
      listening?.dispose();
    },
  };
}

export function registerTasks(server: Server, status: Status): vscode.Disposable {
  const task = (definition: Definition, scope: vscode.WorkspaceFolder | vscode.TaskScope): vscode.Task => {
    const name = definition.service === undefined ? definition.do : `${definition.do} ${definition.service}`;
    const made = new vscode.Task(
      definition,
      scope,
      name,
      "reload-lsp",
      new vscode.CustomExecution((resolved) => Promise.resolve(run(server, status, resolved as Definition))),
      [],
    );
    made.presentationOptions = { reveal: vscode.TaskRevealKind.Silent, panel: vscode.TaskPanelKind.Shared };
    return made;
  };
  return vscode.tasks.registerTaskProvider("reload-lsp", {
    provideTasks: () =>
      (["ready", "build", "restart"] as const).map((what) => task({ type: "reload-lsp", do: what }, vscode.TaskScope.Workspace)),
    resolveTask: ({ definition, scope }) => task(definition as Definition, scope ?? vscode.TaskScope.Workspace),
  });
}
