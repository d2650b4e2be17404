# shellcheck shell=bash disable=SC2015,SC2046,SC2154,SC2155
# Kakoune with kak-lsp 15, the last one that is known to run with Kakoune 2022.10.31.

need_kak_lsp() {
  [ -x "$tools/kak-lsp/bin/kak-lsp" ] && return
  # Not --locked: what it names does not compile any more.
  CARGO_BUILD_JOBS=1 nice -n 15 cargo install --quiet kak-lsp --version 15.0.1 --root "$tools/kak-lsp"
}

# It says :lsp-exit before :q, as with :q alone kak-lsp lives on, and with it the server.
in_kakoune() {
  need kak kakoune && need tmux tmux && need_kak_lsp || { tell 1 "Kakoune can be had"; return; }
  new_project
  mkdir -p "$work/home/.config/kak" "$work/home/.config/kak-lsp"
  cat >"$work/home/.config/kak/kakrc" <<K
eval %sh{$tools/kak-lsp/bin/kak-lsp --kakoune -s \$kak_session}
hook global WinSetOption filetype=c %{ lsp-enable-window; lsp-inlay-diagnostics-enable window }
K
  cat >"$work/home/.config/kak-lsp/kak-lsp.toml" <<T
snippet_support = false
[server]
timeout = 1800
[language_server.reload]
filetypes = ["c"]
roots = ["reload.toml"]
command = "$work/server"
args = ["--stdio"]
T
  "$work/server" allow --root "$project" >/dev/null &&
    terminal_story "cd $project && HOME=$work/home XDG_CONFIG_HOME=$work/home/.config XDG_RUNTIME_DIR=$work/run kak main.c +5" 'insert' :lsp-exit
  tell $? "Kakoune shows the error of a save, and takes it back"
  # kak-lsp itself may outlive Kakoune.
  grep -lzsFx "HOME=$work/home" /proc/[0-9]*/environ | grep -oE '[0-9]+' | xargs -r kill 2>/dev/null
  end_project Kakoune
}
