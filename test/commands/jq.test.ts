import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {describe, expect, onTestFinished, test, vi} from 'vitest'
import {Interrupted} from '../../src/lib/command/interrupted.js'
import {listen} from '../emulated.js'
import {
  binary,
  type CliOptions,
  cli,
  komariSandbox,
  nezhaSandbox,
  openidcsSandbox,
  temporaryFolder,
} from '../harness.js'

const servers = [{name: 'web1', tag: 'a'}, {name: '机房 3'}, {name: 'db "1"', tag: 'a'}]

const list = ['nezha', 'server', 'list']

/** A panel that answers every request so, for `nezha api GET /x`. */
async function answering(result: string) {
  const server = await listen({
    handler: () => ({
      status: 200,
      headers: {'content-type': 'application/json'},
      body: `{"code":0,"result":${result}}`,
    }),
    now: Date.now,
  })
  onTestFinished(() => server.close())
  return {NEZHA_DASHBOARD_URL: server.url, NEZHA_TOKEN: 'x'}
}

const get = ['nezha', 'api', 'GET', '/x']

/** Whether a process has a listener for SIGINT. */
function hearsInterruption(pid: number | undefined): boolean {
  const [, caught = ''] = /^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return (Number.parseInt(caught.slice(-2), 16) & 2) !== 0
}

