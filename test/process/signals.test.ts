import {type ChildProcess, execFileSync} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {open, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {binary, nezhaSandbox, temporaryFolder} from '../harness.js'
import {jsonAnswer, listAnswer, serve} from './serve.js'
import {shell} from './shell.js'

const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const

describe.each(signals)('%s', (signal, exitCode) => {
  const started = (box: {child?: ChildProcess}) => (child: ChildProcess) => {
    box.child = child
  }

  async function interrupted(args: readonly string[]) {
    const box: {child?: ChildProcess} = {}
    const {url, port} = await serve(() => box.child?.kill(signal))
    return {port, outcome: await binary(args, {env: {NEZHA_DASHBOARD_URL: url}, started: started(box)})}
  }

  test(`ends a read that nobody answers with exit ${exitCode} and without a word`, async () => {
    const {outcome} = await interrupted(['nezha', 'server', 'list', '-o', 'json'])
    expect(outcome).toEqual({stdout: '', stderr: '', exitCode, signal: null})
  })

  test('in the middle of many writes says once how many were accepted', async () => {
    const box: {child?: ChildProcess} = {}
    let writes = 0
    const {url} = await serve((request, response) => {
      if (request.method === 'GET') return jsonAnswer('{"success":true}')(request, response)
      writes += 1
      if (writes <= 6) jsonAnswer(`{"success":true,"data":${writes}}`)(request, response)
      else box.child?.kill(signal)
    })
    const file = join(temporaryFolder(), 'many.json')
    const crons = Array.from({length: 20}, (_, n) => ({name: `c${n}`, scheduler: '@every 1h', command: 'x'}))
    await writeFile(file, JSON.stringify({cron: crons}))
    const outcome = await binary(['nezha', 'apply', '-f', file, '--yes'], {
      env: {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: 'nzp_x'},
      started: started(box),
    })
    expect(outcome).toMatchObject({stdout: '', exitCode})
    const told = outcome.stderr.split('\n').filter(line => line.includes('was accepted'))
    expect(told).toEqual([expect.stringContaining('panelctl nezha cron list (6 times)')])
  })

  test('ends the question who we are, asked beside a list that is there', async () => {
    const box: {child?: ChildProcess} = {}
    const {url} = await serve((request, response) => {
      if (request.method === 'GET') jsonAnswer('{"status":"success","data":[]}')(request, response)
      else setTimeout(() => box.child?.kill(signal), 100)
    })
    const late = AbortSignal.timeout(15_000)
    late.addEventListener('abort', () => box.child?.kill('SIGKILL'))
    const outcome = await binary(['komari', 'node', 'list'], {
      env: {KOMARI_URL: url, KOMARI_API_KEY: 'x'},
      started: started(box),
    })
    expect(outcome).toEqual({stdout: '', stderr: '', exitCode, signal: null})
  })

  test('says of a write that was sent that it may have been done, and how to look', async () => {
    const {outcome, port} = await interrupted(['nezha', 'server', 'register', '--name', 'web9'])
    expect(outcome).toEqual({
      stdout: '',
      stderr: `warning: POST /api/v1/server/register was sent to Nezha at 127.0.0.1:${port} and may have been done; look before you repeat it: panelctl nezha server list\n`,
      exitCode,
      signal: null,
    })
    const asJson = await interrupted(['nezha', 'api', 'POST', '/api/v1/server/register', '-o', 'json'])
    expect(JSON.parse(asJson.outcome.stderr)).toEqual({
      warning: expect.stringMatching(/ may have been done; look before you repeat it$/),
    })
  })

  test('ends the wait between two attempts', async () => {
    const box: {child?: ChildProcess} = {}
    const {url} = await serve((_request, response) => {
      response.writeHead(503, {'retry-after': '29'}).end()
      response.once('close', () => box.child?.kill(signal))
    })
    const outcome = await binary(['nezha', 'server', 'list'], {
      env: {NEZHA_DASHBOARD_URL: url},
      started: started(box),
    })
    expect(outcome).toEqual({stdout: '', stderr: '', exitCode, signal: null})
  })

  test.each(['ndjson', 'json'])('ends --watch -o %s with whole lines only', async format => {
    const {environment} = await nezhaSandbox({generate: 800})
    let bytes = 0
    const outcome = await binary(['nezha', 'server', 'list', '--watch', '--interval', '1ms', '-o', format], {
      env: environment,
      started: child =>
        child.stdout?.on('data', chunk => {
          bytes += chunk.length
          // In the middle of a document; once, as a second signal ends a process wherever it is.
          if (bytes > 200_000 && !child.killed) child.kill(signal)
        }),
    })
    expect(outcome).toMatchObject({stderr: '', exitCode, signal: null})
    expect(outcome.stdout.endsWith('\n')).toBe(true)
    const lines = outcome.stdout.trimEnd().split('\n')
    for (const line of lines) expect(JSON.parse(line)).toHaveLength(800)
  })

  test('ends --watch while the panel stalls', async () => {
    const box: {child?: ChildProcess} = {}
    let polls = 0
    const {url} = await serve((request, response) => {
      polls += 1
      if (polls === 1) jsonAnswer(listAnswer('web1'))(request, response)
      else box.child?.kill(signal)
    })
    const outcome = await binary(['nezha', 'server', 'list', '--watch', '--interval', '1ms', '-o', 'json'], {
      env: {NEZHA_DASHBOARD_URL: url},
      started: started(box),
    })
    expect(outcome).toMatchObject({stderr: '', exitCode})
    expect(
      outcome.stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)[0].name),
    ).toEqual(['web1'])
  })

  test('ends a login that waits for its token command', async () => {
    // The shell's parent is panelctl; it lives on until that is gone.
    const command = `kill -${signal.slice(3)} $PPID; while kill -0 $PPID 2> /dev/null; do :; done`
    const outcome = await binary(
      ['nezha', 'login', '--url', 'http://127.0.0.1:9', '--token-command', command],
      {stdin: 'closed'},
    )
    expect(outcome).toEqual({stdout: '', stderr: '', exitCode, signal: null})
  })
})

