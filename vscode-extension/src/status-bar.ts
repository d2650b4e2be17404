// What the status bar says: pure; `extension.ts` applies it.

import type { LastReload, Service, Snapshot, State } from "./protocol";

export interface Shown {
  text: string;
  /** Markdown with command links. */
  tooltip: string;
  color: "error" | "warning" | undefined;
}

const ICONS: Record<State, string> = {
  untrusted: "$(shield)",
  misconfigured: "$(error)",
  paused: "$(debug-pause)",
  building: "$(sync~spin)",
  buildFailed: "$(error)",
  crashed: "$(error)",
  restarting: "$(sync~spin)",
  starting: "$(sync~spin)",
  ready: "$(check)",
  finished: "$(check)",
  stopped: "$(debug-stop)",
  idle: "$(circle-outline)",
};

export const STAGES = ["settle", "build", "stop", "start", "ready"] as const;

/** The stages of a reload with their times, and a bar of ten parts that shows their shares. */
export function timeline(reload: LastReload): string {
  const times: Record<(typeof STAGES)[number], number> = {
    settle: reload.settleMs,
    build: reload.buildMs,
    stop: reload.stopMs,
    start: reload.startMs,
    ready: reload.readyMs,
  };
  const parts = STAGES.map((stage) => `${stage} ${times[stage]}`).join(" · ");
  return `${reload.totalMs} ms (${parts})`;
}

/** `▰▰▰▱`-like: ten parts, one glyph for each stage. */
export function bar(reload: LastReload): string {
  const glyphs: readonly [number, string][] = [
    [reload.settleMs, "░"],
    [reload.buildMs, "█"],
    [reload.stopMs, "▒"],
    [reload.startMs, "▓"],
    [reload.readyMs, "▬"],
  ];
  const total = glyphs.reduce((sum, [time]) => sum + time, 0);
  return total === 0 ? "" : glyphs.map(([time, glyph]) => glyph.repeat(Math.round((time / total) * 10))).join("");
}

/** Characters that mean something in Markdown. */
export function escape(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!<>|~$]/g, "\\$&");
}

function counts(service: Service): string {
  const { errors, warnings } = service.build ?? { errors: 0, warnings: 0 };
  const plural = (count: number, word: string): string => (count === 1 ? `1 ${word}` : `${count} ${word}s`);
  return [errors > 0 ? plural(errors, "error") : "", warnings > 0 ? plural(warnings, "warning") : ""]
    .filter((part) => part !== "")
    .join(", ");
}

/** The port of a service that answers, as short as it can be said. */
export function address(service: Service): string | undefined {
  const url = service.run?.phase === "ready" ? service.run.urls[0] : undefined;
  if (url === undefined) {
    return undefined;
  }
  try {
    const { port, hostname } = new URL(url);
    return port === "" ? hostname : `:${port}`;
  } catch {
    return url;
  }
}

function short(snapshot: Snapshot): string {
  const service = snapshot.services.find(({ state }) => state === snapshot.state) ?? snapshot.services[0];
  const name = service === undefined || snapshot.services.length === 1 ? "" : `${service.name}: `;
  switch (snapshot.state) {
    case "untrusted":
      return "not allowed";
    case "misconfigured":
      return "reload.toml";
    case "buildFailed":
      return `${name}${service === undefined ? "" : counts(service) || "build failed"}`;
    case "ready": {
      const at = service === undefined ? undefined : address(service);
      return at === undefined ? "ready" : `${name}${at}`;
    }
    case "building":
    case "restarting":
    case "starting":
    case "paused":
    case "crashed":
    case "finished":
    case "stopped":
    case "idle":
      return `${name}${snapshot.state}`;
    default:
      return "reload";
  }
}

function tooltipOf(snapshot: Snapshot): string {
  const lines = [`**reload** — ${escape(snapshot.message)}`];
  for (const service of snapshot.services) {
    lines.push("", `**${escape(service.name)}** — ${escape(service.message)}`);
    if (service.lastReload !== null) {
      lines.push("", `last reload ${timeline(service.lastReload)}`);
    }
    const target = encodeURIComponent(JSON.stringify([{ service: service.name, uri: snapshot.root }]));
    const link = (title: string, command: string): string => `[${title}](command:reloadLsp.${command}?${target})`;
    const links = [link("restart", "restart"), link("build", "build"), link("output", "showOutput")];
    if (address(service) !== undefined) {
      links.unshift(link("open", "open"));
    }
    lines.push("", links.join(" · "));
  }
  for (const error of snapshot.errors) {
    lines.push("", escape(error));
  }
  if (snapshot.watch.degraded !== null) {
    lines.push("", `$(warning) ${escape(snapshot.watch.degraded)}`);
  }
  return lines.join("\n");
}

/** What to show of the snapshot that matters most. */
export function render(snapshot: Snapshot): Shown {
  const isStale = snapshot.services.some(({ stale, run }) => stale && run !== null);
  const isBad = ["misconfigured", "buildFailed", "crashed"].includes(snapshot.state);
  // An unknown state of a newer server.
  const icon = (ICONS as Partial<Record<string, string>>)[snapshot.state] ?? "$(question)";
  const stale = isStale && snapshot.state === "ready" ? " (stale)" : "";
  return {
    text: `${icon} ${short(snapshot)}${stale}`,
    tooltip: tooltipOf(snapshot),
    color: isBad ? "error" : isStale || snapshot.state === "untrusted" ? "warning" : undefined,
  };
}
