import {execFile} from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import http, {type IncomingMessage} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {PassThrough} from 'node:stream'
import {text} from 'node:stream/consumers'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {Program} from '../../src/lib/command/main.js'
import {isObject} from '../../src/lib/json-object.js'
import type {Resource} from '../../src/lib/resource/resource.js'
import {now, type Outcome, root, words} from '../harness.js'

const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')

/** The files that the page shows: each ```ts block by the path in its first line. */
const files = [...page.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(([, path = '', code = '']) => ({
  path,
  code,
}))

/** `src/commands/nezha/alert/list.ts` is `nezha:alert:list`. */
function commandId(path: string): string {
  return path.replace(/^src\/commands\/|\.ts$/g, '').replaceAll('/', ':')
}

const resourceFiles = files.filter(({path}) => /\/(resources|window)\//.test(path))
const listFiles = files.filter(file => !resourceFiles.includes(file))
const command = listFiles.find(({path}) => path.startsWith('src/commands/'))
const endpoint = listFiles.find(({path}) => path.startsWith('src/lib/panels/'))

describe('the new commands of ARCHITECTURE.md', () => {
  // A copy of the sources with the page's files in it, as the page's imports are relative.
  let copy: string
  let main: (argv: readonly string[], program: Program) => Promise<number>
  let server: http.Server
  let requests: IncomingMessage[]

  beforeAll(async () => {
    copy = mkdtempSync(join(tmpdir(), 'panelctl-architecture-'))
    cpSync(join(root, 'src'), join(copy, 'src'), {recursive: true})
    cpSync(join(root, 'tsconfig.json'), join(copy, 'base.json'))
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
    for (const {path, code} of files) {
      mkdirSync(dirname(join(copy, path)), {recursive: true})
      writeFileSync(join(copy, path), code)
    }
    writeFileSync(join(copy, 'package.json'), '{"type": "module"}')
    writeFileSync(
      join(copy, 'tsconfig.json'),
      JSON.stringify({extends: './base.json', include: [], files: files.map(({path}) => path)}),
    )
    main = (await import(join(copy, 'src/lib/command/main.ts'))).main
    requests = []
    server = http.createServer((request, response) => {
      requests.push(request)
      if (request.url?.startsWith('/api/v1/window') || request.url === '/api/v1/server')
        return void keepWindow(request, response)
      const isAllowed = request.headers.authorization === 'good'
      const answer = isAllowed
        ? {
            code: 0,
            message: 'success',
            result: [
              {id: 12, name: 'disk', enabled: false},
              {id: 3, name: 'cpu', enabled: true},
            ],
          }
        : {code: 403, message: 'no'}
      response.setHeader('content-type', 'application/json; charset=utf-8')
      response.end(JSON.stringify(answer))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  })

  afterAll(() => {
    server?.close()
    if (copy) rmSync(copy, {recursive: true, force: true})
  })

  /** A dashboard that keeps windows, and knows one server. */
  const kept: object[] = []
  async function keepWindow(request: IncomingMessage, response: http.ServerResponse) {
    const body = request.method === 'POST' ? JSON.parse(await text(request)) : undefined
    if (body) kept.push({id: kept.length + 1, ...body})
    const data = body
      ? kept.length
      : request.url === '/api/v1/server'
        ? [{id: 7, name: 'web1', last_active: ''}]
        : kept
    response.setHeader('content-type', 'application/json; charset=utf-8')
    response.end(JSON.stringify({success: true, data}))
  }

  async function cli(line: string, token = 'good'): Promise<Outcome> {
    const {port} = server.address() as AddressInfo
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const path = command?.path ?? ''
    const exitCode = await main(words(line), {
      io: {stdin, stdout, stderr},
      env: {NEZHA_DASHBOARD_URL: `http://127.0.0.1:${port}`, NEZHA_TOKEN: token},
      root,
      version: '0.0.0-test',
      now: () => now,
      signal: new AbortController().signal,
      ids: [commandId(path), 'nezha:window:create'],
      panels: async () => [],
      load: async id =>
        (await import(join(copy, id === commandId(path) ? path : 'src/commands/nezha/window/create.ts')))
          .default,
    })
    stdout.end()
    stderr.end()
    return {exitCode, stdout: await text(stdout), stderr: await text(stderr)}
  }

  test('is an endpoint and a command, under 25 lines together', () => {
    expect(listFiles).toHaveLength(2)
    expect([endpoint, command]).not.toContain(undefined)
    // What does not exist yet, or the page would show an old command.
    expect(files.filter(({path}) => existsSync(join(root, path)))).toEqual([])
    const lines = listFiles.flatMap(({path, code}) => [`// ${path}`, ...code.trimEnd().split('\n')])
    expect(lines.length).toBeLessThan(25)
    expect(lines.filter(line => line.length > 110)).toEqual([])
  })

  test('compiles in strict mode, without a cast', async () => {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const compile = promisify(execFile)(process.execPath, [tsc, '--project', copy, '--strict'])
    expect(await compile.catch(({stdout}) => ({stdout, stderr: 'failed'}))).toEqual({stdout: '', stderr: ''})
    for (const {code} of files) expect(code).not.toMatch(/\bas (?!z\b)|\bany\b|@ts-/)
  }, 60_000)

  test('a resource is a declaration of at most 40 lines, and a verb a file of at most 5', () => {
    const [declaration, verb, ...others] = resourceFiles
    expect(others).toEqual([])
    expect(declaration?.code.trimEnd().split('\n').length).toBeLessThanOrEqual(40)
    expect(verb?.code.trimEnd().split('\n').length).toBeLessThanOrEqual(5)
  })

  test('a resource is made by its fields, with names for ids', async () => {
    const made = await cli(
      'nezha window create night --minutes 30 --server web1 --starts 2027-01-01T01:00:00+01:00 -o json',
      'nzp_x',
    )
    expect(made).toMatchObject({exitCode: 0})
    expect(kept).toEqual([
      {id: 1, name: 'night', servers: [7], starts: '2027-01-01T00:00:00Z', minutes: 30, silent: false},
    ])
    expect(JSON.parse(made.stdout)).toMatchObject({name: 'night', servers: ['web1'], changed: true})
    expect(await cli('nezha window create day --minutes 9999', 'nzp_x')).toMatchObject({exitCode: 2})
  })

  test('prints a table, sorted', async () => {
    expect(await cli('nezha incident list')).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: ['ID  NAME  ENABLED', ' 3  cpu   yes', '12  disk  no', ''].join('\n'),
    })
    expect(requests.at(-1)).toMatchObject({method: 'GET', url: '/api/v1/incident/list'})
  })

  test('has the formats, columns and order of every list', async () => {
    const {stdout} = await cli('nezha incident list -o json')
    expect(JSON.parse(stdout)).toEqual([
      {id: 3, name: 'cpu', enabled: true},
      {id: 12, name: 'disk', enabled: false},
    ])
    expect((await cli('nezha incident list -o id')).stdout).toBe('3\n12\n')
    expect((await cli('nezha incident list --columns name --sort name:desc')).stdout).toBe(
      'NAME\ndisk\ncpu\n',
    )
  })

  test('fails as every command does', async () => {
    const refused = await cli('nezha incident list -o json', 'bad')
    expect(refused).toMatchObject({exitCode: 4, stdout: ''})
    expect(JSON.parse(refused.stderr)).toMatchObject({error: {code: 'AUTH', exitCode: 4, panel: 'nezha'}})
    expect(await cli('nezha incident list --columns none')).toMatchObject({exitCode: 2, stdout: ''})
  })

  test('has examples that run', async () => {
    const examples = [...(command?.code.matchAll(/'(nezha incident list[^']*)'/g) ?? [])].map(
      ([, line = '']) => line,
    )
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) expect(await cli(example)).toMatchObject({exitCode: 0})
  })
})

test('the files that ARCHITECTURE.md names exist', () => {
  const named = [...page.matchAll(/`((?:src|bin|test|scripts)\/[\w./-]*)`/g)].map(([, path = '']) => path)
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(path => !existsSync(join(root, path)))).toEqual([])
})

