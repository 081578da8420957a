import {execFile} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest'
import {startSandbox} from '../../src/lib/sandbox/start.js'
import {cli, nezhaSandbox, root} from '../harness.js'
import {readPage} from '../pages.js'

/** What a user has: a folder with the packed package installed in it, and the examples of the guide. */
const folder = mkdtempSync(join(tmpdir(), 'panelctl-library-'))
const page = readPage('docs/guide/library.md')
const examples = page.blocks.filter(({language}) => language === 'ts')
const run = promisify(execFile)
const npm = (...args: string[]) => run('npm', [...args, '--ignore-scripts'], {cwd: folder})

/** What a user would like to hear of: a field, an input, an option and a panel that there are not. */
const wrong = [
  "import {connect} from 'panelctl/client'",
  "for (const {name} of await connect('nezha').servers()) name.length",
  "for (const {name} of await connect('nezha').servers()) name.nothing",
  "await connect('nezha').servers({tags: 'x'})",
  "await connect('komari').showTask({path: {uuid: 'x'}})",
  "connect('openidcs', {cookie: 'x'})",
  "connect('proxmox')",
]

/** What the compiler says, as a user runs it: strictly, and looking at the types of the package too. */
let said = ''

beforeAll(async () => {
  await run(process.execPath, [join(root, 'scripts', 'client-types.js')])
  await npm('pack', root)
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
  const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  await npm('install', '--offline', '--no-audit', '--no-fund', join(folder, `panelctl-${version}.tgz`))
  for (const [index, {text}] of examples.entries()) writeFileSync(join(folder, `example${index}.ts`), text)
  writeFileSync(join(folder, 'wrong.ts'), wrong.join('\n'))
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    strict: true,
    noUncheckedIndexedAccess: true,
    typeRoots: [join(root, 'node_modules', '@types')],
    types: ['node'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({compilerOptions}))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  said = await run(process.execPath, [tsc], {cwd: folder}).then(
    () => '',
    ({stdout}) => stdout,
  )
}, 180_000)
afterAll(() => rmSync(folder, {recursive: true, force: true}))

type Environment = Readonly<Record<string, string | undefined>>

/** A script of the user, with nothing in its environment but what is given. */
async function script(
  args: readonly string[],
  env: Environment = {},
): Promise<{stdout: string; stderr: string; code?: number}> {
  const own = {PATH: process.env.PATH, HOME: folder, PANELCTL_STATE_DIR: folder}
  return run(process.execPath, [...args], {cwd: folder, env: {...own, ...env}}).catch(error => error)
}

/** What these lines print. */
function printed(lines: string, env?: Environment) {
  return script(
    ['--input-type=module', '-e', `import {connect, PanelctlError} from 'panelctl/client'\n${lines}`],
    env,
  )
}

