import {testNotification} from '../../../lib/panels/komari/administration.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'send a message as a node that is offline would cause one',
  examples: ['komari notification test'],
  perform: ({api, speech}) => testNotification(api, speech.warn),
  columns: {},
  done: () => 'the sender took the message',
})
