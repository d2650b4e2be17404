// Bundles the extension into dist/extension.js; with --tests also what the tests run.
import { readdirSync } from "node:fs";
import { build } from "esbuild";

const common = { bundle: true, platform: "node", format: "cjs", target: "node18", external: ["vscode"], logLevel: "warning" };

// `import()` of a part becomes `require`.
const shipped = { ...common, outdir: "dist", minify: true, supported: { "dynamic-import": false } };
await build({ ...shipped, entryPoints: ["src/extension.ts"], external: [...common.external, "./client"] });
await build({ ...shipped, entryPoints: ["src/client.ts"] });

if (process.argv.includes("--tests")) {
  const unit = readdirSync("test/unit").filter((name) => name.endsWith(".test.ts")).map((name) => `test/unit/${name}`);
  await build({ ...common, entryPoints: unit, outdir: "dist/test", outExtension: { ".js": ".cjs" }, sourcemap: "inline" });
  await build({ ...common, entryPoints: ["test/host/all.ts"], outfile: "dist/host/all.js", sourcemap: "inline" });
}
