import {arg, flag} from '../../../lib/flags/flags.js'
import {installFlags} from '../../../lib/panels/komari/agent/flags.js'
import {installCommand} from '../../../lib/panels/komari/agent/install-command.js'
import {showCommand} from '../../../lib/shapes/show.js'

export default showCommand({
  summary: 'print what installs the agent of a node',
  description:
    'One line for a shell of root on the machine: it downloads the install script of Komari and runs it with the token of the node, which is what its agent logs in with. Nothing is changed, here or on the panel; the script removes an agent that is there first. For this machine there is "komari node auto-register".',
  examples: [
    'komari node install-command web1',
    'komari node install-command web1 --agent-flag disable-web-ssh | ssh root@web1 sh',
  ],
  args: {
    node: arg.text({
      summary: 'name or uuid',
      required: true,
      among: 'komari node list --columns name,uuid',
    }),
  },
  flags: {
    ...installFlags,
    workdir: flag.text({
      summary: 'folder that the agent stays in (default: the one of the script)',
      placeholder: 'folder',
      filled: true,
    }),
  },
  fetch: installCommand,
  value: ({command}) => command,
  reveals: true,
})
