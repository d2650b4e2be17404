// Starts, stops and restarts the language client. One path for all of them: a restart that is asked for while one goes on is
// one more restart.

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { Ears } from "./client";
import { locate, OLDEST } from "./locate";
import { serverPath } from "./options";

export interface Server {
  /** Stops what runs and starts anew; starts if nothing runs. */
  restart(): Promise<void>;
  /** Ends the server and everything it has started. */
  stop(): Promise<void>;
  /** Fails if the server does not run. */
  request<T>(method: string, params: unknown): Promise<T>;
  isRunning(): boolean;
  dispose(): void;
}

export interface Wishes extends Ears {
  extension: vscode.Uri;
  /** It runs, or does not any longer. */
  onRunning(isRunning: boolean): void;
}

export function createServer(wishes: Wishes): Server {
  const { channel } = wishes;
  let client: LanguageClient | undefined;
  let running: Promise<void> | undefined;
  let again = false;

  const stop = async (): Promise<void> => {
    const ending = client;
    client = undefined;
    wishes.onRunning(false);
    try {
      await ending?.dispose(5_000);
    } catch (error) {
      channel.warn(`the server did not end as it should: ${String(error)}`);
    }
  };

  const start = async (): Promise<void> => {
    const located = await locate({
      setting: serverPath(),
      extension: wishes.extension.fsPath,
      path: process.env["PATH"] ?? "",
    });
    if (located.kind !== "found") {
      void complain(
        "setPath",
        located.kind === "missing"
          ? vscode.l10n.t("reload-lsp cannot be started: {0}. Install the program, or set its path.", located.because)
          : vscode.l10n.t("{0} is version {1}; this extension needs {2} or later.", located.path, located.version, OLDEST),
      );
      return;
    }
    channel.info(`${located.path} ${located.version}, from ${located.from}`);
    const { createClient } = await import("./client");
    const starting = createClient(located.path, wishes);
    client = starting;
    await starting.start();
    wishes.onRunning(true);
  };

  const complain = async (remedy: "setPath" | "showLog", message: string): Promise<void> => {
    channel.error(message);
    const button = remedy === "setPath" ? vscode.l10n.t("Set the Path") : vscode.l10n.t("Show the Log");
    if ((await vscode.window.showErrorMessage(message, button)) !== button) {
      return;
    }
    if (remedy === "setPath") {
      await vscode.commands.executeCommand("workbench.action.openSettings", "reloadLsp.server.path");
    } else {
      channel.show();
    }
  };

  const cycle = async (): Promise<void> => {
    do {
      again = false;
      await stop();
      try {
        await start();
      } catch (error) {
        void complain("showLog", vscode.l10n.t("reload-lsp did not start: {0}", error instanceof Error ? error.message : String(error)));
      }
      // Set by a request that came meanwhile.
    } while (again as boolean);
    running = undefined;
  };

  return {
    restart() {
      if (running !== undefined) {
        again = true;
      }
      return (running ??= cycle());
    },
    async stop() {
      await running;
      await stop();
    },
    request(method, params) {
      if (client === undefined) {
        return Promise.reject(new Error(vscode.l10n.t("reload-lsp does not run")));
      }
      return client.sendRequest(method, params);
    },
    isRunning: () => client !== undefined,
    dispose() {
      void stop();
    },
  };
}
