import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, openidcsSandbox} from '../../harness.js'

const list = '/api/client/natget/node1/web01'
const add = '/api/client/natadd/node1/web01'

/** What the last write carried. */
function bodyOf({requests}: {requests: readonly {method: string; body: string}[]}): unknown {
  return JSON.parse(requests.findLast(({method}) => method === 'POST')?.body ?? 'null')
}

describe('openidcs nat list', () => {
  test('names no rule that has no port: --port could not mean it', async () => {
    const {environment: env, state} = await openidcsSandbox()
    state.hosts.get('node1')?.vms.get('web01')?.nat.unshift({internal_port: 80, internal_ip: '192.168.1.101'})
    expect(await cli('openidcs nat list node1 web01 -o id', {env})).toEqual({
      exitCode: 0,
      stdout: '8080\n8443\n2201\n5353\n',
      stderr: 'left out, as no identifier names them: 1 of 5 port forwards\n',
    })
  })

  test('shows the rules in the order of their positions', async () => {
    const {environment: env} = await openidcsSandbox()
    expect(await cli('openidcs nat list node1 web01', {env})).toEqual({
      exitCode: 0,
      stdout: `INDEX  PROTOCOL  PORT  TARGET             NOTE
    0  tcp       8080  192.168.1.101:80   web
    1  tcp       8443  192.168.1.101:443  网站
    2  tcp       2201  192.168.1.101:22   ssh
    3  udp       5353  192.168.1.101:53   -
`,
      stderr: '',
    })
  })

  test.each(['seed', 'newest'] as const)('has the names of the seed on %s', async profile => {
    const {environment: env} = await openidcsSandbox({profile})
    const {stdout} = await cli('openidcs nat list node1 web01 -o json', {env})
    expect(JSON.parse(stdout)[0]).toEqual({
      index: 0,
      protocol: profile === 'seed' ? 'tcp' : null,
      external_port: 8080,
      internal_port: 80,
      internal_ip: '192.168.1.101',
      description: 'web',
    })
    expect((await cli('openidcs nat list node1 web01 -o id', {env})).stdout).toBe('8080\n8443\n2201\n5353\n')
  })

  test('has the position as the index, whatever the panel calls so', async () => {
    const {environment: env, state} = await openidcsSandbox()
    const nat = state.hosts.get('node1')?.vms.get('web01')?.nat
    nat?.splice(0, 4, {external_port: 1, index: 7}, {external_port: 2, index: 0})
    const {stdout} = await cli('openidcs nat list node1 web01 -o json', {env})
    expect(JSON.parse(stdout)).toMatchObject([
      {index: 0, external_port: 1},
      {index: 1, external_port: 2},
    ])
  })

  test('takes values of any type (trap 11)', async () => {
    const {environment: env, state} = await openidcsSandbox()
    state.hosts
      .get('node1')
      ?.vms.get('web01')
      ?.nat.splice(
        0,
        3,
        {protocol: 6, external_port: '8080', internal_port: null, internal_ip: ['x'], description: {a: 1}},
        {external_port: 'abc'},
        {},
      )
    expect(
      (await cli('openidcs nat list node1 web01', {env})).stdout,
    ).toBe(`INDEX  PROTOCOL  PORT  TARGET            NOTE
    0  6         8080  -                 -
    1  -         abc   -                 -
    2  -         -     -                 -
    3  udp       5353  192.168.1.101:53  -
`)
    const {stdout} = await cli('openidcs nat list node1 web01 -o json', {env})
    expect(JSON.parse(stdout)[1]).toEqual({
      index: 1,
      protocol: null,
      external_port: 'abc',
      internal_port: null,
      internal_ip: null,
      description: null,
    })
  })

  test('says that there is none', async () => {
    const {environment: env, state} = await openidcsSandbox()
    state.load()
    expect(await cli('openidcs nat list node1 web01', {env})).toMatchObject({
      exitCode: 0,
      stdout: 'INDEX  PROTOCOL  PORT  TARGET  NOTE\n',
      stderr: 'no port forwards\n',
    })
    expect((await cli('openidcs nat list node1 web01 -o json', {env})).stdout).toBe('[]\n')
  })

  test.each([
    ['node1 nope', 'panelctl openidcs vm list node1'],
    ['nope web01', 'panelctl openidcs host list'],
  ])('exits with 3 for %s', async (names, hint) => {
    const {environment: env} = await openidcsSandbox()
    const outcome = await cli(`openidcs nat list ${names} -o json`, {env})
    expect(outcome).toMatchObject({exitCode: 3, stdout: ''})
    expect(failureOf(outcome).hint).toContain(hint)
  })
})

