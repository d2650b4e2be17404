#!/usr/bin/env bash
# Everything about the extension: types and style, its parts, its size, the story in a browser and the tests in the extension host.
# Needs npm, chromium and rg; RELOAD_LSP names the program. Keeps VS Code and the packages in DIR; the screenshots go there, too.
# usage: run.sh DIR [VERSION]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "$1" && place=$(cd "$1" && pwd) && code=$place/${2:-4.100.3}
mkdir -p "$code"
"$here/test/editor/install.sh" "$code" "${2:-4.100.3}" >"$code.log" 2>&1 || { tail -n 30 "$code.log"; exit 1; }
# The tools want a newer Node than Debian has; VS Code has brought one.
PATH=$code/bin:$PATH
cd "$here"
if ! cmp -s package-lock.json node_modules/installed; then
  npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
  cp package-lock.json node_modules/installed
fi
failed=0
part() {
  printf '\n-- %s\n' "$1"
  "${@:2}" || failed=1
}
part "types and style" npm run --silent check
part "parts" npm run --silent test
part "package" npm run --silent package
size=$(stat -c %s dist/reload-lsp.vsix)
if [ "$size" -lt 300000 ]; then echo "ok - the package has $size bytes"; else echo "the package has $size bytes"; failed=1; fi
# One that brings the program along: VS Code has to be able to run it.
brought_along() {
  printf '#!/bin/sh\n' >"$place/program"
  npm run --silent package -- linux-x64 "$place/program" >/dev/null
  rm -rf "$place/installed" && mkdir "$place/installed"
  "$code/bin/node" "$code/node_modules/code-server/lib/vscode/out/server-main.js" --accept-server-license-terms \
    --server-data-dir "$place/installed" --extensions-dir "$place/installed" \
    --install-extension dist/reload-lsp-linux-x64.vsix >/dev/null 2>&1
  test -x "$place"/installed/reload-lsp.reload-lsp-*/server/reload-lsp
}
part "package with a program" brought_along
node esbuild.mjs --tests
export CODE=$code
part "the story in a browser" node test/editor/story.mjs dist/reload-lsp.vsix "$place/shots"
part "in the extension host" node test/editor/host.mjs dist/reload-lsp.vsix
exit $failed
