// What services and builds print, in terminals: colors and links as anywhere else. One for the runs of a service and one for
// its builds and tasks; both are made when somebody looks.

import * as vscode from "vscode";
import { basename } from "node:path";
import type { Entry, Lines, Log } from "./protocol";

export type Kind = "run" | "build";

export interface Outputs {
  take(log: Log): void;
  show(root: string, service: string, kind: Kind): void;
  dispose(): void;
}

interface Terminal {
  terminal: vscode.Terminal;
  write(entries: Entry[]): void;
}

/** A command that is built with is told by the server itself. */
const kindOf = ({ from, text }: Entry): Kind =>
  from === "run" || (from === "reload" && !text.startsWith("$ ")) ? "run" : "build";

/** A line as a terminal needs it. */
function rendered(entry: Entry): string {
  return entry.text.replace(/\r?\n/g, "\r\n");
}

/** `fetch` gives what was printed before the terminal was opened. */
export function createOutputs(fetch: (root: string, service: string) => Promise<Lines>): Outputs {
  const open = new Map<string, Terminal>();
  const key = (root: string, service: string, kind: Kind): string => `${root}\n${service}\n${kind}`;

  const make = (root: string, service: string, kind: Kind): Terminal => {
    const written = new vscode.EventEmitter<string>();
    // What comes before the terminal is there waits; numbers tell what was fetched and told as well.
    let waiting: Entry[] | undefined = [];
    let last = 0;
    const put = (entries: Entry[]): void => {
      const fresh = entries.filter(({ n }) => n > last);
      last = fresh.at(-1)?.n ?? last;
      if (fresh.length > 0) {
        written.fire(fresh.map(rendered).join(""));
      }
    };
    const pty: vscode.Pseudoterminal = {
      onDidWrite: written.event,
      open() {
        void fetch(root, service)
          .then(({ entries }) => entries, () => [])
          .then((before) => {
            put(before.filter((entry) => entry.service === service && kindOf(entry) === kind));
            put(waiting ?? []);
            waiting = undefined;
          });
      },
      close() {
        open.delete(key(root, service, kind));
        written.dispose();
      },
    };
    const folder = basename(vscode.Uri.parse(root).fsPath);
    const isAlone = (vscode.workspace.workspaceFolders?.length ?? 1) < 2;
    const name = `${isAlone ? "" : `${folder}/`}${service}${kind === "build" ? " (build)" : ""}`;
    const terminal = vscode.window.createTerminal({
      name,
      pty,
      iconPath: new vscode.ThemeIcon(kind === "build" ? "tools" : "debug-console"),
    });
    return {
      terminal,
      write(entries) {
        if (waiting === undefined) {
          put(entries);
        } else {
          waiting.push(...entries);
        }
      },
    };
  };

  return {
    take({ root, entries }) {
      for (const [at, terminal] of open) {
        const mine = entries.filter((entry) => key(root, entry.service, kindOf(entry)) === at);
        if (mine.length > 0) {
          terminal.write(mine);
        }
      }
    },
    show(root, service, kind) {
      const at = key(root, service, kind);
      const found = open.get(at) ?? make(root, service, kind);
      open.set(at, found);
      found.terminal.show(true);
    },
    dispose() {
      for (const { terminal } of [...open.values()]) {
        terminal.dispose();
      }
    },
  };
}
