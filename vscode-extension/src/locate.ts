// Which program is the server: the setting, the one that came with the extension, or the one on PATH.

import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { promisify } from "node:util";

/** The oldest server that this extension speaks to. */
export const OLDEST = "0.1.0";

export type Located =
  | { kind: "found"; path: string; version: string; from: "setting" | "bundled" | "PATH" }
  | { kind: "missing"; because: string }
  | { kind: "tooOld"; path: string; version: string };

export interface Places {
  /** The setting; empty: not set. */
  setting: string;
  /** The folder of the extension. */
  extension: string;
  /** The variable. */
  path: string;
}

const NAME = "reload-lsp";

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether a version is below another; of `major.minor.patch` with anything behind. */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string): number[] => (/(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1) ?? []).map(Number);
  const [left, right] = [numbers(version), numbers(than)];
  for (const [at, number] of right.entries()) {
    const other = left[at] ?? 0;
    if (other !== number) {
      return other < number;
    }
  }
  return false;
}

/** Looks, and asks the program for its version. */
export async function locate(places: Places): Promise<Located> {
  const onPath = (): string | undefined =>
    places.path
      .split(delimiter)
      .filter((folder) => isAbsolute(folder))
      .map((folder) => join(folder, NAME))
      .find(isProgram);
  let path: string;
  let from: "setting" | "bundled" | "PATH";
  const bundled = join(places.extension, "server", NAME);
  if (places.setting !== "") {
    [path, from] = [places.setting, "setting"];
    if (!isProgram(path)) {
      return { kind: "missing", because: `reloadLsp.server.path is ${path}, which is no program` };
    }
  } else if (isProgram(bundled)) {
    [path, from] = [bundled, "bundled"];
  } else {
    const found = onPath();
    if (found === undefined) {
      return { kind: "missing", because: `${NAME} is not on PATH` };
    }
    [path, from] = [found, "PATH"];
  }
  try {
    const { stdout } = await promisify(execFile)(path, ["--version"], { timeout: 10_000 });
    const version = /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] ?? "";
    if (version === "") {
      return { kind: "missing", because: `${path} does not say which version it is` };
    }
    return isOlder(version, OLDEST) ? { kind: "tooOld", path, version } : { kind: "found", path, version, from };
  } catch (error) {
    return { kind: "missing", because: `${path} cannot be run: ${error instanceof Error ? error.message : String(error)}` };
  }
}