describe('openidcs nat add', () => {
  test('prints the rule as the list shows it then', async () => {
    const sandbox = await openidcsSandbox()
    const line = 'openidcs nat add node1 web01 --port 20022 --to 192.168.1.101:22 --note "second way in"'
    expect(await cli(line, {env: sandbox.environment})).toEqual({
      exitCode: 0,
      stdout: `INDEX     4
PROTOCOL  tcp
PORT      20022
TARGET    192.168.1.101:22
NOTE      second way in
`,
      stderr: 'added the port forward tcp 20022 to 192.168.1.101:22 of web01\n',
    })
    expect(paths(sandbox)).toEqual([`GET ${list}`, `POST ${add}`, `GET ${list}`])
  })

  test.each(['seed', 'newest'] as const)('sends the names of every version to %s', async profile => {
    const sandbox = await openidcsSandbox({profile})
    const line =
      'openidcs nat add node1 web01 --port 20053 --to [fd00::1]:53 --protocol udp --note dns -o json'
    const {stdout, exitCode} = await cli(line, {env: sandbox.environment})
    expect(exitCode).toBe(0)
    expect(bodyOf(sandbox)).toEqual({
      protocol: 'udp',
      external_port: 20_053,
      internal_port: 53,
      internal_ip: 'fd00::1',
      description: 'dns',
      wan_port: 20_053,
      lan_port: 53,
      lan_addr: 'fd00::1',
      nat_tips: 'dns',
    })
    expect(JSON.parse(stdout)).toEqual({
      index: 4,
      protocol: profile === 'seed' ? 'udp' : null,
      external_port: 20_053,
      internal_port: 53,
      internal_ip: 'fd00::1',
      description: 'dns',
      changed: true,
    })
  })

  test.each(['seed', 'newest'] as const)('leaves alone on %s what is there as asked', async profile => {
    const sandbox = await openidcsSandbox({profile})
    const {environment: env} = sandbox
    const run = (to: string, format: string) =>
      cli(`openidcs nat add node1 web01 --port 8080 --to ${to} -o ${format}`, {env})
    const same = await run('192.168.1.101:80', 'json')
    expect(same.exitCode).toBe(0)
    expect(JSON.parse(same.stdout)).toMatchObject({index: 0, external_port: 8080, changed: false})
    expect(same.stderr).toContain('192.168.1.101:80 already; nothing was sent')
    expect(await run('192.168.1.101:80', 'id')).toMatchObject({exitCode: 0, stdout: '8080\n'})
    const other = await run('10.0.0.9:9', 'json')
    expect(other).toMatchObject({exitCode: 5, stdout: ''})
    expect(JSON.parse(other.stderr).error).toMatchObject({code: 'REJECTED', reason: 'exists'})
    expect(JSON.parse(other.stderr).error.message).toContain('192.168.1.101:80')
    expect(paths(sandbox).filter(path => !path.startsWith('GET'))).toEqual([])
  })

  test('says what a version does not keep', async () => {
    const {environment: env} = await openidcsSandbox({profile: 'newest'})
    const {stderr} = await cli('openidcs nat add node1 web01 --port 9000 --to 10.0.0.1:1 --protocol udp', {
      env,
    })
    expect(stderr).toBe(`warning: this version of the panel keeps no --protocol
added the port forward 9000 to 10.0.0.1:1 of web01
`)
    // Nobody asked for tcp.
    const plain = await cli('openidcs nat add node1 web01 --port 9001 --to 10.0.0.1:1', {env})
    expect(plain.stderr).toBe('added the port forward 9001 to 10.0.0.1:1 of web01\n')
  })

  test('logs in where the newest wants a session, and sends the write once more with it', async () => {
    const sandbox = await openidcsSandbox({profile: 'newest'})
    await cli('openidcs nat add node1 web01 --port 9000 --to 10.0.0.1:1', {env: sandbox.environment})
    expect(paths(sandbox)).toEqual([
      `GET ${list}`,
      `POST ${add}`,
      'GET /api/system/statis',
      'POST /api/login',
      `POST ${add}`,
      `GET ${list}`,
    ])
  })

  test.each([
    ['seed', '--port 8080', 0, 'tcp 8080 to 192.168.1.101:80'],
    ['seed', '--port 5353 --protocol udp', 3, 'udp 5353 to 192.168.1.101:53'],
    ['newest', '--port 8080 --protocol udp', 0, '8080 to 192.168.1.101:80'],
  ] as const)('refuses on %s what is there: %s', async (profile, flags, index, rule) => {
    const sandbox = await openidcsSandbox({profile})
    const outcome = await cli(`openidcs nat add node1 web01 ${flags} --to 10.0.0.9:9`, {
      env: sandbox.environment,
    })
    expect(outcome).toEqual({
      exitCode: 5,
      stdout: '',
      stderr: `panelctl: web01 has it already: index ${index} is the port forward ${rule}, with another --to; nothing was sent
hint: panelctl openidcs nat list node1 web01
`,
    })
    expect(paths(sandbox)).toEqual([`GET ${list}`])
  })

  test('adds the other protocol of a port where the panel tells them apart', async () => {
    const {environment: env} = await openidcsSandbox()
    const outcome = await cli('openidcs nat add node1 web01 --port 8080 --protocol udp --to 10.0.0.9:9', {
      env,
    })
    expect(outcome.exitCode).toBe(0)
  })

  test('is done also where the list cannot be read again', async () => {
    const sandbox = await openidcsSandbox()
    sandbox.faults.next({kind: 'slow-body', pieces: 1}, {path: list})
    sandbox.faults.next({kind: 'html-404'}, {path: list})
    const outcome = await cli('openidcs nat add node1 web01 --port 9000 --to 10.0.0.1:1 -o json', {
      env: sandbox.environment,
    })
    expect(outcome.exitCode).toBe(0)
    expect(JSON.parse(outcome.stdout)).toMatchObject({index: null, external_port: 9000})
    expect(outcome.stderr).toContain('it was done, but cannot be looked at: ')
  })

  test.each([
    ['reset-before-answer-headers', 0],
    ['half-body', 0],
    ['reset', 7],
  ] as const)('looks after an answer that is lost (%s) and exits with %i', async (kind, exitCode) => {
    const sandbox = await openidcsSandbox()
    sandbox.faults.next({kind}, {path: add})
    const outcome = await cli('openidcs nat add node1 web01 --port 9000 --to 10.0.0.1:1', {
      env: sandbox.environment,
    })
    expect(outcome.exitCode).toBe(exitCode)
    expect(paths(sandbox).filter(path => path.startsWith('POST'))).toHaveLength(1)
    expect(outcome.stderr).toContain(
      exitCode === 0
        ? 'warning: no usable answer came, but the list has it\n'
        : 'hint: look before you repeat it: panelctl openidcs nat list node1 web01\n',
    )
  })

  test('exits with 5 for what the panel refuses', async () => {
    const {environment: env, state} = await openidcsSandbox({profile: 'newest'})
    state.deadRouters.add(String(state.hosts.get('node1')?.config.i_kuai_addr))
    const outcome = await cli('openidcs nat add node1 web01 --port 9000 --to 10.0.0.1:1', {env})
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(outcome.stderr).toContain('端口映射创建失败: 未知错误')
    expect(outcome.stderr).toContain(
      'hint: so that the rule does not come back: panelctl openidcs system config save; another virtual machine may',
    )
  })

  test.each([
    ['--port 0 --to 10.0.0.1:1', '--port: 0 is not within 1 and 65535'],
    ['--port 70000 --to 10.0.0.1:1', '--port: 70000 is not within 1 and 65535'],
    ['--port 80', 'missing required flag --to'],
    ['', 'missing required flags --port, --to'],
    ['--port 80 --to 10.0.0.1', '--to: "10.0.0.1" is not an IP address and a port'],
    ['--port 80 --to 10.0.0.300:80', '--to: "10.0.0.300:80" is not an IP address and a port'],
    ['--port 80 --to ::1', '--to: "::1" is not an IP address and a port'],
    ['--port 80 --to 10.0.0.1:0', '--to: 0 is not within 1 and 65535'],
    ['--port 80 --to 10.0.0.1:1 --protocol icmp', '--protocol=icmp'],
  ])('refuses %s', async (flags, message) => {
    const sandbox = await openidcsSandbox()
    const outcome = await cli(`openidcs nat add node1 web01 ${flags}`, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain(message)
    expect(sandbox.requests).toEqual([])
  })

  test('shows the request with --dry-run, and sends no write', async () => {
    const sandbox = await openidcsSandbox()
    const {stdout, exitCode} = await cli(
      'openidcs nat add node1 web01 --port 9000 --to 10.0.0.1:1 --dry-run',
      {
        env: sandbox.environment,
      },
    )
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      method: 'POST',
      headers: {authorization: '********'},
      body: {external_port: 9000, wan_port: 9000},
    })
    expect(paths(sandbox)).toEqual([`GET ${list}`])
  })
})

