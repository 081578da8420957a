import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {closeSync, openSync} from 'node:fs'
import {join} from 'node:path'
import {PassThrough, Readable} from 'node:stream'
import {text} from 'node:stream/consumers'
import {describe, expect, test} from 'vitest'
import {failureOf} from '../../failure.js'
import {cli, dashboardSandbox, nezhaSandbox, root, temporaryFolder} from '../../harness.js'

/** A dashboard of v2 whose db1 refuses commands; backup1 went offline, new1 never reported. */
async function panelOf() {
  const panel = await dashboardSandbox({mcp: true})
  const {uuid = ''} = panel.state.listed().find(({name}) => name === 'db1') ?? {}
  panel.state.configure(uuid, {disable_command_execute: true})
  return {panel, env: panel.environment}
}

/** Runs the program with a stdout that takes nothing. */
async function fullDisk(args: readonly string[], env: Readonly<Record<string, string>>) {
  const full = openSync('/dev/full', 'w')
  const folder = temporaryFolder()
  const child = spawn(process.execPath, [join(root, 'bin', 'run.js'), ...args], {
    env: {PATH: process.env.PATH, HOME: folder, PANELCTL_CONFIG_DIR: folder, ...env},
    stdio: ['ignore', full, 'pipe'],
  })
  closeSync(full)
  const [stderr, [exitCode]] = await Promise.all([
    text(child.stderr ?? Readable.from([])),
    once(child, 'close'),
  ])
  return {stderr, exitCode}
}

/** What of the tools was asked, with which arguments. */
function calls({panel}: Awaited<ReturnType<typeof panelOf>>): {name: string; arguments: object}[] {
  return panel.requests.filter(({path}) => path === '/mcp').map(({body}) => JSON.parse(body).params)
}

