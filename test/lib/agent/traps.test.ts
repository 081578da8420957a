import {createHash} from 'node:crypto'
import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {serve, tlsFixtures} from '../../process/serve.js'
import {serveScript, unit, unitPath, world} from './world.js'

// contracts/nezha.md part 5: those that concern a node and its agent. 30 to 32 and 40 are about v1, v2 and other calls.
const web1 = {name: ['web1']}

test('trap 22: a slash behind the dashboard’s URL does not turn the registration into a redirect', async () => {
  const {run, env, servers} = await world()
  const {result} = await run(web1, {env: {NEZHA_DASHBOARD_URL: `${env.NEZHA_DASHBOARD_URL}/`}})
  expect(result).toMatchObject({id: 6, online: true})
  expect(servers()).toEqual([6])
})

test('trap 22: a redirect of the registration is not followed, and nothing is registered', async () => {
  const {run, nezha, servers} = await world()
  nezha.faults.next(
    {kind: 'redirect', status: 307, to: 'https://other.example.com/'},
    {path: '/api/v1/server/register'},
  )
  expect((await run(web1)).error).toMatchObject({code: 'BAD_RESPONSE', status: 307})
  expect(servers()).toEqual([])
  expect((await run(web1)).result).toMatchObject({id: 6, online: true})
})

describe('trap 23: the script’s word is not taken for it', () => {
  test('it says success and leaves no agent: exit 5, and the result says what is', async () => {
    const w = await world()
    serveScript(w, '#!/bin/sh\necho Agent installed successfully\nexit 0\n')
    const {result, error} = await w.run({...web1, wait: 50})
    expect(error).toMatchObject({code: 'REJECTED', exitCode: 5})
    expect(error?.message).toContain('the install script said success and left no agent')
    expect(error?.hint).toContain('--mirror cn')
    expect(result).toEqual({
      name: 'web1',
      id: 6,
      tag: 'AutoRegister',
      registered: true,
      installed: false,
      online: false,
      changed: true,
    })
    // And the next run makes it good, with the same server.
    expect((await w.run(web1)).result).toMatchObject({
      id: 6,
      registered: false,
      installed: true,
      online: true,
    })
  })

  test('the same without waiting', async () => {
    const w = await world()
    serveScript(w, '#!/bin/sh\nexit 0\n')
    expect((await w.run({...web1, 'no-wait': true})).error).toMatchObject({code: 'REJECTED'})
  })

  test('it leaves an agent that never reports: exit 8, naming where it should', async () => {
    const w = await world()
    serveScript(w, '#!/bin/sh\nmkdir agent\n: >agent/nezha-agent\nexit 0\n')
    const {result, error} = await w.run({...web1, wait: 50})
    expect(error?.message).toBe(
      '"web1" (server 6) is registered and its agent installed, but it did not report within 0 s',
    )
    expect(error?.hint).toContain(`can it reach 127.0.0.1:${w.nezha.probe.port} without TLS?`)
    expect(result).toMatchObject({installed: true, online: false})
  })

  test('it fails: exit 5 at once, with its exit code', async () => {
    const w = await world()
    serveScript(w, '#!/bin/sh\necho cannot download >&2\nexit 1\n')
    const {error, said} = await w.run(web1)
    expect(error).toMatchObject({code: 'REJECTED', hint: expect.stringContaining('--mirror cn')})
    expect(error?.message).toContain('the install script ended with exit code 1')
    expect(said).toContain('cannot download')
  })
})

test('trap 24: TLS to the dashboard’s own port stops before registering, and says --no-tls', async () => {
  const {run, nezha, registrations} = await world()
  const {error} = await run({...web1, tls: undefined})
  expect(error).toMatchObject({
    code: 'UNREACHABLE',
    message: `there is no TLS at 127.0.0.1:${nezha.probe.port}, and agents were to use it`,
    hint: expect.stringContaining('pass --no-tls'),
  })
  expect(registrations()).toBe(0)
})

test('trap 25: a folder with a README.md, which the script would delete, is refused', async () => {
  const {run, put, machine, registrations} = await world()
  put('project/README.md', 'mine')
  const {error} = await run({...web1, workdir: join(machine.root, 'project')})
  expect(error).toMatchObject({code: 'USAGE'})
  expect(error?.message).toContain('holds a README.md, which the install script deletes')
  expect(registrations()).toBe(0)
})

