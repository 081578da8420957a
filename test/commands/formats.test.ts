import {describe, expect, test} from 'vitest'
import {Interrupted} from '../../src/lib/command/interrupted.js'
import type {NezhaOptions} from '../emulated.js'
import {paths} from '../failure.js'
import {cli, nezhaSandbox, temporaryFolder} from '../harness.js'

const world: NezhaOptions = {
  servers: [
    {name: 'web1', tag: 'a,b', ipv4: '203.0.113.1', ipv6: ''},
    {
      name: 'say "hi"',
      tag: 'no',
      state: 'offline',
      offlineMinutes: 90,
      ipv4: '203.0.113.2',
      ipv6: '2001:db8::2',
    },
    {name: 'new1', tag: '', state: 'never'},
  ],
}

describe('the formats of a list', () => {
  test.each([
    [
      '-o csv',
      [
        'id,name,tag,last_active,ip',
        '1,web1,"a,b",2026-11-21T12:00:00.000Z,203.0.113.1',
        '2,"say ""hi""",no,2026-11-21T10:30:00.000Z,203.0.113.2',
        '3,new1,,,',
      ],
    ],
    ['-o csv --no-header --columns id,tag', ['1,"a,b"', '2,no', '3,']],
    [
      '-o csv --columns all',
      [
        'id,name,tag,last_active,ip,ipv4,ipv6',
        '1,web1,"a,b",2026-11-21T12:00:00.000Z,203.0.113.1,203.0.113.1,',
        '2,"say ""hi""",no,2026-11-21T10:30:00.000Z,203.0.113.2,203.0.113.2,2001:db8::2',
        '3,new1,,,,,',
      ],
    ],
    [
      '-o yaml --sort id:desc',
      [
        '- id: 3',
        '  name: new1',
        '  tag: ""',
        '  last_active: -62135596800',
        '  ipv4: ""',
        '  ipv6: ""',
        '  valid_ip: ""',
        '  display_index: 0',
        '  hide_for_guest: false',
        '- id: 2',
        '  name: say "hi"',
        '  tag: "no"',
        '  last_active: 1795257000',
        '  ipv4: 203.0.113.2',
        '  ipv6: 2001:db8::2',
        '  valid_ip: 203.0.113.2',
        '  display_index: 0',
        '  hide_for_guest: false',
        '- id: 1',
        '  name: web1',
        '  tag: a,b',
        '  last_active: 1795262400',
        '  ipv4: 203.0.113.1',
        '  ipv6: ""',
        '  valid_ip: 203.0.113.1',
        '  display_index: 0',
        '  hide_for_guest: false',
      ],
    ],
    [
      '-o ndjson --sort name',
      [
        '{"id":3,"name":"new1","tag":"","last_active":-62135596800,"ipv4":"","ipv6":"","valid_ip":"","display_index":0,"hide_for_guest":false}',
        '{"id":2,"name":"say \\"hi\\"","tag":"no","last_active":1795257000,"ipv4":"203.0.113.2","ipv6":"2001:db8::2","valid_ip":"203.0.113.2","display_index":0,"hide_for_guest":false}',
        '{"id":1,"name":"web1","tag":"a,b","last_active":1795262400,"ipv4":"203.0.113.1","ipv6":"","valid_ip":"203.0.113.1","display_index":0,"hide_for_guest":false}',
      ],
    ],
    ['-o id --sort last_active', ['2', '1', '3']],
    ['-o id --sort last_active:desc', ['1', '2', '3']],
    ['-o id --sort "Last Active"', ['2', '1', '3']],
    [
      '--columns IPv6,name',
      ['IPV6         NAME', '-            web1', '2001:db8::2  say "hi"', '-            new1'],
    ],
    ['--columns name --no-header --sort ipv6:desc', ['say "hi"', 'web1', 'new1']],
    [
      '--columns all --no-header',
      [
        '1  web1      a,b  0s ago      203.0.113.1  203.0.113.1  -',
        '2  say "hi"  no   1h 30m ago  203.0.113.2  203.0.113.2  2001:db8::2',
        '3  new1      -    never       -            -            -',
      ],
    ],
  ])('%s', async (flags, lines) => {
    const {environment} = await nezhaSandbox(world)
    expect(await cli(`nezha server list ${flags}`, {env: environment})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: lines.map(line => `${line}\n`).join(''),
    })
  })

  test.each([
    ['--columns nope', 'no column "nope"', 'columns: id, name, tag, last_active, ip, ipv4, ipv6'],
    ['--columns id,', 'no column ""', 'columns: id, name, tag, last_active, ip, ipv4, ipv6'],
    ['--sort nope', 'no column "nope"', 'columns: id, name, tag, last_active, ip, ipv4, ipv6'],
    ['--sort id:up', 'cannot sort by "id:up"', 'write --sort id, id:asc or id:desc'],
    [
      '--columns id -o json',
      '--columns goes with -o table and -o csv, not with -o json',
      'leave out --columns, or use -o csv',
    ],
    [
      '--no-header -o id',
      '--no-header goes with -o table and -o csv, not with -o id',
      'leave out --no-header, or use -o csv',
    ],
    [
      '--jq . --columns id',
      '--columns goes with tables and csv, not with --jq',
      'leave out --columns or --jq',
    ],
    ['--json -o yaml', '--json and -o yaml contradict each other', 'give one of them'],
    [
      '-o xml',
      'expected --output=xml to be one of: table, json, yaml, csv, ndjson, id',
      'panelctl nezha server list --help',
    ],
  ])('refuses %s before any request', async (flags, message, hint) => {
    const sandbox = await nezhaSandbox()
    const outcome = await cli(`nezha server list ${flags}`, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    const {stderr} = outcome
    if (stderr.startsWith('{')) expect(JSON.parse(stderr)).toMatchObject({error: {message, hint}})
    else expect(stderr).toBe(`panelctl: ${message}\nhint: ${hint}\n`)
    expect(paths(sandbox)).toEqual([])
  })

  test('takes the format from PANELCTL_OUTPUT, and a flag before that', async () => {
    const {environment} = await nezhaSandbox({servers: [{name: 'web1'}]})
    const env = {...environment, PANELCTL_OUTPUT: 'id'}
    expect((await cli('nezha server list', {env})).stdout).toBe('1\n')
    expect((await cli('nezha server list -o csv --columns name', {env})).stdout).toBe('name\nweb1\n')
    expect(await cli('nezha server list', {env: {...env, PANELCTL_OUTPUT: 'xml'}})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'panelctl: PANELCTL_OUTPUT is "xml"\nhint: set it to one of table, json, yaml, csv, ndjson, id\n',
    })
  })

  test('fits tables into a terminal, names what found no room, and cuts nothing in a pipe', async () => {
    const {environment: env} = await nezhaSandbox(world)
    const line = 'nezha server list --columns id,name,ipv6,tag'
    const run = (more: object) => cli(line, {env, tty: {stdout: true}, ...more})
    const narrow = {
      exitCode: 0,
      stdout: 'ID  NAME\n 1  web1\n 2  say "hi"\n 3  new1\n',
      stderr: 'left out for want of room: ipv6, tag; choose with --columns, or pipe into less -S\n',
    }
    expect(await run({columns: 16})).toEqual(narrow)
    const whole = (await cli(line, {env, columns: 16})).stdout
    expect(whole).toContain(' 2  say "hi"  2001:db8::2  ')
    expect(await run({columns: 16, env: {...env, COLUMNS: '200'}})).toMatchObject({stdout: whole, stderr: ''})
    expect(await run({columns: 0, env: {...env, COLUMNS: '16'}})).toEqual(narrow)
    for (const COLUMNS of ['', '0', 'wide', '-1'])
      expect(await run({columns: 16, env: {...env, COLUMNS}})).toEqual(narrow)
    expect((await cli(line, {env: {...env, COLUMNS: '16'}})).stdout).toBe(whole)
    expect((await cli(`${line} --quiet`, {env, tty: {stdout: true}, columns: 16})).stderr).toBe('')
  })

  test('has colour where it is forced or on a terminal, unless NO_COLOR or --no-color say no', async () => {
    const {environment: env} = await nezhaSandbox(world)
    const dim = '\u001b[2mnever\u001b[22m'
    const coloured = async (flags: string, more: object, tty: object = {}) =>
      (await cli(`nezha server list ${flags}`, {env: {...env, ...more}, tty})).stdout.includes(dim)
    expect(await coloured('', {})).toBe(false)
    expect(await coloured('', {FORCE_COLOR: '1'})).toBe(true)
    expect(await coloured('', {TERM: 'xterm'}, {stdout: true})).toBe(true)
    expect(await coloured('', {NO_COLOR: '1', TERM: 'xterm'}, {stdout: true})).toBe(false)
    expect(await coloured('--no-color', {FORCE_COLOR: '1'})).toBe(false)
  })
})

