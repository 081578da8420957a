import {shellQuoted} from '../../shell-word.js'
import type {Answer, Handler, SandboxRequest} from '../answer.js'
import {text} from '../go/answers.js'
import {firstHeader} from '../go/headers.js'
import type {NezhaState} from './state.js'

interface Installer {
  readonly state: NezhaState
  readonly probePort: number
  /** The node that runs the sandbox: what the script calls back with, as curl may be missing. */
  readonly nodePath: string
}

/** Serves the install script, and is what the agent reports to that the script pretends to install. */
export function installerHandler(installer: Installer): Handler {
  return request => {
    if (request.method === 'GET' && request.path === '/install.sh') {
      return text(200, installScript(request, installer.nodePath))
    }
    if (request.method === 'POST' && request.path === '/agent') return report(request.body, installer)
    return text(404, 'not found\n')
  }
}

/**
 * Behaves as the real v0 script (contracts/nezha.md 2.1): it works in the folder it was started in, installs over
 * what is there, says success and exits with 0 whatever happened. It needs no root and no network.
 */
function installScript({rawHeaders}: SandboxRequest, nodePath: string): string {
  const url = `http://${firstHeader(rawHeaders, 'host')}/agent`
  const call = `const [url, ...words] = process.argv.slice(1)
fetch(url, {method: 'POST', body: JSON.stringify(words)}).catch(() => {})`
  return `#!/bin/sh
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
${shellQuoted(nodePath)} -e ${shellQuoted(call)} ${shellQuoted(url)} "$@"
echo "the sandbox's agent is installed"
exit 0
`
}

/** The words behind install_agent. As a real agent's, failures are not told: it would retry for ever (1.6). */
function report(body: string, {state, probePort}: Installer): Answer {
  const [, port, secret = '', ...flags] = JSON.parse(body) as string[]
  // TLS against the dashboard's own port never connects; any other port is somebody's TLS proxy.
  const connects = flags.includes('--tls') ? Number(port) !== probePort : Number(port) === probePort
  if (connects) state.report(secret)
  return text(200, '')
}
