/** A source of numbers in [0, 1), like `Math.random`. */
export type Random = () => number

/** One number in [0, 1) that belongs to these integers: noise that can be asked for in any order. */
export function noise(...parts: readonly number[]): number {
  let mixed = 0x9e3779b9
  for (const part of parts) {
    mixed = Math.imul(mixed ^ (part | 0), 0x85ebca6b)
    mixed ^= mixed >>> 13
    // Minutes since 1970 fit 32 bits, milliseconds do not: the upper half counts too.
    mixed = Math.imul(mixed ^ Math.floor(part / 4294967296), 0xc2b2ae35)
    mixed ^= mixed >>> 16
  }
  return (mixed >>> 0) / 4294967296
}

/** A shuffled copy. */
export function shuffled<Item>(items: Iterable<Item>, random: Random): Item[] {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const held = result[last] as Item
    result[last] = result[other] as Item
    result[other] = held
  }
  return result
}

const alphanumeric = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Text of `[0-9A-Za-z]`, as the panels make their tokens and secrets. */
export function randomText(length: number, random: Random): string {
  let text = ''
  for (let index = 0; index < length; index++)
    text += alphanumeric[Math.floor(random() * alphanumeric.length)]
  return text
}

/** A uuid of such numbers, of which each makes a digit. */
export function uuidOf(random: (index: number) => number): string {
  const digit = (index: number) => Math.floor(random(index) * 16).toString(16)
  const digits = Array.from({length: 32}, (_, index) => digit(index)).join('')
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5')
}