test.each([
  ['probe-address', 'probe.example.com;reboot'],
  ['probe-address', '$(reboot)'],
  ['probe-address', 'a b'],
  ['probe-address', '-s'],
  ['agent-flag', '--debug;reboot'],
  ['agent-flag', 'report-delay=$(reboot)'],
  ['agent-flag', 'report-delay=2 --password=x'],
])('trap 26: what the script’s eval would execute is refused: --%s %s', async (name, value) => {
  const {run, nezha} = await world()
  const {error} = await run({...web1, [name]: name === 'agent-flag' ? [value] : value})
  expect(error).toMatchObject({code: 'USAGE'})
  expect(nezha.requests).toEqual([])
})

test('trap 26: a secret that the script’s eval would execute never gets there', async () => {
  const w = await world()
  w.nezha.faults.next(
    {kind: 'wrong-types', change: json => ({...(json as object), secret: 'x;reboot'})},
    {path: '/api/v1/server/register'},
  )
  expect((await w.run(web1)).error).toMatchObject({code: 'BAD_RESPONSE'})
  expect(w.downloads()).toBe(0)
  expect((await w.run(web1)).error).toMatchObject({code: 'BAD_RESPONSE'})
  expect(w.downloads()).toBe(0)
})

test.each(['darwin', 'win32', 'freebsd'] as const)(
  'trap 27: on %s nothing is registered, and it says what to do instead',
  async platform => {
    const {run, registrations} = await world()
    const {error} = await run(web1, {machine: {platform}})
    expect(error).toMatchObject({code: 'USAGE', hint: expect.stringContaining('nezha-agent v0.20.5')})
    expect(error?.message).toContain(platform)
    expect(registrations()).toBe(0)
  },
)

test('trap 28: an agent that updates itself away can be told not to', async () => {
  const {run, nezha} = await world()
  const {said} = await run({...web1, 'agent-flag': ['disable-auto-update', '--disable-force-update']})
  expect(said).toContain(
    `Run command: ./nezha.sh install_agent 127.0.0.1 ${nezha.probe.port} ******** --disable-auto-update --disable-force-update`,
  )
})

test('trap 29: neither the token nor the secret is in anything that is said', async () => {
  const {run, nezha} = await world()
  const {said} = await run(web1)
  const secret = nezha.state.servers.get(6)?.secret ?? ''
  expect(secret).toHaveLength(18)
  expect(said).not.toContain(secret)
  expect(said).not.toContain(nezha.token)
})

test('trap 33: a tag with a semicolon does not drop the filter, and its node is found again', async () => {
  const {run, nezha} = await world()
  nezha.state.add({name: 'web1', tag: 'a'})
  const tag = 'a;b=%zz'
  expect((await run({...web1, tag})).result).toMatchObject({id: 7, tag, online: true})
  expect((await run({...web1, tag})).result).toMatchObject({id: 7, registered: false})
})

test('trap 34: a dashboard below a path is asked with single slashes', async () => {
  const {run, env, nezha} = await world()
  await run(web1, {env: {NEZHA_DASHBOARD_URL: `${env.NEZHA_DASHBOARD_URL}//`}})
  expect(nezha.requests.filter(({path}) => path.includes('//'))).toEqual([])
})

test('trap 35: a dashboard that hangs ends in exit 7 with the intent saved; then one node, or the server’s number', async () => {
  const {run, nezha, servers, saved} = await world()
  nezha.faults.next({kind: 'stall-body'}, {path: '/api/v1/server/register'})
  expect((await run(web1, {timeout: 300})).error).toMatchObject({code: 'UNCERTAIN', exitCode: 7})
  expect(saved()).toHaveLength(1)
  expect((await run(web1)).error).toMatchObject({
    code: 'REJECTED',
    message: expect.stringContaining('server 6'),
  })
  expect(servers()).toEqual([6])
})

test.each([false, true])('trap 37: the script never runs over an agent (--skip-preflight %s)', async skip => {
  const {run, put, downloads} = await world()
  put(unitPath, unit('probe.example.com:5555', 'x'))
  const {error} = await run({...web1, 'skip-preflight': skip})
  expect(error).toMatchObject({code: 'REJECTED', hint: expect.stringContaining('would remove it')})
  expect(downloads()).toBe(0)
})

