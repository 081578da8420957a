import {writtenAs} from '../exact-integers.js'
import {localTime} from './local-time.js'
import {printable} from './printable.js'
import {type Axis, axisOf, isHole, type Point, placesOf, timed} from './series.js'

/** What csv and `--sort` see of a cell; a bigint is what no double can hold. */
export type RawCell = string | number | bigint | boolean | null

/** What a value means to whoever reads it; the renderer turns it into a colour where there is colour. */
export type Tone = 'good' | 'bad' | 'warn' | 'dim'

/** A colour for its own sake; terminals have these. */
export type Ink = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'gray'

/** A part of a text with a colour of its own. */
export interface Label {
  readonly text: string
  readonly ink?: Ink | undefined
}

/** A value that people read in another form than scripts do. */
export interface TypedCell {
  raw: RawCell
  /** Where `--sort` puts it, if not by its raw value. */
  sortsAs?: number
  /** The form for a table; `now` is the moment that relative times are told from, `axis` what charts are drawn over. */
  text(now: Date, axis?: Axis): string
  /** What a chart draws. */
  points?: readonly Point[]
  /** Whether it cannot be by this clock: what is told to have happened is still to come. */
  isAhead?(now: Date): boolean
  /** Without it a cell is on the left, and one whose raw is null follows the other cells of its column. */
  align?: 'left' | 'right' | undefined
  tone?: Tone | undefined
  /** Parts of the text in their order. */
  labels?: readonly Label[]
  /** Whether it may be cut for want of room, as a plain text may. */
  shrinks?: true
}

/** What a column may return for a row; null and undefined mean that the panel does not say. */
export type Cell = string | number | boolean | null | undefined | TypedCell

/** A cell as a table shows it; without `align` it follows the other cells of its column. */
export interface TextCell {
  text: string
  align?: 'left' | 'right' | undefined
  tone?: Tone | undefined
  labels?: readonly Label[] | undefined
  /** Whether it may be cut for want of room, unless it is a figure all the same. */
  shrinks?: true | undefined
  isAhead?: boolean | undefined
}

const absent = '-'

function isTyped(cell: Cell): cell is TypedCell {
  return typeof cell === 'object' && cell !== null
}

/** The raw value of a cell; undefined, an empty text and numbers that JSON cannot carry (NaN, Infinity) are null. */
export function rawOf(cell: Cell): RawCell {
  const raw = isTyped(cell) ? cell.raw : (cell ?? null)
  return raw === '' || (typeof raw === 'number' && !Number.isFinite(raw)) ? null : raw
}

/** What `--sort` compares. */
export function sortKeyOf(cell: Cell): RawCell {
  return (isTyped(cell) ? cell.sortsAs : undefined) ?? rawOf(cell)
}

/** The cell with the integer that its number was read from, where it is one of `row` and a double cannot hold it. */
export function exactCell(cell: Cell, row: unknown): Cell {
  const raw = isTyped(cell) && cell.align !== 'right' ? null : rawOf(cell)
  const exact = typeof raw === 'number' ? writtenAs(raw, row) : undefined
  if (exact === undefined) return cell
  return isTyped(cell) ? {...cell, raw: exact} : {raw: exact, align: 'right', text: () => String(exact)}
}

/** What the charts among cells are drawn over, so that what stands above each other is of the same time. */
export function axisOfCells(cells: readonly Cell[]): Axis {
  return axisOf(cells.flatMap(cell => (isTyped(cell) && cell.points ? [cell.points] : [])))
}

/** The cell as a table shows it: numbers to the right, a missing value or a text without anything to see as `-`. */
export function textCellOf(cell: Cell, now: Date, axis?: Axis): TextCell {
  if (isTyped(cell)) {
    const align = cell.align ?? (cell.raw === null ? undefined : 'left')
    const {tone, labels, shrinks} = cell
    const text = cell.text(now, axis)
    const isAhead = cell.isAhead?.(now)
    // Blank on purpose is a mark that is not set.
    const isUnseen = text !== '' && printable(text).trim() === ''
    return {text: isUnseen ? absent : text, align, tone, labels, shrinks, isAhead}
  }
  const raw = rawOf(cell)
  if (raw === null || (typeof raw === 'string' && printable(raw).trim() === '')) return {text: absent}
  if (typeof raw === 'number') return {text: String(raw), align: 'right'}
  if (typeof raw === 'boolean') return {text: raw ? 'yes' : 'no', align: 'left'}
  return {text: String(raw), align: 'left', shrinks: true}
}

function quantity(value: number | null | undefined, format: (value: number) => string): TypedCell {
  const raw = typeof value === 'number' && Number.isFinite(value) ? value : null
  return {raw, align: 'right', text: () => (raw === null ? absent : format(raw))}
}

