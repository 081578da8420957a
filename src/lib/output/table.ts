import type {ChalkInstance} from 'chalk'
import type {Label, TextCell, Tone} from './cell.js'
import {headerOf} from './columns.js'
import {fittedWidths} from './fit.js'
import {type MeasuredCell, paddedLines} from './padding.js'
import {printable} from './printable.js'
import {withUnseenShown} from './unseen.js'
import {cutToWidth, isMiscounted, textWidth} from './width.js'

export interface Table {
  /** The names of the columns; where there are none, no column is left out. */
  header: readonly string[]
  /** As many cells a row as the others have. */
  rows: readonly (readonly TextCell[])[]
  showHeader: boolean
  /** The terminal's columns, into which the table is fitted. Without it nothing is cut or left out. */
  width?: number | undefined
  colour?: ChalkInstance | undefined
  /** Is told the names of the columns that found no room. */
  leaveOut?: ((names: readonly string[]) => void) | undefined
}

interface GridCell extends MeasuredCell {
  tone?: Tone | undefined
  labels?: readonly Label[] | undefined
  shrinks?: true | undefined
}

// An address with or without a port, a MAC, a UUID, a date: cut, it would be another one. None is longer than this.
const figure = /^(?=.*\d)[[\]\da-f.:/-]{1,48}$/i

// cli-table3 takes 14 s for 10,000 rows, and a minute for a cell of 40,000 columns.
const cliTableSize = 500

const paint: Record<Tone, (colour: ChalkInstance) => (text: string) => string> = {
  good: colour => colour.green,
  bad: colour => colour.red,
  warn: colour => colour.yellow,
  dim: colour => colour.dim,
}

function painted({text, tone, labels = []}: GridCell, colour: ChalkInstance): string {
  if (tone) return paint[tone](colour)(text)
  let [done, rest] = ['', text]
  for (const label of labels) {
    const part = withUnseenShown(printable(label.text))
    const at = rest.indexOf(part)
    // Cut off for want of room, and so are those behind it.
    if (at < 0) break
    done += rest.slice(0, at) + (label.ink ? colour[label.ink](part) : part)
    rest = rest.slice(at + part.length)
  }
  return done + rest
}

/** A column is on the right when something in it is and nothing insists on the left. */
function columnAligns(rows: readonly (readonly TextCell[])[]): ('left' | 'right')[] {
  const aligns: ('left' | 'right' | undefined)[] = []
  for (const row of rows) {
    for (const [index, {align}] of row.entries()) {
      if (align !== undefined && aligns[index] !== 'left') aligns[index] = align
    }
  }
  return Array.from(aligns, align => align ?? 'left')
}

function measure({header, rows, showHeader}: Table): GridCell[][] {
  const aligns = columnAligns(rows)
  const head = header.map((name): TextCell => ({text: headerOf(name)}))
  return (showHeader ? [head, ...rows] : rows).map(row =>
    row.map((cell, index) => {
      const {align = aligns[index] ?? 'left', tone, labels, shrinks} = cell
      const text = withUnseenShown(printable(cell.text))
      return {text, width: textWidth(text), align, tone, labels, shrinks}
    }),
  )
}

function widest(
  grid: readonly (readonly GridCell[])[],
  matters: (cell: GridCell, isLast: boolean) => boolean = () => true,
) {
  const widths: number[] = []
  for (const row of grid) {
    for (const [index, cell] of row.entries()) {
      // cli-table3 gives even an empty column a width of one.
      widths[index] = Math.max(widths[index] ?? 1, matters(cell, index === row.length - 1) ? cell.width : 1)
    }
  }
  return widths
}

/** The grid as it fits into the terminal. */
function fitted(grid: GridCell[][], {header, width, leaveOut}: Table): GridCell[][] {
  if (!width) return grid
  const isWhole = ({shrinks, text}: GridCell) => !shrinks || figure.test(text)
  // The lines of one thing have ends of their own: what may not be cut in one makes no room in the others.
  const isPage = header.length === 0
  const rigid = widest(grid, (cell, isLast) => isWhole(cell) && !(isPage && isLast))
  const columns = widest(grid).map((natural, index) => ({natural, rigid: rigid[index] ?? 1}))
  const widths = fittedWidths(columns, width, !isPage)
  leaveOut?.(header.filter((_, index) => widths[index] === undefined))
  return grid.map(row =>
    row.flatMap((cell, index) => {
      const room = widths[index]
      if (room === undefined) return []
      if (cell.width <= room || (isPage && isWhole(cell))) return cell
      const text = cutToWidth(cell.text, room)
      return {...cell, text, width: textWidth(text)}
    }),
  )
}

/**
 * Rows as lines without borders, two spaces between columns, without trailing spaces; every line ends with a newline.
 * This is where untrusted text is made printable, once, whichever way the table is laid out.
 */
export async function renderTable(table: Table): Promise<string> {
  const measured = measure(table)
  if (measured.length === 0) return ''
  const grid = fitted(measured, table)
  const widths = widest(grid)
  const {colour} = table
  const coloured = colour ? grid.map(row => row.map(cell => ({...cell, text: painted(cell, colour)}))) : grid
  const isPlain =
    Math.max(grid.length, ...widths) > cliTableSize || grid.flat().some(({text}) => isMiscounted(text))
  const lines = isPlain
    ? paddedLines(coloured, widths)
    : (await import('./cli-table.js')).cliTableLines(coloured)
  return lines.map(line => `${line.trimEnd()}\n`).join('')
}
