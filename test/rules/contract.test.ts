import {cpSync, mkdtempSync, rmSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {Command} from '../../src/lib/command/command.js'
import {exitCodes} from '../../src/lib/errors.js'
import {panels} from '../../src/lib/panels/index.js'
import {withFlags} from '../example-lines.js'
import {cli, commandIds, loadCommand, type Outcome, temporaryFolder} from '../harness.js'

/** Where nothing listens. */
const refusing = 'http://127.0.0.1:1'

const commands: readonly (readonly [string, Command])[] = await Promise.all(
  commandIds.map(async id => [id, await loadCommand(id)] as const),
)

/** What a person types, up to where the shell takes over; no output flags and no address of its own. */
function typed(example: string): string {
  return (example.split(/ [|<>] ?/)[0] ?? '')
    .replace(/ (-o \w+|--json)/g, '')
    .replace(/https?:\/\/\S+/g, refusing)
}

const dataExits = [0, 8, 9, 11, 12]

/** Rules 1 to 4 of design §4, for a run with `-o json`. */
function expectContract({stdout, stderr, exitCode}: Outcome, line: string): void {
  if (dataExits.includes(exitCode)) expect(() => JSON.parse(stdout), line).not.toThrow()
  else expect(stdout, line).toBe('')
  const lines = stderr === '' ? [] : stderr.replace(/\n$/, '').split('\n')
  const kinds = lines.map(text => {
    const keys = Object.keys(JSON.parse(text))
    expect(keys, line).toHaveLength(1)
    return keys[0]
  })
  expect(kinds.slice(0, -1).filter(kind => kind !== 'note' && kind !== 'warning')).toEqual([])
  if (exitCode === 0) return
  expect(kinds.at(-1), line).toBe('error')
  const {error} = JSON.parse(lines.at(-1) ?? '')
  const {code, message} = error
  expect(exitCodes[code as keyof typeof exitCodes], line).toBe(exitCode)
  expect(error.exitCode).toBe(exitCode)
  expect(code).not.toBe('UNEXPECTED')
  expect(message).toMatch(/^\S[^\n]*$/)
  expect(
    Object.keys(error).every(key =>
      ['code', 'exitCode', 'reason', 'message', 'hint', 'panel', 'status'].includes(key),
    ),
  ).toBe(true)
  if ('reason' in error) expect(['exists', 'missing', 'untold']).toContain(error.reason)
}

/** The formats that an example's own flags leave open: a drawing is for people, and a stream has no end for YAML. */
function formatsOf(line: string): string[] {
  if (line.includes('--chart')) return ['table']
  return ['table', 'json', 'ndjson', ...(line.includes('--follow') ? [] : ['yaml'])]
}

/** A folder with a context of every name that examples use, at an address where nothing listens: made once, and copied. */
let loggedIn: string | undefined
afterAll(() => loggedIn && rmSync(loggedIn, {recursive: true}))

async function contexts(): Promise<string> {
  loggedIn ??= await logIn(mkdtempSync(join(tmpdir(), 'panelctl-test-')))
  const folder = temporaryFolder()
  cpSync(loggedIn, folder, {recursive: true})
  return folder
}

async function logIn(folder: string): Promise<string> {
  const named = panels.map(({panel, methods: [{kind}]}) => ({topic: panel.name, name: panel.name, kind}))
  for (const {topic, name, kind} of [...named, {topic: 'nezha', name: 'lab', kind: 'token'}]) {
    const login = `${topic} login --url ${refusing} --context ${name} --with-${kind} --no-check`
    const {exitCode} = await cli(login, {env: {PANELCTL_CONFIG_DIR: folder}, stdin: 'secret-token'})
    expect(exitCode).toBe(0)
  }
  return folder
}

/** Every panel that there is, at one address. */
function environment(url: string): Record<string, string> {
  return Object.fromEntries(
    panels.flatMap(
      ({
        panel: {
          urlVariable,
          credentialVariables: [first],
        },
      }) => [
        [urlVariable, url],
        [first?.variable ?? '', 'secret-token'],
      ],
    ),
  )
}

const refused = environment(refusing)
const talking = commands.filter(([, command]) => !command.endsItself)

describe.each(talking)('%s keeps the contract', (_id, command) => {
  const lines = command.examples.map(typed)

  test.each(lines)('with nothing set up: %s', async line => {
    expectContract(await cli(withFlags(line, '-o json')), line)
  })

  test.each(lines)('with contexts of panels that refuse connections: %s', async line => {
    const folder = await contexts()
    const outcome = await cli(withFlags(line, '-o json --retries 0'), {env: {PANELCTL_CONFIG_DIR: folder}})
    expectContract(outcome, line)
  })

  test.each(lines)(
    'with a panel that refuses connections, with one exit code in every format: %s',
    async line => {
      const codes: Record<string, number> = {}
      for (const format of formatsOf(line)) {
        const {stdout, stderr, exitCode} = await cli(withFlags(line, `-o ${format} --retries 0`), {
          env: refused,
        })
        codes[format] = exitCode
        expect(stdout + stderr).not.toContain('secret-token')
        if (exitCode !== 0) expect(stdout).toBe('')
        if (format === 'json') expectContract({stdout, stderr, exitCode}, line)
        else if (exitCode !== 0 && format !== 'ndjson')
          expect(stderr).toMatch(/(^|\n)panelctl: [^\n]+\n(hint: [^\n]+\n)?$/)
      }
      expect(new Set(Object.values(codes)).size, JSON.stringify(codes)).toBe(1)
    },
  )

  test('--quiet leaves only errors on stderr', async () => {
    for (const line of lines) {
      const {stderr, exitCode} = await cli(withFlags(line, '-o json --retries 0 --quiet'), {env: refused})
      expect(stderr.trimEnd().split('\n').filter(Boolean).length).toBe(exitCode === 0 ? 0 : 1)
    }
  })

  test('an address that is none is refused', async () => {
    for (const line of lines) {
      const outcome = await cli(withFlags(line, '--url nope -o json'))
      // Commands that talk to no panel have no use for it; what config get looks for is not set.
      if (outcome.exitCode !== 0) expect(outcome.exitCode, line).toBe(line === 'config get output' ? 3 : 2)
      expectContract(outcome, line)
    }
  })
})

/** Topics of commands that talk to no panel by themselves. */
const local = ['completion', 'config', 'context', 'sandbox', 'version']
/** Commands none of whose examples gets as far as a request here, and why. */
const silent: Readonly<Record<string, string>> = {
  'nezha:logout': 'there is no context, and a token has no end on the panel',
  'komari:logout': 'there is no context',
  'openidcs:logout': 'there is no context, and a token has no end on the panel',
  ...Object.fromEntries(
    ['nezha', 'komari'].flatMap(panel => [
      [`${panel}:apply`, 'there is no file'],
      [`${panel}:schema`, 'it asks no panel'],
    ]),
  ),
}

/** What a command that wants more than an empty document reads from stdin. */
const documents: Readonly<Record<string, string>> = {
  'openidcs:vm:report': '{"cpu_usage": 7}',
  // It has no name.
  'komari:notification:edit': '{"grace_period": 300}',
}

/** An answer of what stands before a panel, or of another program: no word of it is the panel's. */
interface Foreign {
  readonly status: number
  readonly type?: string
  readonly body: string
  readonly exitCode: number
  /** It may be data. */
  readonly bare?: true
}

const foreign: readonly [Foreign, ...Foreign[]] = [
  {status: 200, type: 'text/html', body: '<title>Sign in</title>', exitCode: 10},
  {status: 404, type: 'text/html', body: '<title>404</title>', exitCode: 10},
  {status: 404, body: '{"message":"no Route matched with those values"}', exitCode: 10},
  {status: 404, body: '{"detail":"Not Found"}', exitCode: 10},
  {status: 403, body: '{"error":"RBAC: access denied"}', exitCode: 10},
  {status: 400, body: '{"error":"bad","message":"bad"}', exitCode: 10},
  {status: 404, body: '{"code":404,"msg":"no route"}', exitCode: 10},
  {status: 404, body: '{"code":404,"message":"no route"}', exitCode: 10},
  {status: 400, body: '{"code":400,"msg":"bad","message":"bad"}', exitCode: 10},
  {status: 405, body: '{"code":405,"msg":"no","message":"no","data":null}', exitCode: 10},
  {status: 403, body: '{"code":403,"message":"IP not allowed"}', exitCode: 10},
  {status: 413, type: 'text/html', body: '<title>413 Request Entity Too Large</title>', exitCode: 10},
  {status: 304, body: '', exitCode: 10},
  {status: 401, body: '{"message":"Unauthorized"}', exitCode: 4},
  {status: 401, body: '{"code":401,"msg":"token expired","message":"token expired"}', exitCode: 4},
  {status: 503, body: '{"message":"no healthy upstream"}', exitCode: 6},
  {status: 200, body: '{"message":"hello"}', exitCode: 10, bare: true},
  {status: 200, body: '{"status":"ok"}', exitCode: 10, bare: true},
  {status: 200, body: '{"code":0}', exitCode: 10, bare: true},
  {status: 200, body: '{"code":0,"msg":"ok","data":null}', exitCode: 10, bare: true},
  {status: 202, body: '{"code":200,"msg":"accepted"}', exitCode: 10, bare: true},
  {status: 200, body: '{"error":"not here"}', exitCode: 10, bare: true},
  {status: 200, body: '{"ok":true,"result":[]}', exitCode: 10, bare: true},
  {status: 200, body: '[]', exitCode: 10, bare: true},
  {status: 200, body: '{}', exitCode: 10, bare: true},
  {status: 200, body: 'null', exitCode: 10},
  {status: 200, body: '""', exitCode: 10},
  {status: 204, body: '', exitCode: 10},
  {status: 200, body: '{"code":1e400,"message":"x","msg":"x","data":null}', exitCode: 10, bare: true},
]

describe('with a foreign answer in place of every one', () => {
  let arrived = 0
  let asking = ''
  let answer = foreign[0]
  const server = createServer(({method, url}, response) => {
    arrived += 1
    // What is asked beside a write, or after it, leaves it the one that is judged.
    if (!/^(POST|PUT|PATCH|DELETE)/.test(asking)) asking = `${method} ${url}`
    const {status, body, type = 'application/json'} = answer
    response.writeHead(status, {'content-type': type}).end(body)
  }).on('upgrade', (_request, socket) => {
    arrived += 1
    const {status, body, type = 'application/json'} = answer
    socket.end(
      `HTTP/1.1 ${status} X\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  })
  beforeAll(() => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve)))
  afterAll(() => server.close())

  test('help names the variables that each panel reads', () => {
    for (const {panel, variables} of panels) {
      const read = [panel.urlVariable, ...panel.credentialVariables.map(({variable}) => variable)]
      expect(variables.map(([name]) => name)).toEqual(expect.arrayContaining(read))
    }
  })

  test('each topic is a panel of the table, or talks to none', () => {
    const topics = new Set(commandIds.map(id => id.split(':')[0] ?? ''))
    expect([...topics].toSorted()).toEqual([...panels.map(({panel}) => panel.name), ...local].toSorted())
  })

  test.each(talking.filter(([id]) => !local.includes(id.split(':')[0] ?? '')))(
    '%s asks its panel, and takes nothing foreign for its answer',
    async (id, command) => {
      const {port} = server.address() as AddressInfo
      const url = `http://127.0.0.1:${port}`
      let asked = 0
      // Where the first request fails, examples that begin with one and mean the same by a failure are one.
      const judged = new Set<string>()
      for (const example of command.examples) {
        // What it reads from a file comes from stdin here.
        const line = typed(example)
          .replaceAll(refusing, url)
          .replace(/--file \S+/, '--file -')
        // What `--raw` is for is any answer as it came.
        if (line.includes('--raw')) continue
        // Without a field an edit asks nobody, and then a late request of the example before is taken for its own.
        const stdin = documents[id] ?? (/:edit$|:setting:set$/.test(id) ? '{"name": "x"}' : '{}')
        const options = {env: environment(url), stdin}
        const wrong: string[] = []
        // Komari has bare answers, and what a path gives nobody but its endpoint knows.
        const believed = id === 'komari:api' ? foreign.filter(({bare}) => !bare) : foreign
        for (const one of believed) {
          answer = one
          asking = ''
          const before = arrived
          const outcome = await cli(withFlags(line, '-o json --retries 0'), options)
          expectContract(outcome, line)
          if (arrived === before) break
          const means = [asking, ...(line.match(/--(if|wait|watch|follow|retry)[\w-]*( skip)?/g) ?? [])].join(
            ' ',
          )
          if (one === foreign[0] && judged.has(means)) break
          judged.add(means)
          // A write without a usable answer is in doubt; what Komari's RPC does is in the body.
          const leavesOpen = !asking.startsWith('GET') && (one.status === 503 || one.status < 300)
          const mayRead = !leavesOpen || asking.endsWith('/api/rpc2')
          // Komari lists its agents bare: none is an answer, and then the node is not there.
          const isEmpty = one.body === '[]' && asking === 'GET /api/admin/client/list'
          const isRight =
            (leavesOpen && outcome.exitCode === 7) ||
            (isEmpty && outcome.exitCode === 3) ||
            (mayRead && outcome.exitCode === one.exitCode)
          if (!isRight)
            wrong.push(`${asking} ${one.status} ${one.body}: ${outcome.exitCode} ${outcome.stdout}`)
          if (one !== foreign[0]) continue
          asked += 1
          // The same line, where nothing listens.
          const unreached = await cli(withFlags(line.replaceAll(url, refusing), '-o json --retries 0'), {
            env: environment(refusing),
            stdin,
          })
          expect(unreached, line).toMatchObject({stdout: '', exitCode: 6})
        }
        expect(wrong, line).toEqual([])
      }
      expect(asked > 0, id).toBe(!Object.hasOwn(silent, id))
    },
  )
})

describe.each(commands)('%s refuses what it does not know', (id, command) => {
  const line = id.replaceAll(':', ' ')
  const required = Object.values(command.args).flatMap(({required, options}) =>
    required ? [options?.[0] ?? 'x'] : [],
  )
  const takesMore = Object.values(command.args).some(({multiple}) => multiple)
  const whole = [line, ...required].join(' ')

  test.each([
    '--no-such-flag',
    '--no-such-flag=1',
    '-Z',
    '--timeout soon',
    '--timeout 0s',
    '--timeout',
    '--retries 21',
    '--retries -1',
    '--retries x',
    '--json -o yaml',
    '--columns a',
    '--no-header',
    '--columns a -o yaml',
  ])('%s', async flags => {
    const output = flags.includes('-o') ? '' : '-o json'
    const outcome = await cli(`${whole} ${output} ${flags}`, {env: {...refused, PANELCTL_OUTPUT: 'json'}})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    if (flags !== '--columns a -o yaml' && flags !== '--json -o yaml') expectContract(outcome, flags)
  })

  test('a surplus argument', async () => {
    if (takesMore) return
    const outcome = await cli(
      `${[line, ...Object.keys(command.args).map(() => 'x')].join(' ')} extra -o json`,
    )
    expect(outcome.exitCode).toBe(2)
    expectContract(outcome, line)
  })

  test('a missing argument', async () => {
    if (required.length === 0) return
    const outcome = await cli(`${line} -o json`, {env: refused, stdin: 'not for an argument\n'})
    expect(outcome.exitCode).toBe(2)
    expectContract(outcome, line)
    expect(outcome.stderr).toContain('missing argument')
  })

  test('a format that PANELCTL_OUTPUT has wrong', async () => {
    expect(await cli(whole, {env: {...refused, PANELCTL_OUTPUT: 'xml'}})).toMatchObject({
      exitCode: 2,
      stdout: '',
    })
  })
})
