import {execFileSync} from 'node:child_process'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import {cli, nezhaSandbox, temporaryFolder} from '../../../harness.js'

/** Whether an agent of the machine's own is in the way of every run. */
const occupied =
  existsSync('/etc/systemd/system/nezha-agent.service') || existsSync('/opt/nezha/agent/nezha-agent')

async function setUp() {
  const began = Date.now()
  const nezha = await nezhaSandbox({now: () => began + (Date.now() - began) * 20})
  const folder = temporaryFolder()
  const env = {...nezha.environment, PANELCTL_STATE_DIR: join(folder, 'state'), NODE_NAME: 'web1'}
  const line = `nezha node auto-register --no-tls --workdir ${join(folder, 'work')}`
  return {nezha, env, line, folder}
}

describe.skipIf(process.platform !== 'linux' || occupied)('nezha node auto-register', () => {
  test('prints what was done as a table; the steps are on stderr', async () => {
    const {env, line, nezha} = await setUp()
    const {stdout, stderr, exitCode} = await cli(line, {env})
    expect({stdout, exitCode}).toEqual({
      exitCode: 0,
      stdout: [
        'NAME        web1',
        'ID          6',
        'TAG         AutoRegister',
        'REGISTERED  yes',
        'INSTALLED   yes',
        'ONLINE      yes',
        '',
      ].join('\n'),
    })
    expect(stderr).toMatch(/^\[1\/8\] gather: "web1"/)
    expect(stderr).toContain(
      `\nRun command: ./nezha.sh install_agent 127.0.0.1 ${nezha.probe.port} ********\n`,
    )
  })

  test('-o json prints one object, and each line on stderr is one', async () => {
    const {env, line} = await setUp()
    const {stdout, stderr, exitCode} = await cli(`${line} -o json`, {env})
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      name: 'web1',
      id: 6,
      tag: 'AutoRegister',
      registered: true,
      installed: true,
      online: true,
      changed: true,
    })
    const notes = stderr
      .trimEnd()
      .split('\n')
      .map(text => JSON.parse(text))
    expect(notes.map(note => Object.keys(note))).toEqual(notes.map(() => ['note']))
    expect(notes.map(({note}) => note)).toContain("  the sandbox's agent is installed")
  })

  test('--quiet says nothing, and csv is one row', async () => {
    const {env, line} = await setUp()
    expect(await cli(`${line} --quiet -o csv`, {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: 'name,id,tag,registered,installed,online\nweb1,6,AutoRegister,true,true,true\n',
    })
  })

  test('a node that does not report is printed all the same, and the exit code is 8', async () => {
    const {env, line, nezha} = await setUp()
    const body = '#!/bin/sh\nmkdir agent; : >agent/nezha-agent\n'
    nezha.faults.next({kind: 'status', status: 200, body}, {path: '/install.sh'})
    const {stdout, stderr, exitCode} = await cli(`${line} -o json --wait 50ms`, {env})
    expect(exitCode).toBe(8)
    expect(JSON.parse(stdout)).toMatchObject({registered: true, installed: true, online: false})
    expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      error: {code: 'WAIT_TIMEOUT', exitCode: 8},
    })
  })

  test('a script that leaves no agent is printed all the same, and the exit code is 5', async () => {
    const {env, line, nezha} = await setUp()
    nezha.faults.next({kind: 'status', status: 200, body: '#!/bin/sh\necho ok\n'}, {path: '/install.sh'})
    const {stdout, stderr, exitCode} = await cli(`${line} -o json --wait 50ms`, {env})
    expect(exitCode).toBe(5)
    expect(JSON.parse(stdout)).toMatchObject({registered: true, installed: false, online: false})
    expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      error: {code: 'REJECTED', exitCode: 5, hint: expect.stringContaining('--mirror cn')},
    })
  })

  test.each([
    ['fail', 'is on the panel already: server 6'],
    ['create', '--if-exists create is for another server'],
  ])(
    '--if-exists %s: an agent that is here is no success; without it, as its hint says, create makes another',
    async (ifExists, why) => {
      const {env, line} = await setUp()
      expect(await cli(line, {env})).toMatchObject({exitCode: 0})
      const {stdout, stderr, exitCode} = await cli(`${line} --if-exists ${ifExists}`, {env})
      expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 5})
      expect(stderr).toContain(why)
      const {stderr: advice} = await cli(`${line} --if-exists create`, {env})
      execFileSync('sh', ['-c', /to replace it, first: (rm .*)/.exec(advice)?.[1] ?? ''])
      const {stdout: another} = await cli(`${line} --if-exists create -o json`, {env})
      expect(JSON.parse(another)).toMatchObject({id: 7, registered: true, online: true})
    },
  )

  test.each([
    ['no token', {NEZHA_TOKEN: undefined}, '', 4],
    ['no probe address', {NEZHA_PROBE_ADDRESS: undefined}, '', 2],
    ['no dashboard', {NEZHA_DASHBOARD_URL: undefined}, '', 2],
    ['a port that is none', {NEZHA_PROBE_PORT: '70000'}, '', 2],
    ['a flag that the agent lacks', {}, '--agent-flag bogus', 2],
    ['an unreachable probe', {}, '--probe-port 1', 6],
    ['TLS where there is none', {}, '--tls', 6],
    ['a work folder that is none', {}, '--workdir /dev/null', 2],
  ])('%s: exit %4$i, nothing on stdout and nothing registered', async (_, changes, flags, expected) => {
    const {env, line, nezha} = await setUp()
    const {stdout, exitCode} = await cli(`${line} ${flags}`, {env: {...env, ...changes}})
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: expected})
    expect(nezha.state.servers.size).toBe(5)
  })

  test('trap 36: escape sequences in a name do not reach the terminal', async () => {
    const {env, line, nezha} = await setUp()
    const name = 'web\u001b[2J\u001b]0;title\u0007\u009b1'
    const {stdout, stderr, exitCode} = await cli(line, {env: {...env, NODE_NAME: name}})
    expect(exitCode).toBe(0)
    for (const control of '\u001b\u0007\u009b') expect(`${stdout}${stderr}`).not.toContain(control)
    expect(nezha.state.servers.get(6)?.name).toBe(name)
  })

  test('--dry-run prints the plan and does nothing', async () => {
    const {env, line, nezha, folder} = await setUp()
    const {stdout, exitCode} = await cli(`${line} --dry-run --tag Lab -o yaml`, {env})
    expect(exitCode).toBe(0)
    expect(parse(stdout)).toMatchObject({
      method: 'POST',
      body: {Name: 'web1', Tag: 'Lab'},
      command: `./nezha.sh install_agent 127.0.0.1 ${nezha.probe.port} ********`,
    })
    expect(nezha.state.servers.size).toBe(5)
    expect([existsSync(join(folder, 'work')), existsSync(join(folder, 'state'))]).toEqual([false, false])
  })

  test('--emit prints the file alone, and in JSON beside the nodes', async () => {
    const {env, line, nezha} = await setUp()
    const plain = await cli(`${line} --emit cloud-init --quiet`, {env})
    expect(plain).toMatchObject({exitCode: 0, stderr: ''})
    expect(plain.stdout).toMatch(/^#cloud-config\n/)
    const {stdout} = await cli(`${line} --emit cloud-init -o json`, {env})
    const secret = nezha.state.servers.get(6)?.secret
    expect(JSON.parse(stdout)).toEqual({
      emit: 'cloud-init',
      nodes: [{name: 'web1', id: 6, tag: 'AutoRegister', registered: false, secret}],
      content: plain.stdout,
    })
    expect(parse((await cli(`${line} --emit cloud-init -o yaml`, {env})).stdout).content).toBe(plain.stdout)
    // A file has no rows: a row of nothing would be one that nobody asked for.
    const asked = nezha.requests.length
    expect(await cli(`${line} --emit cloud-init -o csv`, {env})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'panelctl: this result has no rows, which -o csv needs\nhint: use -o json or -o yaml\n',
    })
    expect(nezha.requests).toHaveLength(asked)
  })

  test('takes the address and token of a saved context', async () => {
    const {env, line, nezha} = await setUp()
    const config = temporaryFolder()
    const own = {...env, NEZHA_TOKEN: undefined, NEZHA_DASHBOARD_URL: undefined, PANELCTL_CONFIG_DIR: config}
    const login = await cli(`nezha login --url ${nezha.url} --with-token`, {env: own, stdin: nezha.token})
    expect(login.exitCode).toBe(0)
    expect(await cli(line, {env: own})).toMatchObject({exitCode: 0})
    expect(readFileSync(join(config, 'config.yaml'), 'utf8')).toContain(nezha.url)
  })
})
