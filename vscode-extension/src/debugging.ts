// A program that a debugger has stopped is not replaced: changes are held until it goes on. When it has been replaced, the
// debugger can be attached again.

import * as vscode from "vscode";
import { concerns, createStops, onto } from "./holding";
import { holdsForDebugger, reattaches } from "./options";
import { HOLD, RELEASE } from "./protocol";
import type { Server } from "./server";
import type { Status } from "./status";

/** A hold lasts so long and is renewed before, so that a window that dies holds nothing for ever. */
const HOLD_MS = 60_000;
const RENEW_MS = 30_000;
/** For so long after a session has ended its program may be replaced and become ready. A person who detaches and saves within
 * that time is attached again: there is no telling that from the end of the program. */
const REPLACED_MS = 30_000;

interface Message {
  type?: string;
  event?: string;
  command?: string;
  success?: boolean;
}

/** Whether a message says that threads stopped, or that they go on. */
function saysOf(message: Message): "stopped" | "continued" | undefined {
  if (message.type === "event" && message.event === "stopped") {
    return "stopped";
  }
  const goesOn = ["continue", "next", "stepIn", "stepOut", "stepBack", "reverseContinue", "goto"];
  const isAnswer = message.type === "response" && message.success === true && goesOn.includes(message.command ?? "");
  const isEnd = message.type === "event" && ["continued", "terminated", "exited"].includes(message.event ?? "");
  return isAnswer || isEnd ? "continued" : undefined;
}

/** A debugger may open further sessions for parts of the program; what the person wrote is in the first. */
function topmost(session: vscode.DebugSession): vscode.DebugSession {
  return session.parentSession === undefined ? session : topmost(session.parentSession);
}

export function registerDebugging(server: Server, status: Status, channel: vscode.LogOutputChannel): vscode.Disposable {
  let token: Promise<string | undefined> = Promise.resolve(undefined);
  let renewing: NodeJS.Timeout | undefined;
  const ask = async (known: string | undefined): Promise<string | undefined> => {
    try {
      return (await server.request<{ token: string }>(HOLD, { ttlMs: HOLD_MS, token: known })).token;
    } catch (error) {
      channel.warn(`changes cannot be held: ${String(error)}`);
      return undefined;
    }
  };
  const renew = (): void => {
    token = token.then(ask);
  };
  const release = (): void => {
    clearInterval(renewing);
    renewing = undefined;
    const held = token;
    token = Promise.resolve(undefined);
    void held
      .then((known) => (known === undefined ? undefined : server.request(RELEASE, { token: known })))
      .catch((error: unknown) => { channel.warn(String(error)); });
  };
  const stops = createStops(() => {
    renew();
    renewing = setInterval(renew, RENEW_MS);
  }, release);

  const pids = (name: string | boolean): Map<string, number> =>
    new Map(
      status
        .services()
        .filter(({ service }) => typeof name === "boolean" || service.name === name)
        .flatMap(({ root, service }) => (service.run?.pid ? [[`${root}#${service.name}`, service.run.pid] as const] : [])),
    );
  const attached = new Map<string, Map<string, number>>();

  /** Attaches again as soon as a program that the session was about is another one and ready. */
  const attachAgain = (session: vscode.DebugSession, before: Map<string, number>): void => {
    const look = (): boolean => {
      for (const { root, service } of status.services()) {
        const old = before.get(`${root}#${service.name}`);
        const pid = service.run?.phase === "ready" ? service.run.pid : null;
        if (old !== undefined && pid !== null && pid !== old) {
          void vscode.debug.startDebugging(session.workspaceFolder, onto(session.configuration, old, pid));
          return true;
        }
      }
      return false;
    };
    const end = (): void => {
      clearTimeout(timer);
      listening.dispose();
    };
    const timer = setTimeout(() => { end(); }, REPLACED_MS);
    const listening = status.onChange(() => {
      if (look()) {
        end();
      }
    });
    if (look()) {
      end();
    }
  };

  return vscode.Disposable.from(
    vscode.debug.registerDebugAdapterTrackerFactory("*", {
      createDebugAdapterTracker(session) {
        const about = concerns(topmost(session).configuration);
        if (about === false || !server.isRunning()) {
          return undefined;
        }
        attached.set(session.id, pids(about));
        return {
          onDidSendMessage(message: Message) {
            const says = saysOf(message);
            if (says === "stopped" && holdsForDebugger()) {
              stops.stopped(session.id);
            } else if (says === "continued") {
              stops.continued(session.id);
            }
          },
          onExit() {
            stops.continued(session.id);
          },
        };
      },
    }),
    vscode.debug.onDidTerminateDebugSession((session) => {
      stops.continued(session.id);
      const before = attached.get(session.id);
      attached.delete(session.id);
      if (before === undefined || !reattaches() || session.parentSession !== undefined || session.configuration.request !== "attach") {
        return;
      }
      attachAgain(session, before);
    }),
    { dispose: () => { clearInterval(renewing); } },
  );
}
