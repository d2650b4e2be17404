// What the person has set, typed, and as the server takes it.

import * as vscode from "vscode";
import { PROTOCOL } from "./protocol";

export const SECTION = "reloadLsp";

/** Settings that the server hears of when it starts. */
export const OF_SERVER = ["server.path", "config", "onSave", "diagnostics.overlap", "openUrl"] as const;

function get<T>(name: string, otherwise: T): T {
  return vscode.workspace.getConfiguration(SECTION).get(name, otherwise);
}

export const serverPath = (): string => get("server.path", "").replace(/^~(?=\/)/, process.env["HOME"] ?? "~");
export const holdsForDebugger = (): boolean => get("debug.hold", true);
export const reattaches = (): boolean => get("debug.reattach", false);
export const filtersOverlap = (): boolean => get<string>("diagnostics.overlap", "auto") === "auto";

/** `initializationOptions`. The extension does nothing in a workspace that is not trusted: it vouches for its folders. */
export function initializationOptions(): unknown {
  const onSave = get<string>("onSave", "configured");
  const config = get<Record<string, unknown>>("config", {});
  const defaults = onSave === "configured" ? {} : { on_save: onSave };
  const merged = { ...config, ...defaults };
  return {
    reload: {
      protocol: PROTOCOL,
      status: true,
      log: true,
      trust: { granted: vscode.workspace.isTrusted },
      diagnostics: { overlap: get("diagnostics.overlap", "auto") },
      overlapFilter: true,
      openUrl: get("openUrl", false),
      ...(Object.keys(merged).length === 0 ? {} : { config: merged }),
    },
  };
}
