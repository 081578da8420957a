import {arg} from '../../../lib/flags/flags.js'
import {nezha} from '../../../lib/panels/nezha/panel.js'
import {testNotification} from '../../../lib/panels/nezha/resources/notification-tests.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'send a test message (v1, v2)',
  description:
    'A real one, to the address that is stored. It went well where that address took it; where not, what the panel says of it is the error (exit 5). v2 sends none to private addresses.',
  examples: ['nezha notification test ops', 'nezha notification test ops pager'],
  args: {
    name: arg.text({
      summary: 'ids or unique names',
      required: true,
      each: true,
      among: 'nezha notification list --columns name,id',
    }),
  },
  turn: () => ({panel: nezha, names: ['notifications']}),
  perform: ({api, args}) => testNotification(api, args.name),
  columns: {id: ({id}) => id, name: ({name}) => name},
  id: ({id}) => id,
  done: (_run, {name}) => `sent a test message to ${name}, which was taken`,
})
