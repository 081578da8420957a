import {flag} from '../../../lib/flags/flags.js'
import {hostArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {openidcs} from '../../../lib/panels/openidcs/panel.js'
import {scanHost} from '../../../lib/panels/openidcs/vm/vm-scan.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'import the virtual machines that a host has already',
  description: "Without --prefix the host's filter_name is what names have to begin with.",
  examples: ['openidcs vm scan node1', 'openidcs vm scan node1 --prefix web'],
  args: hostArguments,
  flags: {prefix: flag.text({summary: 'what their names begin with', placeholder: 'text', filled: true})},
  perform: async ({client, args: {host}, flags: {prefix}, speech: {warn}}) => {
    const result = await scanHost(client(openidcs), host, {prefix, warn})
    return result.added === 0 ? {result, unneeded: `added 0 to ${host}`} : result
  },
  columns: {
    scanned: ({scanned}) => scanned,
    added: ({added}) => added,
  },
  done: ({args}, {added}) =>
    added === null
      ? `scanned ${args.host}; the panel does not tell how many it added`
      : `added ${added} to ${args.host}`,
})