describe('openidcs nat delete', () => {
  test('deletes two by port although somebody adds one between them', async () => {
    const {environment: env, state} = await openidcsSandbox()
    const nat = state.hosts.get('node1')?.vms.get('web01')?.nat
    expect((await cli('openidcs nat delete node1 web01 --port 8080 --yes', {env})).exitCode).toBe(0)
    nat?.unshift({protocol: 'tcp', external_port: 1, internal_port: 1, internal_ip: '', description: ''})
    expect(await cli('openidcs nat delete node1 web01 --port 2201 --yes', {env})).toEqual({
      exitCode: 0,
      stdout: '',
      stderr:
        'deleted the port forward tcp 2201 to 192.168.1.101:22 of web01; left: tcp 1 to ?:1; tcp 8443 to 192.168.1.101:443; udp 5353 to 192.168.1.101:53\n',
    })
    expect(nat?.map(({external_port}) => external_port)).toEqual([1, 8443, 5353])
  })

  test('names the candidates where a port means several', async () => {
    const sandbox = await openidcsSandbox()
    sandbox.state.hosts.get('node1')?.vms.get('web01')?.nat.push({protocol: 'udp', external_port: '8080'})
    const env = sandbox.environment
    expect(await cli('openidcs nat delete node1 web01 --port 8080 --yes', {env})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: web01 has 2 port forwards on port 8080: index 0 is tcp 8080 to 192.168.1.101:80; index 4 is udp 8080 to ?:?
hint: add --index to say which, or --protocol
`,
    })
    expect(paths(sandbox)).toEqual([`GET ${list}`])
    const outcome = await cli('openidcs nat delete node1 web01 --port 8080 --index 4 --yes', {env})
    expect(outcome.exitCode).toBe(0)
    expect(paths(sandbox)).toContain('DELETE /api/client/natdel/node1/web01/4')
  })

  test.each([
    ['tcp', 0],
    ['udp', 4],
  ])('deletes by port and protocol: %s', async (protocol, index) => {
    const sandbox = await openidcsSandbox()
    sandbox.state.hosts.get('node1')?.vms.get('web01')?.nat.push({protocol: 'udp', external_port: '8080'})
    const line = `openidcs nat delete node1 web01 --port 8080 --protocol ${protocol} --yes`
    expect(await cli(line, {env: sandbox.environment})).toMatchObject({exitCode: 0})
    expect(paths(sandbox)).toContain(`DELETE /api/client/natdel/node1/web01/${index}`)
  })

  test('finds the rule of the newest, which is for both protocols', async () => {
    const {environment: env} = await openidcsSandbox({profile: 'newest'})
    const line = 'openidcs nat delete node1 web01 --port 8080 --protocol udp --yes'
    expect(await cli(line, {env})).toMatchObject({exitCode: 0})
  })

  test('a protocol alone means none', async () => {
    const sandbox = await openidcsSandbox()
    const outcome = await cli('openidcs nat delete node1 web01 --protocol udp --yes', {
      env: sandbox.environment,
    })
    expect(outcome).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--protocol goes with --port'),
    })
    expect(sandbox.requests).toEqual([])
  })

  test('says of the newest that its router may keep the rule', async () => {
    const {environment: env} = await openidcsSandbox({profile: 'newest'})
    const {stderr} = await cli('openidcs nat delete node1 web01 --port 8080 --yes', {env})
    expect(stderr).toContain('warning: the router may forward port 8080 all the same')
  })
})
