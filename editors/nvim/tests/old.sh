#!/usr/bin/env bash
# The tests in Neovim 0.10, as Debian 13 has it: its packages are unpacked into a folder, which nothing else is touched by.
# On request only: needs root, apt-get and mmdebstrap, and fetches some 100 MB once.
#   RELOAD_LSP=target/debug/reload-lsp editors/nvim/tests/old.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../../.." && pwd)
program=$(realpath "${RELOAD_LSP:-$repository/target/debug/reload-lsp}")
root=${CARGO_TARGET_DIR:-$repository/target}/test-tools/debian13
if [ ! -x "$root/usr/bin/nvim" ]; then
  mkdir -p "$(dirname "$root")"
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
  mmdebstrap --variant=extract --include=base-files,dash,bash,coreutils,ncurses-base,neovim,gcc,libc6-dev trixie "$root" "$mirror"
fi
# The mounts live and die with the command.
unshare --mount bash -euc '
  root=$1 repository=$2 program=$3
  mkdir -p "$root/proc" "$root/dev" "$root/tmp" "$root$repository" "$root/opt/reload-lsp"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --bind "$repository" "$root$repository"
  cp "$program" "$root/opt/reload-lsp/reload-lsp"
  exec chroot "$root" env RELOAD_LSP=/opt/reload-lsp/reload-lsp "$repository/editors/nvim/tests/run.sh"
' old "$root" "$repository" "$program"
