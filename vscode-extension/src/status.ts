// The latest snapshot of every root, and who wants to hear of it.

import type { Service, Snapshot, State } from "./protocol";

/** The worse comes first: what the status bar shows of several roots. */
const WORST: readonly State[] = [
  "misconfigured",
  "buildFailed",
  "crashed",
  "untrusted",
  "building",
  "restarting",
  "starting",
  "paused",
  "stopped",
  "finished",
  "idle",
  "ready",
];

export interface Status {
  /** In the order in which their roots were first heard of. */
  snapshots(): readonly Snapshot[];
  /** The one whose state matters most; undefined before the first. */
  worst(): Snapshot | undefined;
  services(): readonly { root: string; service: Service }[];
  take: (snapshot: Snapshot) => void;
  clear(): void;
  onChange(listener: () => void): { dispose(): void };
}

export function createStatus(): Status {
  const latest = new Map<string, Snapshot>();
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...listeners]) {
      listener();
    }
  };
  const rank = (snapshot: Snapshot): number => {
    const at = WORST.indexOf(snapshot.state);
    return at < 0 ? WORST.length : at;
  };
  return {
    snapshots: () => [...latest.values()],
    worst: () => [...latest.values()].sort((left, right) => rank(left) - rank(right))[0],
    services: () =>
      [...latest.values()].flatMap(({ root, services }) => services.map((service) => ({ root, service }))),
    take(snapshot) {
      if ((latest.get(snapshot.root)?.seq ?? -1) < snapshot.seq) {
        latest.set(snapshot.root, snapshot);
        tell();
      }
    },
    clear() {
      latest.clear();
      tell();
    },
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
}
