// The story of a person with the extension in real VS Code, driven through a real browser. See `run.sh`.
// usage: CODE=DIR RELOAD_LSP=PROGRAM node story.mjs VSIX SHOTS

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startBrowser, startCode, until } from "./code.mjs";

const [vsix, shots] = process.argv.slice(2);
mkdirSync(shots, { recursive: true });

const port = await freePort();
const project = join(realpathSync(mkdtempSync(join(tmpdir(), "reload-story-"))), "greeter");
cpSync(new URL("../../../tests/fixtures/projects/rust", import.meta.url).pathname, project, { recursive: true });
const source = join(project, "src/main.rs");
const configuration = join(project, "reload.toml");
writeFileSync(configuration, readFileSync(configuration, "utf8").replaceAll(/\b80\d\d\b/g, String(port)));
const MAIN = "fn main() -> std::io::Result<()> {";
const original = readFileSync(source, "utf8").replace(MAIN, `${MAIN}\n    println!("\\x1b[32mgreets\\x1b[0m at http://127.0.0.1:{}/", std::env::var("PORT").unwrap());`);
writeFileSync(source, original);
const answer = () => fetch(`http://127.0.0.1:${port}/`).then((got) => got.text(), () => undefined);

const STATUS = '[id="reload-lsp.reload-lsp.reload"]';
const browser = await startBrowser();
const code = await startCode({ vsix: [vsix] });
let page;

const shown = () => page.locator(STATUS).innerText().then((text) => text.trim());
const status = (wanted) => page.waitForFunction(
  ([selector, pattern]) => new RegExp(pattern).test(document.querySelector(selector)?.innerText ?? ""), [STATUS, wanted], { polling: 20 });
const shot = (name) => page.screenshot({ path: join(shots, `${name}.png`) });

async function open() {
  page = await browser.page();
  await page.goto(`${code.url}/?folder=${encodeURIComponent(project)}`);
  await page.waitForSelector(".monaco-workbench");
  // Not every version asks in a window that a test drives, and none says when.
  await page.addLocatorHandler(page.locator(".monaco-dialog-box", { hasText: "Do you trust" }), () =>
    page.locator(".monaco-dialog-box .monaco-button", { hasText: "No, I don't trust" }).click());
}

async function command(title) {
  await page.keyboard.press("Control+Shift+P");
  await page.waitForSelector(".quick-input-widget .quick-input-box input");
  await page.keyboard.type(title, { delay: 5 });
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().click();
}

async function edit(text) {
  await page.locator(".editor-instance .view-line").first().click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
  await page.keyboard.press("Control+S");
}

