import type {Verb} from '../../../resource/verb.js'
import {notifications} from './notifications.js'

/** A change sends a message where it is not told to skip that, also one that changes nothing (contracts/nezha.md 3.9, trap 47). */
export const notificationTest: Verb = {
  resource: notifications,
  word: 'test',
  summary: 'send a test message (v1, v2)',
  remark:
    'A real one, to the address that is stored. It went well where that address took it; where not, what the panel says of it is the error (exit 5). v2 sends none to private addresses.',
  perform: async (api, row) => notifications.update?.(api, row, {...row.wire, skip_check: false}, {}),
  done: name => `sent a test message to ${name}, which was taken`,
}
