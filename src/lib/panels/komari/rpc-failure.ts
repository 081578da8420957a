import {type ErrorCode, PanelctlError} from '../../errors.js'
import {hint, panelctl} from '../../hint.js'
import {noCredential} from '../../http/panel.js'
import {shortened} from '../../http/said.js'
import {fieldOf, textAt} from '../../json-object.js'
import {credentialHint} from './credential-hint.js'

/** contracts/komari.md 2.3; 401 is what versions up to 1.2.3 say for -32041. All else is a refusal, and never repeated. */
const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'AUTH',
  [-32040]: 'AUTH',
  [-32041]: 'AUTH',
  [-32044]: 'NOT_FOUND',
}

/** Whether it wants the code of two-factor authentication: of the session of such an account, for what runs commands (2.3, 3.4). */
export function isOfCode(said: string): boolean {
  return /2fa code/i.test(said)
}

export const codeHint =
  "give the code of two-factor authentication, of now: --header 'X-2FA-Code: CODE'; an API key needs none"

const METHOD_NOT_FOUND = -32601

/** This version of the panel has no such method, or no RPC2 at all: no other failure says so. */
export class NoSuchMethod extends PanelctlError {}

/** The `error` of a JSON-RPC answer, which comes with HTTP 200 unless the request itself was no request (2.1). */
export function rpcFailure(
  error: unknown,
  {
    status,
    host,
    isGuest = false,
  }: {status?: number | undefined; host?: string | undefined; isGuest?: boolean} = {},
): PanelctlError {
  const said = fieldOf(error, 'code')
  const number = Number.isSafeInteger(said) ? Number(said) : undefined
  const code = (number !== undefined && codes[number]) || 'REJECTED'
  const data = fieldOf(error, 'data')
  const reason = [textAt(error, 'message'), typeof data === 'string' ? data : ''].filter(Boolean).join(': ')
  const told = [shortened(reason), number === undefined ? '' : `(${number})`].filter(Boolean).join(' ')
  if (code === 'AUTH' && isGuest && !isOfCode(reason))
    return new PanelctlError(code, `${noCredential}; ${host ?? 'the panel'} said: ${told}`, {
      panel: 'komari',
      status,
      hint: credentialHint,
    })
  const Failure = number === METHOD_NOT_FOUND ? NoSuchMethod : PanelctlError
  return new Failure(
    code,
    `Komari${host ? ` at ${host}` : ''} refused the call${told === '' ? '' : `: ${told}`}`,
    {
      panel: 'komari',
      status,
      hint:
        code === 'AUTH'
          ? isOfCode(reason)
            ? codeHint
            : hint`admin methods want a session or an API key: ${panelctl('komari login')}`
          : number === METHOD_NOT_FOUND
            ? hint`names have a prefix, as common:getNodes; for all of them: ${panelctl('komari rpc', ['rpc.methods'])}`
            : undefined,
    },
  )
}
