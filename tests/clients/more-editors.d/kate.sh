# shellcheck shell=bash disable=SC2015,SC2046,SC2154,SC2155
# Kate, on a screen that nobody sees. What it shows is not read: what its server has told it is.

# The last that Kate was told about the file.
told() { grep -F '"textDocument/publishDiagnostics"' "$work/record" 2>/dev/null | tail -n 1 | grep -F -- "$1" >/dev/null; }
window() { xdotool search --onlyvisible --name "$1" 2>/dev/null | tail -n 1; }
has_window() { [ -n "$(window "$1")" ]; }
exited() { ! kill -0 "$1" 2>/dev/null; }
# With a click into the text: when the Output panel opens after a failed build, keys have been lost without it.
to_line_5() {
  xdotool mousemove --window "$(window main.c)" 400 200 click 1 key --delay 60 ctrl+Home Down Down Down Down Home
}

kate_story() {
  "$work/server" allow --root "$project" >/dev/null &&
    wait_for "Kate's own question" has_window 'LSP server start requested' &&
    xdotool windowfocus --sync "$(window 'LSP server start requested')" key Return &&
    wait_for "the service" serves &&
    wait_for "the window" has_window main.c &&
    xdotool windowactivate --sync "$(window main.c)" &&
    to_line_5 && xdotool type --delay 60 'missing = ' &&
    xdotool key ctrl+s && wait_for "the save" saved broken &&
    wait_for "the error" told 'undeclared (first use' &&
    to_line_5 && xdotool key --delay 60 $(printf 'Delete %.0s' {1..10}) &&
    xdotool key ctrl+s && wait_for "the save of the repair" saved good &&
    wait_for "the end of the error" told '"diagnostics": []' &&
    wait_for "the service" serves &&
    xdotool key ctrl+q && wait_for "the end of Kate" exited "$1"
}

in_kate() {
  need kate kate dbus-x11 breeze-icon-theme fonts-dejavu-core && need dbus-run-session dbus && need Xvfb xvfb &&
    need openbox openbox && need xdotool xdotool && need python3 python3 || { tell 1 "Kate can be had"; return; }
  new_project
  mkdir -p "$work/home/.config/kate/lspclient"
  printf '[General]\nStartup Session=new\n[Kate Plugins]\nlspclientplugin=true\n' >"$work/home/.config/katerc"
  cat >"$work/home/.config/kate/lspclient/settings.json" <<J
{ "servers": { "c": {
  "command": ["$(command -v python3)", "$here/tee.py", "$work/record", "--", "$work/server", "--stdio"],
  "rootIndicationFileNames": ["reload.toml"]
} } }
J
  Xvfb -screen 0 1200x760x24 -displayfd 3 3>"$work/display" >/dev/null 2>&1 &
  local screen=$! manager kate status
  wait_for "the screen" test -s "$work/display"
  export DISPLAY=:$(cat "$work/display")
  openbox >/dev/null 2>&1 &
  manager=$!
  wait_for "the window manager" xdotool get_num_desktops >/dev/null 2>&1
  HOME=$work/home XDG_CONFIG_HOME=$work/home/.config XDG_RUNTIME_DIR=$work/run \
    dbus-run-session -- kate -b --startanon "$project/main.c" >"$work/log" 2>&1 &
  kate=$!
  kate_story $kate
  status=$?
  [ $status -eq 0 ] || import -window root "$tools/kate-failed.png" 2>/dev/null
  # A Kate that has not been closed ends with its screen.
  kill $manager $screen
  wait $kate $manager $screen 2>/dev/null
  tell $status "Kate is told the error of a save, and its end"
  end_project Kate
}
