// When changes are held for a debugger: pure, over sessions that stop and go on. `debugging.ts` listens and does.

/** One session of a debugger, as far as it concerns us. */
export interface Stops {
  /** A thread has stopped. */
  stopped(session: string): void;
  /** It goes on, or the session has ended. */
  continued(session: string): void;
}

/** Calls `hold` when the first session stops and `release` when the last one goes on. */
export function createStops(hold: () => void, release: () => void): Stops {
  const stopped = new Set<string>();
  return {
    stopped(session) {
      if (stopped.size === 0) {
        hold();
      }
      stopped.add(session);
    },
    continued(session) {
      if (stopped.delete(session) && stopped.size === 0) {
        release();
      }
    },
  };
}

/** What a launch configuration says about us. */
export interface Configuration {
  request?: unknown;
  reloadLsp?: unknown;
  processId?: unknown;
  pid?: unknown;
}

/** The service whose program a debugger is about; `true`: some service here. A debugger that has launched a program of its own
 * is about none, unless its configuration says `reloadLsp`. */
export function concerns({ request, reloadLsp }: Configuration): string | boolean {
  if (typeof reloadLsp === "string" || typeof reloadLsp === "boolean") {
    return reloadLsp;
  }
  return request === "attach";
}

/** The configuration to attach to the process that has come after, where the old one was named. */
export function onto<T extends Configuration>(configuration: T, before: number, after: number): T {
  const moved = (value: unknown): unknown => (Number(value) === before ? (typeof value === "string" ? String(after) : after) : value);
  return {
    ...configuration,
    ...(configuration.processId === undefined ? {} : { processId: moved(configuration.processId) }),
    ...(configuration.pid === undefined ? {} : { pid: moved(configuration.pid) }),
  };
}
