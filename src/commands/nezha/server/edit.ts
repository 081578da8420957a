import {arg, flag} from '../../../lib/flags/flags.js'
import {editServer, serverTurn} from '../../../lib/panels/nezha/changes.js'
import {detailColumns} from '../../../lib/panels/nezha/columns.js'
import {serverNames} from '../../../lib/panels/nezha/names.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'change name, notes, order and visibility of a server (v1, v2)',
  description: 'What is not given stays as it is.',
  examples: ['nezha server edit web1 --name web2', 'nezha server edit 3 --note "rack 4" --hide --order 10'],
  args: {server: arg.text({summary: 'id or unique name', required: true, among: serverNames})},
  flags: {
    name: flag.text({summary: 'name of the server', placeholder: 'name', filled: true}),
    note: flag.text({summary: 'note, for administrators', placeholder: 'text'}),
    'public-note': flag.text({summary: 'note that guests see', placeholder: 'text'}),
    hide: flag.toggle({summary: 'hide it from guests'}),
    order: flag.integer({summary: 'the higher, the further up', min: -2_147_483_648}),
  },
  turn: () => serverTurn,
  perform: run => editServer(run, run.args.server, run.flags, run.speech.warn),
  columns: detailColumns,
  id: server => server.id,
  done: (_run, {id, name}) => `changed server ${id} (${name})`,
})
