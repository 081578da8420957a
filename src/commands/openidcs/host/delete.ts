import {readHost, removeHost} from '../../../lib/panels/openidcs/host/hosts.js'
import {hostArguments, machineTurn} from '../../../lib/panels/openidcs/machine-arguments.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'take a host out of the panel',
  description:
    'Its virtual machines go on running. A host of the same name that is created later has none of them; newer versions import them when they are started again or load their configuration, without what was set of them.',
  examples: ['openidcs host delete node1', 'openidcs host delete node1 --yes'],
  args: hostArguments,
  prepare: ({api, args}) => readHost(api, args.host, {reason: 'missing'}),
  confirm: ({args}, {vm_count}) => ({
    question: `Take ${args.host} out of the panel? It forgets the virtual machines there (${vm_count ?? 0}), which go on.`,
    word: args.host,
  }),
  removes: true,
  turn: ({args}) => machineTurn(args),
  perform: ({api, args, speech}) => removeHost(api, args.host, speech.warn),
  id: ({name}) => name,
  done: ({args}) => `deleted the host ${args.host}`,
})
