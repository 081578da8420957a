import {arg, flag} from '../../../lib/flags/flags.js'
import {addHost} from '../../../lib/panels/openidcs/host/host-changes.js'
import {machineTurn} from '../../../lib/panels/openidcs/machine-arguments.js'
import {actionCommand} from '../../../lib/shapes/action.js'
import {inputFlags, inputOf} from '../../../lib/shapes/document-flags.js'

export default actionCommand({
  summary: 'add a host',
  description:
    'The panel does not try whether the host answers: panelctl openidcs host status does. The host is enabled unless enable_host says otherwise; server_name is always NAME, and server_type what --type says: others are refused, save in what host show printed of another host, which may be the file.',
  examples: [
    'openidcs host create node1 --type VMWareSetup --file node1.yaml',
    'openidcs host create node1 --type VMWareSetup --set server_addr=10.0.0.5:8697 --set server_user=root --dry-run',
  ],
  args: {name: arg.name({summary: 'name of the host', required: true})},
  flags: {
    type: flag.text({
      summary: 'type of the host, as in openidcs system engines',
      placeholder: 'type',
      among: 'openidcs system engines --columns name,description',
      required: true,
      filled: true,
    }),
    ...inputFlags,
  },
  creates: true,
  turn: ({args}) => machineTurn({host: args.name}),
  perform: async run =>
    addHost(run.api, {
      name: run.args.name,
      type: run.flags.type,
      given: await inputOf(run.flags, run),
      skips: run.flags['if-exists'] === 'skip',
      warn: run.speech.warn,
    }),
  id: ({name}) => name,
  done: ({args}) => `added the host ${args.name}`,
})
