import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {komariSandbox, nezhaSandbox, type Outcome, openidcsSandbox} from '../harness.js'
import {type ChangedSource, changedSource} from './changed-source.js'

/** A line of the table of formats, and what it writes: that is all there is to a new format. */
const lines = `  tsv: {
    carries: 'cells',
    write: (header, rows, showHeader) =>
      (showHeader ? [header, ...rows] : rows).map(row => row.join('\\t') + '\\n').join(''),
  },
  lines: {carries: 'data', write: toNdjson, perElement: true, streams: true, isJson: true},
`

describe('a format that is added to the table of formats', () => {
  let changed: ChangedSource
  const cli: ChangedSource['cli'] = (...run) => changed.cli(...run)

  beforeAll(async () => {
    changed = await changedSource('src/lib/output/formats.ts', /^ {2}csv: /m, lines)
  })

  afterAll(() => changed.remove())

  test('prints the rows of a list as csv does', async () => {
    const {environment} = await nezhaSandbox()
    const csv = await cli('nezha server list -o csv --columns id,name', environment)
    const tsv = await cli('nezha server list -o tsv --columns id,name', environment)
    expect(tsv).toEqual({...csv, stdout: csv.stdout.replaceAll(',', '\t')})
    expect(tsv.stdout.split('\n').length).toBeGreaterThan(4)
    expect((await cli('nezha server list -o tsv --sort name:desc --no-header', environment)).exitCode).toBe(0)
  })

  test('also of a list whose rows are made for those formats alone', async () => {
    const {environment} = await komariSandbox()
    const lines = async (format: string) =>
      (await cli(`komari records load web1 -o ${format}`, environment)).stdout.split('\n').length
    expect(await lines('tsv')).toBe(await lines('csv'))
    expect(await lines('tsv')).toBeGreaterThan(10)
  })

  test('prints one object, and the result of an action, and is refused where there are no rows', async () => {
    const {environment} = await nezhaSandbox()
    expect((await cli('nezha server show 1 -o tsv', environment)).stdout.split('\n')).toHaveLength(3)
    const registered = await cli('nezha server register --name new -o tsv', environment)
    expect(registered).toMatchObject(await registeredAs('csv'))
    const none = await cli('nezha api GET /api/v1/server/list -o tsv', environment)
    expect(none).toMatchObject({exitCode: 2, stdout: '', stderr: expect.stringContaining('-o tsv needs')})

    async function registeredAs(format: string) {
      const {exitCode} = await cli(`nezha server register --name new -o ${format}`, environment)
      return {exitCode}
    }
  })

  test('is no format of a stream, and is named where a format is wrong', async () => {
    const {environment} = await komariSandbox()
    const followed = await cli('komari node status --follow -o tsv', environment)
    expect(followed).toMatchObject({exitCode: 2, stderr: expect.stringContaining('not tsv')})
    const wrong = await cli('komari node list', {...environment, PANELCTL_OUTPUT: 'xml'})
    expect(wrong.stderr).toContain('table, json, yaml, tsv, lines, csv, ndjson, id')
    expect((await cli('komari node list -o json --columns name', environment)).stderr).toContain(
      '-o table and -o tsv and -o csv',
    )
  })

  test.each([
    'nezha server list',
    'nezha server show 1',
    'nezha server list --watch --interval 1h',
    'nezha server register --name new --dry-run',
    'openidcs api GET /api/system/statis',
    'komari node status --follow',
    'komari node exec web1 db1 -- true',
    'komari node exec web1 db1 nobody -- true',
    'komari setting show',
    "komari node list --jq '.[].name'",
    'openidcs nat delete node1 web01 --port 1 --yes',
  ])('that has a document a line does so in every shape: %s', async typed => {
    const panel = typed.startsWith('nezha')
      ? nezhaSandbox
      : typed.startsWith('komari')
        ? komariSandbox
        : openidcsSandbox
    const {environment} = await panel()
    const until = /--(watch|follow)/.test(typed) ? ('printed' as const) : undefined
    const asked = (format: string) => typed.replace(/( --|$)/, ` -o ${format}$1`)
    const ofPast = ({stdout, ...outcome}: Outcome) => ({
      ...outcome,
      stdout: stdout.replace(/"task_id":"\w+"|"\w+_at":"[^"]+"/g, ''),
    })
    const [ndjson, lines] = [
      await cli(asked('ndjson'), environment, until),
      await cli(asked('lines'), environment, until),
    ]
    expect(ofPast(lines)).toEqual(ofPast(ndjson))
    expect(ndjson.stdout + ndjson.stderr).toMatch(/^[[{"]/)
  })
})