describe('PANELCTL_OUTPUT is a preference', () => {
  const folder = () => ({PANELCTL_CONFIG_DIR: temporaryFolder()})

  test.each(['csv', 'id'])('%s gives way where a result has neither rows nor ids', async format => {
    const {environment, url} = await nezhaSandbox()
    const env = {...folder(), PANELCTL_OUTPUT: format}
    const login = ['nezha', 'login', '--with-token', '--no-check', '--store', 'file', '--quiet', '--url', url]
    const plain = {exitCode: 0, stderr: ''}
    expect(await cli(login, {env, stdin: 'token'})).toEqual({...plain, stdout: ''})
    expect(await cli('context use nezha --quiet', {env})).toEqual({...plain, stdout: ''})
    const panel = {...environment, PANELCTL_OUTPUT: format}
    expect(await cli('nezha server register --name x --quiet', {env: panel})).toEqual({
      ...plain,
      stdout: expect.stringMatching(/^\w{18}\n$/),
    })
    expect((await cli('nezha api GET /api/v1/server/list', {env: panel})).exitCode).toBe(0)
    expect(
      (await cli('sandbox -- true', {env: {PATH: process.env.PATH, PANELCTL_OUTPUT: format}})).exitCode,
    ).toBe(0)
  })

  test.each(['json', 'yaml', 'ndjson', 'id'])(
    '%s gives way to --columns, which wants a table',
    async format => {
      const {environment} = await nezhaSandbox(world)
      const env = {...environment, PANELCTL_OUTPUT: format}
      expect(await cli('nezha server list --columns name --sort id', {env})).toEqual({
        exitCode: 0,
        stderr: '',
        stdout: 'NAME\nweb1\nsay "hi"\nnew1\n',
      })
      expect(await cli('nezha server show 1 --columns name,tag', {env})).toMatchObject({
        exitCode: 0,
        stdout: 'NAME  web1\nTAG   a,b\n',
      })
    },
  )

  test('what was asked for by -o does not give way, nor do flags that fit no format', async () => {
    const env = {...folder(), PANELCTL_OUTPUT: 'csv'}
    expect(await cli('context use nezha -o csv', {env})).toMatchObject({exitCode: 2, stdout: ''})
    expect(await cli('nezha server list -o json --columns name', {env})).toMatchObject({
      exitCode: 2,
      stdout: '',
    })
    expect(await cli('nezha login --columns name', {env})).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('this result has no columns'),
    })
  })

  test('--watch in a format that is no stream prints a document a line', async () => {
    const {environment} = await nezhaSandbox(world)
    const interruption = new AbortController()
    const {stdout} = await cli('nezha server list --watch', {
      env: {...environment, PANELCTL_OUTPUT: 'yaml'},
      signal: interruption.signal,
      written: () => interruption.abort(new Interrupted(130)),
    })
    expect(JSON.parse(stdout)).toHaveLength(3)
  })

  test.each([
    [
      {PANELCTL_OUTPUT: 'xml'},
      'PANELCTL_OUTPUT is "xml"',
      'set it to one of table, json, yaml, csv, ndjson, id',
    ],
    [
      {PANELCTL_TIMEOUT: '5'},
      'PANELCTL_TIMEOUT: "5" is not a duration',
      'write it as 500ms, 30s, 5m, 2h or 7d',
    ],
  ])('a value that is none is a usage error: %j', async (env, message, hint) => {
    expect(await cli('context list', {env})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: ${message}\nhint: ${hint}\n`,
    })
  })
})

test('an empty list on a terminal leaves out no column', async () => {
  const {environment: env} = await nezhaSandbox({servers: []})
  const outcome = await cli('nezha server list --no-header', {env, tty: {stdout: true}})
  expect(outcome).toEqual({exitCode: 0, stdout: '', stderr: 'no servers\n'})
})

test('a text without anything to see is - in a table', async () => {
  const servers = [{name: 'web1', tag: '\u001b[31m\u001b[0m'}]
  const {environment: env} = await nezhaSandbox({servers})
  expect((await cli('nezha server list --columns id,tag --no-header', {env})).stdout).toBe('1  -\n')
})

test('csv on a terminal has no escape sequences; in a pipe the text stays as it is', async () => {
  const tag = '\u001b]0;x\u0007a\u001b[2Jb\u009b31m'
  const {environment: env} = await nezhaSandbox({servers: [{name: 'web1', tag}]})
  const line = 'nezha server list -o csv --columns tag --no-header'
  expect((await cli(line, {env})).stdout).toBe(`${tag}\n`)
  expect((await cli(line, {env, tty: {stdout: true}})).stdout).toBe('ab\n')
  const shown = await cli('nezha server show web1 -o csv', {env, tty: {stdout: true}})
  // biome has a rule against control characters in expressions.
  expect([...shown.stdout].filter(character => character < ' ' || character === '\u009b')).toEqual([
    '\n',
    '\n',
  ])
})

test.each([
  'nezha server list --interval 5s',
  'nezha server show 1 --interval 5s',
  'komari node status --interval 5s',
])('--interval goes with what repeats: %s', async line => {
  const outcome = await cli(line, {})
  expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
  expect(outcome.stderr).toMatch(/--interval goes with --(watch|follow)/)
})