describe('on one server', () => {
  test('stdout and stderr come as they are, and its exit code is 12 here', async () => {
    const world = await panelOf()
    const outcome = await cli(
      ['nezha', 'server', 'exec', 'hub1', '--', 'sh', '-c', 'printf out; echo err >&2; exit 3'],
      {
        env: world.env,
      },
    )
    expect(outcome).toEqual({
      stdout: 'out',
      stderr: 'err\npanelctl: the command ended with exit code 3\n',
      exitCode: 12,
    })
    expect(calls(world)).toHaveLength(1)
  })

  test('arguments arrive as they were typed, whatever they look like', async () => {
    const world = await panelOf()
    const argv = ['nezha', 'server', 'exec', 'hub1', '--', 'echo', '-o', 'json', '--help', 'a  b', '', '--']
    expect(await cli(argv, {env: world.env})).toMatchObject({
      stdout: '-o json --help a  b  --\n',
      exitCode: 0,
    })
    expect(calls(world)[0]?.arguments).toMatchObject({args: ['-o', 'json', '--help', 'a  b', '', '--']})
  })

  test('its code is handed on where that is asked for', async () => {
    const {env} = await panelOf()
    const line = 'nezha server exec hub1 --pass-exit-code -- sh -c "exit 7"'
    expect(await cli(line, {env})).toEqual({stdout: '', stderr: '', exitCode: 7})
    expect(await cli('nezha server exec hub1 --pass-exit-code -- true', {env})).toMatchObject({exitCode: 0})
    expect(await cli('nezha server exec hub1 db1 --pass-exit-code -- true', {env})).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--pass-exit-code goes with one machine'),
    })
  })

  test('JSON has all of it, by the names of the panel', async () => {
    const {env} = await panelOf()
    const {stdout, exitCode} = await cli('nezha server exec hub1 -o json -- sh -c "echo out; exit 3"', {env})
    expect(exitCode).toBe(12)
    expect(JSON.parse(stdout)).toEqual({
      server: 'hub1',
      id: 1,
      exit_code: 3,
      stdout: 'out\n',
      stderr: '',
      duration_ms: 0,
      error: {code: 'REMOTE_FAILED', exitCode: 12, message: 'the command ended with exit code 3'},
    })
  })

  test('it gets stdin, folder and variables that it was given', async () => {
    const world = await panelOf()
    const line = 'nezha server exec hub1 --stdin - --cwd /srv --env A=1 --env HERE -- cat'
    const outcome = await cli(line, {env: {...world.env, HERE: 'of here'}, stdin: 'héllo\n'})
    expect(outcome).toEqual({stdout: 'héllo\n', stderr: '', exitCode: 0})
    expect(calls(world)[0]?.arguments).toMatchObject({
      stdin: 'héllo\n',
      cwd: '/srv',
      env: {A: '1', HERE: 'of here'},
    })
  })

  test('stdin stays with the loop that it belongs to', async () => {
    const {env} = await panelOf()
    const stdin = new PassThrough()
    // Never ended: a command that reads it does not end either.
    stdin.write('the next server\n')
    expect(await cli('nezha server exec hub1 -- cat', {env, stdin})).toMatchObject({stdout: '', exitCode: 0})
    expect(stdin.read()?.toString()).toBe('the next server\n')
  })

  test('what is no text is refused before it is sent', async () => {
    const world = await panelOf()
    const stdin = new PassThrough()
    stdin.end(Buffer.from([0xff, 0xfe, 0x80]))
    expect(await cli('nezha server exec hub1 --stdin - -- cat', {env: world.env, stdin})).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no text in UTF-8'),
    })
    expect(calls(world)).toEqual([])
  })

  test('output that is cut off is said to be, with the way to all of it', async () => {
    const {env} = await panelOf()
    const {stdout, stderr, exitCode} = await cli('nezha server exec hub1 -- seq 300000', {env})
    expect(stdout).toHaveLength(1024 * 1024)
    expect(exitCode).toBe(9)
    expect(stderr).toBe(
      'panelctl: its output is cut off: Nezha gives 1 MiB of each stream\nhint: let it write into a file, and fetch that: panelctl nezha server cp hub1:/tmp/FILE -\n',
    )
  })

  test('a failure whose output is cut off is a failure', async () => {
    const {env} = await panelOf()
    const {stderr, exitCode} = await cli('nezha server exec hub1 -- sh -c "seq 300000; exit 2"', {env})
    expect(exitCode).toBe(12)
    expect(stderr).toContain('ended with exit code 2; its output is cut off')
  })

  test('bytes that the panel replaced are said to be', async () => {
    const {env} = await panelOf()
    const {stderr, exitCode} = await cli(['nezha', 'server', 'exec', 'hub1', '--', 'echo', '\ufffd'], {env})
    expect(exitCode).toBe(0)
    expect(stderr).toContain('warning: what is not UTF-8 in its output arrives as U+FFFD')
  })

  test('its time ends it there, and says so', async () => {
    const world = await panelOf()
    const {stdout, exitCode, stderr} = await cli('nezha server exec hub1 --timeout 2s -o json -- sleep 5', {
      env: world.env,
    })
    expect(JSON.parse(stdout)).toMatchObject({exit_code: -1, timed_out: true})
    expect(exitCode).toBe(12)
    expect(stderr).toContain('the command was ended after 2 s, which --timeout sets')
    expect(calls(world)[0]?.arguments).toMatchObject({timeout_seconds: 2})
  })

  test('what takes longer than the panel allows is refused, and not ended in the middle', async () => {
    const world = await panelOf()
    expect(await cli('nezha server exec hub1 --timeout 10m -- true', {env: world.env})).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Nezha ends a command after 300 s'),
    })
    await cli('nezha server exec hub1 -- true', {env: world.env})
    expect(calls(world).map(call => call.arguments)).toMatchObject([{timeout_seconds: 300}])
  })

  test('a signal that ended it is told', async () => {
    const {env} = await panelOf()
    expect(await cli('nezha server exec hub1 -- kill -9 self', {env})).toMatchObject({
      exitCode: 12,
      stderr: 'panelctl: the command was ended by a signal\n',
    })
  })

  test('a program that is not there did not start', async () => {
    const {env} = await panelOf()
    expect(await cli('nezha server exec hub1 -- no-such-program', {env})).toEqual({
      stdout: '',
      stderr: `panelctl: the command did not start: executable file not found\nhint: it is a program with its arguments; for a line of shell: -- sh -c 'LINE'\n`,
      exitCode: 12,
    })
  })
})

