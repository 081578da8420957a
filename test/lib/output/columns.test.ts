import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {PanelctlError} from '../../../src/lib/errors.js'
import {bytes} from '../../../src/lib/output/cell.js'
import {type Columns, chart, headerOf, selectColumns, sortRows} from '../../../src/lib/output/columns.js'
import {compareNatural} from '../../../src/lib/output/natural.js'

interface Server {
  name: string | null
  memory: number | null
}

const columns: Columns<Server> = {
  name: server => server.name,
  memory_used: {value: server => bytes(server.memory)},
  raw_memory: {value: server => server.memory, hidden: true},
}

const names = (requested?: string) => selectColumns(columns, requested).map(column => column.name)
const sorted = (rows: Server[], sort: string) => sortRows(rows, columns, sort).map(row => row.name)

function failure(action: () => unknown): PanelctlError {
  try {
    action()
  } catch (error) {
    if (error instanceof PanelctlError) return error
  }
  throw new Error('no PanelctlError was thrown')
}

describe('--columns', () => {
  it('hidden columns appear when named or with all', () => {
    expect(names()).toEqual(['name', 'memory_used'])
    expect(names('all')).toEqual(['name', 'memory_used', 'raw_memory'])
    expect(names('raw_memory')).toEqual(['raw_memory'])
  })

  it('a chart is left out where nothing is drawn, unless it is named', () => {
    const charts: Columns<Server> = {name: server => server.name, trend: chart(() => [{time: 0, value: 1}])}
    const named = (requested: string | undefined, draws: boolean) =>
      selectColumns(charts, requested, {draws}).map(column => column.name)
    expect(named(undefined, true)).toEqual(['name', 'trend'])
    expect(named(undefined, false)).toEqual(['name'])
    expect(named('trend', false)).toEqual(['trend'])
    expect(named('all', false)).toEqual(['name', 'trend'])
  })

  it('what a table has in another column is a column of csv alone, unless it is named', () => {
    const price: Columns<Server> = {price: () => '$5', currency: {value: () => '$', hidden: 'in tables'}}
    const named = (draws: boolean, requested?: string) =>
      selectColumns(price, requested, {draws}).map(column => column.name)
    expect(named(true)).toEqual(['price'])
    expect(named(false)).toEqual(['price', 'currency'])
    expect(named(true, 'currency')).toEqual(['currency'])
  })

  it('columns come in the order asked for, however their names are written', () => {
    expect(names('Memory-Used, NAME,raw memory')).toEqual(['memory_used', 'name', 'raw_memory'])
  })

  it('an unknown column is refused with the names there are', () => {
    const error = failure(() => names('name,cpu'))
    expect(error.code).toBe('USAGE')
    expect(error.message).toBe('no column "cpu"')
    expect(error.hint).toBe('columns: name, memory_used, raw_memory')
    expect(failure(() => names('')).code).toBe('USAGE')
    expect(failure(() => names('constructor')).code).toBe('USAGE')
  })

  it('a header is the name in capitals without underscores', () => {
    expect(headerOf('memory_used')).toBe('MEMORY USED')
  })
})

describe('--sort', () => {
  const rows: Server[] = [
    {name: 'web10', memory: 1024},
    {name: 'Web2', memory: 900},
    {name: null, memory: null},
    {name: 'db', memory: 2_000_000},
    {name: 'web1', memory: 900},
  ]

  it('names are counted as people count, and a missing one is last either way', () => {
    expect(sorted(rows, 'name')).toEqual(['db', 'web1', 'Web2', 'web10', null])
    expect(sorted(rows, 'name:desc')).toEqual(['web10', 'Web2', 'web1', 'db', null])
  })

  it('sizes sort by the number, not by what is shown, and equal ones keep their order', () => {
    expect(sorted(rows, 'MEMORY-USED:asc')).toEqual(['Web2', 'web1', 'web10', 'db', null])
    expect(sorted(rows, 'raw_memory:desc')).toEqual(['db', 'web10', 'Web2', 'web1', null])
  })

  it('of several columns the first one counts most, each in its direction', () => {
    expect(sorted(rows, 'raw_memory,name:desc')).toEqual(['Web2', 'web1', 'web10', 'db', null])
    expect(sorted(rows, 'raw_memory:desc,name')).toEqual(['db', 'web10', 'web1', 'Web2', null])
    expect(failure(() => sorted([], 'name,cpu')).exitCode).toBe(2)
  })

  it('the rows given are left in their order', () => {
    sorted(rows, 'name')
    expect(rows[0]?.name).toBe('web10')
  })

  it('an unknown column or direction is refused, even for an empty list', () => {
    expect(failure(() => sorted([], 'cpu')).hint).toBe('columns: name, memory_used, raw_memory')
    const error = failure(() => sorted([], 'name:down'))
    expect(error.message).toBe('cannot sort by "name:down"')
    expect(error.hint).toBe('write --sort name, name:asc or name:desc')
    expect(failure(() => sorted([], 'name:asc:desc')).code).toBe('USAGE')
    expect(failure(() => sorted([], 'name:')).code).toBe('USAGE')
  })

  it('numbers and texts in one column come in a fixed order', () => {
    const mixed: Columns<string | number | boolean> = {value: row => row}
    expect(sortRows(['b', 10, true, 'a', 9], mixed, 'value')).toEqual([true, 9, 10, 'a', 'b'])
  })

  it('the order of names is a total one', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'B', 'b', '0', '1', '2', '-', ' ', '服'),
      maxLength: 6,
    })
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNatural(a, b))).toBe(0 - Math.sign(compareNatural(b, a)))
        expect(compareNatural(a, b) === 0).toBe(a === b)
        if (compareNatural(a, b) <= 0 && compareNatural(b, c) <= 0) {
          expect(compareNatural(a, c)).toBeLessThanOrEqual(0)
        }
      }),
      {numRuns: 2000},
    )
  })

  it('digits beyond what a number holds still count', () => {
    expect(compareNatural('id9007199254740993', 'id9007199254740992')).toBeGreaterThan(0)
    expect(compareNatural('a007', 'a8')).toBeLessThan(0)
  })
})
