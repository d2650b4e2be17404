# shellcheck shell=bash disable=SC2015,SC2046,SC2154,SC2155
# Emacs 30 with its own eglot and with lsp-mode, out of Debian 13. They answer the question themselves.

in_emacs() {
  need_debian13 || { tell 1 "Emacs 30 can be had"; return; }
  local client
  for client in eglot lsp-mode; do
    new_project
    "${debian13[@]}" "$work" env HOME="$work/home" RELOAD_LSP="$work/server" \
      emacs-nox -q --batch -l "$here/emacs/$client.el" >"$work/log" 2>&1 </dev/null
    local status=$?
    [ $status -eq 0 ] || sed 's/^/# /' "$work/log"
    tell $status "Emacs 30: $client asks, shows the error of a save, and takes it back"
    end_project "Emacs 30 with $client"
  done
}
