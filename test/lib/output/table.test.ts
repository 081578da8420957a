import {Chalk} from 'chalk'
import fc from 'fast-check'
import stringWidth from 'string-width'
import {describe, expect, it} from 'vitest'
import type {TextCell} from '../../../src/lib/output/cell.js'
import {cliTableLines} from '../../../src/lib/output/cli-table.js'
import {type MeasuredCell, paddedLines} from '../../../src/lib/output/padding.js'
import {printable} from '../../../src/lib/output/printable.js'
import {renderTable} from '../../../src/lib/output/table.js'
import {cutToWidth, isMiscounted, textWidth} from '../../../src/lib/output/width.js'

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

  it.each([2, 600])(
    'of %i rows counts an emoji as terminals do: a selector widens none that is wide by itself',
    async length => {
      const names = ['⚡️', '⭐️', '⚡︎', '⚡', '❤️', '1️⃣', '🇩🇪', '👨‍👩‍👧', '🏳️‍🌈', '服']
      const some = Array.from({length}, (_, index): TextCell[] => [
        {text: names[index % names.length] ?? ''},
        {text: '|'},
      ])
      const written = await renderTable({
        header: ['n', 'x'],
        rows: names.map((text): TextCell[] => [{text}, {text: '|'}]).concat(some),
        showHeader: false,
      })
      for (const [index, line] of written.trimEnd().split('\n').entries())
        expect(line).toBe(`${names[index % names.length]}  |`)
    },
  )

  it('without header is the rows alone', async () => {
    expect(await renderTable({header, rows: rows.slice(0, 1), showHeader: false})).toBe('1  web01  online\n')
  })

  it('of nothing is the header alone, or nothing', async () => {
    expect(await renderTable({header, rows: [], showHeader: true})).toBe('ID  NAME  STATE\n')
    expect(await renderTable({header, rows: [], showHeader: false})).toBe('')
  })

  const texts = (...cells: string[]): TextCell[] => cells.map(text => ({text, align: 'left', shrinks: true}))
  const fitted = async (
    table: {header: string[]; rows: TextCell[][]; showHeader?: boolean},
    width: number,
  ) => {
    const leftOut: string[] = []
    const leaveOut = (names: readonly string[]) => leftOut.push(...names)
    return {text: await renderTable({showHeader: true, ...table, width, leaveOut}), leftOut}
  }

  it('too wide for the terminal has its longest texts cut first, and no others', async () => {
    const long = [...texts('n'.repeat(300), 'Production'), {text: '1.2 GiB', align: 'right'} as const]
    const short = [...texts('db1', 'Backup'), {text: '512 B', align: 'right'} as const]
    expect(await fitted({header: ['name', 'tag', 'memory'], rows: [long, short]}, 40)).toEqual({
      text:
        'NAME                 TAG          MEMORY\n' +
        'nnnnnnnnnnnnnnnnnn…  Production  1.2 GiB\n' +
        'db1                  Backup        512 B\n',
      leftOut: [],
    })
  })

  it('leaves out whole what finds no room when texts are as short as they get, and names it', async () => {
    const row = [
      ...texts('web-frontend-01'),
      {text: '1152921504606846976', align: 'right'} as const,
      {text: '5 %', align: 'right'} as const,
      ...texts('Debian GNU/Linux'),
    ]
    const table = {header: ['name', 'bytes_in', 'cpu', 'os'], rows: [row]}
    expect(await fitted(table, 46)).toEqual({
      text:
        'NAME                  BYTES IN  CPU  OS\n' + //
        'web-fron…  1152921504606846976  5 %  Debian G…\n',
      leftOut: [],
    })
    expect(await fitted(table, 28)).toEqual({
      text: 'NAME        CPU  OS\nweb-front…  5 %  Debian GN…\n',
      leftOut: ['bytes_in'],
    })
    expect(await fitted({...table, showHeader: false}, 12)).toEqual({
      text: 'web-fronten…\n',
      leftOut: ['bytes_in', 'cpu', 'os'],
    })
  })

  it('never cuts a figure, a heading or the one column there is room for to nothing', async () => {
    const number = [{text: '18446744073709551615', align: 'right'} as const, ...texts('x')]
    expect(await fitted({header: ['sum', 'last_active'], rows: [number]}, 10)).toEqual({
      text: '                 SUM\n18446744073709551615\n',
      leftOut: ['last_active'],
    })
    expect((await fitted({header: ['n'], rows: [texts('web01')]}, 3)).text).toBe('N\nwe…\n')
  })

  it('counts wide characters as the terminal does', async () => {
    const rows = [
      [...texts('服务器🚀生产环境'), {text: '1', align: 'right'} as const],
      [...texts('👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧'), {text: '22', align: 'right'} as const],
    ]
    expect(await fitted({header: ['name', 'cpu'], rows}, 14)).toEqual({
      text: 'NAME       CPU\n服务器🚀…    1\n👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧…   22\n',
      leftOut: [],
    })
  })

  it('without column names keeps them all: one thing, a line a field', async () => {
    const rows = [
      [{text: 'NAME'}, ...texts('web-frontend-01')],
      [{text: 'MEMORY TOTAL'}, {text: '1152921504606846976'}],
    ]
    expect(await fitted({header: [], rows, showHeader: false}, 24)).toEqual({
      // The figure is wider than the terminal, and makes no room for the name.
      text: 'NAME          web-front…\nMEMORY TOTAL  1152921504606846976\n',
      leftOut: [],
    })
  })

  it('is never wider than the terminal, whatever the texts, and loses a column only where none is left to shrink', async () => {
    const cell = fc.record({text: fc.oneof(fc.string({unit: 'grapheme'}), fc.string({maxLength: 300}))})
    const grid = fc
      .integer({min: 1, max: 6})
      .chain(columns =>
        fc.array(fc.array(cell, {minLength: columns, maxLength: columns}), {minLength: 1, maxLength: 4}),
      )
    await fc.assert(
      fc.asyncProperty(grid, fc.integer({min: 8, max: 90}), async (cells, width) => {
        const header = (cells[0] ?? []).map((_, index) => `c${index}`)
        const shrinking = cells.map(row => row.map(({text}) => ({text, shrinks: true as const})))
        const {text, leftOut} = await fitted({header, rows: shrinking}, width)
        for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(width)
        if (width >= header.length * 10) expect(leftOut).toEqual([])
        expect(leftOut).not.toContain('c0')
      }),
    )
  })

  // cli-table3 would take a minute for the other one.
  it.each(['x'.repeat(5000), '中'.repeat(40_000)])('in a pipe nothing is cut', async text => {
    expect(await renderTable({header: ['A'], rows: [[{text}]], showHeader: false})).toBe(`${text}\n`)
  })

  it('states are coloured after cutting', async () => {
    const colour = new Chalk({level: 1})
    const two = {header, rows: rows.slice(0, 2), colour}
    expect(await renderTable({...two, showHeader: true})).toBe(
      'ID  NAME      STATE\n 1  web01     \u001b[32monline\u001b[39m\n12  服务器🚀  \u001b[31moffline\u001b[39m\n',
    )
    const long: TextCell[][] = [[{text: 'unreachable', align: 'left', tone: 'bad', shrinks: true}]]
    expect(await renderTable({header, rows: long, showHeader: false, colour, width: 8})).toBe(
      '\u001b[31munreach…\u001b[39m\n',
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
  it('give the same bytes, but for the selectors that cli-table3 counts', () => {
    const cell = fc
      .record({
        text: text.filter(value => !isMiscounted(value)),
        align: fc.constantFrom<('left' | 'right')[]>('left', 'right'),
      })
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

  it('measure as cli-table3 does, but for the selectors that it counts', () => {
    fc.assert(
      fc.property(text, value => {
        fc.pre(!isMiscounted(value))
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
        const cut = cutToWidth(line, width)
        expect(textWidth(cut)).toBeLessThanOrEqual(width)
        if (textWidth(line) <= width) expect(cut).toBe(line)
        else expect([cut.at(-1), line.startsWith(cut.slice(0, -1))]).toEqual(['…', true])
      }),
      {numRuns: 5000},
    )
  })
})
