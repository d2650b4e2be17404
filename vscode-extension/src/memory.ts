// How much memory a run uses: its process and all of its group, as Linux tells. Elsewhere nobody knows.

import { readFile, readdir } from "node:fs/promises";

const PAGE = 4096;

/** `pid (name) state parent group …`; the name may hold blanks and brackets. */
export function groupOf(stat: string): number | undefined {
  const behind = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const group = Number(behind[2]);
  return Number.isInteger(group) ? group : undefined;
}

async function text(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Bytes that are resident, of all processes in the group of `pid`; undefined where it cannot be told. */
export async function memoryOf(pid: number): Promise<number | undefined> {
  const own = await text(`/proc/${pid}/stat`);
  const group = own === undefined ? undefined : groupOf(own);
  if (group === undefined) {
    return undefined;
  }
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const pages = await Promise.all(
    pids.map(async (other) => {
      const stat = await text(`/proc/${other}/stat`);
      if (stat === undefined || groupOf(stat) !== group) {
        return 0;
      }
      return Number((await text(`/proc/${other}/statm`))?.split(" ")[1] ?? 0);
    }),
  );
  return pages.reduce((sum, count) => sum + count, 0) * PAGE;
}

/** As people write it. */
export function size(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024;
  return mebibytes < 1024 ? `${mebibytes.toFixed(mebibytes < 10 ? 1 : 0)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}
