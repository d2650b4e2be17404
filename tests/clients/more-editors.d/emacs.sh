# shellcheck shell=bash disable=SC2015,SC2046,SC2154,SC2155
# Emacs 30 with its own eglot, out of Debian 13. It answers the question itself.

in_emacs() {
  need_debian13 || { tell 1 "Emacs 30 can be had"; return; }
  new_project
  "${debian13[@]}" "$work" env HOME="$work/home" RELOAD_LSP="$work/server" \
    emacs-nox -q --batch -l "$here/emacs/eglot.el" >"$work/log" 2>&1 </dev/null
  local status=$?
  [ $status -eq 0 ] || sed 's/^/# /' "$work/log"
  tell $status "Emacs 30: eglot asks, shows the error of a save, and takes it back"
  end_project "Emacs 30"
}