const byteUnits = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB']

function formatBytes(size: number): string {
  const whole = Math.round(size)
  if (whole < 1024) return `${whole} B`
  let unit = 0
  let scaled = size / 1024
  // Compared as it will be rounded, so that nothing reads "1024.0 KiB".
  while (Math.round(scaled * 10) >= 10_240 && unit < byteUnits.length - 1) {
    scaled /= 1024
    unit += 1
  }
  return `${scaled.toFixed(1)} ${byteUnits[unit]}`
}

/** A counter that fell below its last value: an unsigned one of 64 bits starts again near its end, a signed one is negative. */
function unlessWrapped(value: number | null | undefined): number | null | undefined {
  return typeof value === 'number' && (value < 0 || value >= 2 ** 63) ? null : value
}

/** A size in bytes: `512 B`, `1.2 GiB` (1024-based); unknown where the counter has wrapped. */
export function bytes(value: number | null | undefined): TypedCell {
  return quantity(unlessWrapped(value), formatBytes)
}

/** A rate in bytes per second: `1.2 MiB/s`; unknown where the counter has wrapped. */
export function bytesPerSecond(value: number | null | undefined): TypedCell {
  return quantity(unlessWrapped(value), rate => `${formatBytes(rate)}/s`)
}

/** A share of a hundred (17.3, not 0.173): `17.3 %`; a negative one is a counter that has wrapped. */
export function percent(value: number | null | undefined): TypedCell {
  return quantity(unlessWrapped(value), share => `${share.toFixed(1)} %`)
}

/** The share of probes that were lost: one of thousands is not none, and all but one are not all. */
export function lossPercent(value: number | null | undefined): TypedCell {
  const text = (share: number) => {
    if (share > 0 && share < 0.05) return '<0.1 %'
    return share < 100 && share >= 99.95 ? '>99.9 %' : `${share.toFixed(1)} %`
  }
  return quantity(unlessWrapped(value), text)
}

/** What is used of a total, in percent; unknown where one of them is, or where there is no total to compare with. */
export function percentOf(used: number | null | undefined, total: number | null | undefined): TypedCell {
  const [part, whole] = [unlessWrapped(used), unlessWrapped(total)]
  const isKnown = typeof part === 'number' && typeof whole === 'number' && whole > 0
  return percent(isKnown ? (part / whole) * 100 : null)
}

/** A mean of whole things, of which there may be 2.5: with as many decimals as it takes, two at most. */
export function rounded(value: number): TypedCell {
  return worded(value, String(Math.round(value * 100) / 100))
}

/** A number with two decimals, as a load: `0.25`. */
export function decimal(value: number | null | undefined): TypedCell {
  return quantity(value, number => number.toFixed(2))
}

/** A temperature in degrees Celsius: `55.5 °C`. */
export function celsius(value: number | null | undefined): TypedCell {
  return quantity(value, degrees => `${degrees.toFixed(1)} °C`)
}

/** A time in milliseconds: `68.2 ms`. */
export function milliseconds(value: number | null | undefined): TypedCell {
  return quantity(value, time => `${time.toFixed(1)} ms`)
}

const day = 86_400
const hour = 3600
const minute = 60

/** The two largest parts of a time in seconds; a second part of zero is left out, a negative time is 0s. */
function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [
    {count: Math.floor(whole / day), unit: 'd'},
    {count: Math.floor((whole % day) / hour), unit: 'h'},
    {count: Math.floor((whole % hour) / minute), unit: 'm'},
    {count: whole % minute, unit: 's'},
  ]
  const first = parts.findIndex(part => part.count > 0)
  if (first === -1) return '0s'
  return parts
    .slice(first, first + 2)
    .filter(part => part.count > 0)
    .map(part => `${part.count}${part.unit}`)
    .join(' ')
}

/** A span of time in seconds: `3d 4h`, `5h 12m`, `12m 3s`, `12s`; unknown where the counter has wrapped. */
export function duration(seconds: number | null | undefined): TypedCell {
  return quantity(unlessWrapped(seconds), formatDuration)
}

/** How many there are; unknown where the counter has wrapped. */
export function count(value: number | null | undefined): TypedCell {
  return quantity(unlessWrapped(value), String)
}

/** Something that has not happened yet. */
export const never: TypedCell = {raw: null, text: () => 'never', tone: 'dim'}

const unknown: TypedCell = {raw: null, text: () => absent}

/** RFC 3339 in UTC, always with milliseconds so that it sorts as text; null for no date, and for a year that it has no digits for. */
function rfc3339(date: Date | null): string | null {
  if (date === null || Number.isNaN(date.getTime())) return null
  const text = date.toISOString()
  return /^\d{4}-/.test(text) ? text : null
}

