// Completion and hover for reload.toml out of its JSON schema. Knows lines of TOML, not all of TOML: a table's head, a key, a
// value in its place. Does not know VS Code.

export interface Schema {
  $ref?: string;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  definitions?: Record<string, Schema>;
}

export interface Suggestion {
  label: string;
  kind: "table" | "key" | "value";
  /** What is written. */
  text: string;
  documentation: string;
}

/** Where something stands: in which table, in which key. */
interface Place {
  table: string[];
  key: string | undefined;
}

/** A schema without references: those it may be instead. */
function alternatives(schema: Schema, root: Schema): Schema[] {
  const parts = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const name = schema.$ref?.split("/").at(-1);
  const named = name === undefined ? undefined : root.definitions?.[name];
  const inner = named === undefined ? parts : [...parts, named];
  return [schema, ...inner.flatMap((part) => alternatives(part, root))];
}

function child(schemas: Schema[], name: string, root: Schema): Schema[] {
  return schemas
    .flatMap((schema) => {
      const named = schema.properties?.[name];
      if (named !== undefined) {
        return [named];
      }
      return typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
    })
    .flatMap((schema) => alternatives(schema, root));
}

function at(path: readonly string[], root: Schema): Schema[] {
  let found = alternatives(root, root);
  for (const name of path) {
    found = child(found, name, root);
    found = [...found, ...found.flatMap((schema) => (schema.items === undefined ? [] : alternatives(schema.items, root)))];
  }
  return found;
}

function parts(dotted: string): string[] {
  return [...dotted.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map((found) => found[1] ?? found[2] ?? found[3] ?? "");
}

/** The table that the lines up to this one are in. */
function tableOf(lines: readonly string[], line: number): string[] {
  for (let above = line; above >= 0; above -= 1) {
    const head = /^\s*\[\[?([^\]]+)\]\]?/.exec(lines[above] ?? "")?.[1];
    if (head !== undefined && above < line) {
      return parts(head);
    }
  }
  return [];
}

function describe(schemas: readonly Schema[]): string {
  const description = schemas.map((schema) => schema.description).find((text) => text !== undefined) ?? "";
  const otherwise = schemas.map((schema) => schema.default).find((value) => value !== undefined && value !== null);
  const shown = otherwise === undefined ? "" : `\n\nDefault: \`${JSON.stringify(otherwise)}\``;
  return `${description}${shown}`;
}

const words = (schemas: readonly Schema[]): unknown[] => [
  ...new Set(schemas.flatMap(({ enum: all, const: one, type }) => [
    ...(all ?? []),
    ...(one === undefined ? [] : [one]),
    ...(type === "boolean" ? [true, false] : []),
  ])),
];

function isTable(schemas: readonly Schema[]): boolean {
  return schemas.some((schema) => schema.properties !== undefined || typeof schema.additionalProperties === "object");
}

/** What may be written at a place: names of tables behind `[`, keys at the beginning of a line, values behind `=`. */
export function complete(text: string, line: number, character: number, root: Schema): Suggestion[] {
  const lines = text.split(/\r?\n/);
  const before = (lines[line] ?? "").slice(0, character);
  if (/^\s*#/.test(before)) {
    return [];
  }
  const head = /^\s*\[\[?([\w.\-"']*)$/.exec(before)?.[1];
  if (head !== undefined) {
    const path = parts(head.slice(0, head.lastIndexOf(".") + 1));
    return keysOf(at(path, root), root)
      .filter(({ schemas }) => isTable(schemas))
      .map(({ name, schemas }) => ({ label: name, kind: "table", text: name, documentation: describe(schemas) }));
  }
  const table = tableOf(lines, line);
  const assigned = /^\s*([\w.\-"']+)\s*=\s*(\[?.*)$/.exec(before);
  if (assigned !== null) {
    const [, key = "", begun = ""] = assigned;
    const quote = /["']/.exec(begun)?.[0];
    // Behind a value that is complete there is nothing to say.
    if ((begun.split('"').length - 1) % 2 === 0 && begun.trim() !== "" && !/[[,]\s*$/.test(begun)) {
      return [];
    }
    const schemas = at([...table, ...parts(key)], root);
    const list = schemas.flatMap(({ items }) => (items === undefined ? [] : alternatives(items, root)));
    return words([...schemas, ...list]).map((word) => {
      const plain = String(word);
      const literal = typeof word === "string" && quote === undefined ? `"${plain}"` : plain;
      return { label: plain, kind: "value", text: literal, documentation: describe(schemas) };
    });
  }
  if (!/^\s*[\w.-]*$/.test(before)) {
    return [];
  }
  const written = writtenIn(lines, line);
  return keysOf(at(table, root), root)
    .filter(({ name }) => !written.has(name))
    .map(({ name, schemas }) => ({ label: name, kind: "key", text: `${name} = `, documentation: describe(schemas) }));
}

/** The keys that the table of a line has, without the line's own. */
function writtenIn(lines: readonly string[], line: number): Set<string> {
  const isHead = (at: number): boolean => /^\s*\[/.test(lines[at] ?? "");
  let first = line;
  while (first > 0 && !isHead(first)) {
    first -= 1;
  }
  const found = new Set<string>();
  for (let at = first; at < lines.length && (at <= line || !isHead(at)); at += 1) {
    const key = /^\s*([\w-]+)\s*=/.exec(lines[at] ?? "")?.[1];
    if (key !== undefined && at !== line) {
      found.add(key);
    }
  }
  return found;
}

function keysOf(schemas: readonly Schema[], root: Schema): { name: string; schemas: Schema[] }[] {
  const names = new Map<string, Schema>(schemas.flatMap(({ properties }) => Object.entries(properties ?? {})));
  return [...names].map(([name, schema]) => ({ name, schemas: alternatives(schema, root) }));
}

/** What is known of the table or key that stands there: its path and what it means. */
export function explain(text: string, line: number, character: number, root: Schema): string | undefined {
  const lines = text.split(/\r?\n/);
  const of = lines[line] ?? "";
  const place: Place = { table: tableOf(lines, line), key: undefined };
  const head = /^\s*\[\[?([^\]]+)\]/.exec(of)?.[1];
  const key = /^\s*([\w.\-"']+)\s*=/.exec(of);
  if (head !== undefined) {
    place.table = parts(head);
  } else if (key !== null && character <= key[0].length) {
    place.key = key[1];
  } else {
    return undefined;
  }
  const path = [...place.table, ...(place.key === undefined ? [] : parts(place.key))];
  const found = describe(at(path, root));
  return found === "" ? undefined : `\`${path.join(".")}\`\n\n${found}`;
}
