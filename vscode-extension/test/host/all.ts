// Tests inside the real extension host. The project is the one that `editor/host.mjs` makes: `word.txt` is what is built (a line
// with `bad` is an error) and what the service prints.

import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";

const LIMIT = Number(process.env["LIMIT"] ?? 60_000);
const ID = "reload-lsp.reload-lsp";

const folder = (): vscode.Uri => {
  const first = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(first);
  return first;
};
const path = (name: string): string => join(folder().fsPath, name);
const word = (): vscode.Uri => vscode.Uri.joinPath(folder(), "word.txt");
/** Every run of the service adds its number and word. */
const runs = (): string[] => (existsSync(path("runs.log")) ? readFileSync(path("runs.log"), "utf8").trim().split("\n") : []);

async function until<T>(what: string, holds: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = Date.now() + LIMIT;
  for (;;) {
    const found = await holds();
    if (found) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`${what} did not come; runs: ${runs().join(", ")}`);
    }
    await new Promise((again) => setTimeout(again, 20));
  }
}

async function save(text: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(word());
  const edit = new vscode.WorkspaceEdit();
  edit.replace(word(), new vscode.Range(0, 0, document.lineCount, 0), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
  assert.ok(await document.save());
}

const ours = (): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(word()).filter(({ source }) => source?.startsWith("reload"));
const ran = (what: string): Promise<boolean> => until(`a run of ${what}`, () => runs().at(-1)?.endsWith(` ${what}`) === true);

/** Whether changes are collected, as the server tells. */
const explained = async (): Promise<string> => {
  const shown = await vscode.commands.executeCommand<{ text: string }>("reload-lsp.explain", { uri: word().toString() });
  return shown.text;
};

async function runTask(what: string): Promise<number | undefined> {
  const tasks = await vscode.tasks.fetchTasks({ type: "reload-lsp" });
  const task = tasks.find(({ name }) => name === what);
  assert.ok(task, `no task ${what} in ${tasks.map(({ name }) => name).join(", ")}`);
  const ended = new Promise<number | undefined>((end) => {
    const listening = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.name === what) {
        listening.dispose();
        end(exitCode);
      }
    });
  });
  await vscode.tasks.executeTask(task);
  return ended;
}

