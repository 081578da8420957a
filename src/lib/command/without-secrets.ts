import {MASK} from '../mask.js'

/** A secret of fewer characters is a word like any other. */
const SHORTEST_SECRET = 6

/** So is a part of one. */
const SHORTEST_PART = 12

/** What nobody sees of a text (U+2800 is Braille without a dot), or what breaks a line: whoever echoes a secret may have put it in between. */
const unseen = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u

/**
 * How text is written: as it stands, in URLs, in JSON and in HTML, each with what begins a character that is written otherwise; `cut` is
 * what is left of one at the end.
 */
const writings: readonly (readonly [beginning: string, RegExp])[] = [
  ['', /[\s\S]/gu],
  ['%', /(?<bytes>(?:%[\da-f]{2})+)|(?<cut>%[\da-f]?)(?=…)|[\s\S]/giu],
  ['\\', /\\u(?<hex>[\da-f]{4})|(?<cut>\\(?:u[\da-f]{0,3})?)(?=…)|\\(?<mark>[\s\S])|[\s\S]/giu],
  [
    '&',
    /&(?:#x0*(?<hex>[\da-f]{1,4})|#0*(?<decimal>\d{1,5})|(?<mark>amp|lt|gt|quot|apos));?|(?<cut>&[#\w]{0,9})(?=…)|[\s\S]/giu,
  ],
]

const marks: Readonly<Record<string, string>> = {
  ...{n: '\n', r: '\r', t: '\t'},
  ...{amp: '&', lt: '<', gt: '>', quot: '"', apos: "'"},
}

const inHtml: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'}

function meaningOf({0: whole, groups: {bytes, hex, decimal, mark, cut} = {}}: RegExpExecArray): string {
  if (cut !== undefined) return ''
  if (bytes !== undefined) return Buffer.from(bytes.replaceAll('%', ''), 'hex').toString()
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
  if (decimal !== undefined) return String.fromCharCode(Number(decimal))
  return mark === undefined ? whole : (marks[mark.toLowerCase()] ?? mark)
}

/** In small letters, as addresses have them. */
const inSmallLetters = (character: string) => (character <= 'Z' ? character.toLowerCase() : character)

/** The characters of a text that are seen, in small letters, and from where to where each of them stands in it. */
interface Reading {
  readonly seen: string
  readonly at: readonly number[]
  readonly end: readonly number[]
}

function readingOf(text: string, writing: RegExp): Reading {
  const [at, end]: [number[], number[]] = [[], []]
  let seen = ''
  for (const match of text.matchAll(writing)) {
    for (const character of meaningOf(match)) {
      if (unseen.test(character)) continue
      seen += inSmallLetters(character)
      for (let unit = 0; unit < character.length; unit++) {
        at.push(match.index)
        end.push(match.index + match[0].length)
      }
    }
  }
  return {seen, at, end}
}

/** Most secrets are such: all of each character is seen. */
const plain = /^[!-~]*$/

const seenOf = (text: string) =>
  plain.test(text)
    ? text.toLowerCase()
    : [...text]
        .filter(character => !unseen.test(character))
        .map(inSmallLetters)
        .join('')

/** In base64, wherever it begins in what was encoded: its first and last characters hang on what is beside it. */
function inBase64(secret: string): string[] {
  return [0, 1, 2].flatMap(offset => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)])
    const own = (text: string) => text.slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6))
    return [own(bytes.toString('base64')), own(bytes.toString('base64url'))]
  })
}

/** The password that is in credentials as HTTP has them. */
function passwordOf(header: string): string[] {
  const [, encoded = ''] = /^Basic\s+(\S+)$/i.exec(header) ?? []
  const [, password] = /^[^:]*:(.+)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  return password === undefined ? [] : [password]
}

/** What `allForms` made of each: every line that is printed asks for all of them. */
const formsBySecret = new Map<string, readonly string[]>()

function formsOf(secret: string): readonly string[] {
  const forms = formsBySecret.get(secret) ?? allForms(secret)
  formsBySecret.set(secret, forms)
  return forms
}

/**
 * All that is masked for a secret: it, also as queries, bodies and pages have it, what it has of words behind a scheme or a name, and these
 * in base64.
 */
function allForms(secret: string): string[] {
  const words = secret.split(/[\s;,]+/)
  const parts = [...words, ...words.map(word => word.slice(word.indexOf('=') + 1))]
  const whole = [
    secret,
    // Half a pair has no place in a URL, and panels may tell one.
    encodeURIComponent(secret.replaceAll(/\p{Surrogate}/gu, '\ufffd')),
    JSON.stringify(secret).slice(1, -1),
    secret.replace(/[&<>"]/g, mark => inHtml[mark] ?? mark),
    ...passwordOf(secret),
    ...parts.filter(part => part.length >= SHORTEST_PART),
  ]
  const forms = whole.map(seenOf).filter(form => form.length >= SHORTEST_SECRET)
  return [
    ...new Set([
      ...forms,
      ...whole
        .filter(form => form.length >= SHORTEST_PART)
        .flatMap(inBase64)
        .map(seenOf),
    ]),
  ]
}

/** Where a secret stands in the text, whole, or cut off where the text was shortened. */
function* placesOf(secret: string, text: string): Generator<readonly [start: number, end: number]> {
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1))
    yield [at, at + secret.length]
  for (let end = text.indexOf('…'); end >= 0; end = text.indexOf('…', end + 1)) {
    let length = Math.min(secret.length - 1, end)
    while (length >= SHORTEST_SECRET && !text.startsWith(secret.slice(0, length), end - length)) length--
    if (length >= SHORTEST_SECRET) yield [end - length, end]
  }
}

/**
 * A text without these secrets, also with what nobody sees between their characters, as URLs, JSON and HTML write them,
 * in base64, and without the scheme or the name before them.
 */
export function withoutSecrets(secrets: ReadonlySet<string>, text: string): string {
  if (secrets.size === 0) return text
  const forms = [...secrets].flatMap(formsOf)
  const places = writings
    // Without that it would be read as it stands.
    .filter(([beginning]) => text.includes(beginning))
    .map(([, writing]) => readingOf(text, writing))
    .flatMap(({seen, at, end}) =>
      forms.flatMap(form =>
        [...placesOf(form, seen)].map(([first, last]) => [at[first] ?? 0, end[last - 1] ?? 0] as const),
      ),
    )
    .toSorted(([one], [other]) => one - other)
  let [shown, done] = ['', 0]
  for (const [start, end] of places) {
    // Two secrets may overlap.
    if (start >= done) shown += text.slice(done, start) + MASK
    done = Math.max(done, end)
  }
  return shown + text.slice(done)
}
