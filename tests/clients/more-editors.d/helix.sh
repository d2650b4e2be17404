# shellcheck shell=bash disable=SC2015,SC2046,SC2154,SC2155
# Helix 25.01, out of Debian 13.

in_helix() {
  need_debian13 && need tmux tmux || { tell 1 "Helix can be had"; return; }
  new_project
  mkdir -p "$work/home/.config/helix"
  cat >"$work/home/.config/helix/languages.toml" <<T
[language-server.reload]
command = "$work/server"
args = ["--stdio"]

[[language]]
name = "c"
roots = ["reload.toml"]
language-servers = ["reload"]
T
  cat >"$work/home/.config/helix/config.toml" <<'T'
[editor]
end-of-line-diagnostics = "hint"

[editor.inline-diagnostics]
cursor-line = "error"
T
  printf '%s\0' "${debian13[@]}" "$work" env HOME="$work/home" LANG=C.UTF-8 TERM="screen" hx "$project/main.c:5" >"$work/command"
  "${debian13[@]}" "$work" env --chdir "$project" "$work/server" allow >/dev/null &&
    terminal_story "xargs -0 -o -a $work/command env" ' INS '
  tell $? "Helix shows the error of a save, and takes it back"
  end_project Helix
}
