import {MASK} from '../mask.js'

/** A secret of fewer characters is a word like any other. */
const SHORTEST_SECRET = 6

/** What nobody sees of a text, or what breaks a line: whoever echoes a secret may have put it in between. */
const unseen = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u

/** The characters of a text that are seen, in small letters as addresses have them, and where each of them stands in it. */
function seenOf(text: string): {readonly seen: string; readonly at: readonly number[]} {
  let seen = ''
  const at: number[] = []
  let index = 0
  for (const character of text) {
    if (!unseen.test(character)) {
      seen += character <= 'Z' ? character.toLowerCase() : character
      for (let unit = 0; unit < character.length; unit++) at.push(index + unit)
    }
    index += character.length
  }
  return {seen, at}
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

/** A text without these secrets, also with what nobody sees between their characters. */
export function withoutSecrets(secrets: ReadonlySet<string>, text: string): string {
  if (secrets.size === 0) return text
  const {seen, at} = seenOf(text)
  const places = [...secrets]
    .map(secret => seenOf(secret).seen)
    .filter(secret => secret.length >= SHORTEST_SECRET)
    .flatMap(secret => [...placesOf(secret, seen)])
    .toSorted(([one], [other]) => one - other)
  let [shown, done] = ['', 0]
  for (const [start, end] of places) {
    const [from = 0, last = 0] = [at[start], at[end - 1]]
    // Two secrets may overlap.
    if (from >= done) shown += text.slice(done, from) + MASK
    done = Math.max(done, last + 1)
  }
  return shown + text.slice(done)
}
