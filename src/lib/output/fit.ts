import {separator} from './padding.js'

/** What a column takes in terminal columns. */
interface ColumnWidth {
  /** What its widest cell takes. */
  readonly natural: number
  /** What its widest cell that may not be cut takes. */
  readonly rigid: number
}

/** A text cut to less says nothing; what does not even have this is left out, so that the others are whole. */
const SHORTEST_TEXT = 8

/**
 * The widths of the columns in a table of `width` terminal columns; undefined for one that finds no room. The longest
 * texts shrink first, and as far as they have to; from left to right each column that has no room even then is left out
 * where columns may be. The first one never is.
 */
export function fittedWidths(
  columns: readonly ColumnWidth[],
  width: number,
  mayLeaveOut: boolean,
): (number | undefined)[] {
  let room = width + separator.length
  const kept = columns.map(({natural, rigid}, index) => {
    const least = Math.max(rigid, Math.min(natural, SHORTEST_TEXT)) + separator.length
    if (mayLeaveOut && index > 0 && least > room) return false
    room -= least
    return true
  })
  const capped = (longest: number) =>
    columns.map((column, index) =>
      kept[index] ? Math.max(column.rigid, Math.min(column.natural, longest)) : undefined,
    )
  const total = (widths: readonly (number | undefined)[]) =>
    widths.reduce<number>((sum, each) => sum + (each === undefined ? 0 : each + separator.length), 0)
  let longest = width
  while (longest > 1 && total(capped(longest)) > width + separator.length) longest -= 1
  return capped(longest)
}
