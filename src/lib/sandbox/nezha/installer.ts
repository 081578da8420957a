import type {Installer} from '../installer.js'
import type {NezhaState} from './state.js'

/**
 * Behaves as the real v0 script (contracts/nezha.md 2.1): it works in the folder it was started in, installs over
 * what is there, says success and exits with 0 whatever happened. It needs no root and no network.
 */
export function installerOfV0(state: NezhaState, probePort: number): Installer {
  return {
    script: callBack => `#!/bin/sh
# The install script of the panelctl sandbox: no agent, but a report as one would send.
umask 077
if [ "$1" != install_agent ] || [ $# -lt 4 ]; then
  echo "usage: $0 install_agent HOST PORT SECRET [FLAG...]"
  exit 0
fi
shift
mkdir -p agent
printf '#!/bin/sh\\nexit 0\\n' >agent/nezha-agent
chmod 700 agent/nezha-agent
${callBack} "$@"
echo "the sandbox's agent is installed"
exit 0
`,
    // The words behind install_agent.
    report: ([, port, secret = '', ...flags]) => {
      // TLS against the dashboard's own port never connects; any other port is somebody's TLS proxy.
      const connects = flags.includes('--tls') ? Number(port) !== probePort : Number(port) === probePort
      if (connects) state.report(secret)
    },
  }
}
