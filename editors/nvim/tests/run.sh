#!/usr/bin/env bash
# All tests of the plugin in a real Neovim, with folders of their own for whatever Neovim and the server keep.
#   RELOAD_LSP=target/debug/reload-lsp [NVIM=nvim] editors/nvim/tests/run.sh [NAME_spec.lua...]
# Each file prints "# pass N" and "# fail N".
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${RELOAD_LSP:?names the program}"
RELOAD_LSP=$(realpath "$RELOAD_LSP")
export RELOAD_LSP
private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
for kind in CONFIG DATA STATE CACHE RUNTIME; do
  folder=$private/${kind,,}
  mkdir -m 700 "$folder"
  [ $kind = RUNTIME ] && name=XDG_RUNTIME_DIR || name=XDG_${kind}_HOME
  export "$name=$folder"
done
export TMPDIR=$private

cd "$here" || exit 1
[ $# -gt 0 ] || set -- *_spec.lua
status=0
for file in "$@"; do
  echo "# $file"
  "${NVIM:-nvim}" --clean --headless -l runner.lua "$file" 2>"$private/messages" || { status=1; cat "$private/messages"; }
done
exit $status
