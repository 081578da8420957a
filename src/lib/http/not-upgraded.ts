import {PanelctlError} from '../errors.js'
import type {Call} from './failure.js'
import {front} from './gateway.js'
import type {Answer} from './panel.js'
import {inBrackets} from './said.js'

/** The question for a WebSocket was taken for an ordinary one, or refused before the panel saw it. */
export class NotUpgraded extends PanelctlError {
  constructor(call: Call, answer: Answer) {
    const {panel, method, path} = call
    const {status} = answer
    super(
      'BAD_RESPONSE',
      `${front(call)} answered ${method} ${path} with HTTP ${status}${inBrackets(answer)}, and lets no WebSocket through`,
      {
        panel: panel.name,
        status,
        hint: 'a proxy has to pass on the headers Upgrade and Connection, as WebSockets need them',
      },
    )
  }
}
