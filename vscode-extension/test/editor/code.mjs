// A VS Code server of its own for a test: fresh profile, the extension installed, on loopback; and a browser on it.

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** How long anything may take: the first paint on a busy machine is slow. In milliseconds. */
export const LIMIT = Number(process.env.LIMIT ?? 120_000);

const wanted = (name) => process.env[name] ?? (() => { throw new Error(`${name} is not set`); })();
const CODE = resolve(wanted("CODE"));
export const PROGRAM = resolve(wanted("RELOAD_LSP"));

const { chromium } = createRequire(join(CODE, "x.js"))("playwright-core");

const SETTINGS = {
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "workbench.tips.enabled": false,
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "files.autoSave": "off",
  "git.enabled": false,
  "editor.minimap.enabled": false,
  // What is typed is what is written.
  "editor.autoIndent": "none",
  "editor.formatOnType": false,
  "editor.autoClosingBrackets": "never",
  // Every window asks, and the text of terminals can be read.
  "security.workspace.trust.startupPrompt": "always",
  "terminal.integrated.gpuAcceleration": "off",
};

/** Waits until `holds` gives something, and gives it. */
export async function until(what, holds, limit = LIMIT) {
  const end = Date.now() + limit;
  for (;;) {
    const found = await holds();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} did not come`);
    await new Promise((again) => setTimeout(again, 20));
  }
}

export const freePort = () =>
  new Promise((found) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });

/** Processes that have `mark` in their environment, with their command lines. */
export function processes(mark) {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return environment.includes(mark) && command !== "" ? [{ pid: Number(pid), command }] : [];
    } catch {
      return [];
    }
  });
}

/** Starts a server. `vsix` is installed, `settings` are those of the machine. */
export async function startCode({ vsix = [], settings = {}, trusts = false }) {
  const home = mkdtempSync(join(tmpdir(), "reload-code-"));
  for (const [folder, content] of [["User", SETTINGS], ["Machine", { "reloadLsp.server.path": PROGRAM, ...settings }]]) {
    mkdirSync(join(home, "data", folder), { recursive: true });
    writeFileSync(join(home, "data", folder, "settings.json"), JSON.stringify(content));
  }
  const node = join(CODE, "node-of-code");
  const main = join(CODE, "node_modules/code-server/lib/vscode/out/server-main.js");
  const common = [main, "--accept-server-license-terms", "--server-data-dir", home, "--user-data-dir", join(home, "data"),
    "--extensions-dir", join(home, "extensions"), "--disable-telemetry"];
  for (const file of vsix) {
    const installed = spawnSync(node, [...common, "--install-extension", file], { encoding: "utf8" });
    if (installed.status !== 0) throw new Error(installed.stdout + installed.stderr);
  }
  const port = await freePort();
  const mark = `RELOAD_TEST_OF=${home}`;
  const server = spawn(node, [...common, "--host", "127.0.0.1", "--port", String(port), "--without-connection-token",
    "--enable-smoke-test-driver", ...(trusts ? ["--disable-workspace-trust"] : [])], {
    env: { ...process.env, RELOAD_TEST_OF: home, XDG_STATE_HOME: join(home, "state"), XDG_RUNTIME_DIR: home },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let said = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (text) => { said += text; });
  const url = `http://127.0.0.1:${port}`;
  await until("the server of VS Code", () => fetch(`${url}/version`).then((answer) => answer.ok, () => false));
  return {
    url, home, mark,
    said: () => said,
    /** Ours and what we have started, without VS Code's own. */
    ours: () => processes(mark).filter(({ command }) => !command.startsWith(node) && !command.includes("server-main.js") && !command.includes(join(CODE, "node_modules"))),
    stop() {
      try { process.kill(-server.pid, "SIGKILL"); } catch { /* It is gone. */ }
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Chromium, with nothing but loopback. */
export async function startBrowser() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  return {
    async page(viewport = { width: 1200, height: 760 }) {
      const page = await (await browser.newContext({ viewport })).newPage();
      page.setDefaultTimeout(LIMIT);
      await page.route("**/*", (route) => {
        const isNear = route.request().url().startsWith("data:") || ["127.0.0.1", "localhost"].includes(new URL(route.request().url()).hostname);
        return isNear ? route.continue() : route.abort();
      });
      return page;
    },
    close: () => browser.close(),
  };
}