/** Seconds that two clocks may differ without a word: a `Date` is cut to seconds, and agents' clocks are not the panel's. */
const CLOCK_TOLERANCE = 60

/**
 * A moment in the past: `12s ago`; raw is RFC 3339. One that is a little ahead reads `0s ago`, and `in 2h` is a clock that is
 * wrong. Null and what is before all panels (a zero of 1970 or of year 1) read `never`, what is no date `-`.
 */
export function ago(date: Date | null): TypedCell {
  if (date === null || date.getTime() <= 0) return never
  const raw = rfc3339(date)
  if (raw === null) return unknown
  const age = (now: Date) => (now.getTime() - date.getTime()) / 1000
  const isAhead = (now: Date) => age(now) < -CLOCK_TOLERANCE
  const text = (now: Date) =>
    isAhead(now) ? `in ${formatDuration(-age(now))}` : `${formatDuration(age(now))} ago`
  return {raw, text, isAhead}
}

const stateTones = {online: 'good', offline: 'bad', unknown: 'dim'} as const

/** The state of a machine, coloured. */
export function state(value: keyof typeof stateTones): TypedCell {
  return {raw: value, text: () => value, tone: stateTones[value]}
}

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
// A space is where nothing was measured at all.
const lost = '·'

function formatSparkline(points: readonly Point[], axis: Axis): string {
  const places = placesOf(points, axis)
  const known = places.flatMap(place => (place?.known ? place.mean : []))
  const low = Math.min(...known)
  const span = Math.max(...known) - low
  let before: string | undefined
  return places
    .map((place, x) => {
      if (place) {
        const height = span === 0 ? 0 : (place.mean - low) / span
        before = place.known === 0 ? lost : bars[Math.round(height * (bars.length - 1))]
        return before
      }
      const next = places.slice(x).find(one => one !== undefined)
      return next && before !== undefined && !isHole(points, next.first - 1) ? before : ' '
    })
    .join('')
}

/**
 * Values over time, oldest first, as bars between their own minimum and maximum, over the time that all of the column
 * have in common; null is a lost probe, shown as `·`, and where nothing was measured there is nothing. More values than
 * there is room for are averaged. Raw is the values joined with commas, nothing between two for null.
 */
export function sparkline(given: readonly Point[]): TypedCell {
  const points = timed(given)
  if (points.length === 0) return unknown
  return {
    // A series can hold a million values, and a table never asks for them.
    get raw() {
      return given.map(({value}) => value).join(',')
    },
    align: 'left',
    points,
    text: (_, axis = axisOf([points])) => formatSparkline(points, axis),
  }
}

/** Several texts in one cell: `a, b`; an empty list reads `-`. */
export function list(values: readonly string[] | null | undefined): TypedCell {
  const raw = values?.join(', ') ?? null
  return {raw, text: () => raw || absent, shrinks: true}
}

/** A list of texts, some of which have a colour. */
export function labelled(labels: readonly Label[]): TypedCell {
  return {...list(labels.map(({text}) => text)), labels}
}

/** A yes or no, as tables show all booleans. What is neither is unknown. */
export function yesNo(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null
}

/** In seconds: who is to wait that long waits for ever. */
const CENTURY = 100 * 365 * day

/**
 * A moment to come: `in 12d 3h`, `expired 3d ago`; raw is RFC 3339. Null and what is more than a century away read `never`,
 * an invalid date `-`.
 */
export function until(date: Date | null): TypedCell {
  if (date === null) return never
  const raw = rfc3339(date)
  if (raw === null) return unknown
  return {
    raw,
    text: now => {
      const seconds = (date.getTime() - now.getTime()) / 1000
      if (seconds > CENTURY) return never.text(now)
      return seconds >= 0 ? `in ${formatDuration(seconds)}` : `expired ${formatDuration(-seconds)} ago`
    },
  }
}

/** A moment as the clocks here show it, with their zone: `2026-11-21 20:00:00+08:00`; raw is RFC 3339 in UTC. Null and an invalid date read `-`. */
export function moment(date: Date | null): TypedCell {
  const raw = rfc3339(date)
  if (date === null || raw === null) return unknown
  const {day, time, zone} = localTime(date)
  return {raw, text: () => `${day} ${time}${zone}`}
}

/** A number in words of its own for a table, and as it is for scripts: `free` for -1; in a place of its own where it is sorted. */
export function worded(raw: number | null | undefined, text: string, sortsAs?: number): TypedCell {
  return {raw: raw ?? null, align: 'right', text: () => text, ...(sortsAs !== undefined && {sortsAs})}
}
