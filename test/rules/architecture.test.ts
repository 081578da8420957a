import {execFile} from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
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

const command = files.find(({path}) => path.startsWith('src/commands/'))
const endpoint = files.find(({path}) => path.startsWith('src/lib/panels/'))

describe('the new list command of ARCHITECTURE.md', () => {
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
      ids: [commandId(path)],
      panels: async () => [],
      load: async () => (await import(join(copy, path))).default,
    })
    stdout.end()
    stderr.end()
    return {exitCode, stdout: await text(stdout), stderr: await text(stderr)}
  }

  test('is an endpoint and a command, under 25 lines together', () => {
    expect(files).toHaveLength(2)
    expect([endpoint, command]).not.toContain(undefined)
    // What does not exist yet, or the page would show an old command.
    expect(files.filter(({path}) => existsSync(join(root, path)))).toEqual([])
    const lines = files.flatMap(({path, code}) => [`// ${path}`, ...code.trimEnd().split('\n')])
    expect(lines.length).toBeLessThan(25)
    expect(lines.filter(line => line.length > 110)).toEqual([])
  })

  test('compiles in strict mode, without a cast', async () => {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const compile = promisify(execFile)(process.execPath, [tsc, '--project', copy, '--strict'])
    expect(await compile.catch(({stdout}) => ({stdout, stderr: 'failed'}))).toEqual({stdout: '', stderr: ''})
    for (const {code} of files) expect(code).not.toMatch(/\bas (?!z\b)|\bany\b|@ts-/)
  }, 60_000)

  test('prints a table, sorted', async () => {
    expect(await cli('nezha incident list')).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: ['ID  NAME  ENABLED', ' 3  cpu   true', '12  disk  false', ''].join('\n'),
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
