import {usageError} from '../errors.js'
import {MASK} from '../mask.js'
import type {Credential, Panel} from './panel.js'
import {redactHeaders} from './redact.js'

export type Headers = Readonly<Record<string, string>>

/** What lets a request in: for whoever stands before the panel, and for the panel itself. */
export interface Admission {
  readonly headers: Headers
  readonly credential: Credential | undefined
}

/**
 * The headers that let a request in, with those of a session that was made with the credential.
 * @throws PanelctlError USAGE where one for whoever stands before the panel would take the place of the credential
 */
export function lettingIn(panel: Panel, {headers, credential}: Admission, session: Headers = {}): Headers {
  const own: Headers = credential ? {...panel.authorize(credential), ...session} : {}
  const joined: Record<string, string> = {...headers, ...own}
  for (const [name, value] of Object.entries(own)) {
    const other = headers[name]
    if (other === undefined) continue
    if (name !== 'cookie')
      throw usageError(
        `the header ${name} carries the ${credential?.kind} of ${panel.title}, and one is given`,
      )
    joined.cookie = `${value}; ${other}`
  }
  return joined
}

/** Headers with secrets replaced, for logs and `--dry-run`: of those that let us in each may be one. */
export function shownHeaders(sent: Headers, {headers}: Admission): Record<string, unknown> {
  const hidden = Object.fromEntries(Object.keys(headers).map(name => [name, MASK]))
  return {...redactHeaders(sent), ...hidden}
}
