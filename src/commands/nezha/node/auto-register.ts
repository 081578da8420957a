import {autoRegister} from '../../../lib/agent/auto-register.js'
import {emittedContent, nodeResultColumns} from '../../../lib/agent/columns.js'
import {nodeFlags, resumeFlags} from '../../../lib/agent/flags.js'
import {flag} from '../../../lib/flags/flags.js'
import {agentFlags} from '../../../lib/panels/nezha/agent/flags.js'
import {agentOf} from '../../../lib/panels/nezha/agent/of-generation.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'register this machine and install its agent, once',
  description:
    'Registers a server, downloads the install script of Nezha, runs it and waits until the panel sees the agent report. It can be run again at any time: what is there stays, and what was interrupted goes on. What it prints as registered and installed is what this run did: false where an earlier one had done so. Needs Linux and root, for the script does. What no flag says comes from NODE_NAME, NEZHA_PROBE_ADDRESS, NEZHA_PROBE_PORT, NEZHA_AGENT_SECRET and NEZHA_INSTALL_URL, besides NEZHA_DASHBOARD_URL and NEZHA_TOKEN.\n\nOn v1 and v2 the node is a UUID that is made and saved first; it appears with the first report of the agent, and is named, grouped and hidden then. A node of that name keeps its history. The secret of the agents and where they report are what the dashboard says: with a user name and a password, or an API token of an administrator.\n\nWith --emit it installs nothing here, and prints what to run on the machines that are named: it holds their secrets. On v1 and v2 the same command, run again when they report, names them.',
  examples: [
    'nezha node auto-register --name web1 --tag prod --disable-command-execute',
    'nezha node auto-register --probe-address probe.example.com --no-tls',
    'nezha node auto-register --name web1 --tag Production --probe-address probe.example.com --probe-port 443',
    'nezha node auto-register --name web1 --probe-address probe.example.com --dry-run',
    'nezha node auto-register --name web1 --name web2 --probe-address probe.example.com --emit ansible > nezha.yml',
  ],
  flags: {
    ...nodeFlags,
    'hide-for-guest': flag.toggle({
      summary: 'hide it from guests, which is what v0 does if nothing is said',
    }),
    ...agentFlags,
    ...resumeFlags('a server of that name, and tag on v0'),
  },
  perform: async run => autoRegister(run, await agentOf(run), run.flags),
  columns: nodeResultColumns,
  document: emittedContent,
  isDocument: ({flags}) => flags.emit !== undefined,
  // The secrets are what --emit is for; nothing else that it prints holds one.
  reveals: true,
  endsItself: true,
})
