// Packs the extension. Without an argument: the universal one, which looks for the program on PATH.
// With a target of VS Code and a program, `npm run package -- linux-x64 ../target/release/reload-lsp`: one that brings it along.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, rmSync } from "node:fs";

const [target, program] = process.argv.slice(2);
if ((target === undefined) !== (program === undefined)) {
  console.error("usage: npm run package [-- TARGET PROGRAM]");
  process.exit(2);
}
rmSync("server", { recursive: true, force: true });
copyFileSync("../LICENSE", "LICENSE");
const words = ["package", "--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links", "-o"];
if (target === undefined) {
  words.push("dist/reload-lsp.vsix");
} else {
  mkdirSync("server");
  copyFileSync(program, "server/reload-lsp");
  chmodSync("server/reload-lsp", 0o755);
  words.push(`dist/reload-lsp-${target}.vsix`, "--target", target);
}
const { status } = spawnSync("node_modules/.bin/vsce", words, { stdio: "inherit" });
rmSync("server", { recursive: true, force: true });
process.exit(status ?? 1);
