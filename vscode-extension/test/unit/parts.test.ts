// The parts that know nothing of VS Code, with the messages that the server's own tests are made with.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { concerns, createStops, onto } from "../../src/holding";
import { isOlder, locate } from "../../src/locate";
import { groupOf, memoryOf, size } from "../../src/memory";
import { visible } from "../../src/overlap";
import * as protocol from "../../src/protocol";
import type { Service, Snapshot, State } from "../../src/protocol";
import { complete, explain, type Schema } from "../../src/schema";
import { createStatus } from "../../src/status";
import { bar, render } from "../../src/status-bar";
import { verdict } from "../../src/verdict";

// The bundle lies in dist/test.
const ROOT = join(__dirname, "../../..");
const fixture = (name: string): { method: string; params: unknown } =>
  JSON.parse(readFileSync(join(ROOT, "tests/fixtures/protocol", `${name}.json`), "utf8")) as { method: string; params: unknown };
const schema = JSON.parse(readFileSync(join(ROOT, "vscode-extension/schema/reload.json"), "utf8")) as Schema;
const failed = fixture("status").params as Snapshot;
const service = failed.services[0] as Service;
const of = (state: State, more: Partial<Service> = {}): Snapshot => ({
  ...failed,
  state,
  services: [{ ...service, state, stale: false, ...more }],
});

test("methods are named as the server names them", () => {
  const names = [protocol.STATUS, protocol.LOG, protocol.GET_LOG, protocol.EXPLAIN, protocol.HOLD, protocol.RELEASE];
  for (const method of [...names, ...protocol.ACTIONS.map((action) => `reload/${action}`)]) {
    assert.equal(fixture(method.replace("reload/", "")).method, method);
  }
});

test("the status bar tells every state in a word or two", () => {
  const shown = (snapshot: Snapshot): [string, string | undefined] => {
    const { text, color } = render(snapshot);
    return [text, color];
  };
  assert.deepEqual(shown(failed), ["$(error) 3 errors", "error"]);
  assert.deepEqual(shown(of("ready")), ["$(check) :8080", undefined]);
  assert.deepEqual(shown(of("ready", { run: null })), ["$(check) ready", undefined]);
  assert.deepEqual(shown(of("ready", { stale: true })), ["$(check) :8080 (stale)", "warning"]);
  assert.deepEqual(shown(of("building")), ["$(sync~spin) building", undefined]);
  assert.deepEqual(shown(of("crashed")), ["$(error) crashed", "error"]);
  assert.deepEqual(shown(of("untrusted")), ["$(shield) not allowed", "warning"]);
  assert.deepEqual(shown(of("misconfigured")), ["$(error) reload.toml", "error"]);
  assert.deepEqual(shown(of("new" as State)), ["$(question) reload", undefined]);
  const two = { ...of("building"), services: [...of("ready").services, { ...service, name: "web", state: "building" as const }] };
  assert.equal(render(two).text, "$(sync~spin) web: building");
});

