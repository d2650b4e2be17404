// How a task that waits for services ends: pure.

import type { Service } from "./protocol";

/** How a task ends by what the services are: undefined while it does not. */
export function verdict(services: readonly Service[]): { isGood: boolean; says: string } | undefined {
  const bad = services.find(({ state }) => ["untrusted", "misconfigured", "buildFailed", "crashed"].includes(state));
  if (bad !== undefined) {
    return { isGood: false, says: `${bad.name}: ${bad.message}` };
  }
  const isUp = ({ state, pending, stale }: Service): boolean =>
    ["ready", "finished", "idle"].includes(state) && !pending && !stale;
  return services.length > 0 && services.every(isUp)
    ? { isGood: true, says: services.map(({ name, message }) => `${name}: ${message}`).join("\r\n") }
    : undefined;
}