test('trap 38: a host alone is not a report', async () => {
  // A clock that stands still: the agent has connected, and its first report never comes.
  const {run, nezha} = await world({now: () => Date.UTC(2026, 0, 1)})
  expect((await run({...web1, wait: 100})).error).toMatchObject({code: 'WAIT_TIMEOUT'})
  expect(nezha.state.servers.get(6)?.agent.kind).toBe('machine')
})

test('trap 39: an agent that reports NaN does not keep others from being registered', async () => {
  const {run, nezha} = await world({servers: [{name: 'nan', tag: 'AutoRegister'}]})
  const {agent} = nezha.state.servers.get(1) ?? {}
  if (agent?.kind !== 'machine') throw new Error('nobody reports')
  nezha.state.update(1, {agent: {...agent, machine: {...agent.machine, fixed: {CPU: Number.NaN}}}})
  expect((await run(web1)).result).toMatchObject({id: 2, online: true})
})

describe('a script that must not run', () => {
  const refusals: ReadonlyArray<readonly [string, string, RegExp]> = [
    [
      'a web page',
      '<!DOCTYPE html><title>Sign in</title><p>Please sign in',
      /is not a script; it begins with "Sign in/,
    ],
    ['an empty file', '', /is empty/],
    ['a too large file', `#!/bin/sh\n${'x'.repeat(2 ** 20)}`, /is larger than 1024 KiB/],
    ['a text without #!', 'touch ran\n', /is not a script/],
  ]
  test.each(refusals)('%s', async (_, body, message) => {
    const w = await world()
    serveScript(w, body)
    const {error} = await w.run(web1)
    expect(error).toMatchObject({code: 'BAD_RESPONSE'})
    expect(error?.message).toMatch(message)
    expect(error?.hint).toContain('its secret is saved')
    expect(readdirSync(w.workdir)).toEqual([])
    expect((await w.run(web1)).result).toMatchObject({id: 6, online: true})
  })

  test.each([404, 503])('HTTP %i', async status => {
    const w = await world()
    const fault = {kind: 'status', status, body: '#!/bin/sh\n: >ran\n'} as const
    w.nezha.faults.next(fault, {path: '/install.sh', times: 4})
    const {error} = await w.run(web1)
    expect(error).toMatchObject({code: status === 404 ? 'BAD_RESPONSE' : 'UNREACHABLE', status})
    expect(existsSync(join(w.workdir, 'ran'))).toBe(false)
  })

  test('one with another sum than --script-sha256; the right one runs', async () => {
    const w = await world()
    const {error} = await w.run({...web1, 'script-sha256': '0'.repeat(64)})
    expect(error).toMatchObject({
      code: 'BAD_RESPONSE',
      hint: expect.stringContaining('--script-sha256 wants 0000'),
    })
    const text = await (await fetch(`${w.nezha.installer.url}/install.sh`)).text()
    const sum = createHash('sha256').update(text).digest('hex')
    expect((await w.run({...web1, 'script-sha256': sum.toUpperCase()})).result).toMatchObject({
      id: 6,
      online: true,
    })
  })

  test('one that a redirect leads to from https to http, where anybody could have put it', async () => {
    const w = await world()
    const script = await serve((_request, response) => void response.end('#!/bin/sh\n: >ran\n'))
    const {url} = await serve((_request, response) => {
      response.writeHead(302, {location: `${script.url}/install.sh`}).end()
    }, 'https')
    const {error} = await w.run(
      {...web1, 'install-url': `${url}/install.sh`},
      {env: {PANELCTL_CA_FILE: tlsFixtures.caFile}},
    )
    expect(error?.message).toContain('answered with HTTP 302 for /install.sh')
    expect(script.requests).toEqual([])
    expect(existsSync(join(w.workdir, 'ran'))).toBe(false)
  })

  test('a redirect to it whose own body never ends is not waited for', async () => {
    const w = await world()
    const {url} = await serve((_request, response) => {
      response.writeHead(302, {location: `${w.nezha.installer.url}/install.sh`}).write('x')
    })
    const {result} = await w.run({...web1, 'install-url': `${url}/install.sh`})
    expect(result).toMatchObject({id: 6, online: true})
  })

  test('one over plain HTTP from another machine, unless it is pinned', async () => {
    const {run, nezha} = await world()
    const {error} = await run({...web1, 'install-url': 'http://192.0.2.1/install.sh'})
    expect(error).toMatchObject({code: 'USAGE', hint: expect.stringContaining('--script-sha256')})
    expect(nezha.requests).toEqual([])
  })
})