/** What a call rejects with, as a script sees it. */
async function failure(call: string, env?: Environment) {
  const {stdout, stderr} = await printed(
    `import {inspect} from 'node:util'
    try {
      await ${call}
    } catch (error) {
      const {code, exitCode, message, hint, panel, status} = error
      const isOurs = error instanceof PanelctlError && error instanceof Error
      console.log(JSON.stringify({isOurs, all: inspect(error), error: {code, exitCode, message, hint, panel, status}}))
    }`,
    env,
  )
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

describe('the examples of the guide', () => {
  test('compile, and print what they say, against a panel of each kind', async () => {
    expect(said.split('\n').filter(line => line !== '' && !/^(wrong\.ts| )/.test(line))).toEqual([])
    const sandbox = await startSandbox()
    onTestFinished(() => sandbox.close())
    const outcomes = await Promise.all(
      examples.map((_, index) => script([`example${index}.js`], sandbox.environment)),
    )
    expect(outcomes.map(({stderr}) => stderr)).toEqual([
      '',
      '',
      '',
      '',
      'NOT_FOUND: there is no server "web9" (panelctl nezha server list)\n',
    ])
    expect(outcomes.map(({code}) => code)).toEqual([undefined, undefined, undefined, undefined, 3])
    expect(outcomes[0]?.stdout).toBe('4 backup1\n5 new1\n')
    expect(outcomes[1]?.stdout).toMatch(
      /^web1: \d+ of 85899345920 bytes\nbackup1: \d+ of 85899345920 bytes\n/,
    )
    expect(outcomes[2]?.stdout).toBe(
      'db 01: none\nweb01: 8080, 8443, 2201, 5353\nweb02: 2202\n测试机: none\n',
    )
  }, 60_000)

  test('leave a user of TypeScript to be told what there is not', () => {
    expect([...said.matchAll(/^wrong\.ts\((\d+)/gm)].map(([, line]) => line)).toEqual([
      '3',
      '4',
      '5',
      '6',
      '7',
    ])
  })
})

describe('failures are those of the command line', () => {
  const token = 'wrongNezhaApiToken00000000000001'
  test.each([
    ['a wrong token', async () => (await nezhaSandbox()).url, 'AUTH', 4],
    ['nobody there', async () => 'http://127.0.0.1:1', 'UNREACHABLE', 6],
    ['a bad address', async () => 'nezha.example.com/dashboard', 'USAGE', 2],
  ])('%s', async (_, address, code, exitCode) => {
    const env = {NEZHA_DASHBOARD_URL: await address(), NEZHA_TOKEN: token}
    const {isOurs, all, error} = await failure("connect('nezha', {retries: 0}).servers()", env)
    expect(error).toMatchObject({code, exitCode})
    expect(isOurs).toBe(true)
    expect(all).not.toContain(token)
    const {stderr} = await cli('nezha server list --retries 0 -o json', {env})
    expect({error}).toEqual(JSON.parse(stderr))
  })

  test('a context and a credential together', async () => {
    const {error} = await failure("connect('nezha', {context: 'prod', token: 'x'})")
    expect(error).toMatchObject({code: 'USAGE', message: 'a context and a credential contradict each other'})
  })

  test('a panel that there is not', async () => {
    const {error} = await failure("connect('proxmox')")
    expect(error).toMatchObject({code: 'USAGE', hint: 'nezha, komari, openidcs'})
  })

  test.each(['retries: NaN', 'retries: Infinity', 'retries: "3"', 'timeout: 0', 'timeout: 2 ** 31'])(
    'a number that is none: %s',
    async option => {
      const {error} = await failure(`connect('nezha', {${option}})`)
      expect(error).toMatchObject({code: 'USAGE', message: expect.stringMatching(/^\w+ is no whole number/)})
    },
  )

  test.each([
    ["connect('nezha', {tokn: 'x'})", 'there is no option "tokn"'],
    ["connect('nezha', {apiKey: 'x'})", 'there is no option "apiKey"'],
    [
      "connect('openidcs', {url: 'http://127.0.0.1:9', token: 'x'}).vms()",
      'path parameter host of /api/client/detail/:host is missing',
    ],
  ])('what TypeScript would have refused: %s', async (line, message) => {
    const {error, isOurs} = await failure(line)
    expect(isOurs).toBe(true)
    expect(error).toMatchObject({code: 'USAGE', message})
  })

  test('what is ended by a signal rejects with its reason', async () => {
    const {url} = await nezhaSandbox()
    const {error, isOurs} = await failure(
      `connect('nezha', {url: '${url}', signal: AbortSignal.abort(new Error('enough'))}).servers()`,
    )
    expect({message: error.message, isOurs}).toEqual({message: 'enough', isOurs: false})
  })
})

describe('options', () => {
  test('a credential and its address go in the place of those of the environment', async () => {
    const {url, token} = await nezhaSandbox()
    const options = JSON.stringify({url, token})
    const lines = `console.log((await connect('nezha', ${options}).servers({tag: 'Backup'})).length)`
    const env = {NEZHA_DASHBOARD_URL: 'http://127.0.0.1:1', NEZHA_TOKEN: 'another'}
    expect(await printed(lines, env)).toMatchObject({stdout: '2\n', stderr: ''})
  })

  test('warnings are those of the process, or are handed over', async () => {
    const lines = (options: string) =>
      `await connect('nezha', {retries: 0, ${options}}).servers().catch(() => {})`
    const env = {NEZHA_DASHBOARD_URL: 'http://127.0.0.1:1', NEZHA_TOKEN: ''}
    const warning = 'NEZHA_TOKEN is set and empty: no credential goes along'
    expect((await printed(lines(''), env)).stderr).toContain(`PanelctlWarning: ${warning}`)
    expect(await printed(lines('warn: console.log'), env)).toMatchObject({stdout: `${warning}\n`, stderr: ''})
  })
})

describe('what is loaded', () => {
  test('is one file, with nothing of a terminal in it', async () => {
    const {url, token} = await nezhaSandbox()
    const lines = `
      import {createRequire} from 'node:module'
      await connect('nezha', ${JSON.stringify({url, token})}).servers()
      console.log(Object.keys(createRequire(import.meta.url).cache).length)
      console.log(process.moduleLoadList.filter(name => / (readline|tty|repl)$/.test(name)).join())`
    expect((await printed(lines)).stdout.split('\n')[0]).toBe('1')
    const bundles: {outputs: Record<string, {inputs: object}>}[] = JSON.parse(
      readFileSync(join(root, 'dist', 'meta.json'), 'utf8'),
    )
    const client = bundles.find(({outputs}) => 'dist/client.cjs' in outputs)?.outputs['dist/client.cjs']
    const parts = Object.keys(client?.inputs ?? {})
    expect(parts.length).toBeGreaterThan(100)
    const foreign = /@oclif|cli-table3|chalk|ansi|src\/(commands|program|lib\/(shapes|sandbox|completion))/
    expect(parts.filter(part => foreign.test(part))).toEqual([])
  })

  test('can be required too, and what else is in the package is where it was', async () => {
    const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const lines = `
      console.log(typeof require('panelctl/client').connect, require('panelctl/package.json').version)
      console.log(require.resolve('panelctl/bin/run.js') === require.resolve('./node_modules/panelctl/bin/run.js'))`
    expect((await script(['-e', lines])).stdout).toBe(`function ${version}\ntrue\n`)
  })
})
