/**
 * The integers of an object or array that a double cannot hold, and what is too large for one (`1e400`), as they stood
 * in its JSON, by key. They stay numbers for whoever computes with them; a spread takes them along.
 */
const WRITTEN = Symbol('integers as they were written')

// No panel can write it, as it is another in each run.
const mark = `exactly:${Math.random().toString(36).slice(2)}:`

/** Whether there were any in this run: whoever finds none pays nothing. */
let anyWritten = false

function writtenIn(holder: object): Record<string, string> | undefined {
  return WRITTEN in holder ? (holder[WRITTEN] as Record<string, string>) : undefined
}

/** Turns marked texts into numbers, and keeps what they were. */
function unmark(holder: object): void {
  let written: Record<string, string> | undefined
  for (const [key, value] of Object.entries(holder)) {
    if (typeof value === 'object' && value !== null) unmark(value)
    if (typeof value !== 'string' || !value.startsWith(mark)) continue
    written ??= Object.create(null) as Record<string, string>
    written[key] = value.slice(mark.length)
    Object.defineProperty(holder, key, {
      value: Number(written[key]),
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
  if (written) Object.assign(holder, {[WRITTEN]: written})
}

/** Whether what stands for a number would be another one, or `null`, in JSON that is written anew. */
export function isBeyond(token: string): boolean {
  if (/^-?[1-9]\d*$/.test(token)) return String(Number(token)) !== token
  return /^-?(0|[1-9]\d*)(\.\d+)?[eE]\+?\d+$/.test(token) && !Number.isFinite(Number(token))
}

/** A number beyond a double as `parseMarked` is to find it in JSON. */
export function marked(token: string): string {
  anyWritten = true
  return `"${mark}${token}"`
}

/** As `JSON.parse`, with marked numbers as numbers; `stringifyExactly` writes them as they came. */
export function parseMarked(text: string): unknown {
  if (!anyWritten || !text.includes(mark)) return JSON.parse(text)
  // In an array, as the document itself may be one.
  const root: unknown[] = [JSON.parse(text)]
  unmark(root)
  return root[0]
}

/** As `JSON.stringify`, with integers that `parseMarked` read as they were written. */
export function stringifyExactly(value: unknown, indent?: number): string {
  if (!anyWritten) return JSON.stringify(value, null, indent)
  const marked = JSON.stringify(
    value,
    function (this: object, key: string, field: unknown) {
      const written = typeof field === 'number' ? writtenIn(this)?.[key] : undefined
      // Where somebody put another number there, it is no longer that one.
      return written !== undefined && Number(written) === field ? `${mark}${written}` : field
    },
    indent,
  )
  return marked?.replaceAll(new RegExp(`"${mark}([-+.\\deE]+)"`, 'g'), '$1')
}

/** The same copy of what was parsed, with the integers as they were written: a schema copies what it checks. */
export function withIntegersOf<Copy>(parsed: unknown, copy: Copy): Copy {
  if (!anyWritten || typeof parsed !== 'object' || parsed === null) return copy
  if (typeof copy !== 'object' || copy === null || Object.is(parsed, copy)) return copy
  const fields = new Map(Object.entries(copy))
  for (const [key, field] of Object.entries(parsed)) withIntegersOf(field, fields.get(key))
  const written = writtenIn(parsed)
  return written ? Object.assign(copy, {[WRITTEN]: written}) : copy
}

/** A copy whose fields are called otherwise than those of `source`, with the integers as they were written there. */
export function withIntegersRenamed<Copy extends object>(
  source: object | undefined,
  copy: Copy,
  name: (key: string) => string,
): Copy {
  const written = anyWritten && source ? writtenIn(source) : undefined
  if (!written) return copy
  const renamed = Object.entries(written).map(([key, text]) => [name(key), text])
  return Object.assign(copy, {[WRITTEN]: Object.fromEntries(renamed)})
}

/** Elements of an array, from one place to before another, with their integers as they were written. */
export function sliceExactly(elements: readonly unknown[], from: number, to: number): unknown[] {
  const part = elements.slice(from, to)
  const written = anyWritten ? writtenIn(elements) : undefined
  if (!written) return part
  const moved = part.flatMap((_, at) => {
    const text = written[from + at]
    return text === undefined ? [] : [[at, text]]
  })
  return Object.assign(part, {[WRITTEN]: Object.fromEntries(moved)})
}

/** Adds elements at the end of an array, with their integers as they were written. */
export function appendExactly(elements: unknown[], more: readonly unknown[]): void {
  const written = anyWritten ? writtenIn(more) : undefined
  if (written) {
    const moved = Object.entries(written).map(([at, text]) => [elements.length + Number(at), text])
    Object.assign(elements, {[WRITTEN]: {...writtenIn(elements), ...Object.fromEntries(moved)}})
  }
  for (const element of more) elements.push(element)
}

/** A copy with a bigint for each integer that a double cannot hold. */
export function withBigInts(value: unknown): unknown {
  if (!anyWritten || typeof value !== 'object' || value === null) return value
  const written = writtenIn(value)
  const exactly = (field: unknown, key: string | number) => {
    const text = written?.[key]
    const isExact = text !== undefined && Number(text) === field && /^-?\d+$/.test(text)
    return isExact ? BigInt(text) : withBigInts(field)
  }
  if (Array.isArray(value)) return value.map(exactly)
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, exactly(field, key)]))
}

/**
 * The integer that a number somewhere in `holder` was read from, where a double may not hold it; undefined where there is
 * none, or where several read the same.
 */
export function writtenAs(value: number, holder: unknown): bigint | undefined {
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return undefined
  const texts = new Set<string>()
  const look = (held: unknown) => {
    if (typeof held !== 'object' || held === null) return
    for (const [key, field] of Object.entries(held)) {
      if (field === value) texts.add(writtenIn(held)?.[key] ?? String(value))
      else look(field)
    }
  }
  look(holder)
  const [text = ''] = texts
  return texts.size === 1 && /^-?\d+$/.test(text) ? BigInt(text) : undefined
}
