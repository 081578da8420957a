import {describe, expect, it} from 'vitest'
import {ago, bytes, state} from '../../../src/lib/output/cell.js'
import {type Columns, sortRows} from '../../../src/lib/output/columns.js'
import {formatNames} from '../../../src/lib/output/formats.js'
import {checkOutputFlags, type OutputFlags, renderRecord, renderRows} from '../../../src/lib/output/render.js'

interface Server {
  id: number
  name: string
  memory: number | null
  seen: string | null
}

const servers: Server[] = [
  {id: 10, name: 'web10', memory: 1_288_490_189, seen: '2026-03-04T11:59:48Z'},
  {id: 2, name: 'web2', memory: null, seen: null},
]
const columns: Columns<Server> = {
  id: server => server.id,
  name: server => server.name,
  state: server => state(server.seen ? 'online' : 'offline'),
  memory: server => bytes(server.memory),
  last_seen: {value: server => ago(server.seen === null ? null : new Date(server.seen)), hidden: true},
}
const common = {
  columns,
  id: (server: Server) => server.id,
  format: 'table',
  showHeader: true,
  colour: 0,
  now: new Date('2026-03-04T12:00:00Z'),
} as const
const list = {...common, rows: servers, data: servers}
const byId = sortRows(servers, columns, 'id')
const one = {
  ...common,
  row: {id: 10, name: 'web10', memory: 2048, seen: '2026-03-04T11:59:48Z'},
  data: {id: 10, extra: [1, 2]},
}

describe('a list', () => {
  it('as a table', async () => {
    expect(await renderRows(list)).toBe(
      'ID  NAME   STATE     MEMORY\n10  web10  online   1.2 GiB\n 2  web2   offline        -\n',
    )
  })

  it('as a table with named columns, sorted, without header', async () => {
    expect(
      await renderRows({...list, rows: byId, requestedColumns: 'last_seen,name', showHeader: false}),
    ).toBe('never    web2\n12s ago  web10\n')
  })

  it('as a coloured table', async () => {
    expect(await renderRows({...list, colour: 1, requestedColumns: 'state', showHeader: false})).toBe(
      '\u001b[32monline\u001b[39m\n\u001b[31moffline\u001b[39m\n',
    )
  })

  it('as a table on a narrow terminal', async () => {
    const leftOut: unknown[] = []
    const narrow = {
      ...list,
      columns: {...columns, last_seen: () => 'now'},
      leaveOut: leftOut.push.bind(leftOut),
    }
    expect(await renderRows({...narrow, width: 20})).toBe(
      'ID  NAME   STATE\n10  web10  online\n 2  web2   offline\n',
    )
    expect(leftOut).toEqual([['memory', 'last_seen']])
  })

  it('as csv with the values that scripts want', async () => {
    expect(await renderRows({...list, format: 'csv', requestedColumns: 'id,memory,last_seen'})).toBe(
      'id,memory,last_seen\n10,1288490189,2026-03-04T11:59:48.000Z\n2,,\n',
    )
  })

  it('as identifiers, sorted', async () => {
    expect(await renderRows({...list, rows: byId, format: 'id'})).toBe('2\n10\n')
  })

  it('as json, yaml and ndjson of what the panel said', async () => {
    const sorted = {...list, data: [{wire: 'two'}, {wire: 'ten'}]}
    expect(await renderRows({...sorted, format: 'json'})).toBe(
      '[\n  {\n    "wire": "two"\n  },\n  {\n    "wire": "ten"\n  }\n]\n',
    )
    expect(await renderRows({...sorted, format: 'yaml'})).toBe('- wire: two\n- wire: ten\n')
    expect(await renderRows({...sorted, format: 'ndjson'})).toBe('{"wire":"two"}\n{"wire":"ten"}\n')
  })

  it('that is empty is the header, [] or nothing', async () => {
    const empty = {...list, rows: [], data: []}
    expect(await renderRows(empty)).toBe('ID  NAME  STATE  MEMORY\n')
    expect(await renderRows({...empty, format: 'json'})).toBe('[]\n')
    expect(await renderRows({...empty, format: 'csv'})).toBe('id,name,state,memory\n')
    expect(await renderRows({...empty, format: 'ndjson'})).toBe('')
    expect(await renderRows({...empty, format: 'id'})).toBe('')
  })
})

describe('one object', () => {
  it('as a table has a line a column', async () => {
    expect(await renderRecord({...one, requestedColumns: 'name,memory,last_seen'})).toBe(
      'NAME       web10\nMEMORY     2.0 KiB\nLAST SEEN  12s ago\n',
    )
  })

  it('in every other format', async () => {
    expect(await renderRecord({...one, format: 'csv'})).toBe('id,name,state,memory\n10,web10,online,2048\n')
    expect(await renderRecord({...one, format: 'csv', showHeader: false})).toBe('10,web10,online,2048\n')
    expect(await renderRecord({...one, format: 'id'})).toBe('10\n')
    expect(await renderRecord({...one, format: 'ndjson'})).toBe('{"id":10,"extra":[1,2]}\n')
    expect(await renderRecord({...one, format: 'yaml'})).toBe('id: 10\nextra:\n  - 1\n  - 2\n')
    expect(await renderRecord({...one, format: 'json', data: undefined})).toBe('null\n')
  })
})

describe('output flags', () => {
  const fine: OutputFlags = {format: 'table', hasRows: true, hasId: true}

  it.each<[string, OutputFlags, string]>([
    [
      '--columns with json',
      {...fine, format: 'json', columns: 'id'},
      '--columns goes with -o table and -o csv, not with -o json',
    ],
    [
      '--no-header with id',
      {...fine, format: 'id', noHeader: true},
      '--no-header goes with -o table and -o csv, not with -o id',
    ],
    [
      '-o csv without rows',
      {...fine, format: 'csv', hasRows: false},
      'this result has no rows, which -o csv needs',
    ],
    [
      '-o id without identifiers',
      {...fine, format: 'id', hasId: false},
      'this result has no identifiers, which -o id needs',
    ],
    [
      '--sort without rows',
      {...fine, hasRows: false, sort: 'id'},
      'this result has no rows, which --sort needs',
    ],
    [
      '--columns without columns',
      {...fine, hasRows: false, columns: 'id'},
      'this result has no columns, which --columns needs',
    ],
  ])('%s is refused', (_, flags, message) => {
    expect(() => checkOutputFlags(flags)).toThrow(expect.objectContaining({code: 'USAGE', message}))
  })

  it('that fit are let through', () => {
    for (const format of ['table', 'csv'] as const) {
      expect(() =>
        checkOutputFlags({...fine, format, columns: 'id', noHeader: true, sort: 'id'}),
      ).not.toThrow()
    }
    for (const format of formatNames)
      expect(() => checkOutputFlags({...fine, format, sort: 'id'})).not.toThrow()
    expect(() => checkOutputFlags({format: 'json', hasRows: false, hasId: false})).not.toThrow()
  })

  it('are refused by the renderer as well', async () => {
    await expect(renderRows({...list, format: 'json', requestedColumns: 'id'})).rejects.toMatchObject({
      code: 'USAGE',
    })
    await expect(renderRows({...list, format: 'id', id: undefined})).rejects.toMatchObject({code: 'USAGE'})
  })
})