describe('nothing is run', () => {
  test.each([
    ['by an agent that refuses', 'db1', 5, 'the agent of db1 runs nothing: agent disabled command execution'],
    ['on a server that is offline', 'backup1', 6, 'the agent of backup1 is offline, and nothing was done'],
    ['on a server that never reported', 'new1', 6, 'the agent of new1 is offline, and nothing was done'],
    ['on a server that there is not', 'nope', 3, 'there is no server "nope"'],
  ])('%s', async (_, name, exitCode, message) => {
    const {env} = await panelOf()
    const outcome = await cli(`nezha server exec ${name} -o json -- id`, {env})
    expect(outcome).toMatchObject({stdout: '', exitCode})
    expect(failureOf(outcome)).toMatchObject({message, hint: expect.any(String)})
  })

  test('anywhere, where one of several is not there', async () => {
    const world = await panelOf()
    expect(await cli('nezha server exec hub1 nope -- id', {env: world.env})).toMatchObject({exitCode: 3})
    expect(calls(world)).toEqual([])
  })

  test('where the panel has MCP switched off', async () => {
    const {environment: env} = await dashboardSandbox({mcp: false})
    const outcome = await cli('nezha server exec hub1 -o json -- id', {env})
    expect(outcome).toMatchObject({stdout: '', exitCode: 5})
    expect(failureOf(outcome).hint).toContain('panelctl nezha setting set --enable-mcp')
  })

  test('without the scope', async () => {
    const {panel, env} = await panelOf()
    const [user] = panel.state.users.values()
    if (!user) throw new Error('no user')
    const {token} = panel.state.addPat({name: 'reads', scopes: ['nezha:inventory:read'], user})
    const outcome = await cli('nezha server exec hub1 -o json -- id', {env: {...env, NEZHA_TOKEN: token}})
    expect(outcome).toMatchObject({stdout: '', exitCode: 4})
    expect(failureOf(outcome)).toMatchObject({
      message: 'the API token lacks the scope nezha:server:exec',
      hint: 'make one that has it in the dashboard, and put it into NEZHA_TOKEN',
    })
  })

  test('with a user name and a password, which are sent nowhere as a token', async () => {
    const world = await panelOf()
    const {panel} = world
    const env = {
      NEZHA_DASHBOARD_URL: panel.url,
      NEZHA_USERNAME: panel.username,
      NEZHA_PASSWORD: panel.password,
    }
    const outcome = await cli('nezha server exec hub1 -o json -- id', {env})
    expect(outcome).toMatchObject({stdout: '', exitCode: 4})
    expect(failureOf(outcome)).toMatchObject({
      message: expect.stringContaining('take an API token (nzp_…), and not a password'),
      hint: 'make one in the dashboard, and put it into NEZHA_TOKEN, without NEZHA_PASSWORD',
    })
    expect(calls(world)).toEqual([])
  })

  test('on v1 and v0, which cannot', async () => {
    const [old, older] = [await dashboardSandbox({generation: 'v1'}), await nezhaSandbox()]
    for (const [panel, name] of [
      [old, 'v1'],
      [older, 'v0'],
    ] as const) {
      const outcome = await cli('nezha server exec hub1 -o json -- id', {env: panel.environment})
      expect(outcome).toMatchObject({stdout: '', exitCode: 5})
      expect(failureOf(outcome).message).toMatch(
        new RegExp(`^Nezha ${name} cannot do this: .*need Nezha 2.1`),
      )
    }
  })

  test('without a command, or one that does not stand behind --', async () => {
    const {env} = await panelOf()
    for (const line of ['nezha server exec hub1', 'nezha server exec hub1 id', 'nezha server exec hub1 --'])
      expect(await cli(line, {env})).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('behind --'),
      })
    expect(await cli(['nezha', 'server', 'exec', 'hub1', '--', ' '], {env})).toMatchObject({exitCode: 2})
  })
})

