// Hides one of our diagnostics where another source says at least as much at the same place, and shows it again when that goes.

/** Severities as VS Code counts them: 0 is an error. */
export interface Said {
  severity: number;
  source?: string | undefined;
  range: { start: { line: number; character: number } };
}

/** Whether a diagnostic is one of ours. */
export function isOurs(diagnostic: Said): boolean {
  return diagnostic.source === "reload" || diagnostic.source?.startsWith("reload: ") === true;
}

/** Those of ours that nobody else says; `all` may hold ours as well. */
export function visible<T extends Said>(ours: readonly T[], all: readonly Said[]): T[] {
  const place = ({ range: { start } }: Said): string => `${start.line}:${start.character}`;
  const others = new Map<string, number>();
  for (const other of all) {
    if (!isOurs(other)) {
      const worst = others.get(place(other));
      others.set(place(other), worst === undefined ? other.severity : Math.min(worst, other.severity));
    }
  }
  return ours.filter((diagnostic) => {
    const worst = others.get(place(diagnostic));
    return worst === undefined || diagnostic.severity < worst;
  });
}
