import fc from 'fast-check'

/** What no panel means to say, as it stands in JSON. */
const oddities: readonly string[] = [
  'null',
  'true',
  '0',
  '-1',
  '0.5',
  '1e308',
  '-1e400',
  '1e400',
  '9007199254740993',
  '18446744073709551615',
  '-62135596800',
  '""',
  '" "',
  '"-1"',
  '"1e999"',
  '"0x10"',
  '"2026-13-45T99:99:99Z"',
  '"constructor"',
  '"__proto__"',
  '"\\u001b[31mred\\u0007"',
  '"\\u202egnp.exe"',
  '"a\\u200bb\\n\\tc"',
  '"\\ud800"',
  `"${'中'.repeat(3000)}"`,
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '[1,"a",{}]',
  '{"a":1}',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":1,"toString":2,"length":3}',
  `${'['.repeat(300)}${']'.repeat(300)}`,
]

export type Mutation =
  /** A value of the document in the place of which stands something else. */
  | {readonly kind: 'value'; readonly at: number; readonly oddity: number}
  /** A field or an element that is not there. */
  | {readonly kind: 'drop'; readonly at: number}
  /** Bytes that came in between. */
  | {readonly kind: 'insert'; readonly at: number; readonly text: string}
  /** The end of the document that is missing. */
  | {readonly kind: 'cut'; readonly at: number}

const at = fc.nat({max: 100_000})

export const mutations: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('value' as const),
      at,
      oddity: fc.nat({max: oddities.length - 1}),
    }),
  },
  {weight: 2, arbitrary: fc.record({kind: fc.constant('drop' as const), at})},
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      at,
      text: fc.constantFrom('\ufeff', '\0', '<html>', ',', '}', '"', 'é', '\u001b[2J', '{"a":1,"a":2}'),
    }),
  },
  {weight: 1, arbitrary: fc.record({kind: fc.constant('cut' as const), at})},
)

// No answer has it.
const mark = '@oddity@'

/** All places of a document: the holder and the key. */
function placesOf(value: unknown, found: [Record<string, unknown>, string][] = []): typeof found {
  if (typeof value !== 'object' || value === null) return found
  for (const [key, field] of Object.entries(value)) {
    found.push([value as Record<string, unknown>, key])
    placesOf(field, found)
  }
  return found
}

/** The answer as it is after that; unchanged where the mutation finds nothing in it. */
export function mutated(text: string, mutation: Mutation): string {
  if (mutation.kind === 'insert' || mutation.kind === 'cut') {
    const index = text.length === 0 ? 0 : mutation.at % text.length
    return mutation.kind === 'cut'
      ? text.slice(0, index)
      : text.slice(0, index) + mutation.text + text.slice(index)
  }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return text
  }
  const root: Record<string, unknown> = {document}
  const places = placesOf(root)
  const [holder, key] = places[mutation.at % places.length] ?? [root, 'document']
  if (mutation.kind === 'drop') {
    if (Array.isArray(holder)) holder.splice(Number(key), 1)
    else delete holder[key]
  } else holder[key] = mark
  // A function, as `$` has a meaning in a replacement.
  return (JSON.stringify(root.document) ?? '').replace(`"${mark}"`, () =>
    mutation.kind === 'value' ? (oddities[mutation.oddity] ?? '') : '',
  )
}
