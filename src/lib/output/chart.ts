import {type TypedCell, textCellOf} from './cell.js'
import {localTime} from './local-time.js'
import {printable} from './printable.js'
import {type Axis, type AxisPlace, axisOf, isHole, type Point, placesOf, timed} from './series.js'
import {withUnseenShown} from './unseen.js'
import {cutToWidth, textWidth} from './width.js'

/** Values over time. */
export interface Curve {
  readonly title: string
  /** Oldest first; Unix milliseconds. A value is null where there is none, and the curve has a gap. */
  readonly points: readonly Point[]
  /** A value as people read it: `percent`, `bytes`. */
  cell(value: number): TypedCell
  /** What a point without a value is, where it is worth a mark below the curve: `lost`. */
  readonly withoutValue?: string
}

/** What all curves of a drawing have in common: the times and, in columns, what is left of the curve and its own width. */
interface Frame extends Axis {
  readonly margin: number
  readonly across: number
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

/** The dots of a line through the places; what has no value interrupts it, and so do points that are missing. */
function* lineDots(
  points: readonly Point[],
  places: readonly (AxisPlace | undefined)[],
  y: (value: number) => number,
): Iterable<Dot> {
  let before: Dot | undefined
  for (const [x, place] of places.entries()) {
    if (place === undefined) continue
    if (place.known === 0) {
      before = undefined
      continue
    }
    if (before && x > before.x + 1 && isHole(points, place.first - 1)) before = undefined
    const here = {x, y: y(place.mean)}
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

/** The lowest value and the highest, and what is written beside the curve from top to foot; undefined without a value. */
function scaleOf({points, cell}: Curve) {
  let low = Infinity
  let high = -Infinity
  for (const {value} of points) {
    if (value === null) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low > high) return undefined
  const labels = [high, (high + low) / 2, low].map(value => textCellOf(cell(value), new Date(0)).text)
  // The same label twice says nothing the second time.
  return {low, high, labels: labels.map((label, at) => (labels.lastIndexOf(label) === at ? label : ''))}
}

type Scale = ReturnType<typeof scaleOf>

function renderCurve(curve: Curve, scale: Scale, axis: Frame): string[] {
  const {points, withoutValue} = curve
  const title = withUnseenShown(printable(curve.title))
  const isMarked = withoutValue !== undefined && points.some(({value}) => value === null)
  if (!scale) return [title, isMarked ? `  all ${withoutValue}` : '  no values']
  const {low, high, labels} = scale
  const rows = Array.from({length: HEIGHT}, () => new Array<number>(axis.across).fill(0))
  const top = HEIGHT * DOTS_DOWN - 1
  const y = (value: number) => (high === low ? 0 : ((value - low) / (high - low)) * top)
  const places = placesOf(points, axis)
  for (const {x, y: up} of lineDots(points, places, y)) {
    const down = top - Math.round(up)
    const row = rows[Math.floor(down / DOTS_DOWN)]
    const column = Math.floor(x / DOTS_ACROSS)
    const bit = dots[x % DOTS_ACROSS === 0 ? 0 : 1][down % DOTS_DOWN] ?? 0
    if (row) row[column] = (row[column] ?? 0) | bit
  }
  const marks = new Map([0, HEIGHT / 2, HEIGHT - 1].map((row, at) => [row, labels[at]]))
  const line = (label: string, characters: string[]) =>
    `${label.padStart(axis.margin)} │${characters.join('')}`.trimEnd()
  const lines = rows.map((row, index) =>
    line(
      marks.get(index) ?? '',
      row.map(bits => (bits === 0 ? ' ' : String.fromCharCode(BRAILLE + bits))),
    ),
  )
  if (!isMarked) return [title, ...lines]
  const lost = new Array<string>(axis.across).fill(' ')
  for (const [x, place] of places.entries()) {
    if (place && place.known < place.count) lost[Math.floor(x / DOTS_ACROSS)] = '×'
  }
  return [title, ...lines, line(withoutValue, lost)]
}

function axisLine({from, to, margin, across}: Frame): string {
  const [first, end] = [localTime(new Date(from)), localTime(new Date(to))]
  const minutes = ({day, time}: typeof first) => `${day} ${time.slice(0, 5)}`
  const isMoment = minutes(first) === minutes(end)
  // Day, moment and zone once, where they are one.
  const start = `${minutes(first)}${isMoment || first.zone !== end.zone ? first.zone : ''}`
  const last = isMoment ? '' : `${end.day === first.day ? end.time.slice(0, 5) : minutes(end)}${end.zone}`
  const between = across - start.length - last.length
  // Whole or not at all: cut, a label would tell another time.
  const alone = `${minutes(first)}${first.zone}`
  const labels = between > 0 ? `${start}${' '.repeat(between)}${last}` : alone.length <= across ? alone : ''
  return `${' '.repeat(margin + 2)}${labels}`.trimEnd()
}

/** Curves one below the other, each with its scale, over one axis of times as the clocks here show them, as wide as `width` columns. */
export function renderCurves(given: readonly Curve[], width: number): string {
  const curves = given.map(curve => ({...curve, points: timed(curve.points)}))
  const scales = curves.map(scaleOf)
  const words = curves.map(({withoutValue = ''}) => withoutValue)
  const margin = Math.max(0, ...[...words, ...scales.flatMap(scale => scale?.labels ?? [])].map(textWidth))
  const across = Math.max(8, width - margin - 2)
  const all = curves.map(({points}) => points)
  const axis = {...axisOf(all), places: across * DOTS_ACROSS, margin, across}
  const lines = curves.flatMap((curve, index) => ['', ...renderCurve(curve, scales[index], axis)]).slice(1)
  if (scales.some(scale => scale !== undefined)) lines.push(axisLine(axis))
  if (lines.at(-1) === '') lines.pop()
  return lines.map(line => `${cutToWidth(line, width)}\n`).join('')
}
