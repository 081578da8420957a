/** The command line up to the cursor, as bash reads it. */
export interface BashLine {
  /** The words behind the program's name, without their quotes. */
  readonly words: readonly string[]
  /** The word that the cursor stands in, or an empty one. */
  readonly current: string
  /** How much of that word readline leaves alone: up to a character of COMP_WORDBREAKS that is not quoted. */
  readonly kept: number
  /** The quote that is open at the cursor. */
  readonly quote: '' | "'" | '"'
}

/** Reads COMP_LINE up to COMP_POINT; nothing in it is evaluated. Assignments in front of the program are no words. */
export function readBashLine(text: string, breaks: string): BashLine {
  const words: string[] = []
  let current: string | undefined
  let kept = 0
  let beforeQuote = 0
  let quote: BashLine['quote'] = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    const next = text[at + 1] ?? ''
    const word: string = current ?? ''
    if (quote === '' && /\s/.test(character)) {
      if (current !== undefined) words.push(current)
      current = undefined
      kept = 0
    } else if (character === quote) {
      quote = ''
      kept = beforeQuote
    } else if (quote === '' && (character === "'" || character === '"')) {
      quote = character
      beforeQuote = kept
      kept = word.length
      current = word
    } else if (character === '\\' && (quote === '' || (quote === '"' && /["$`\\]/.test(next)))) {
      current = word + next
      at += 1
    } else {
      current = word + character
      if (quote === '' && breaks.includes(character)) kept = current.length
    }
  }
  const program = words.findIndex(word => !/^\w+=/.test(word))
  return {words: words.slice(program + 1), current: current ?? '', kept, quote}
}

/** A value as it is inserted in place of what readline does not leave alone. */
export function quoteForBash(value: string, {kept, quote}: BashLine): string {
  const rest = value.slice(kept)
  if (quote === "'") return rest.replaceAll("'", `'\\''`)
  // Of all characters this one means something in those quotes, and no backslash helps there: history expansion.
  if (quote === '"') return rest.replace(/["$`\\]/g, '\\$&').replaceAll('!', `"'!'"`)
  return rest.replace(/[\s"'\\$`&|;<>(){}[\]*?!#~^]/g, '\\$&')
}
