import {PanelctlError} from '../../../errors.js'
import {shortened} from '../../../http/said.js'
import {fieldOf, textAt} from '../../../json-object.js'
import {newToken} from './envelope.js'

/** A tool of `/mcp` that did not do it, with what it has to show all the same (contracts/nezha.md 3.11). */
export class ToolFailed extends PanelctlError {
  constructor(
    readonly said: string,
    readonly content: unknown,
    ...error: ConstructorParameters<typeof PanelctlError>
  ) {
    super(...error)
  }
}

/** More calls of a token than ten a second or 120 a minute: this one was not taken (3.11). */
export function isTooMany(error: unknown): boolean {
  return error instanceof ToolFailed && fieldOf(error.content, 'error_code') === 'rate_limited'
}

/** HTTP 429, which may be what stands before the dashboard. */
export function isTurnedAway(error: unknown): boolean {
  return error instanceof PanelctlError && error.status === 429
}

/** Why a tool did not do it: that comes with HTTP 200, and what is in it with an exit code of 0 (trap 49). */
export function toolFailure({content, structuredContent}: {content?: unknown; structuredContent?: unknown}) {
  const said =
    [content]
      .flat()
      .map(part => textAt(part, 'text'))
      .find(text => text !== '') ?? ''
  const details = {panel: 'nezha'}
  // In words of a protocol, which nobody translates.
  const scope = /^missing required scope: (\S+)$/.exec(said)?.[1]
  if (scope !== undefined)
    return new ToolFailed(said, structuredContent, 'AUTH', `the API token lacks the scope ${scope}`, {
      ...details,
      hint: newToken('one that has it'),
    })
  const isLimited = fieldOf(structuredContent, 'error_code') === 'rate_limited'
  const text = `Nezha refused the call: ${shortened(said)}`
  return new ToolFailed(said, structuredContent, isLimited ? 'UNREACHABLE' : 'REJECTED', text, details)
}
