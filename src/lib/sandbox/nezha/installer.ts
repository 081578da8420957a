import {shellQuoted} from '../../shell-word.js'
import type {Handler} from '../answer.js'
import {text} from '../go/answers.js'
import {firstHeader} from '../go/headers.js'
import type {NezhaState} from './state.js'

/** What an install script of the sandbox is, and what the agent tells that it pretends to install. */
export interface Installer {
  /** The script; the given shell words call back with the words behind them. */
  readonly script: (callBack: string) => string
  /** As a real agent's, failures are not told: it would retry for ever (contracts/nezha.md 1.6). */
  readonly report: (words: readonly string[]) => void
}

/** Serves the install script, and is what the agent reports to. */
export function installerHandler({script, report}: Installer): Handler {
  // The node that runs the sandbox calls back, as curl may be missing.
  const call = `const [url, ...words] = process.argv.slice(1)
fetch(url, {method: 'POST', body: JSON.stringify(words)}).catch(() => {})`
  return ({method, path, rawHeaders, body}) => {
    if (method === 'GET' && path === '/install.sh') {
      const url = `http://${firstHeader(rawHeaders, 'host')}/agent`
      return text(200, script([process.execPath, '-e', call, url].map(shellQuoted).join(' ')))
    }
    if (method !== 'POST' || path !== '/agent') return text(404, 'not found\n')
    report(JSON.parse(body) as string[])
    return text(200, '')
  }
}

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
