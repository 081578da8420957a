import type {ChalkInstance} from 'chalk'
import type {TextCell, Tone} from './cell.js'
import {type MeasuredCell, paddedLines, separator} from './padding.js'
import {printable} from './printable.js'
import {cutToWidth, textWidth} from './width.js'

export interface Table {
  header: readonly string[]
  /** As many cells a row as the header has names. */
  rows: readonly (readonly TextCell[])[]
  showHeader: boolean
  /** The terminal's columns: rows are cut to them. Without it nothing is cut. */
  width?: number | undefined
  colour?: ChalkInstance | undefined
}

interface ToneCell extends MeasuredCell {
  tone?: Tone | undefined
}

// cli-table3 takes 14 s for 10,000 rows.
const cliTableRows = 500

const paint: Record<Tone, (colour: ChalkInstance) => (text: string) => string> = {
  good: colour => colour.green,
  bad: colour => colour.red,
  warn: colour => colour.yellow,
  dim: colour => colour.dim,
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

function measure(table: Table): ToneCell[][] {
  const aligns = columnAligns(table.rows)
  const header = table.header.map(text => ({text}))
  const rows: (readonly TextCell[])[] = table.showHeader ? [header, ...table.rows] : [...table.rows]
  return rows.map(row =>
    row.map((cell, index) => {
      const text = printable(cell.text)
      return {text, width: textWidth(text), align: cell.align ?? aligns[index] ?? 'left', tone: cell.tone}
    }),
  )
}

function columnWidths(grid: readonly (readonly MeasuredCell[])[]): number[] {
  const widths: number[] = []
  for (const row of grid) {
    for (const [index, cell] of row.entries()) {
      // cli-table3 gives even an empty column a width of one.
      widths[index] = Math.max(widths[index] ?? 1, cell.width)
    }
  }
  return widths
}

/** Colours the cells of a line that may have been cut: their places are known from how it was padded. */
function paintLine(
  line: string,
  row: readonly ToneCell[],
  widths: readonly number[],
  colour: ChalkInstance,
): string {
  let painted = ''
  let done = 0
  let offset = 0
  for (const [index, cell] of row.entries()) {
    const spaces = (widths[index] ?? 0) - cell.width
    const start = offset + (cell.align === 'right' ? spaces : 0)
    const text = line.slice(start, start + cell.text.length)
    if (cell.tone && text !== '') {
      painted += line.slice(done, start) + paint[cell.tone](colour)(text)
      done = start + text.length
    }
    offset += cell.text.length + spaces + separator.length
  }
  return painted + line.slice(done)
}

/**
 * Rows as lines without borders, two spaces between columns, without trailing spaces; every line ends with a newline.
 * This is where untrusted text is made printable, once, whichever way the table is laid out.
 */
export async function renderTable(table: Table): Promise<string> {
  const grid = measure(table)
  if (grid.length === 0) return ''
  const widths = columnWidths(grid)
  const lines =
    table.rows.length > cliTableRows
      ? paddedLines(grid, widths)
      : (await import('./cli-table.js')).cliTableLines(grid)
  return grid
    .map((row, index) => {
      const line = (lines[index] ?? '').trimEnd()
      const {kept, ellipsis} = table.width ? cutToWidth(line, table.width) : {kept: line, ellipsis: ''}
      return `${table.colour ? paintLine(kept, row, widths, table.colour) : kept}${ellipsis}\n`
    })
    .join('')
}
