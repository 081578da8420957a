import {EventEmitter} from 'node:events'
import {openSync, readFileSync} from 'node:fs'
import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {environmentOf, exportLines, withoutProxy} from '../../../src/lib/sandbox/environment.js'
import {type RunOptions, runInSandbox} from '../../../src/lib/sandbox/run.js'

const panels = [{environment: {NEZHA_DASHBOARD_URL: 'http://127.0.0.1:1', NEZHA_TOKEN: "it's"}}]

let folder: string
let binPath: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'panelctl-test-'))
  binPath = join(folder, "it's run.mjs")
  await writeFile(
    binPath,
    "console.log('this build', process.argv.slice(2).join('|')); process.exitCode = 5\n",
  )
})
afterAll(() => rm(folder, {recursive: true}))

/** Runs a command with its output in a file, and the temporary folder where it can be looked into. */
async function run(command: readonly string[], changes: Partial<RunOptions> = {}) {
  const out = join(folder, 'out')
  const messages: string[] = []
  const {TMPDIR} = process.env
  process.env.TMPDIR = await mkdtemp(join(folder, 'tmp-'))
  try {
    const code = await runInSandbox({
      panels,
      command,
      binPath,
      nodePath: process.execPath,
      env: {PATH: process.env.PATH, HOME: '/home/someone'},
      stdio: ['ignore', openSync(out, 'w'), openSync(out, 'a')],
      stderr: {write: text => messages.push(text)},
      signals: new EventEmitter(),
      ...changes,
    })
    return {
      code,
      output: readFileSync(out, 'utf8'),
      message: messages.join(''),
      left: await readdir(process.env.TMPDIR),
    }
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
}

/** The command has come so far; reading the folder gives it time. */
async function untilThere(file: string): Promise<void> {
  while (!(await readdir(folder)).includes(file));
}

const sh = (script: string) => ['sh', '-c', script]

describe.skipIf(process.platform === 'win32')('runInSandbox', () => {
  test('panelctl inside is this build, and its exit code comes through', async () => {
    const {code, output, left} = await run(['panelctl', 'nezha', 'server list', '*'])
    expect([code, output, left]).toEqual([5, 'this build nezha|server list|*\n', []])
  })

  test('sets the panels, keeps preferences, and lets nothing point elsewhere', async () => {
    const misleading = {
      NEZHA_TOKEN_FILE: '/run/secrets/x',
      NEZHA_COOKIE: 'c',
      KOMARI_HEADERS: 'Authorization: Basic eA==',
      OPENIDCS_HEADERS_FILE: '/run/secrets/h',
      KOMARI_URL: 'https://real.example',
      OPENIDCS_TOKEN: 't',
      PANELCTL_CONTEXT: 'real',
      PANELCTL_NEZHA_CONTEXT: 'real',
      PANELCTL_CONFIG_DIR: '/home/someone/.config/panelctl',
      PANELCTL_LIVE_NEZHA_URL: 'https://real.example',
      NEZHA_TOKEN: 'real',
    }
    const kept = {
      PANELCTL_OUTPUT: 'json',
      XDG_CACHE_HOME: '/cache',
      NEZHA_PROBE_ADDRESS: 'probe',
      NO_PROXY: 'intra',
    }
    const {output} = await run(['env'], {env: {PATH: process.env.PATH, ...misleading, ...kept}})
    const env = Object.fromEntries(
      output
        .trim()
        .split('\n')
        .map(line => line.split(/=(.*)/s).slice(0, 2)),
    )
    expect(env).toMatchObject({
      NEZHA_DASHBOARD_URL: 'http://127.0.0.1:1',
      NEZHA_TOKEN: "it's",
      PANELCTL_OUTPUT: 'json',
      XDG_CACHE_HOME: '/cache',
      NEZHA_PROBE_ADDRESS: 'probe',
      NO_PROXY: 'intra,127.0.0.1,localhost',
      no_proxy: 'intra,127.0.0.1,localhost',
    })
    expect(env.PANELCTL_CONFIG_DIR).toMatch(/panelctl-sandbox-.*\/config$/)
    expect(env.PANELCTL_STATE_DIR).toMatch(/panelctl-sandbox-.*\/state$/)
    const gone = Object.keys(misleading).filter(
      name => !['NEZHA_TOKEN', 'PANELCTL_CONFIG_DIR'].includes(name),
    )
    for (const name of gone) expect(env).not.toHaveProperty(name)
  })

  test('the folder is private and gone afterwards', async () => {
    const {output, left} = await run(
      sh('cd "$PANELCTL_CONFIG_DIR/.." && ls -ld . | cut -c1-10 && touch config/x'),
    )
    expect([output, left]).toEqual(['drwx------\n', []])
  })

  test.each([
    [sh('exit 42'), 42, ''],
    [sh('kill -TERM $$'), 143, ''],
    [['no-such-command'], 127, 'panelctl sandbox: no-such-command: command not found\n'],
    [['/etc/passwd'], 126, 'panelctl sandbox: /etc/passwd: cannot be run (EACCES)\n'],
  ])('%j ends with %i', async (command, code, message) => {
    expect(await run(command)).toMatchObject({code, message, left: []})
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s goes to the command, and the folder is gone', async (signal, code) => {
    const signals = new EventEmitter()
    const ready = join(folder, `ready-${signal}`)
    // Reading a pipe that nobody writes: it ends by a signal only.
    const ended = run(sh(`mkfifo ${ready}.pipe; : > ${ready}; exec cat ${ready}.pipe`), {signals})
    await untilThere(`ready-${signal}`)
    signals.emit(signal, signal)
    expect(await ended).toMatchObject({code, left: []})
    expect(signals.listenerCount(signal)).toBe(0)
  })

  test('on a terminal Ctrl-C is left to the terminal', async () => {
    const signals = new EventEmitter()
    const go = join(folder, 'go')
    const command = sh(`: > ${folder}/here; while [ ! -e ${go} ]; do :; done; exit 3`)
    const ended = run(command, {signals, interactive: true})
    await untilThere('here')
    signals.emit('SIGINT', 'SIGINT')
    await writeFile(go, '')
    expect(await ended).toMatchObject({code: 3})
  })
})

test('export lines survive a shell', () => {
  expect(exportLines(environmentOf(panels))).toEqual([
    "export NEZHA_DASHBOARD_URL='http://127.0.0.1:1'",
    "export NEZHA_TOKEN='it'\\''s'",
  ])
})

test('loopback is added to both spellings of NO_PROXY', () => {
  const both = (list: string) => ({NO_PROXY: list, no_proxy: list})
  expect(withoutProxy({})).toEqual(both('127.0.0.1,localhost'))
  expect(withoutProxy({NO_PROXY: '', no_proxy: 'a, localhost'})).toEqual(both('a,localhost,127.0.0.1'))
})
