import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, komariSandbox} from '../../harness.js'

const nodes = [
  {name: 'web1', uuid: '11111111-1111-4111-8111-111111111111'},
  {name: 'db1', uuid: '22222222-2222-4222-8222-222222222222'},
  {name: 'gone', uuid: '33333333-3333-4333-8333-333333333333', state: 'offline' as const},
  {name: 'new', uuid: '44444444-4444-4444-8444-444444444444', state: 'never' as const},
]

async function panelOf(options = {}) {
  const panel = await komariSandbox({nodes, ...options})
  return {panel, env: panel.environment}
}

type World = Awaited<ReturnType<typeof panelOf>>

/** What was sent to be run. */
function sent({panel}: World): object[] {
  return panel.requests.filter(({path}) => path.endsWith('/task/exec')).map(({body}) => JSON.parse(body))
}

describe('on one node', () => {
  test('all that it writes is on stdout, as the panel joins it, and its exit code is 12 here', async () => {
    const world = await panelOf()
    const outcome = await cli(['komari', 'node', 'exec', 'web1', '--', 'echo out; echo err >&2; exit 3'], {
      env: world.env,
    })
    expect(outcome).toEqual({
      stdout: 'out\n\nerr\n',
      stderr: 'panelctl: the command ended with exit code 3\n',
      exitCode: 12,
    })
    expect(sent(world)).toEqual([{command: 'echo out; echo err >&2; exit 3', clients: [nodes[0]?.uuid]}])
  })

  test('several words are a program and its arguments', async () => {
    const world = await panelOf()
    const argv = ['komari', 'node', 'exec', 'web1', '--', 'echo', "it's", 'a  b', '$HOME', '-o']
    expect(await cli(argv, {env: world.env})).toMatchObject({exitCode: 0})
    expect(sent(world)).toMatchObject([{command: `echo 'it'\\''s' 'a  b' '$HOME' -o`}])
  })

  test('bytes that the panel replaced are said to be', async () => {
    const {env} = await panelOf()
    const {stdout, stderr, exitCode} = await cli(['komari', 'node', 'exec', 'web1', '--', 'echo \ufffd'], {
      env,
    })
    expect({stdout, exitCode}).toEqual({stdout: '\ufffd\n', exitCode: 0})
    expect(stderr).toBe(
      'warning: what is not UTF-8 in its output arrives as U+FFFD: let it print that as base64\n',
    )
  })

  test('JSON has its code and its text by the names of the panel', async () => {
    const {env} = await panelOf()
    const {stdout, exitCode} = await cli('komari node exec web1 -o json -- "echo a; exit 4"', {env})
    expect(exitCode).toBe(12)
    expect(JSON.parse(stdout)).toEqual({
      node: 'web1',
      uuid: nodes[0]?.uuid,
      task_id: expect.stringMatching(/^\w{16}$/),
      exit_code: 4,
      result: 'a\n',
      finished_at: '2026-11-21T12:00:00Z',
      error: {code: 'REMOTE_FAILED', exitCode: 12, message: 'the command ended with exit code 4'},
    })
  })

  test('its code is handed on where that is asked for', async () => {
    const {env} = await panelOf()
    expect(await cli('komari node exec web1 --pass-exit-code -- "exit 300"', {env})).toEqual({
      stdout: '',
      stderr: '',
      exitCode: 44,
    })
  })

  test('a signal that ended it is told, with what it had written', async () => {
    const {env} = await panelOf()
    expect(await cli('komari node exec web1 -- "echo hi; kill -9 $$"', {env})).toEqual({
      stdout: 'hi\n',
      stderr: 'panelctl: the command was ended by a signal, or did not start\n',
      exitCode: 12,
    })
  })

  test('what takes longer goes on there, and can be looked at later', async () => {
    const world = await panelOf()
    const outcome = await cli('komari node exec web1 --timeout 300ms -o json -- "sleep 60; echo late"', {
      env: world.env,
    })
    expect(outcome.exitCode).toBe(8)
    const told = JSON.parse(outcome.stdout)
    expect(told).toMatchObject({node: 'web1', exit_code: null, result: ''})
    expect(failureOf(outcome)).toMatchObject({
      message: 'no answer of web1 within 0.3 s, which --timeout sets: it may still run there',
      hint: `look later: panelctl komari rpc admin:getTaskById --field task_id=${told.task_id}`,
    })
    expect(sent(world)).toHaveLength(1)
  })

  test('what came of it cannot be read: it was begun all the same', async () => {
    const world = await panelOf()
    world.panel.faults.next({kind: 'status', status: 503}, {path: /^\/api\/admin\/task\/\w{16}$/, times: 9})
    const outcome = await cli('komari node exec web1 --retries 0 -o json -- uptime', {env: world.env})
    expect(outcome).toMatchObject({stdout: '', exitCode: 7})
    expect(failureOf(outcome).message).toMatch(/^it was begun, and what came of it could not be read/)
    expect(sent(world)).toHaveLength(1)
  })

  test('no answer to the command leaves it in doubt, and it is sent once', async () => {
    const world = await panelOf()
    world.panel.faults.next({kind: 'reset-before-answer-headers'}, {path: '/api/admin/task/exec'})
    const outcome = await cli('komari node exec web1 -o json -- uptime', {env: world.env})
    expect(outcome).toMatchObject({stdout: '', exitCode: 7})
    expect(failureOf(outcome).hint).toContain('panelctl komari rpc admin:getTasks')
    expect(sent(world)).toHaveLength(1)
  })
})

