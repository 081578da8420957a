import {flag} from '../../../lib/flags/flags.js'
import {changeHost} from '../../../lib/panels/openidcs/host/host-changes.js'
import {hostArguments, machineTurn} from '../../../lib/panels/openidcs/machine-arguments.js'
import {actionCommand} from '../../../lib/shapes/action.js'
import {inputFlags, inputOf} from '../../../lib/shapes/document-flags.js'

export default actionCommand({
  summary: 'change the configuration of a host',
  description:
    'Reads it, changes what is given, and writes it as a whole, as the panel wants it; virtual machines stay. Where nothing differs nothing is sent. --dry-run shows the request and what would change.',
  examples: [
    'openidcs host update node1 --set ports_start=20000 --set ports_close=29999',
    'openidcs host update node1 --file node1.yaml --dry-run',
    'openidcs host update node1 --file node1.yaml --replace --yes',
  ],
  args: hostArguments,
  flags: {
    ...inputFlags,
    replace: flag.boolean({summary: 'what is not given goes back to its default'}),
  },
  confirm: ({args, flags}) =>
    flags.replace
      ? `Replace the whole configuration of ${args.host}? What is not given is lost.`
      : `Change the configuration of ${args.host}? The panel connects to it anew.`,
  turn: ({args}) => machineTurn(args),
  perform: async run =>
    changeHost(run.api, run.args.host, {
      given: await inputOf(run.flags, run),
      replace: run.flags.replace,
      warn: run.speech.warn,
    }),
  done: ({args}) => `changed ${args.host}`,
})
