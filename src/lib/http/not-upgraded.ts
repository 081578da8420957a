import {type ErrorCode, PanelctlError} from '../errors.js'
import type {Hint} from '../hint.js'

/**
 * A WebSocket brought nothing, be it that the question for it was taken for an ordinary one, refused before the panel saw it, or
 * lost: what is between may let requests pass all the same.
 */
export class NotUpgraded extends PanelctlError {
  constructor(
    code: ErrorCode,
    message: string,
    {
      late = false,
      hint = 'a proxy has to pass on the headers Upgrade and Connection, as WebSockets need them',
      ...details
    }: {panel: string; status?: number | undefined; hint?: Hint | undefined; late?: boolean; cause?: unknown},
  ) {
    super(code, message, {hint, ...details})
    this.late = late
  }

  /** Whether it took all the time there was, so that it is not tried again. */
  readonly late: boolean
}