describe('nothing is run', () => {
  test.each([
    ['gone', 6, 'the agent of gone is offline, and nothing was run'],
    ['new', 6, 'the agent of new is offline, and nothing was run'],
    ['nope', 3, 'there is no node "nope"'],
  ])('on %s', async (name, exitCode, message) => {
    const {env} = await panelOf()
    const outcome = await cli(`komari node exec ${name} -o json -- id`, {env})
    expect(outcome).toMatchObject({stdout: '', exitCode})
    expect(failureOf(outcome)).toMatchObject({message, hint: expect.any(String)})
  })

  test('by an agent that refuses', async () => {
    const {panel, env} = await panelOf()
    panel.state.refusesCommands.add(nodes[1]?.uuid ?? '')
    const outcome = await cli('komari node exec db1 -o json -- id', {env})
    expect(outcome).toMatchObject({stdout: '', exitCode: 5})
    expect(failureOf(outcome)).toMatchObject({
      message: 'the agent of db1 runs nothing: Remote control is disabled.',
      hint: 'where that is wanted, start it without --disable-web-ssh',
    })
  })

  test('for a guest', async () => {
    const {panel} = await panelOf()
    expect(await cli('komari node exec web1 -- id', {env: {KOMARI_URL: panel.url}})).toMatchObject({
      exitCode: 4,
    })
  })

  test('with --dry-run, which does not repeat the command', async () => {
    const world = await panelOf()
    const {stdout, exitCode} = await cli('komari node exec web1 --dry-run -o json -- echo canary', {
      env: world.env,
    })
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout).body).toMatchObject({clients: [nodes[0]?.uuid]})
    expect(stdout).not.toContain('canary')
    expect(sent(world)).toEqual([])
  })
})

test('the session of an account with two factors is told of the code that this wants, and how to give it', async () => {
  const {panel} = await panelOf({totpSecret: 'JBSWY3DPEHPK3PXP', session: 'a-session-that-is-good'})
  const env = {KOMARI_URL: panel.url, KOMARI_SESSION_TOKEN: 'a-session-that-is-good'}
  for (const line of ['node exec web1 -o json -- true', 'rpc admin:exec --field command=true -o json']) {
    const failure = failureOf(await cli(`komari ${line}`, {env}))
    expect(failure).toMatchObject({exitCode: 4, message: expect.stringContaining('2FA code is required')})
    expect(failure.message).not.toContain('does not accept')
    expect(failure.hint).toContain("--header 'X-2FA-Code: CODE'")
  }
})

describe('on several nodes', () => {
  test('it is sent once for all of them, each named once', async () => {
    const world = await panelOf()
    const outcome = await cli('komari node exec db1 gone web1 22222222 -- hostname', {env: world.env})
    expect(outcome).toEqual({
      stdout: '==> db1 <==\ndb1\n==> web1 <==\nweb1\n',
      stderr:
        'panelctl: 1 of 3 failed: gone: the agent of gone is offline, and nothing was run\nhint: panelctl komari node status gone\n',
      exitCode: 9,
    })
    expect(sent(world)).toMatchObject([{clients: [nodes[1]?.uuid, nodes[2]?.uuid, nodes[0]?.uuid]}])
  })

  test('one line each as NDJSON', async () => {
    const {env} = await panelOf()
    const {stdout} = await cli('komari node exec web1 db1 -o ndjson -- hostname', {env})
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map(line => JSON.parse(line))).toMatchObject([
      {node: 'web1', exit_code: 0, result: 'web1\n'},
      {node: 'db1', exit_code: 0, result: 'db1\n'},
    ])
  })
})

test.each(['1.2.5', '1.1'] as const)('works on %s as well', async profile => {
  const world = await panelOf({profile})
  expect(await cli('komari node exec web1 -- hostname', {env: world.env})).toMatchObject({
    stdout: 'web1\n',
    exitCode: 0,
  })
  expect(paths(world.panel).filter(path => path.includes('/task/exec'))).toHaveLength(1)
})
