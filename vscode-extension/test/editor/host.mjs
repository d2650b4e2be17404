// Runs test/host inside the extension host of real VS Code.
// usage: CODE=DIR RELOAD_LSP=PROGRAM node host.mjs VSIX

import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LIMIT, startBrowser, startCode } from "./code.mjs";

const extension = new URL("../..", import.meta.url).pathname;
const project = join(realpathSync(mkdtempSync(join(tmpdir(), "reload-host-"))), "it");
mkdirSync(project);
const write = (name, text) => writeFileSync(join(project, name), text);
// A compiler that knows one error.
write("compile.sh", 'if grep -n bad word.txt >/dev/null; then echo "word.txt:1:1: error: this is bad"; exit 1; fi\ncp word.txt "$1"\n');
write("serve.sh", 'echo "$$ $(cat "$1")" >> runs.log\necho up\nexec tail -f /dev/null\n');
write("word.txt", "one\n");
write("reload.toml", `[services.it]
build = "sh compile.sh {out}"
run = "sh serve.sh {out}"
watch = ["word.txt"]
problems = ["gcc"]
ready = { log = "up" }
`);

const code = await startCode({ vsix: [resolve(process.argv[2])], trusts: true });
const browser = await startBrowser();
const page = await browser.page();
let end;
const ended = new Promise((with_) => { end = with_; });
await page.exposeFunction("codeAutomationLog", (kind, words) => { if (process.env.VERBOSE) console.log(`[${kind}]`, ...words); });
await page.exposeFunction("codeAutomationExit", (status) => end(status));
const remote = (path) => `vscode-remote://${new URL(code.url).host}${path}`;
const payload = [
  ["extensionDevelopmentPath", remote(join(extension, "test/host/neighbor"))],
  ["extensionTestsPath", remote(join(extension, "dist/host/all.js"))],
  ["skipWelcome", "true"],
];
await page.goto(`${code.url}/?folder=${encodeURIComponent(project)}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
const status = await Promise.race([ended, new Promise((late) => setTimeout(() => late("late"), 5 * LIMIT).unref())]);
if (status === "late") await page.screenshot({ path: join(tmpdir(), "reload-host-late.png") });
let said = `not ok - nothing was told (${status})\n# pass 0\n# fail 1\n`;
try {
  said = readFileSync(join(project, "said.txt"), "utf8");
} catch { /* That is the failure. */ }
console.log(said);
await browser.close();
code.stop();
rmSync(join(project, ".."), { recursive: true, force: true });
process.exit(status === 0 ? 0 : 1);