describe('on several servers', () => {
  test('each has its block, and those that failed are named', async () => {
    const {env} = await panelOf()
    const {stdout, stderr, exitCode} = await cli('nezha server exec hub1 db1 香港节点 hub1 -- hostname', {
      env,
    })
    expect(stdout).toBe('==> hub1 <==\nhub1\n==> 香港节点 <==\n香港节点\n')
    expect(stderr).toContain('panelctl: 1 of 3 failed: db1: the agent of db1 runs nothing')
    expect(exitCode).toBe(9)
  })

  test('one line each as NDJSON, in their order', async () => {
    const {env} = await panelOf()
    const {stdout} = await cli('nezha server exec db1 hub1 3 -o ndjson -- hostname', {env})
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toMatchObject([
      {server: 'db1', error: {code: 'REJECTED', exitCode: 5}},
      {server: 'hub1', exit_code: 0, stdout: 'hub1\n'},
      {server: '香港节点', exit_code: 0, stdout: '香港节点\n'},
    ])
  })

  test('that ran it everywhere and failed somewhere end with 12', async () => {
    const {env} = await panelOf()
    const line = ['nezha', 'server', 'exec', 'hub1', '3', '--', 'sh', '-c', 'hostname; cat /etc/only-here']
    expect(await cli(line, {env})).toMatchObject({
      exitCode: 12,
      stderr: expect.stringContaining('2 of 2 failed: hub1, 香港节点: the command ended with exit code 1'),
    })
  })

  test('nothing is printed where nothing went well', async () => {
    const {env} = await panelOf()
    for (const format of ['table', 'json', 'ndjson', 'yaml'])
      expect(await cli(`nezha server exec backup1 new1 -o ${format} -- id`, {env})).toMatchObject({
        stdout: '',
        exitCode: 6,
      })
  })

  test('too many calls for a token are made again, as none of them was taken', async () => {
    const world = await panelOf()
    const limited = {
      jsonrpc: '2.0',
      id: 1,
      result: {
        content: [{type: 'text', text: 'rate limit exceeded for this token'}],
        structuredContent: {error: 'rate limit exceeded for this token', error_code: 'rate_limited'},
        isError: true,
      },
    }
    world.panel.faults.next(
      {kind: 'status', status: 200, contentType: 'application/json', body: JSON.stringify(limited)},
      {path: '/mcp'},
    )
    expect(await cli('nezha server exec hub1 -- hostname', {env: world.env})).toEqual({
      stdout: 'hub1\n',
      stderr: '',
      exitCode: 0,
    })
    // A gateway may say so of a command that went on.
    world.panel.faults.next({kind: 'status', status: 429, body: '{}'}, {path: '/mcp'})
    world.panel.requests.length = 0
    expect(await cli('nezha server exec hub1 -- hostname', {env: world.env})).toMatchObject({exitCode: 6})
    expect(world.panel.requests.filter(({path}) => path === '/mcp')).toHaveLength(1)
  })
})

test('what ran and could not be told is no failure of ours that a script would repeat', async () => {
  const {env} = await panelOf()
  // A disk without room, as far as a process can tell.
  const {stderr, exitCode} = await fullDisk(['nezha', 'server', 'exec', 'hub1', '--', 'hostname'], env)
  expect(stderr).toContain('it was run, but cannot write the output: no space left on device')
  expect(exitCode).toBe(7)
})

test('a command without an answer is in doubt, and sent once', async () => {
  const world = await panelOf()
  world.panel.faults.next({kind: 'reset-before-answer-headers'}, {path: '/mcp'})
  const outcome = await cli('nezha server exec hub1 -o json -- id', {env: world.env})
  expect(outcome).toMatchObject({stdout: '', exitCode: 7})
  expect(failureOf(outcome).hint).toBe(
    'it may have run, or still run there: panelctl nezha server exec hub1 -- ps aux',
  )
  expect(calls(world)).toHaveLength(1)
})

test.each(['hub1', 'backup1'])('a command that its agent does not answer may have run on %s', async name => {
  const world = await panelOf()
  const content = [{type: 'text', text: 'agent did not respond within timeout'}]
  const body = JSON.stringify({jsonrpc: '2.0', id: 1, result: {content, isError: true}})
  world.panel.faults.next(
    {kind: 'status', status: 200, contentType: 'application/json', body},
    {path: '/mcp'},
  )
  // Whoever reboots a machine finds its agent offline: nothing says that nothing was done.
  const outcome = await cli(`nezha server exec ${name} -o json -- reboot`, {env: world.env})
  expect(outcome).toMatchObject({stdout: '', exitCode: 7})
  expect(failureOf(outcome).message).toBe(
    `the command went to ${name}, and no answer of it came: agent did not respond within timeout; it may have been done`,
  )
  expect(calls(world)).toHaveLength(1)
})

test('neither --debug nor --dry-run repeats what a command is told', async () => {
  const world = await panelOf()
  const line = 'nezha server exec hub1 --env NAME=canary-1 --stdin - -- echo canary-2'
  const debug = await cli(line.replace(' -- ', ' --debug -- '), {env: world.env, stdin: 'canary-3'})
  expect(debug.stderr).toContain('server.exec')
  expect(debug.stderr).not.toContain('canary')
  const before = calls(world).length
  const dry = await cli(line.replace(' -- ', ' --dry-run -o json -- '), {env: world.env, stdin: 'canary-3'})
  expect(JSON.parse(dry.stdout).body.params.arguments).toMatchObject({cmd: 'echo', server_id: 1})
  expect(dry.stdout).not.toContain('canary')
  expect(calls(world)).toHaveLength(before)
})
