import {autoRegister} from '../../../lib/agent/auto-register.js'
import {emittedContent, nodeColumns} from '../../../lib/agent/columns.js'
import {nodeFlags, resumeFlags} from '../../../lib/agent/flags.js'
import {flag} from '../../../lib/flags/flags.js'
import {agentFlags} from '../../../lib/panels/nezha/agent/flags.js'
import {agentOf} from '../../../lib/panels/nezha/agent/of-generation.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'register this machine and install its agent, once',
  description:
    'Registers a server, downloads the install script of Nezha v0, runs it and waits until the panel sees the agent report. It can be run again at any time: what is there stays, and what was interrupted goes on. What it prints as registered and installed is what this run did: false where an earlier one had done so. Needs Linux and root, for the script does. What no flag says comes from NODE_NAME, NEZHA_PROBE_ADDRESS, NEZHA_PROBE_PORT and NEZHA_INSTALL_URL, besides NEZHA_DASHBOARD_URL and NEZHA_TOKEN.\n\nWith --emit it installs nothing here, and prints what to run on the machines that are named: it holds their secrets.',
  examples: [
    'nezha node auto-register --probe-address probe.example.com --no-tls',
    'nezha node auto-register --name web1 --tag Production --probe-address probe.example.com --probe-port 443',
    'nezha node auto-register --name web1 --probe-address probe.example.com --dry-run',
    'nezha node auto-register --name web1 --name web2 --probe-address probe.example.com --emit ansible > nezha.yml',
  ],
  flags: {
    ...nodeFlags,
    'hide-for-guest': flag.toggle({
      summary: 'hide it from guests, which is what the panel does if nothing is said',
    }),
    ...agentFlags,
    ...resumeFlags('a server of that name and tag'),
  },
  perform: async run => autoRegister(run, await agentOf(run), run.flags),
  columns: nodeColumns,
  document: emittedContent,
  // The secrets are what --emit is for; nothing else that it prints holds one.
  reveals: true,
  endsItself: true,
})
