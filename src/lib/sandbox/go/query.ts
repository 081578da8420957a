/**
 * Percent-decodes like Go's `url.QueryUnescape` (or `PathUnescape`); `undefined` when an escape is broken.
 * The text holds one byte a character, as node hands out request targets and headers.
 */
export function percentDecode(text: string, plus: 'is a space' | 'is a plus'): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined
  const spaced = plus === 'is a space' ? text.replaceAll('+', ' ') : text
  const bytes = spaced.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/**
 * The first value of each query parameter, by Go's rules: a pair holding `;` or a broken escape is
 * dropped silently (contracts/nezha.md 1.1), of repeated parameters the first wins (1.3).
 */
function parseQuery(raw: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const pair of raw.split('&')) {
    if (pair === '' || pair.includes(';')) continue
    const equals = pair.indexOf('=')
    const key = percentDecode(equals < 0 ? pair : pair.slice(0, equals), 'is a space')
    const value = percentDecode(equals < 0 ? '' : pair.slice(equals + 1), 'is a space')
    if (key === undefined || value === undefined || values.has(key)) continue
    values.set(key, value)
  }
  return values
}

export interface Target {
  /** Decoded, as Go's router compares it. */
  readonly path: string
  /** As it was sent, without the question mark. */
  readonly rawQuery: string
  readonly query: ReadonlyMap<string, string>
}

/** Splits a request target; `undefined` for a path that Go answers with 400 before any handler. */
export function parseTarget(target: string): Target | undefined {
  // A client that takes the panel for a proxy sends the absolute form.
  const relative = target.replace(/^https?:\/\/[^/?]*/i, '')
  const mark = relative.indexOf('?')
  const path = percentDecode(mark < 0 ? relative : relative.slice(0, mark), 'is a plus')
  if (path === undefined) return undefined
  const rawQuery = mark < 0 ? '' : relative.slice(mark + 1)
  return {path, rawQuery, query: parseQuery(rawQuery)}
}
