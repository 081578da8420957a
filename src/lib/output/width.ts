import stringWidth from 'string-width'
import {isPlain, plainWidth} from './plain.js'

const ascii = /^[ -~]*$/

// Selectors of an emoji's looks that take no column: string-width, before its 5th version, counts one for each.
const selectors = /[\ufe00-\ufe0e]|(?<=\p{Emoji_Presentation})\ufe0f/gu

/** The number of terminal columns of a printable text. */
export function textWidth(text: string): number {
  return isPlain(text) ? plainWidth(text) : stringWidth(text.replace(selectors, ''))
}

/** Whether cli-table3, which counts with string-width of its own, takes the text for wider than it is. */
export function isMiscounted(text: string): boolean {
  return !isPlain(text) && text.search(selectors) !== -1
}

// Made when a line is cut that is not plain ASCII, which on most machines is never.
let characters: Intl.Segmenter | undefined

/** The longest beginning of the text, in whole characters as people see them, that fits into `width` columns. */
function fittingPrefix(text: string, width: number): string {
  if (ascii.test(text)) return text.slice(0, width)
  characters ??= new Intl.Segmenter('en', {granularity: 'grapheme'})
  let end = 0
  let used = 0
  for (const {index, segment} of characters.segment(text)) {
    used += textWidth(segment)
    if (used > width) break
    end = index + segment.length
  }
  return text.slice(0, end)
}

/** The text as it stands in `width` columns, ending in an ellipsis where that is not all of it. */
export function cutToWidth(text: string, width: number): string {
  return textWidth(text) <= width ? text : `${fittingPrefix(text, width - 1)}…`
}
