import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, test} from 'vitest'
import {binary, cli, komariSandbox, nezhaSandbox, temporaryFolder} from '../harness.js'
import {web1} from './komari/world.js'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

const file = () => join(folder, 'config.yaml')
const written = () => (existsSync(file()) ? readFileSync(file(), 'utf8') : '')

/** Runs a command line with the test's config folder. */
function run(line: string, env: Readonly<Record<string, string | undefined>> = {}) {
  return cli(line, {env: {PANELCTL_CONFIG_DIR: folder, ...env}})
}

/** An emulated dashboard that the contexts lab and home lead to, and its environment. */
async function contexts() {
  const sandbox = await nezhaSandbox({servers: [{name: 'web1', tag: 'a'}, {name: 'web2'}]})
  writeFileSync(
    file(),
    `# mine
contexts:
  lab: {panel: nezha, url: "${sandbox.url}"}
  home: {panel: nezha, url: "${sandbox.url}"}
current: {nezha: lab}
`,
    {mode: 0o600},
  )
  return {...sandbox, token: {NEZHA_TOKEN: sandbox.token}}
}

describe('config', () => {
  test('sets, gets, lists and unsets', async () => {
    expect(await run('config set output json')).toEqual({exitCode: 0, stdout: '', stderr: 'output is json\n'})
    expect(await run('config set timeout 10s')).toMatchObject({exitCode: 0})
    expect(await run('config set retries 5 -o json')).toEqual({
      exitCode: 0,
      stdout: '{\n  "key": "retries",\n  "value": 5,\n  "context": null,\n  "changed": true\n}\n',
      stderr: '{"note":"retries is 5"}\n',
    })
    expect(await run('config set columns.nezha.server.list name,ip')).toMatchObject({exitCode: 0})
    expect(await run('config get output')).toEqual({exitCode: 0, stdout: 'json\n', stderr: ''})
    expect(await run('config list')).toEqual({
      exitCode: 0,
      stderr: '',
      stdout:
        'KEY                        VALUE    CONTEXT\noutput                     json     -\ntimeout                    10s      -\nretries                    5        -\ncolumns.nezha.server.list  name,ip  -\n',
    })
    expect(JSON.parse((await run('config list -o json')).stdout)[2]).toEqual({
      key: 'retries',
      value: 5,
      context: null,
    })
    expect((await run('config unset output')).stderr).toBe('unset output\n')
    expect(await run('config get output')).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'panelctl: output is not set\nhint: panelctl config list\n',
    })
    for (const key of ['timeout', 'retries', 'columns.nezha.server.list']) await run(`config unset ${key}`)
    expect(written().trim()).toBe('{}')
  })

  test('keeps what a person wrote, and a context beside its preferences', async () => {
    const {token} = await contexts()
    const before = written()
    await run('config set output json --context lab')
    expect(written()).toContain('# mine\n')
    expect((await run('config get output --context lab')).stdout).toBe('json\n')
    expect((await run('config get output')).exitCode).toBe(3)
    await run('config unset output --context lab')
    expect(written().replaceAll(/[{] | [}]/g, brace => brace.trim())).toBe(before)
    expect((await run('nezha server list -o id', token)).stdout).toBe('1\n2\n')
  })

  test('takes away what a command left that is gone, and sets no such thing', async () => {
    const key = 'columns.nezha.server.gone'
    writeFileSync(file(), 'preferences: {output: csv, columns: {nezha server gone: id}}\n', {mode: 0o600})
    expect((await run(`config get ${key}`)).stdout).toBe('id\n')
    expect((await run(`config set ${key} name`)).exitCode).toBe(2)
    expect(await run(`config unset ${key}`)).toMatchObject({exitCode: 0, stderr: `unset ${key}\n`})
    expect(written()).not.toContain('gone')
    expect((await run(`config unset ${key}`)).exitCode).toBe(2)
  })

  test('has nothing to do twice', async () => {
    await run('config set output json')
    const before = written()
    expect(await run('config set output json')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'output is json already\n',
    })
    expect((await run('config unset timeout -o json')).stdout).toContain('"changed": false')
    expect((await run('config set output csv --dry-run')).stderr).toBe('would set output to csv\n')
    expect(written()).toBe(before)
  })

  test.each([
    ['config set outptu json', 'there is no setting "outptu"', 'did you mean "output"?'],
    [
      'config get colunms.nezha.server.list',
      'there is no setting "colunms.nezha.server.list"',
      'did you mean "columns.nezha.server.list"',
    ],
    ['config unset x', 'there is no setting "x"', 'panelctl config list --all'],
    [
      'config set columns.nezha.server.register name',
      'there is no setting "columns.nezha.server.register"',
      'did you mean',
    ],
    [
      'config set columns.config.list key',
      'there is no setting "columns.config.list"',
      'did you mean "columns.context.list"',
    ],
    ['config set output jsn', 'there is no format "jsn"', 'did you mean "json"?'],
    ['config set timeout 10', '"10" is not a duration', 'write it as'],
    ['config set retries 21', '21 is not within 0 and 20', ''],
    ['config set retries many', '"many" is not a whole number', ''],
    ['config set columns.nezha.server.list name,ipp', 'no column "ipp"', 'did you mean "ip"?'],
    ['config set output json --context lab', 'no context "lab" (--context)', 'panelctl context list'],
  ])('writes nothing for %s', async (line, message, hint) => {
    const {exitCode, stdout, stderr} = await run(line)
    expect([exitCode, stdout, existsSync(file())]).toEqual([2, '', false])
    expect(stderr.split('\n')[0]).toBe(`panelctl: ${message}`)
    if (hint) expect(stderr).toContain(`hint: ${hint}`)
  })

  test('lists with --all what can be set, each of which can be', async () => {
    await run('config set retries 0')
    const {stdout} = await run('config list --all -o json')
    const all: {key: string; value: unknown}[] = JSON.parse(stdout)
    expect(all[0]).toEqual({key: 'retries', value: 0, context: null})
    expect(all.map(({key}) => key)).toContain('columns.openidcs.vm.list')
    for (const {key} of all.filter(({value}) => value === null).slice(0, 12)) {
      const value = key === 'output' ? 'yaml' : key === 'timeout' ? '1m' : 'all'
      expect(await run(`config set ${key} ${value}`), key).toMatchObject({exitCode: 0})
    }
  })
})

