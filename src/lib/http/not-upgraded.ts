import {PanelctlError} from '../errors.js'
import type {Call} from './failure.js'

/** A server that took the question for a WebSocket for an ordinary one: what stands before the panel cut it short. */
export class NotUpgraded extends PanelctlError {
  constructor({panel, host, method, path}: Call, status: number) {
    super(
      'BAD_RESPONSE',
      `${host} answered ${method} ${path} with HTTP ${status}, as if no WebSocket had been asked for: a proxy before the panel does not pass that on`,
      {
        panel: panel.name,
        status,
        hint: 'the proxy has to pass on the headers Upgrade and Connection, as WebSockets need them',
      },
    )
  }
}
