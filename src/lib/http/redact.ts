import {MASK} from '../mask.js'

const secretHeaders = /^(authorization|cookie|set-cookie|proxy-authorization|x-csrf-token|x-api-key)$/i
const secretNames =
  /(secret|passw|token|pass$|^pwd$|(api|ssl|private|discovery)_?key|session|credential|otp|2fa)/i

/** True where a header, query parameter or body field of this name holds a secret. */
export function isSecretName(name: string): boolean {
  return secretHeaders.test(name) || secretNames.test(name)
}

/** The headers with secrets replaced, for logs and `--dry-run`. */
export function redactHeaders(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecretName(name) ? MASK : value]),
  )
}

/** The address with secret query values replaced, and without user and password. */
export function redactUrl(url: URL): string {
  const copy = new URL(url)
  copy.username = ''
  copy.password = ''
  for (const name of new Set(copy.searchParams.keys())) {
    if (isSecretName(name)) copy.searchParams.set(name, MASK)
  }
  return copy.href
}

/** A body with the values of secret fields, and of these, replaced, at any depth. */
export function redactBody(value: unknown, hidden: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map(each => redactBody(each, hidden))
  if (typeof value !== 'object' || value === null) return value
  const isHidden = (name: string, inner: unknown) =>
    (isSecretName(name) || hidden.includes(name)) && ![undefined, null, ''].some(none => none === inner)
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isHidden(name, inner) ? MASK : redactBody(inner, hidden),
    ]),
  )
}

/** The texts of secret fields, at any depth: what `redactBody` replaces. */
export function secretTexts(value: unknown, isSecret = false): string[] {
  if (typeof value === 'string') return isSecret ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => secretTexts(inner, isSecret || isSecretName(name)))
}
