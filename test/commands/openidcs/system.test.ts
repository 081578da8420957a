import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, openidcsSandbox} from '../../harness.js'

describe('openidcs system stats', () => {
  test('counts, without what the panel does not count', async () => {
    const {environment: env} = await openidcsSandbox()
    expect(await cli('openidcs system stats', {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: 'HOSTS  3\nVMS    7\n',
    })
    expect(JSON.parse((await cli('openidcs system stats -o json', {env})).stdout)).toEqual({
      host_count: 3,
      vm_count: 7,
      running_vm_count: 0,
    })
  })

  test('is refused with a wrong token', async () => {
    const {environment: env} = await openidcsSandbox()
    const outcome = await cli('openidcs system stats', {env: {...env, OPENIDCS_TOKEN: 'wrong'}})
    expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
  })
})

describe('openidcs system engines', () => {
  test('lists the types of hosts by name', async () => {
    const {environment: env} = await openidcsSandbox()
    expect((await cli('openidcs system engines --columns name,enabled,platforms', {env})).stdout).toBe(
      `NAME         ENABLED  PLATFORMS
DockerSetup  no       Linux, Windows, MacOS
HyperVSetup  no       Windows
LxContainer  yes      Linux
MacOSFusion  no       MacOS
MemuAndroid  no       Windows
PodmanSetup  no       Linux, Windows, MacOS
PromoxSetup  no       Linux, Windows
VirtualBoxs  no       Linux, Windows
VMWareSetup  yes      Windows
vSphereESXi  no       Linux, Windows
`,
    )
  })

  test.each(['seed', 'newest'] as const)('is an array with the same fields on %s', async profile => {
    const {environment: env} = await openidcsSandbox({profile})
    const engines: Record<string, unknown>[] = JSON.parse(
      (await cli('openidcs system engines -o json', {env})).stdout,
    )
    expect(engines.map(({name}) => name)).toEqual(
      engines
        .map(({name}) => name)
        .toSorted((one, other) => (`${one}`.toLowerCase() < `${other}`.toLowerCase() ? -1 : 1)),
    )
    const hyperV = engines.find(({name}) => name === 'HyperVSetup')
    expect(Object.keys(hyperV ?? {})).toEqual(
      expect.arrayContaining(['name', 'description', 'enabled', 'platform', 'arch', 'options', 'message']),
    )
    expect(hyperV?.message).toMatch(/^1、/)
  })

  test('tells of an engine what is a text', async () => {
    const {environment: env, faults} = await openidcsSandbox({profile: 'newest'})
    const change = () => ({code: 200, data: {QEMUServer: {enabled: true, messages: ['1', {}, '2']}}, msg: ''})
    faults.next({kind: 'wrong-types', change})
    const {stdout} = await cli('openidcs system engines -o json', {env})
    expect(JSON.parse(stdout)).toMatchObject([
      {name: 'QEMUServer', message: '1\n2', messages: ['1', {}, '2']},
    ])
  })
})

describe('openidcs system logs', () => {
  async function withLogs(count: number) {
    const sandbox = await openidcsSandbox()
    sandbox.state.logs.length = 0
    for (let index = 1; index <= count; index++) {
      sandbox.state.log(`entry ${index}`, index % 2 === 0 ? 'node1' : 'node2', index !== 3)
    }
    return sandbox
  }

  test('shows them the oldest first', async () => {
    const {environment: env} = await withLogs(4)
    expect(await cli('openidcs system logs', {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `TIME                  LEVEL  OK   ACTION  MESSAGE
2026-11-21 12:00:00Z  INFO   yes  -       entry 1
2026-11-21 12:00:00Z  INFO   yes  -       entry 2
2026-11-21 12:00:00Z  ERROR  no   -       entry 3
2026-11-21 12:00:00Z  INFO   yes  -       entry 4
`,
    })
  })

  test('--limit keeps the oldest, which the panel does, and --tail the newest', async () => {
    const sandbox = await withLogs(200)
    const {environment: env} = sandbox
    const messages = async (flags: string) => {
      const {stdout} = await cli(`openidcs system logs ${flags} --columns message --no-header`, {env})
      return stdout.trimEnd().split('\n')
    }
    expect(await messages('--limit 2')).toEqual(['entry 1', 'entry 2'])
    expect(await messages('--tail 2')).toEqual(['entry 199', 'entry 200'])
    expect(await messages('--tail 2 --host node2')).toEqual(['entry 197', 'entry 199'])
    expect(paths(sandbox)).toEqual([
      'GET /api/system/logger/detail?limit=2',
      'GET /api/system/logger/detail?limit=2147483647',
      'GET /api/system/logger/detail?hs_name=node2&limit=2147483647',
    ])
  })

  test('says that the newest are missing where the panel cut them off', async () => {
    const {environment: env} = await withLogs(101)
    const {stdout, stderr} = await cli('openidcs system logs -o json', {env})
    expect(JSON.parse(stdout)).toHaveLength(100)
    expect(stderr).toBe('{"note":"these are the oldest 100; --tail 100 shows the newest"}\n')
  })

  test('--limit and --tail together, and an unknown host, are refused', async () => {
    const sandbox = await openidcsSandbox()
    const {environment: env} = sandbox
    expect(await cli('openidcs system logs --limit 1 --tail 1', {env})).toMatchObject({
      exitCode: 2,
      stdout: '',
    })
    expect(sandbox.requests).toEqual([])
    expect(await cli('openidcs system logs --host nod1 --tail 3', {env})).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'panelctl: there is no host "nod1"\nhint: did you mean "node1"?\n',
    })
  })

  test.each(['logs', 'tasks --host node1'])('%s: c5ee1c9 cannot, and is named', async command => {
    const {environment: env} = await openidcsSandbox({profile: 'c5ee1c9'})
    const outcome = await cli(`openidcs system ${command} -o json`, {env})
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(failureOf(outcome).message).toMatch(/^this version of OpenIDCS, c5ee1c9 .*, cannot tell its /)
  })
})

