import {Chalk} from 'chalk'
import fc from 'fast-check'
import stringWidth from 'string-width'
import {describe, expect, it} from 'vitest'
import type {TextCell} from '../../../src/lib/output/cell.js'
import {cliTableLines} from '../../../src/lib/output/cli-table.js'
import {type MeasuredCell, paddedLines} from '../../../src/lib/output/padding.js'
import {printable} from '../../../src/lib/output/printable.js'
import {renderTable} from '../../../src/lib/output/table.js'
import {cutToWidth, textWidth} from '../../../src/lib/output/width.js'

const rows: TextCell[][] = [
  [
    {text: '1', align: 'right'},
    {text: 'web01', align: 'left'},
    {text: 'online', align: 'left', tone: 'good'},
  ],
  [
    {text: '12', align: 'right'},
    {text: '服务器🚀', align: 'left'},
    {text: 'offline', align: 'left', tone: 'bad'},
  ],
  [{text: '-'}, {text: '', align: 'left'}, {text: '', align: 'left'}],
]
const header = ['ID', 'NAME', 'STATE']
const repeated = (times: number) => Array.from({length: times}, () => rows).flat()

describe('a table', () => {
  it('has two spaces between columns, numbers on the right and no trailing spaces', async () => {
    expect(await renderTable({header, rows, showHeader: true})).toBe(
      'ID  NAME      STATE\n 1  web01     online\n12  服务器🚀  offline\n -\n',
    )
  })

  it('without header is the rows alone', async () => {
    expect(await renderTable({header, rows: rows.slice(0, 1), showHeader: false})).toBe('1  web01  online\n')
  })

  it('of nothing is the header alone, or nothing', async () => {
    expect(await renderTable({header, rows: [], showHeader: true})).toBe('ID  NAME  STATE\n')
    expect(await renderTable({header, rows: [], showHeader: false})).toBe('')
  })

  it('a row too long for the terminal is cut, never wrapped', async () => {
    expect(await renderTable({header, rows, showHeader: true, width: 14})).toBe(
      'ID  NAME     …\n 1  web01    …\n12  服务器🚀 …\n -\n',
    )
    expect(await renderTable({header, rows, showHeader: true, width: 11})).toBe(
      'ID  NAME  …\n 1  web01 …\n12  服务器…\n -\n',
    )
  })

  it('in a pipe nothing is cut', async () => {
    const text = 'x'.repeat(5000)
    expect(await renderTable({header: ['A'], rows: [[{text}]], showHeader: false})).toBe(`${text}\n`)
  })

  it('states are coloured after cutting', async () => {
    const colour = new Chalk({level: 1})
    const two = {header, rows: rows.slice(0, 2), colour}
    expect(await renderTable({...two, showHeader: true})).toBe(
      'ID  NAME      STATE\n 1  web01     \u001b[32monline\u001b[39m\n12  服务器🚀  \u001b[31moffline\u001b[39m\n',
    )
    expect(await renderTable({...two, showHeader: false, width: 18})).toBe(
      ' 1  web01     \u001b[32monl\u001b[39m…\n12  服务器🚀  \u001b[31moff\u001b[39m…\n',
    )
  })

  it('a coloured number keeps its place on the right', async () => {
    const numbers: TextCell[][] = [
      [{text: '5 %', align: 'right', tone: 'warn'}, {text: 'a'}],
      [
        {text: '100 %', align: 'right'},
        {text: 'b', tone: 'dim'},
      ],
    ]
    const colour = new Chalk({level: 1})
    expect(await renderTable({header: ['CPU', 'N'], rows: numbers, showHeader: true, colour})).toBe(
      '  CPU  N\n  \u001b[33m5 %\u001b[39m  a\n100 %  \u001b[2mb\u001b[22m\n',
    )
  })

  it('names cannot send sequences to the terminal, few rows or many', async () => {
    const hostile = [[{text: '\u001b]0;x\u0007\u001b[31mred\nline'}]]
    expect(await renderTable({header: ['N'], rows: hostile, showHeader: false})).toBe('red line\n')
    const many = await renderTable({
      header: ['N'],
      rows: Array.from({length: 600}, () => hostile).flat(),
      showHeader: false,
    })
    expect(many).toBe('red line\n'.repeat(600))
  })

  it('looks the same on both sides of the row count where the layout changes hands', async () => {
    const few = await renderTable({header, rows: repeated(166), showHeader: true})
    const many = await renderTable({header, rows: repeated(200), showHeader: true})
    expect(many.startsWith(few)).toBe(true)
    expect(many.split('\n')).toHaveLength(602)
  })

  it('of 10,000 rows and 10 columns comes out whole', async () => {
    const wide = Array.from({length: 10_000}, (_, index) =>
      Array.from({length: 10}, (): TextCell => ({text: `服务器${index}`, tone: 'good'})),
    )
    const columns = Array.from({length: 10}, (_, index) => `C${index}`)
    const text = await renderTable({header: columns, rows: wide, showHeader: true})
    expect(text.split('\n')).toHaveLength(10_002)
  })
})

const text = fc.oneof(
  fc.constant(''),
  fc.string({unit: 'grapheme'}),
  fc.string({unit: 'binary'}).map(printable),
  fc.string({
    unit: fc.constantFrom('a', '1', ' ', '服', '🚀', '👨‍👩‍👧', '🇩🇪', '1️⃣', 'é', 'é', 'ｱ', '·', '▁', '…'),
  }),
)

describe('the two layouts', () => {
  it('give the same bytes', () => {
    const cell = fc
      .record({text, align: fc.constantFrom<('left' | 'right')[]>('left', 'right')})
      .map((value): MeasuredCell => ({...value, width: textWidth(value.text)}))
    const grid = fc
      .integer({min: 1, max: 5})
      .chain(columns =>
        fc.array(fc.array(cell, {minLength: columns, maxLength: columns}), {minLength: 1, maxLength: 8}),
      )
    fc.assert(
      fc.property(grid, cells => {
        const widths = (cells[0] ?? []).map((_, index) =>
          Math.max(1, ...cells.map(row => row[index]?.width ?? 0)),
        )
        expect(paddedLines(cells, widths)).toEqual(cliTableLines(cells))
      }),
      {numRuns: 1000},
    )
  })

  it('measure as cli-table3 does', () => {
    fc.assert(
      fc.property(text, value => {
        expect(textWidth(value)).toBe(stringWidth(value))
      }),
      {numRuns: 2000},
    )
  })
})

describe('a cut line', () => {
  it('fits the terminal, begins as the line does and ends in an ellipsis', () => {
    fc.assert(
      fc.property(text, fc.integer({min: 1, max: 40}), (line, width) => {
        const {kept, ellipsis} = cutToWidth(line, width)
        expect(textWidth(kept + ellipsis)).toBeLessThanOrEqual(width)
        expect(line.startsWith(kept)).toBe(true)
        expect(ellipsis === '').toBe(kept === line)
      }),
      {numRuns: 5000},
    )
  })
})
