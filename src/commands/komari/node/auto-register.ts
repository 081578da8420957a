import {autoRegister} from '../../../lib/agent/auto-register.js'
import {emittedContent, nodeResultColumns} from '../../../lib/agent/columns.js'
import {nodeFlags, resumeFlags} from '../../../lib/agent/flags.js'
import {flag} from '../../../lib/flags/flags.js'
import {agentFlags} from '../../../lib/panels/komari/agent/flags.js'
import {komariAgent} from '../../../lib/panels/komari/agent/kind.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'register this machine and install its agent, once',
  description:
    'Finds the node of this name or adds it, downloads the install script of Komari, runs it with the token of the node and waits until the panel sees the agent report. It can be run again at any time: what is there stays, and what was interrupted goes on, for the panel tells the token again. A node that is there keeps its history, and gets the group, note and visibility that flags name. Needs Linux and root, for the script does. What no flag says comes from NODE_NAME and KOMARI_INSTALL_URL, besides KOMARI_URL and KOMARI_API_KEY.\n\nWith --emit it installs nothing here, and prints what to run on the machines that are named: it holds their tokens.',
  examples: [
    'komari node auto-register',
    'komari node auto-register --name web1 --tag Production --agent-flag disable-web-ssh',
    'komari node auto-register --name web1 --endpoint https://komari.example.com --dry-run',
    'komari node auto-register --name web1 --name web2 --emit ansible > komari.yml',
  ],
  flags: {
    ...nodeFlags,
    'hide-for-guest': flag.toggle({summary: 'hide it from guests'}),
    ...agentFlags,
    ...resumeFlags('a node of that name'),
  },
  perform: run => autoRegister(run, komariAgent, run.flags),
  columns: nodeResultColumns,
  document: emittedContent,
  isDocument: ({flags}) => flags.emit !== undefined,
  // The tokens are what --emit is for; nothing else that it prints holds one.
  reveals: true,
  endsItself: true,
})