describe('openidcs system tasks', () => {
  test('are none, and an unknown host is one', async () => {
    const {environment: env} = await openidcsSandbox()
    expect(await cli('openidcs system tasks --host node1', {env})).toEqual({
      exitCode: 0,
      stderr: 'no tasks\n',
      stdout: 'OK  RESULT  ACTION  MESSAGE\n',
    })
    expect(await cli('openidcs system tasks --host none', {env})).toMatchObject({exitCode: 3, stdout: ''})
  })
})

describe('openidcs system config', () => {
  test('save writes once', async () => {
    const sandbox = await openidcsSandbox()
    const outcome = await cli('openidcs system config save', {env: sandbox.environment})
    expect(outcome).toEqual({exitCode: 0, stdout: '', stderr: 'saved the configuration\n'})
    expect(sandbox.requests.map(({path, body}) => [path, body])).toEqual([['/api/system/saving', '{}']])
  })

  test('save that the panel refuses is 5', async () => {
    const {environment: env} = await openidcsSandbox({
      profile: 'newest',
      hosts: [{name: 'node1', config: {server_name: ''}}],
    })
    expect(await cli('openidcs system config save', {env})).toMatchObject({exitCode: 5, stdout: ''})
  })

  test('load asks, and says what is lost', async () => {
    const sandbox = await openidcsSandbox()
    const {environment: env} = sandbox
    const refused = await cli('openidcs system config load', {env})
    expect(refused).toMatchObject({exitCode: 2, stdout: ''})
    expect(refused.stderr).toContain('forget all NAT, IP and proxy rules')
    expect(sandbox.requests).toEqual([])
    expect(await cli('openidcs system config load --yes -o json', {env})).toEqual({
      exitCode: 0,
      stdout: '{\n  "changed": true\n}\n',
      stderr: '{"note":"loaded the configuration"}\n',
    })
  })

  test('load whose answer is lost is 7, sent once', async () => {
    const sandbox = await openidcsSandbox()
    sandbox.faults.next({kind: 'reset'}, {method: 'POST', times: 9})
    const outcome = await cli('openidcs system config load --yes', {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(paths(sandbox)).toEqual(['POST /api/system/loader'])
  })
})
