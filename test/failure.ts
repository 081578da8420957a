import type {PanelctlError} from '../src/lib/errors.js'
import {hintText} from '../src/lib/hint.js'
import type {Outcome} from './harness.js'

/** The error of a run with `-o json`: the last line of stderr. Throws when there is none. */
export function failureOf({stderr}: Outcome): Record<string, unknown> {
  const last: {error?: Record<string, unknown>} = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')
  if (!last.error) throw new Error(`no error in ${stderr}`)
  return last.error
}

/** An error with its hint as it is printed. */
export function asPrinted(error: PanelctlError): PanelctlError & {readonly hint?: string} {
  return Object.assign(error, error.hint === undefined ? {} : {hint: hintText(error.hint)})
}

/** The paths of the requests that arrived, with their queries. */
export function paths({requests}: {requests: readonly {method: string; path: string}[]}): string[] {
  return requests.map(({method, path}) => `${method} ${path}`)
}
