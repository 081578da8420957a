import {usageError} from '../../errors.js'
import type {Hint} from '../../hint.js'
import {refuseQuotation} from '../environment.js'

/** What a panel knows of the secrets of one kind. */
export interface SecretKind {
  readonly kind: string
  /** True where it is sent in a body, so that each of its characters counts. */
  readonly anyText?: boolean
  /** True where it is nothing but itself: neither a name with it nor JSON around it. */
  readonly isBare?: boolean
  /** Cuts off what people copy along with it. */
  clean?(secret: string): string
  /** Why it cannot be a secret of this kind, as far as its form shows; else undefined. */
  flaw?(secret: string): {readonly what: string; readonly hint: Hint} | undefined
}

/**
 * A secret as it came from `source` (a variable, a context, stdin) in the form in which it is sent: without the byte
 * order mark that editors put before it, and without blanks around it.
 * @throws PanelctlError USAGE naming the source where it is empty, where no header can carry it, or where its kind says
 * that it must be wrong; never with the secret itself
 */
export function cleanSecret(text: string, source: string, known: SecretKind): string {
  const {kind, anyText, isBare, clean, flaw} = known
  if (anyText && text !== '') return text
  // trim takes off a byte order mark too
  const trimmed = text.trim()
  const secret = clean?.(trimmed) ?? trimmed
  if (secret === '') throw usageError(`${source} is empty`)
  refuseQuotation(secret, source)
  const odd = /[^\u0020-\u007e]/u.exec(secret)?.[0]
  if (odd !== undefined) {
    const codePoint = (odd.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    throw usageError(
      `${source}: the ${kind} holds line breaks or other characters that no header can carry (U+${codePoint})`,
      'copy it again as plain text on one line, without quotation marks',
    )
  }
  const found = flaw?.(secret) ?? (isBare ? whatIsAround(secret, kind) : undefined)
  if (found) throw usageError(`${source}: ${found.what}`, found.hint)
  return secret
}

/** Of a line out of a file of variables, or of the JSON that another program prints, nobody's secret is the whole. */
function whatIsAround(secret: string, kind: string): ReturnType<NonNullable<SecretKind['flaw']>> {
  const name = /^(?:(?:export|set)\s+)?(?:\w+_)?(?:token|key|secret|session)\s*[=:]\s*(?=[^=\s])/i.exec(
    secret,
  )?.[0]
  if (name !== undefined)
    return {what: `the ${kind} has its name before it (${name})`, hint: `leave out "${name}"`}
  if (/^\{.*"\s*:.*\}$/.test(secret))
    return {what: `it is JSON with the ${kind} in it`, hint: 'take its value alone, as jq -r prints it'}
  return undefined
}