test('--watch goes on after a poll that could not reach the panel, and ends at any other failure', async () => {
  let polls = 0
  const {url} = await serve((request, response) => {
    polls += 1
    if (polls === 2) response.writeHead(503).end()
    else
      jsonAnswer(polls === 4 ? '{"code":403,"message":"访问此接口需要认证"}' : listAnswer(`web${polls}`))(
        request,
        response,
      )
  })
  const args = ['nezha', 'server', 'list', '--watch', '--interval', '1ms', '--retries', '0', '-o', 'ndjson']
  const {stdout, stderr, exitCode} = await binary(args, {env: {NEZHA_DASHBOARD_URL: url}})
  expect(exitCode).toBe(4)
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line)[0].name),
  ).toEqual(['web1', 'web3'])
  expect(
    stderr
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line)),
  ).toEqual([
    {warning: expect.stringContaining('HTTP 503')},
    {error: expect.objectContaining({code: 'AUTH', exitCode: 4})},
  ])
})

test('many contexts are checked at once without a word of Node about listeners', async () => {
  const {url} = await serve(jsonAnswer(listAnswer('web1')))
  const names = Array.from({length: 12}, (_, index) => `lab${index}`)
  const config = temporaryFolder()
  writeFileSync(
    join(config, 'config.yaml'),
    JSON.stringify({contexts: Object.fromEntries(names.map(name => [name, {panel: 'nezha', url}]))}),
    {mode: 0o600},
  )
  const args = ['context', 'check', '-o', 'id']
  expect(await binary(args, {env: {PANELCTL_CONFIG_DIR: config}})).toMatchObject({
    exitCode: 0,
    stdout: `${names.toSorted().join('\n')}\n`,
    stderr: '',
  })
})