test("the tooltip has the stages of the last reload and cannot be written to by a program", () => {
  const { tooltip } = render({ ...failed, message: "api: [click](command:evil) `x`" });
  assert.match(tooltip, /last reload 760 ms \(settle 0 · build 702 · stop 12 · start 3 · ready 41\)/);
  assert.ok(tooltip.includes("\\[click\\](command:evil)") || tooltip.includes("\\[click\\]\\(command:evil\\)"));
  assert.match(tooltip, /\[restart\]\(command:reloadLsp\.restart\?/);
});

test("the bar shows the shares of the stages", () => {
  assert.equal(bar({ generation: 1, settleMs: 0, buildMs: 80, stopMs: 0, startMs: 0, readyMs: 20, totalMs: 100 }), "████████▬▬");
  assert.equal(bar({ generation: 1, settleMs: 0, buildMs: 0, stopMs: 0, startMs: 0, readyMs: 0, totalMs: 0 }), "");
});

test("the worst of several roots is shown, and an old snapshot never", () => {
  const status = createStatus();
  status.take({ ...of("ready"), root: "file:///a", seq: 2 });
  status.take({ ...of("buildFailed"), root: "file:///b", seq: 1 });
  assert.equal(status.worst()?.root, "file:///b");
  status.take({ ...of("crashed"), root: "file:///a", seq: 1 });
  assert.equal(status.snapshots()[0]?.state, "ready");
  status.clear();
  assert.equal(status.worst(), undefined);
});

test("the last five reloads are remembered", () => {
  const status = createStatus();
  const { lastReload } = service;
  assert.ok(lastReload);
  for (let n = 1; n <= 7; n += 1) {
    for (const seq of [2 * n, 2 * n + 1]) {
      status.take({ ...of("ready", { lastReload: { ...lastReload, generation: n } }), seq });
    }
  }
  assert.deepEqual(status.reloads(failed.root, "api").map(({ generation }) => generation), [7, 6, 5, 4, 3]);
  assert.deepEqual(status.reloads(failed.root, "web"), []);
});

test("the memory of a run is that of its group", async () => {
  assert.equal(groupOf("7 (a (b) c) S 1 42 42 0"), 42);
  assert.ok(((await memoryOf(process.pid)) ?? 0) >= process.memoryUsage.rss() / 2);
  assert.equal(await memoryOf(2 ** 30), undefined);
  assert.deepEqual([size(1_500_000), size(50 * 2 ** 20), size(3 * 2 ** 30)], ["1.4 MiB", "50 MiB", "3.0 GiB"]);
});

test("one of ours is hidden where another source says as much at the same place", () => {
  const at = (source: string, severity: number, line: number, character = 0): { source: string; severity: number; range: { start: { line: number; character: number } } } => ({
    source,
    severity,
    range: { start: { line, character } },
  });
  const ours = [at("reload: go", 0, 1), at("reload: go", 0, 2), at("reload: go", 0, 3), at("reload: go", 0, 4)];
  const others = [at("gopls", 0, 1), at("gopls", 1, 2), at("gopls", 0, 3, 5)];
  assert.deepEqual(visible(ours, [...ours, ...others]), ours.slice(1));
  assert.deepEqual(visible(ours, ours), ours);
});

test("the program is that of the setting, the one that came along, or the one on PATH", async () => {
  const folder = mkdtempSync(join(tmpdir(), "reload-locate-"));
  const program = (place: string, version: string): string => {
    mkdirSync(join(folder, place), { recursive: true });
    const path = join(folder, place, "reload-lsp");
    writeFileSync(path, `#!/bin/sh\necho reload-lsp ${version}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const places = { setting: "", extension: join(folder, "extension"), path: join(folder, "bin") };
  assert.equal((await locate(places)).kind, "missing");
  const onPath = program("bin", "1.2.3");
  assert.deepEqual(await locate(places), { kind: "found", path: onPath, version: "1.2.3", from: "PATH" });
  const bundled = program("extension/server", "0.1.0");
  assert.deepEqual(await locate(places), { kind: "found", path: bundled, version: "0.1.0", from: "bundled" });
  const set = program("set", "0.0.9");
  assert.deepEqual(await locate({ ...places, setting: set }), { kind: "tooOld", path: set, version: "0.0.9" });
  assert.equal((await locate({ ...places, setting: join(folder, "nothing") })).kind, "missing");
  rmSync(folder, { recursive: true });
});

test("versions are compared as numbers", () => {
  assert.deepEqual(
    ["0.1.0", "0.10.0", "0.0.99", "1.0.0-beta", ""].map((version) => isOlder(version, "0.1.0")),
    [false, false, true, false, true],
  );
});

test("changes are held while any session is stopped", () => {
  const said: string[] = [];
  const stops = createStops(() => said.push("hold"), () => said.push("release"));
  stops.continued("a");
  stops.stopped("a");
  stops.stopped("b");
  stops.stopped("a");
  stops.continued("a");
  stops.continued("b");
  stops.continued("b");
  assert.deepEqual(said, ["hold", "release"]);
});

test("a debugger is about a service when it is attached, or when it says so", () => {
  assert.deepEqual(
    [{ request: "attach" }, { request: "launch" }, { request: "launch", reloadLsp: "api" }, { request: "attach", reloadLsp: false }].map(concerns),
    [true, false, "api", false],
  );
  assert.deepEqual(onto({ request: "attach", processId: "7", port: 1 }, 7, 8), { request: "attach", processId: "8", port: 1 });
  assert.deepEqual(onto({ request: "attach", pid: 7 }, 7, 8), { request: "attach", pid: 8 });
  assert.deepEqual(onto({ request: "attach", processId: 6 }, 7, 8), { request: "attach", processId: 6 });
});

test("a task ends when everything is up or something is not", () => {
  const one = (state: State, more: Partial<Service> = {}): Service => ({ ...service, state, stale: false, pending: false, ...more });
  assert.equal(verdict([]), undefined);
  assert.equal(verdict([one("ready"), one("building")]), undefined);
  assert.equal(verdict([one("ready", { pending: true })]), undefined);
  assert.equal(verdict([one("ready"), one("finished")])?.isGood, true);
  assert.deepEqual(verdict([one("ready"), one("crashed", { message: "exit code 1" })]), { isGood: false, says: "api: exit code 1" });
});

const TOML = `# What runs.
[services.api]
build = "go build"
swap = "
[services.api.ready]
http = ""

[serv
`;

const labels = (line: number, character: number, text = TOML): string[] =>
  complete(text, line, character, schema).map(({ label }) => label);

test("keys, values and tables are completed from the schema", () => {
  const keys = labels(2, 0);
  assert.ok(keys.includes("run") && keys.includes("env") && !keys.includes("swap"), String(keys));
  assert.deepEqual(labels(3, 8), ["stop-first", "start-first"]);
  assert.ok(labels(7, 5).includes("services"));
  assert.ok(labels(5, 0).includes("tcp"));
  assert.deepEqual(labels(0, 5), []);
  assert.deepEqual(labels(2, 18), []);
  const value = complete("[services.a]\nswap = ", 1, 7, schema)[0];
  assert.equal(value?.text, '"stop-first"');
});

test("keys and tables are explained", () => {
  assert.match(explain(TOML, 2, 2, schema) ?? "", /`services\.api\.build`\n\n.*[Cc]ommand/s);
  assert.match(explain(TOML, 3, 1, schema) ?? "", /Default: `"stop-first"`/);
  assert.equal(explain(TOML, 0, 3, schema), undefined);
  assert.equal(explain("[services.a]\nnothing = 1", 1, 2, schema), undefined);
});