test('Tab knows the keys', async () => {
  // A busy machine is no slow panel.
  const env = {PANELCTL_CONFIG_DIR: folder, PANELCTL_TAB_TIMEOUT: '20s'}
  const complete = async (...words: string[]) =>
    (await binary(['__complete', 'powershell', 'config', ...words], {env})).stdout
  expect(await complete('set', 'ti')).toMatch(/^timeout/)
  expect(await complete('set', 'columns.nezha.server.l')).toMatch(/^columns\.nezha\.server\.list/)
  expect(await complete('unset', 't')).toBe('')
  await run('config set timeout 10s')
  for (const verb of ['get', 'unset']) expect(await complete(verb, 't')).toBe('timeout\t10s\n')
})

test('Tab knows the values of a setting as those of its flag', async () => {
  const complete = async (...words: string[]) =>
    (await binary(['__complete', 'powershell', 'config', 'set', ...words])).stdout
  expect(await complete('output', 'nd')).toBe('ndjson\tndjson\n')
  expect(await complete('columns.nezha.server.list', 'name,i')).toMatch(/^'name,id'\tname,id\n'name,ip'\t/)
  expect(await complete('timeout', '')).toBe('')
})

describe('what is preferred', () => {
  test('gives way to flags and the environment, and that of a context goes before that of all', async () => {
    const {token} = await contexts()
    const first = async (flags = '', env = {}) =>
      (await run(`nezha server list ${flags}`, {...token, ...env})).stdout.split('\n')[0]
    await run('config set output csv')
    expect(await first()).toBe('id,name,tag,last_active,ip')
    await run('config set output ndjson --context lab')
    expect(await first()).toMatch(/^\{"id":1,|^\{"/)
    // Of its own credential it has none.
    expect((await run('nezha server list --context home')).stderr).toMatch(/^panelctl: /)
    expect((await run('nezha server list --context lab')).stderr).toMatch(/^\{"error":/)
    expect(await first('', {PANELCTL_NEZHA_CONTEXT: 'home'})).toBe('id,name,tag,last_active,ip')
    expect(await first('', {PANELCTL_OUTPUT: 'id'})).toBe('1')
    expect(await first('-o yaml', {PANELCTL_OUTPUT: 'id'})).toMatch(/^- /)
    expect(await first('--columns name -o csv')).toBe('name')
  })

  test('holds where an address is in the environment, but for what a context prefers', async () => {
    const {environment} = await contexts()
    await run('config set output id')
    await run('config set output json --context lab')
    expect((await run('nezha server list', environment)).stdout).toBe('1\n2\n')
  })

  test('gives way to a table where a command cannot print it', async () => {
    const {environment} = await contexts()
    await run('config set output id')
    expect((await run('nezha api GET /api/v1/server/list', environment)).exitCode).toBe(0)
    expect(
      (await run('nezha server list --watch --no-header --jq length -o csv', environment)).exitCode,
    ).toBe(2)
    expect(await run('context list', environment)).toMatchObject({exitCode: 0, stdout: 'home\nlab\n'})
    const register = await run('nezha server register --name x', environment)
    expect([register.exitCode, register.stdout]).toEqual([0, expect.stringMatching(/^\w{18}\n$/)])
    expect((await run('nezha server list --jq .[0].name', environment)).stdout).toBe('web1\n')
  })

  test('says errors as JSON where JSON is preferred', async () => {
    const {environment} = await contexts()
    await run('config set output json')
    for (const line of ['nezha server show nope', 'nezha server list --nope', 'nezha server show'])
      expect(JSON.parse((await run(line, environment)).stderr).error.message, line).not.toBe('')
  })

  test('is how long a try takes and how often one is made', async () => {
    const {faults, environment, requests} = await contexts()
    await run('config set retries 1')
    faults.next({kind: 'status', status: 503})
    faults.next({kind: 'status', status: 503})
    const failed = await run('nezha server list --quiet', environment)
    expect([failed.exitCode, requests.length]).toEqual([6, 2])
    await run('config set timeout 300ms')
    faults.next({kind: 'stall'})
    const {stderr, exitCode} = await run('nezha server list --retries 0', environment)
    expect([exitCode, stderr]).toEqual([6, expect.stringContaining('no answer within 0.3 s')])
    for (const [flag, variable] of [
      ['--timeout 200ms', '9s'],
      ['', '200ms'],
    ]) {
      faults.next({kind: 'stall'})
      const env = {...environment, PANELCTL_TIMEOUT: variable}
      expect((await run(`nezha server list --retries 0 ${flag}`, env)).stderr).toContain(
        'no answer within 0.2 s',
      )
    }
  })

  test('is the columns of a command in its tables and CSV, and of no other', async () => {
    const {environment} = await contexts()
    await run('config set columns.nezha.server.list Name,id')
    const stdout = async (line: string) => (await run(line, environment)).stdout
    expect(await stdout('nezha server list')).toBe('NAME  ID\nweb1   1\nweb2   2\n')
    expect(await stdout('nezha server list -o csv')).toBe('name,id\nweb1,1\nweb2,2\n')
    expect(await stdout('nezha server list --columns id --no-header')).toBe('1\n2\n')
    expect(JSON.parse(await stdout('nezha server list -o json'))[0].tag).toBe('a')
    expect(await stdout('nezha server show web1')).toMatch(/^ID +1\n/)
  })

  test('is told with what mends it where a command has no such column, and only where columns count', async () => {
    const {token} = await contexts()
    const columns = 'columns: {nezha server list: "name,nope", nezha server show: gone}'
    writeFileSync(file(), `${written()}preferences: {${columns}}\n`)
    expect(await run('nezha server list --quiet', token)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /^panelctl: config\.yaml: columns\.nezha\.server\.list: no column "nope"\nhint: panelctl config unset columns\.nezha\.server\.list\n$/,
      ),
    })
    expect((await run('nezha server show web1', token)).stderr).toContain(
      'config.yaml: columns.nezha.server.show: no column "gone"\n',
    )
    expect((await run('nezha server list -o id', token)).stdout).toBe('1\n2\n')
    expect((await run('nezha server list --columns name --no-header', token)).stdout).toBe('web1\nweb2\n')
    expect((await run('config unset columns.nezha.server.list')).exitCode).toBe(0)
    expect((await run('nezha server list', token)).exitCode).toBe(0)
    writeFileSync(
      file(),
      written().replace('lab: {', 'lab: {preferences: {columns: {nezha server list: x}}, '),
    )
    expect((await run('nezha server list', token)).stderr).toContain(
      'context lab: columns.nezha.server.list: no column "x"\nhint: panelctl config unset columns.nezha.server.list --context lab\n',
    )
  })

  test('gives way where the flags leave a command other columns', async () => {
    const {environment} = await komariSandbox({nodes: [web1]})
    await run('config set columns.komari.records.load time,memory')
    const load = async (flags: string) =>
      (await run(`komari records load web1 -o csv ${flags}`, environment)).stdout
    expect((await load('')).split('\n')[0]).toBe('time,memory')
    expect((await load('--type cpu')).split('\n')[0]).toBe('time,cpu')
  })

  test('leaves a stream that has no columns its lines', async () => {
    const {environment} = await komariSandbox()
    await run('config set columns.komari.node.status name')
    const interruption = new AbortController()
    const {stdout, stderr} = await cli('komari node status --follow --interval 1ms', {
      env: {PANELCTL_CONFIG_DIR: folder, ...environment},
      signal: interruption.signal,
      written: () => interruption.abort(new Error('enough')),
    })
    expect(stdout, stderr).toMatch(/^\[\{"uuid"/)
  })

  test('is shown with its source', async () => {
    const {token} = await contexts()
    await run('config set timeout 10s')
    await run('config set columns.context.list name')
    await run('config set retries 9 --context lab')
    const {stdout} = await run(
      'context show lab -o csv --columns panel,setting,value,source --no-header',
      token,
    )
    expect(stdout).toContain('\nnezha,retries,9,context lab\n')
    expect(stdout).toContain(
      '\n,output,table,default\n,timeout,10s,config.yaml\n,columns.context.list,name,config.yaml\n',
    )
  })

  test('that is none is told with what mends it, which it does not stop', async () => {
    const {environment} = await contexts()
    writeFileSync(file(), `${written()}preferences: {retries: 100, output: x}\n`)
    expect(await run('nezha server list', environment)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'panelctl: config.yaml: output: there is no format "x"\nhint: panelctl config unset output\n',
    })
    expect((await run('config unset output')).exitCode).toBe(0)
    expect((await run('nezha server list', environment)).stderr).toBe(
      'panelctl: config.yaml: retries: 100 is not within 0 and 20\nhint: panelctl config unset retries\n',
    )
    expect((await run('nezha server list --help', environment)).exitCode).toBe(0)
    expect((await run('config set retries 2')).exitCode).toBe(0)
    expect((await run('nezha server list', environment)).exitCode).toBe(0)
    writeFileSync(file(), 'preferences: {retries: "2"}\n')
    expect((await run('nezha server list', environment)).stderr).toContain(
      'line 1: preferences.retries must be a number',
    )
  })
})