describe('--jq', () => {
  test('where Node has no WebAssembly, or no room for it: exit 2 before anything is sent, and jq itself named', async () => {
    const {environment: env, requests} = await nezhaSandbox({servers})
    const {stdout, stderr, exitCode} = await binary([...list, '--jq', '.'], {env, nodeArgs: ['--jitless']})
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
    expect(stderr).toContain(
      'panelctl: --jq needs WebAssembly, which does not start here: WebAssembly is not defined\n',
    )
    expect(stderr).toContain('hint: put jq behind it: -o json | jq EXPRESSION\n')
    expect(requests).toEqual([])
  })

  test('prints a text as it is and all else as JSON, one result a line', async () => {
    const {environment: env} = await nezhaSandbox({servers})
    const outcome = await cli([...list, '--jq', '.[] | .name, {id}, [.tag], null'], {env})
    expect(outcome).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: 'web1\n{"id":1}\n["a"]\nnull\n机房 3\n{"id":2}\n[""]\nnull\ndb "1"\n{"id":3}\n["a"]\nnull\n',
    })
  })

  test('prints with -o json what jq prints', async () => {
    const {environment: env} = await nezhaSandbox({servers})
    const {stdout} = await cli([...list, '-o', 'json', '--jq', '.[1:] | .[] | {id, name}, .name'], {env})
    expect(stdout).toBe(
      '{\n  "id": 2,\n  "name": "机房 3"\n}\n"机房 3"\n{\n  "id": 3,\n  "name": "db \\"1\\""\n}\n"db \\"1\\""\n',
    )
    expect((await cli([...list, '--json', '--jq', '.[0].name'], {env})).stdout).toBe('"web1"\n')
  })

  test('is given one element after the other with -o ndjson', async () => {
    const {environment: env} = await nezhaSandbox({servers})
    const {stdout} = await cli([...list, '-o', 'ndjson', '--jq', '{id}, .name'], {env})
    expect(stdout).toBe('{"id":1}\n"web1"\n{"id":2}\n"机房 3"\n{"id":3}\n"db \\"1\\""\n')
  })

  const real = spawnSync('jq', ['--version']).status === 0
  test
    .skipIf(!real)
    .each([
      '.[] | select(.tag == "a") | .id',
      'group_by(.tag) | map({tag: .[0].tag, names: map(.name)})',
      '.[] | [.id, .name] | @tsv, @csv, @json',
      'map(.id) | add / length, -.[0]',
      'def two: limit(2; .[]); two | "\\(.id): \\(.name)"',
      'length # how many',
      '.[] | .name | test("^W"; "i"), length, ascii_downcase, " \\(.) \\n"',
      'empty',
      'to_entries[0] | keys',
      '[paths] | length',
    ])('gives what the machine’s own jq gives: %s', async expression => {
    const {environment: env} = await nezhaSandbox({servers})
    const jq = async (flags: string[], format: string) => {
      const {stdout: input} = await cli([...list, '-o', format], {env})
      return spawnSync('jq', [...flags, expression], {input, encoding: 'utf8'}).stdout
    }
    const ours = async (flags: string[]) => (await cli([...list, '--jq', expression, ...flags], {env})).stdout
    expect(await ours([])).toBe(await jq(['-rc'], 'json'))
    expect(await ours(['-o', 'json'])).toBe(await jq([], 'json'))
  })

  test('takes what every kind of command prints', async () => {
    const nezha = await nezhaSandbox({servers})
    const komari = await komariSandbox()
    const openidcs = await openidcsSandbox()
    const env = {...nezha.environment, ...komari.environment, ...openidcs.environment}
    for (const line of [
      'nezha server show web1',
      'nezha server details 1 2',
      'nezha api GET /api/v1/server/details?id=1',
      'nezha server register --name x --dry-run',
      'komari me',
      'komari node status',
      'komari records ping web1',
      'komari rpc common:getMe',
      'openidcs vm power node1 web01 web02 start --dry-run',
      'openidcs system token show',
      'context list',
      'version',
    ]) {
      const plain = await cli(`${line} -o json`, {env})
      expect(plain.exitCode, line).toBe(0)
      expect((await cli(`${line} -o json --jq tojson`, {env})).stdout, line).not.toBe('')
      const {stdout} = await cli(`${line} -o json --jq .`, {env})
      expect(JSON.parse(stdout), line).toEqual(JSON.parse(plain.stdout))
    }
  })

  test('sees secrets as -o json shows them', async () => {
    const {environment: env} = await openidcsSandbox()
    const run = async (flags: string) =>
      (
        await cli(
          ['openidcs', 'host', 'list', '--jq', '[.. | .server_pass? // empty][0]', ...flags.split(' ')],
          {env},
        )
      ).stdout
    expect(await run('--quiet')).toBe('********\n')
    expect(await run('--show-secrets')).not.toContain('*')
  })

  test('leaves integers that a double cannot hold as they came, until they are computed with', async () => {
    const env = await answering('[{"n":18446744073709551615}]')
    const {stdout} = await cli([...get, '--jq', '.[0] | .n, [.n], (.n | tojson), .n - 1'], {env})
    expect(stdout).toBe(
      '18446744073709551615\n[18446744073709551615]\n18446744073709551615\n18446744073709552000\n',
    )
  })

  test('knows the environment', async () => {
    const {environment} = await nezhaSandbox({servers})
    const env = {...environment, NAME: '机房 3'}
    const expression =
      '.[] | select(.name == env.NAME and .name == $ENV.NAME) | .id, env.HOME == "/home/web_user"'
    expect((await cli([...list, '--jq', expression], {env})).stdout).toBe('2\nfalse\n')
  })

  test.each([
    ['.[', 'syntax error, unexpected end of file at line 1, column 2'],
    ['.[] | nam', 'nam/0 is not defined at line 1, column 7'],
    ['import "a" as a; .', 'module not found: a'],
    ['-r', 'r/0 is not defined at line 1, column 2'],
    ['--arg', 'arg/0 is not defined at line 1, column 3'],
  ])('refuses %s before anything is sent', async (expression, message) => {
    const sandbox = await nezhaSandbox({servers})
    const outcome = await cli(['nezha', 'server', 'register', `--jq=${expression}`], {
      env: sandbox.environment,
    })
    expect(outcome).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: --jq: ${message}\nhint: write it as for jq 1.8\n`,
    })
    expect(sandbox.requests).toEqual([])
  })

  test.each(['table', 'yaml', 'csv', 'id'])('refuses -o %s', async format => {
    const {exitCode, stdout, stderr} = await cli([...list, '--jq', '.', '-o', format])
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toBe(
      `panelctl: --jq prints texts or JSON, not ${format}\nhint: use -o json, or leave out -o\n`,
    )
  })

  test('refuses an empty expression, which an unset variable makes', async () => {
    expect((await cli([...list, '--jq', ''])).exitCode).toBe(2)
  })

  test('prints nothing where the expression fails on what it is given', async () => {
    const {environment: env} = await nezhaSandbox({servers})
    expect(await cli([...list, '--jq', '.[0].id, .name'], {env})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'panelctl: --jq: Cannot index array with string ("name")\nhint: look at what it is given: -o json in place of --jq\n',
    })
    // The last element is none that it fails on.
    const some = await cli([...list, '-o', 'ndjson', '--jq', '.tag + (if .tag == "" then 1 else "" end)'], {
      env,
    })
    expect([some.exitCode, some.stdout]).toEqual([2, ''])
    expect(JSON.parse(some.stderr).error.message).toMatch(/^--jq: string \(""\) and number \(1\)/)
    const thrown = 'if .id == 1 then error({a: 1}) else .id end'
    const others = await cli([...list, '-o', 'ndjson', '--jq', thrown], {env})
    expect([others.exitCode, others.stdout]).toEqual([2, ''])
    expect(JSON.parse(others.stderr).error.message).toBe('--jq: {"a":1}')
  })

  test.each([
    ['"no server"|halt_error(7)', 'no server'],
    ['error("none")', 'none'],
    ['error(null)', 'null'],
    ['def f: 1+f; f', 'it used up its memory'],
  ])('is a failure of its own: %s', async (expression, message) => {
    const {environment: env} = await nezhaSandbox({servers})
    const {exitCode, stdout, stderr} = await cli([...list, '--jq', expression], {env})
    expect([exitCode, stdout, stderr.split('\n')[0]]).toEqual([2, '', `panelctl: --jq: ${message}`])
  })

  test('never loses what an action tells once', async () => {
    const {environment: env, state, url, token} = await nezhaSandbox({servers: []})
    const secrets = () => [...state.servers.values()].map(({secret}) => secret)
    const {exitCode, stdout, stderr} = await cli(
      ['nezha', 'server', 'register', '--name', 'x', '--jq', '.secret.value'],
      {env},
    )
    expect(exitCode).toBe(9)
    expect(JSON.parse(stdout)).toEqual({secret: secrets()[0], Name: 'x'})
    expect(stderr).toBe(
      'registered x\npanelctl: it is done, but --jq: Cannot index string with string ("value"); its result is printed as it is\nhint: do not repeat it for the sake of its output\n',
    )
    const inLines = ['nezha', 'server', 'register', '--name', 'z', '-o', 'ndjson', '--jq', '.secret.value']
    const lines = await cli(inLines, {env})
    expect([lines.exitCode, JSON.parse(lines.stdout).Name]).toEqual([9, 'z'])
    const read = await cli(['nezha', 'api', 'GET', '/api/v1/server/list', '--jq', '.x'], {env})
    expect([read.exitCode, read.stdout]).toEqual([2, ''])
    const login = ['nezha', 'login', '--url', url, '--with-token', '--store', 'file', '--jq', '.context.x']
    const saved = await cli(login, {stdin: token, env: {PANELCTL_CONFIG_DIR: temporaryFolder()}})
    expect([saved.exitCode, JSON.parse(saved.stdout).context]).toEqual([9, 'nezha'])
    const right = await cli(['nezha', 'server', 'register', '--name', 'y', '--jq', '.secret'], {env})
    expect([right.exitCode, right.stdout]).toEqual([0, `${secrets()[2]}\n`])
  })

  test('is given what a command prints before it fails, and its exit code stays', async () => {
    const {environment: env} = await nezhaSandbox({servers})
    const line = ['nezha', 'server', 'details', '1', '99']
    const found = await cli([...line, '--jq', '.[].name'], {env})
    expect([found.exitCode, found.stdout]).toEqual([9, 'web1\n'])
    const wrong = await cli([...line, '--jq', '.name'], {env})
    expect([wrong.exitCode, wrong.stdout]).toEqual([9, ''])
    expect(wrong.stderr).toContain('warning: --jq: Cannot index array with string ("name")\n')
    const none = await cli(['nezha', 'server', 'show', 'web9', '--jq', '.name'], {env})
    expect([none.exitCode, none.stdout]).toEqual([3, ''])
  })

  test('says nothing of a reader that has gone, beside why the command failed', async () => {
    const {environment: env} = await nezhaSandbox({servers})
    const {exitCode, stderr} = await binary(['nezha', 'server', 'details', '1', '99', '--jq', '.'], {
      env,
      started: child => child.stdout?.destroy(),
    })
    expect([exitCode, stderr]).toEqual([9, expect.stringMatching(/^panelctl: .*99/)])
  })

  test('is what decides, not a preferred format; errors are JSON where that is preferred', async () => {
    const {environment} = await nezhaSandbox({servers})
    for (const preferred of ['json', 'csv', 'id']) {
      const env = {...environment, PANELCTL_OUTPUT: preferred}
      expect((await cli([...list, '--jq', '.[0].name'], {env})).stdout).toBe('web1\n')
    }
    const env = {...environment, PANELCTL_OUTPUT: 'json'}
    expect(JSON.parse((await cli([...list, '--jq', '.x'], {env})).stderr).error.code).toBe('USAGE')
    expect((await cli([...list, '-o', 'json', '--jq', 'debug | empty'], {env})).stderr).toMatch(
      /^\{"note":"\[\\"DEBUG:\\",/,
    )
  })

  test('prints nothing on a terminal that it would obey', async () => {
    const env = await answering('[{"name":"\\u001b[31mred\\u009b1m\\n\\u202eno"}]')
    const terminal: CliOptions = {env, tty: {stdout: true}}
    expect((await cli([...get, '--jq', '.[].name'], terminal)).stdout).toBe('red\nno\n')
    expect((await cli([...get, '--jq', '.[].name'], {env})).stdout).toBe('\u001b[31mred\u009b1m\n\u202eno\n')
    for (const format of [[], ['-o', 'json'], ['-o', 'ndjson']]) {
      const {stdout} = await cli([...get, ...format, '--jq', '[.. | .name?]'], {env})
      expect(stdout).not.toMatch(/\p{Cc}(?<!\n)|\u202e/u)
    }
  })

  test.each([
    ['nezha server list --watch --interval 1ms', 'nezha'],
    ['komari node status --follow --interval 1ms', 'komari'],
  ])('is given each document of a stream: %s', async (line, panel) => {
    const {environment: env} = panel === 'nezha' ? await nezhaSandbox({servers}) : await komariSandbox()
    const interruption = new AbortController()
    const {stdout, exitCode} = await cli([...line.split(' '), '--jq', '.[0].name, length'], {
      env,
      tty: {stdout: true},
      signal: interruption.signal,
      written: text => {
        if (text.split('\n').length > 4) interruption.abort(new Interrupted(130))
      },
    })
    expect(exitCode).toBe(130)
    expect(stdout).toMatch(/^(\S+\n\d+\n)\1+$/)
  })

  test('ends a stream with what it fails on', async () => {
    const {environment: env} = await nezhaSandbox({servers})
    const outcome = await cli([...list, '--watch', '--jq', '.name'], {env})
    expect(outcome.exitCode).toBe(2)
    expect(outcome.stderr).toMatch(/^panelctl: --jq: Cannot index array/)
  })

  test.skipIf(process.platform !== 'linux')(
    'can be interrupted in an expression that never ends',
    async () => {
      const {environment: env} = await nezhaSandbox({servers})
      const {signal, stdout} = await binary([...list, '--debug', '--jq', 'last(range(1e15))'], {
        env,
        started: child => {
          onTestFinished(() => void child.kill('SIGKILL'))
          child.stderr?.once('data', async () => {
            await vi.waitFor(() => expect(hearsInterruption(child.pid)).toBe(false), {timeout: 20_000})
            child.kill('SIGINT')
          })
        },
      })
      expect([signal, stdout]).toEqual(['SIGINT', ''])
    },
  )

  test('says one thing where jq gives up', async () => {
    const {environment: env} = await nezhaSandbox({servers})
    const {exitCode, stdout, stderr} = await binary([...list, '-o', 'json', '--jq', 'def f: 1+f; f'], {env})
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(JSON.parse(stderr).error.message).toBe('--jq: it used up its memory')
  })
})