/** What panels keep, whose commands come out of a declaration. */
async function keptByPanels(): Promise<Resource[]> {
  const panels = join(root, 'src/lib/panels')
  const paths = readdirSync(panels, {recursive: true, encoding: 'utf8'}).filter(path =>
    /^\w+\/resources\/[\w-]+\.ts$/.test(path),
  )
  const modules = await Promise.all(paths.map(path => import(join(panels, path))))
  const isResource = (value: unknown): value is Resource => isObject(value) && 'topic' in value
  return [...new Set(modules.flatMap(module => Object.values(module).filter(isResource)))]
}

test('a verb of what a panel keeps is a file of at most five lines, also one that it alone has', async () => {
  const folders = (await keptByPanels()).map(({topic}) => join('src/commands', ...topic.split(' ')))
  const verbs = folders.flatMap(folder =>
    readdirSync(join(root, folder)).map(name => {
      const code = readFileSync(join(root, folder, name), 'utf8')
      return {folder, path: join(folder, name), code, lines: code.trimEnd().split('\n').length}
    }),
  )
  // Of what older versions have otherwise, and of machines, the list is a command of its own, and so may others be.
  const whole = new Set(
    verbs.flatMap(({folder, code}) => (/\b(resourceList|settingsShow)\(/.test(code) ? folder : [])),
  )
  expect(whole.size).toBeGreaterThan(12)
  expect(verbs.filter(({folder, lines}) => whole.has(folder) && lines > 5).map(({path}) => path)).toEqual([])
})
