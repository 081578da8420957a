import type {Installer} from '../installer.js'
import {bootTimeOf} from '../machine.js'
import {machineOf} from './report.js'
import {hardwareColumns} from './sow.js'
import type {KomariState} from './state.js'

/**
 * Behaves as the real script (contracts/komari.md 3.9): all words but its own are the agent's, the old agent goes before
 * the new one comes, and it says success and exits with 0 whatever the agent does. It needs no root and no network.
 */
export function komariInstaller(state: KomariState, url: () => string): Installer {
  return {
    script: callBack => `#!/bin/bash
# The install script of the panelctl sandbox: no agent, but a report as one would send.
umask 077
target_dir=/opt/komari
words=()
while [ $# -gt 0 ]; do
  case $1 in
    --install-dir) target_dir=$2; shift 2 ;;
    --install-*) shift 2 ;;
    *) words+=("$1"); shift ;;
  esac
done
rm -f "$target_dir/agent"
mkdir -p "$target_dir"
printf '#!/bin/sh\\nexit 0\\n' >"$target_dir/agent"
chmod 700 "$target_dir/agent"
${callBack} "\${words[@]}"
echo "the sandbox's agent is installed"
exit 0
`,
    report: words => {
      const behind = (flag: string) => words[words.indexOf(flag) + 1]
      const node = behind('-e') === url() ? state.withToken(behind('-t') ?? '') : undefined
      if (!node) return
      const {uuid} = state.update(node.columns.uuid, hardwareColumns(node.seed)).columns
      const machine = machineOf(node.columns, node.seed, bootTimeOf(node.seed, state.now()))
      state.connect(uuid, machine)
    },
  }
}