describe('a secret out of a pipe', () => {
  const fifo = () => {
    const path = join(temporaryFolder(), 'pipe')
    execFileSync('mkfifo', [path])
    return path
  }

  /** A run that is ended by a signal while it waits for what a pipe has. */
  async function endedAt(path: string, args: string[], env: Record<string, string>, signal: NodeJS.Signals) {
    const box: {child?: ChildProcess} = {}
    const running = binary(args, {
      env,
      started: child => {
        box.child = child
      },
    })
    // Opened to write, it is there once somebody has opened it to read.
    const writer = await open(path, 'w')
    box.child?.kill(signal)
    const outcome = await running
    await writer.close()
    return outcome
  }

  test('that is filled later is waited for', async () => {
    const {environment, token} = await nezhaSandbox({servers: [{name: 'web1'}]})
    const path = fifo()
    const env = {...environment, NEZHA_TOKEN: undefined, NEZHA_TOKEN_FILE: path}
    const running = binary(['nezha', 'server', 'list', '-o', 'id'], {env})
    await writeFile(path, `${token}\n`)
    expect(await running).toMatchObject({exitCode: 0, stdout: '1\n', stderr: ''})
  })

  test('that is made on the spot is read, also an empty one', async () => {
    const {environment, token} = await nezhaSandbox({servers: [{name: 'web1'}]})
    const env = {...environment, NEZHA_TOKEN: undefined, SECRET: token}
    const line = 'panelctl nezha server list -o id'
    expect(await shell(`NEZHA_TOKEN_FILE=<(echo "$SECRET") ${line}`, env, 'bash')).toMatchObject({
      exitCode: 0,
      stdout: '1\n',
    })
    const empty = await shell(`NEZHA_TOKEN_FILE=<(true) ${line}`, env, 'bash')
    expect(empty).toMatchObject({exitCode: 2, stdout: ''})
    expect(empty.stderr).toContain('is empty')
  })

  const ways: readonly (readonly [string, (path: string) => readonly [string[], Record<string, string>]])[] =
    [
      [
        'a CA',
        path => [
          ['nezha', 'server', 'list', '--ca-file', path],
          {NEZHA_DASHBOARD_URL: 'https://127.0.0.1:9', NEZHA_TOKEN: 'abcdefgh'},
        ],
      ],
      ['the world of a sandbox', path => [['sandbox', '--seed', path], {}]],
    ]
  test.each(
    ways.flatMap(([what, line]) =>
      signals.map(([signal, exitCode]) => [what, signal, exitCode, line] as const),
    ),
  )('no less %s that nobody fills: %s', async (_, signal, exitCode, line) => {
    const path = fifo()
    const [args, env] = line(path)
    expect(await endedAt(path, args, env, signal)).toMatchObject({exitCode, stdout: ''})
  })

  test('has no contexts in it, and is not waited for', async () => {
    const folder = join(temporaryFolder(), 'config')
    mkdirSync(folder, {mode: 0o700})
    execFileSync('mkfifo', ['-m', '600', join(folder, 'config.yaml')])
    expect(await binary(['context', 'list'], {env: {PANELCTL_CONFIG_DIR: folder}})).toMatchObject({
      exitCode: 0,
      stderr: 'no contexts\n',
    })
  })

  test.each(signals)('that nobody fills does not keep the process: %s', async (signal, exitCode) => {
    const path = fifo()
    const env = {NEZHA_DASHBOARD_URL: 'http://127.0.0.1:9', NEZHA_TOKEN_FILE: path}
    const outcome = await endedAt(path, ['nezha', 'server', 'list'], env, signal)
    expect(outcome).toEqual({stdout: '', stderr: '', exitCode, signal: null})
  })

  test('that never ends is refused', async () => {
    const env = {NEZHA_DASHBOARD_URL: 'http://127.0.0.1:9', NEZHA_TOKEN_FILE: '/dev/zero'}
    const outcome = await binary(['nezha', 'server', 'list'], {env})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain('longer than 64 MiB')
  })
})