const tests: [string, () => Promise<void>][] = [
  [
    "it is active, and quick about it",
    async () => {
      const extension = vscode.extensions.getExtension(ID);
      assert.ok(extension);
      await extension.activate();
      await ran("one");
    },
  ],
  [
    "every command that is contributed is there",
    async () => {
      const known = new Set(await vscode.commands.getCommands(true));
      const manifest = vscode.extensions.getExtension(ID)?.packageJSON as { contributes: { commands: { command: string }[] } };
      for (const { command } of manifest.contributes.commands) {
        assert.ok(known.has(command), command);
      }
    },
  ],
  [
    "commands build, restart, stop and start",
    async () => {
      const count = runs().length;
      await vscode.commands.executeCommand("reloadLsp.restart");
      await until("a restart", () => runs().length === count + 1);
      await vscode.commands.executeCommand("reloadLsp.stop", { service: "it" });
      await vscode.commands.executeCommand("reloadLsp.start", { service: "it" });
      await until("a start", () => runs().length === count + 2);
    },
  ],
  [
    "an error that another extension reports at the same place is shown once",
    async () => {
      await save("bad\n");
      await until("our error", () => ours().length === 1);
      const at = ours()[0]?.range.start;
      assert.deepEqual([at?.line, at?.character], [0, 0]);
      await vscode.commands.executeCommand("neighbor.report", word(), 0, 0);
      await until("only the neighbor's", () => ours().length === 0);
      await vscode.commands.executeCommand("neighbor.report", word());
      await until("ours again", () => ours().length === 1);
      await save("two\n");
      await until("no error", () => ours().length === 0);
      await ran("two");
    },
  ],
  [
    "a task waits until the service is ready, and fails with the build",
    async () => {
      assert.equal(await runTask("ready"), 0);
      const count = runs().length;
      assert.equal(await runTask("restart"), 0);
      assert.equal(runs().length, count + 1);
      await save("bad\n");
      await until("our error", () => ours().length === 1);
      assert.equal(await runTask("build"), 1);
      await save("three\n");
      await ran("three");
    },
  ],
  [
    "a debug session waits for its preLaunchTask, and while it is stopped nothing is replaced",
    async () => {
      const started = await vscode.debug.startDebugging(vscode.workspace.workspaceFolders?.[0], {
        type: "fake",
        name: "attach",
        request: "attach",
        preLaunchTask: "reload-lsp: ready",
      });
      assert.ok(started);
      await vscode.commands.executeCommand("neighbor.stop");
      await until("a hold", async () => (await explained()).includes("changes are collected"));
      const count = runs().length;
      await save("four\n");
      assert.equal(runs().length, count);
      assert.match(await explained(), /changes are collected/);
      await vscode.commands.executeCommand("workbench.action.debug.continue");
      await ran("four");
      assert.equal(runs().length, count + 1);
      await vscode.commands.executeCommand("neighbor.stop");
      await until("another hold", async () => (await explained()).includes("changes are collected"));
      await save("five\n");
      await vscode.commands.executeCommand("neighbor.terminate");
      await ran("five");
    },
  ],
  [
    "a debugger that has launched a program of its own holds nothing",
    async () => {
      assert.ok(await vscode.debug.startDebugging(undefined, { type: "fake", name: "launch", request: "launch" }));
      await vscode.commands.executeCommand("neighbor.stop");
      await save("six\n");
      await ran("six");
      await vscode.debug.stopDebugging();
    },
  ],
  [
    "a debugger comes back to the next run, if it is set to",
    async () => {
      const settings = vscode.workspace.getConfiguration("reloadLsp");
      await settings.update("debug.reattach", true, vscode.ConfigurationTarget.Global);
      assert.ok(await vscode.debug.startDebugging(undefined, { type: "fake", name: "again", request: "attach" }));
      const first = await until("a session", () => vscode.debug.activeDebugSession);
      let second: vscode.DebugSession | undefined;
      const listening = vscode.debug.onDidStartDebugSession((session) => { second = session; });
      await save("seven\n");
      await ran("seven");
      // As a debugger does whose program has ended.
      await vscode.commands.executeCommand("neighbor.terminate");
      await until("another session", () => second !== undefined);
      listening.dispose();
      assert.notEqual(second?.id, first.id);
      assert.equal(second?.configuration.name, "again");
      await settings.update("debug.reattach", undefined, vscode.ConfigurationTarget.Global);
      await vscode.debug.stopDebugging();
    },
  ],
  [
    "a real debugger that has stopped a real program holds changes",
    async () => {
      // The debugger of JavaScript is a part of VS Code.
      const program = path("debugged.js");
      writeFileSync(program, "setTimeout(() => {\n  debugger;\n}, 1);\nsetTimeout(() => process.exit(), 3_600_000);\n");
      assert.ok(
        await vscode.debug.startDebugging(vscode.workspace.workspaceFolders?.[0], {
          type: "node",
          name: "real",
          request: "launch",
          program,
          reloadLsp: "it",
          console: "internalConsole",
        }),
      );
      await until("a hold", async () => (await explained()).includes("changes are collected"));
      const count = runs().length;
      await save("eight\n");
      assert.equal(runs().length, count);
      await vscode.debug.stopDebugging();
      await ran("eight");
    },
  ],
  [
    "reload.toml is completed, explained, and its errors are shown",
    async () => {
      const uri = vscode.Uri.joinPath(folder(), "reload.toml");
      const document = await vscode.workspace.openTextDocument(uri);
      const at = document.positionAt(document.getText().indexOf("build ="));
      const list = await vscode.commands.executeCommand<vscode.CompletionList>("vscode.executeCompletionItemProvider", uri, at);
      const labels = list.items.map(({ label }) => (typeof label === "string" ? label : label.label));
      assert.ok(labels.includes("swap") && !labels.includes("ready"), labels.join(" "));
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", uri, at);
      assert.match(hovers.flatMap(({ contents }) => contents).map((text) => (text as vscode.MarkdownString).value).join(), /services\.it\.build/);
      const good = document.getText();
      appendFileSync(uri.fsPath, "nonsense = 1\n");
      const problem = await until("its error", () => vscode.languages.getDiagnostics(uri)[0]);
      assert.equal(problem.range.start.line, good.trimEnd().split("\n").length);
      assert.match(problem.message, /nonsense/);
      writeFileSync(uri.fsPath, good);
      await until("no error", () => vscode.languages.getDiagnostics(uri).length === 0);
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", uri);
      assert.ok(lenses.some(({ command }) => command?.title === "restart"));
    },
  ],
];

export async function run(): Promise<void> {
  const said: string[] = [];
  let failed = 0;
  for (const [name, does] of tests) {
    const began = Date.now();
    try {
      await does();
      said.push(`ok - ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      said.push(`not ok - ${name}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      // What follows would wait for what is not there.
      break;
    }
  }
  said.push(`# pass ${said.length - failed}`, `# fail ${failed}`);
  writeFileSync(path("said.txt"), `${said.join("\n")}\n`);
  if (failed > 0) {
    throw new Error(`${failed} failed`);
  }
}