const steps = [
  ["a restricted window runs nothing", async () => {
    await open();
    await page.locator('[id="status.workspaceTrust"]').waitFor();
    // The extensions are known when the one that is left out is told.
    await page.locator('.activitybar [aria-label*="Extensions"]').first().click();
    await page.locator(`.extensions-viewlet .monaco-list-row.disabled[data-extension-id="reload-lsp.reload-lsp"]`).waitFor();
    assert.deepEqual(code.ours(), []);
    assert.equal(existsSync(join(project, ".reload")), false);
    assert.equal(await page.locator(STATUS).count(), 0);
    await shot("restricted");
  }],
  ["a trusted one builds and runs", async () => {
    await page.locator('[id="status.workspaceTrust"]').click();
    await page.locator(".workspace-trust-editor .monaco-button", { hasText: "Trust" }).first().click();
    await status("ready|:\\d+");
    assert.equal(await answer(), "hello, one");
  }],
  ["a save builds, and the new one answers", async () => {
    await page.keyboard.press("Control+P");
    await page.waitForSelector(".quick-input-widget .quick-input-box input");
    await page.keyboard.type("main.rs", { delay: 10 });
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "main.rs" }).first().click();
    await page.waitForSelector(".editor-instance .view-line");
    const building = status("building");
    await edit(original.replace("hello, one", "hello, two"));
    await building;
    await until("the new answer", async () => (await answer()) === "hello, two");
    await status(`:${port}`);
    await shot("ready");
  }],
  ["a broken save is red, at its columns, and the old one serves", async () => {
    const broken = original.replace("hello, one", "hello, three").replace(MAIN, `${MAIN}\n    let x: u8 = "😀";`);
    await edit(broken);
    await page.waitForSelector(".squiggly-error", { state: "attached" });
    await status("1 error");
    const background = await page.locator(STATUS).evaluate((item) => getComputedStyle(item).backgroundColor);
    assert.match(background, /^rgb\((1[5-9]\d|2\d\d), \d\d?, \d\d?\)$/, "the status is red");
    await page.keyboard.press("Control+Shift+M");
    const row = page.locator(".markers-panel .monaco-list-row", { hasText: "mismatched types" }).first();
    await row.waitFor();
    const line = broken.split("\n").findIndex((text) => text.includes("let x"));
    assert.match(await row.innerText(), new RegExp(`Ln ${line + 1}, Col 17`));
    assert.equal(await answer(), "hello, two");
    await shot("failed");
  }],
  ["repaired, it is gone", async () => {
    await edit(original.replace("hello, one", "hello, four"));
    await status(`:${port}`);
    await page.waitForFunction(() => document.querySelector(".squiggly-error") === null);
    await until("the new answer", async () => (await answer()) === "hello, four");
  }],
  ["the view tells run, times and errors, and restarts at a click", async () => {
    await command("Reload: Focus on Services View").catch(() => undefined);
    await page.locator('.composite.title, .activitybar [aria-label="Reload"]').first().waitFor();
    if (await page.locator('[id="workbench.view.extension.reloadLsp"]').count() === 0) {
      await page.locator('.activitybar [aria-label="Reload"]').first().click();
    }
    const tree = page.locator('[id="workbench.view.extension.reloadLsp"]');
    const run = () => tree.locator(".monaco-list-row", { hasText: /^\s*run \d+/ }).first().innerText();
    await tree.locator(".monaco-list-row", { hasText: "last reload" }).waitFor();
    const before = await run();
    const row = tree.locator(".monaco-list-row").first();
    await row.hover();
    await row.locator('[aria-label^="Restart"], [title^="Restart"]').first().click();
    await until("another run", async () => (await run().catch(() => before)) !== before);
    await status(`:${port}`);
    await shot("view");
  }],
  ["the output is a terminal with colors", async () => {
    await command("Reload: Show Output");
    const line = page.locator(".terminal .xterm-rows", { hasText: "greets at" }).first();
    await line.waitFor();
    const color = await page.locator(".terminal .xterm-rows .xterm-fg-2", { hasText: "greets" }).count();
    assert.ok(color > 0, "it is green");
    await shot("output");
  }],
  ["a server that is killed comes back", async () => {
    const before = code.ours().find(({ command }) => command.includes("--stdio"));
    process.kill(before.pid, "SIGKILL");
    await until("another server", () => code.ours().some(({ pid, command }) => command.includes("--stdio") && pid !== before.pid));
    await status(`:${port}`);
    await until("the answer", async () => (await answer()) === "hello, four");
  }],
  ["a window that is closed leaves nothing", async () => {
    await page.close();
    await browser.close();
    await until("the end of every process", () => code.ours().length === 0);
    assert.equal(await answer(), undefined);
  }],
];

let [passed, failed] = [0, 0];
for (const [name, does] of steps) {
  const began = Date.now();
  try {
    await does();
    passed += 1;
    console.log(`ok - ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`not ok - ${name}\n${error.stack}\n${page === undefined ? "" : await shown().catch(() => "no status")}`);
    await shot("not-ok").catch(() => undefined);
    break;
  }
}
console.log(`# pass ${passed}\n# fail ${failed}`);
await browser.close().catch(() => undefined);
for (const { pid } of code.ours()) { try { process.kill(pid, "SIGKILL"); } catch { /* Gone. */ } }
code.stop();
rmSync(join(project, ".."), { recursive: true, force: true });
process.exit(failed === 0 ? 0 : 1);
