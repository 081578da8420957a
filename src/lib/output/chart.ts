import {type TypedCell, textCellOf} from './cell.js'
import {printable} from './printable.js'
import {cutToWidth, textWidth} from './width.js'

/** Values over time. */
export interface Curve {
  readonly title: string
  /** Oldest first; Unix milliseconds. A value is null where there is none, and the curve has a gap. */
  readonly points: readonly {readonly time: number; readonly value: number | null}[]
  /** A value as people read it: `percent`, `bytes`. */
  cell(value: number): TypedCell
}

/** Rows of text that a curve takes. */
const HEIGHT = 8

/** A character of braille is two dots wide and four high; which bit is which dot is in Unicode's table. */
const DOTS_ACROSS = 2
const DOTS_DOWN = 4
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const
const BRAILLE = 0x2800

interface Dot {
  readonly x: number
  readonly y: number
}

/** The mean of the values at each dot from left to right; undefined where there are no points, null where all are lost. */
function acrossDots({points}: Curve, width: number): (number | null | undefined)[] {
  const first = points[0]?.time ?? 0
  const span = (points.at(-1)?.time ?? 0) - first
  const sums = Array.from({length: width}, () => ({points: 0, count: 0, sum: 0}))
  for (const {time, value} of points) {
    const place = sums[span === 0 ? 0 : Math.round(((time - first) / span) * (width - 1))]
    if (!place) continue
    place.points += 1
    if (value === null) continue
    place.count += 1
    place.sum += value
  }
  return sums.map(({points: some, count, sum}) => (some === 0 ? undefined : count === 0 ? null : sum / count))
}

/** The dots of a line through the values; a lost one interrupts it, and where nothing was measured it goes on. */
function* lineDots(
  values: readonly (number | null | undefined)[],
  y: (value: number) => number,
): Iterable<Dot> {
  let before: Dot | undefined
  for (const [x, value] of values.entries()) {
    if (value === undefined) continue
    if (value === null) {
      before = undefined
      continue
    }
    const here = {x, y: y(value)}
    const from: Dot = before ?? here
    for (let step = from.x; step <= x; step++) {
      const done = x === from.x ? 1 : (step - from.x) / (x - from.x)
      const next = x === from.x ? 1 : Math.min(1, (step + 1 - from.x) / (x - from.x))
      const [one, other] = [done, next].map(part => Math.round(from.y + (here.y - from.y) * part)) as [
        number,
        number,
      ]
      for (let height = Math.min(one, other); height <= Math.max(one, other); height++)
        yield {x: step, y: height}
    }
    before = here
  }
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}

function renderCurve(curve: Curve, width: number): string[] {
  const title = printable(curve.title)
  const known = curve.points.flatMap(({value}) => (value === null ? [] : [value]))
  if (known.length === 0) return [title, '  no values', '']
  let low = Infinity
  let high = -Infinity
  for (const value of known) {
    if (value < low) low = value
    if (value > high) high = value
  }
  const label = (value: number) => textCellOf(curve.cell(value), new Date(0)).text
  const labels = [label(high), label((high + low) / 2), label(low)]
  const margin = Math.max(...labels.map(textWidth))
  const across = Math.max(8, width - margin - 2)
  const rows = Array.from({length: HEIGHT}, () => new Array<number>(across).fill(0))
  const top = HEIGHT * DOTS_DOWN - 1
  const y = (value: number) => (high === low ? 0 : ((value - low) / (high - low)) * top)
  for (const {x, y: up} of lineDots(acrossDots(curve, across * DOTS_ACROSS), y)) {
    const down = top - Math.round(up)
    const row = rows[Math.floor(down / DOTS_DOWN)]
    const column = Math.floor(x / DOTS_ACROSS)
    const bit = dots[x % DOTS_ACROSS === 0 ? 0 : 1][down % DOTS_DOWN] ?? 0
    if (row) row[column] = (row[column] ?? 0) | bit
  }
  const marks = new Map([
    [0, labels[0]],
    [HEIGHT / 2, labels[1]],
    [HEIGHT - 1, labels[2]],
  ])
  const lines = rows.map((row, index) => {
    const mark = marks.get(index) ?? ''
    const text = row.map(bits => (bits === 0 ? ' ' : String.fromCharCode(BRAILLE + bits))).join('')
    return `${' '.repeat(margin - textWidth(mark))}${mark} │${text}`.trimEnd()
  })
  const [from, end] = [clock(curve.points[0]?.time ?? 0), clock(curve.points.at(-1)?.time ?? 0)]
  // The day once, where it is one.
  const to = end.slice(0, 10) === from.slice(0, 10) ? end.slice(11) : end
  const between = Math.max(1, across - from.length - to.length)
  return [title, ...lines, `${' '.repeat(margin + 2)}${from}${' '.repeat(between)}${to}`, '']
}

/** Curves one below the other, each with its scale and its times in UTC, as wide as `width` columns. */
export function renderCurves(curves: readonly Curve[], width: number): string {
  const lines = curves.flatMap(curve => renderCurve(curve, width))
  if (lines.at(-1) === '') lines.pop()
  return lines.map(line => `${cutToWidth(line, width)}\n`).join('')
}
