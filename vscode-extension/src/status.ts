// The latest snapshot of every root, and who wants to hear of it.

import type { LastReload, Service, Snapshot, State } from "./protocol";

/** So many reloads of each service are remembered. */
const RELOADS = 5;

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
  /** The last reloads of a service that were told, the newest first. */
  reloads(root: string, service: string): readonly LastReload[];
  take: (snapshot: Snapshot) => void;
  clear(): void;
  onChange(listener: () => void): { dispose(): void };
}

export function createStatus(): Status {
  const latest = new Map<string, Snapshot>();
  const listeners = new Set<() => void>();
  const reloads = new Map<string, LastReload[]>();
  const remember = ({ root, services }: Snapshot): void => {
    for (const { name, lastReload } of services) {
      const key = `${root}#${name}`;
      const known = reloads.get(key) ?? [];
      // The same generation is reloaded again by a restart.
      if (lastReload !== null && JSON.stringify(lastReload) !== JSON.stringify(known[0])) {
        reloads.set(key, [lastReload, ...known].slice(0, RELOADS));
      }
    }
  };
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
    reloads: (root, service) => reloads.get(`${root}#${service}`) ?? [],
    take(snapshot) {
      if ((latest.get(snapshot.root)?.seq ?? -1) < snapshot.seq) {
        latest.set(snapshot.root, snapshot);
        remember(snapshot);
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
