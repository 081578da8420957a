import {describe, expect, test} from 'vitest'
import type {Profile} from '../../../src/lib/sandbox/openidcs/features.js'
import type {OpenidcsOptions, OpenidcsSandbox} from '../../emulated.js'
import {openidcsSandbox} from '../../harness.js'
import {rawRequest} from './raw-request.js'

type As = 'nobody' | 'token' | 'session' | 'both'

function headersOf(panel: OpenidcsSandbox, as: As): Record<string, string> {
  const bearer = {Authorization: `Bearer ${panel.state.token}`}
  const cookie = {Cookie: `session=${panel.session}`}
  if (as === 'nobody') return {}
  return as === 'both' ? {...bearer, ...cookie} : as === 'token' ? bearer : cookie
}

/** One request; a body that is no text goes as JSON. */
async function ask(panel: OpenidcsSandbox, line: string, body?: unknown, as: As = 'both') {
  const [method = '', path = ''] = line.split(' ')
  return rawRequest(panel.port, {
    method,
    path: path.replaceAll('%20', ' ').replaceAll(' ', '%20'),
    headers: {
      ...headersOf(panel, as),
      ...(body !== undefined && {'Content-Type': 'application/json'}),
    },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  })
}

async function json(panel: OpenidcsSandbox, line: string, body?: unknown, as?: As) {
  return JSON.parse((await ask(panel, line, body, as)).body)
}

async function data(panel: OpenidcsSandbox, line: string) {
  return (await json(panel, line)).data
}

const both: readonly Profile[] = ['seed', 'newest']

/** A VMware host with VMs, listed by VMware in the order given. */
function vmware(order: readonly string[], options: OpenidcsOptions = {}): Promise<OpenidcsSandbox> {
  const config = {
    system_path: '/opt/openidcs/system',
    server_addr: '192.0.2.9:8697',
    images_path: '/opt/images',
  }
  const vms = order.map(name => ({name, state: 'stopped' as const, config: {vc_port: 1, vc_pass: 'x'}}))
  return openidcsSandbox({...options, hosts: [{name: 'h', config, order: [...order], vms}]})
}

function powers(panel: OpenidcsSandbox): Record<string, string> {
  const [hypervisor] = panel.state.hypervisors.values()
  return Object.fromEntries(
    (hypervisor?.machines ?? []).map(({name, changes}) => [name, changes.at(-1)?.power ?? 'none']),
  )
}

describe('answers', () => {
  test('are JSON in lines, sorted, in ASCII', async () => {
    const panel = await openidcsSandbox()
    const answer = await ask(panel, 'GET /api/client/natget/node1/nobody')
    expect(answer.body).toBe(
      '{\n  "code": 404,\n  "data": null,\n  "msg": "\\u865a\\u62df\\u673a\\u4e0d\\u5b58\\u5728"\n}\n',
    )
    expect(answer.headers).toMatchObject({'content-type': 'application/json', connection: 'close'})
    expect(answer.headers.server).toMatch(/^Werkzeug/)
  })

  test('of a packaged build are JSON in one line, and its crashes short', async () => {
    const panel = await openidcsSandbox({debug: false})
    expect((await ask(panel, 'GET /api/system/statis')).body).toBe(
      '{"code":200,"data":{"host_count":3,"running_vm_count":0,"vm_count":7},"msg":"success"}\n',
    )
    const crash = await ask(panel, 'POST /api/server/create', '[1]')
    expect(crash.status).toBe(500)
    expect(crash.body.length).toBeLessThan(500)
  })

  test('have a timestamp in the newest version alone', async () => {
    const answers = await Promise.all(
      both.map(async profile => json(await openidcsSandbox({profile}), 'GET /api/system/statis')),
    )
    expect(answers.map(({timestamp}) => timestamp)).toEqual([undefined, 1_795_262_400])
  })

  test('that nobody caught are pages of tens of kilobytes', async () => {
    const panel = await openidcsSandbox()
    const {status, headers, body} = await ask(panel, 'POST /api/system/create', '["a"]')
    expect([status, headers['content-type']]).toEqual([500, 'text/html; charset=utf-8'])
    expect(body).toContain(
      '<title>AttributeError: &#39;list&#39; object has no attribute &#39;get&#39;\n // Werkzeug Debugger',
    )
    expect(body.length).toBeGreaterThan(20_000)
  })

  test.each([
    ['seed', 'GET /api/nope', 404, 'text/html; charset=utf-8', undefined],
    ['seed', 'POST /api/nope', 404, 'text/html; charset=utf-8', undefined],
    ['seed', 'GET /api/server/detail/', 404, 'text/html; charset=utf-8', undefined],
    ['seed', 'GET /api/system/resets', 405, 'text/html; charset=utf-8', 'OPTIONS, POST'],
    ['seed', 'DELETE /api/client/natdel/node1/web01/-1', 404, 'text/html; charset=utf-8', undefined],
    ['seed', 'GET /api/client/detail/node1/a%2Fb', 404, 'text/html; charset=utf-8', undefined],
    ['seed', 'GET /api/token/current', 404, 'text/html; charset=utf-8', undefined],
    ['newest', 'GET /api/nope', 404, 'application/json', undefined],
    ['newest', 'POST /api/nope', 405, 'text/html; charset=utf-8', 'OPTIONS, HEAD, GET'],
    ['newest', 'GET /api/client/create/node1', 404, 'application/json', undefined],
    [
      'newest',
      'DELETE /api/client/natdel/node1/web01/-1',
      405,
      'text/html; charset=utf-8',
      'OPTIONS, HEAD, GET',
    ],
    ['newest', 'GET /api/system/tquery', 404, 'application/json', undefined],
    ['newest', 'GET /', 503, 'text/html; charset=utf-8', undefined],
  ] as const)('%s: %s is HTTP %i, %s', async (profile, line, status, type, allow) => {
    const answer = await ask(await openidcsSandbox({profile}), line)
    expect([answer.status, answer.headers['content-type'], answer.headers.allow]).toEqual([
      status,
      type,
      allow,
    ])
  })

  test.each([
    ['no body', undefined, 415, 'Unsupported Media Type'],
    ['broken JSON', '{"a": [1,}', 400, 'Expecting value: line 1 column 10 (char 9)'],
    ['an empty body', '', 400, 'Expecting value: line 1 column 1 (char 0)'],
    ['text without an end', '{"a": "b', 400, 'Unterminated string starting at: line 1 column 7 (char 6)'],
    ['more than one value', '{}\n{}', 400, 'Extra data: line 2 column 1 (char 3)'],
  ])('to %s are pages', async (_, body, status, words) => {
    const answer = await ask(await openidcsSandbox(), 'POST /api/client/powers/node1/web01', body)
    expect(answer.status).toBe(status)
    expect(answer.body).toContain(words)
  })
})

describe('credentials', () => {
  test.each([
    // The token in a form of its own, and what a list, an administrator's route and a write say to it.
    ['seed', 'nobody', [200, 401], [200, 401], [200, 401]],
    ['seed', 'token', [200, 200], [200, 200], [200, 200]],
    ['seed', 'session', [200, 200], [200, 200], [200, 200]],
    ['newest', 'nobody', [200, 401], [403, 403], [200, 401]],
    ['newest', 'token', [200, 200], [200, 200], [200, 401]],
    ['newest', 'both', [200, 200], [200, 200], [200, 200]],
  ] as const)('%s: %s', async (profile, as, list, admin, write) => {
    const panel = await openidcsSandbox({profile})
    const outcome = async (line: string) => {
      const {status, body} = await ask(panel, line, undefined, as)
      return [status, JSON.parse(body).code]
    }
    expect(await outcome('GET /api/client/detail/node1')).toEqual(list)
    expect(await outcome('GET /api/server/detail/node1')).toEqual(admin)
    expect(await outcome('DELETE /api/client/natdel/node1/web01/0')).toEqual(write)
  })

  test('are exact: scheme, blank and token', async () => {
    const panel = await openidcsSandbox()
    const codes = []
    for (const Authorization of [`bearer ${panel.token}`, panel.token, 'Bearer ', `Bearer  ${panel.token}`]) {
      const {body} = await rawRequest(panel.port, {path: '/api/system/statis', headers: {Authorization}})
      codes.push(JSON.parse(body).code)
    }
    expect(codes).toEqual([401, 401, 401, 401])
  })

  test.each([
    ['seed', '/login', '/api/login'],
    ['newest', '/api/login', '/login'],
  ] as const)('%s logs in at %s', async (profile, path, other) => {
    const panel = await openidcsSandbox({profile})
    const answer = await ask(panel, `POST ${path}`, {token: panel.token}, 'nobody')
    expect(JSON.parse(answer.body)).toMatchObject({code: 200, data: {redirect: '/admin'}})
    const cookie = answer.headers['set-cookie']
    expect(cookie).toMatch(/^session=\w+; HttpOnly; Path=\/$/)
    const headers = {Cookie: cookie?.split(';')[0] ?? ''}
    const {body} = await rawRequest(panel.port, {path: '/api/client/detail/node1', headers})
    expect(JSON.parse(body).code).toBe(200)
    expect([404, 405]).toContain((await ask(panel, `POST ${other}`, {token: panel.token})).status)
  })

  test('are locked out for five minutes after five failed logins, by the newest version', async () => {
    const panel = await openidcsSandbox({profile: 'newest'})
    const attempt = (token: string) => json(panel, 'POST /api/login', {token}, 'nobody')
    for (let count = 0; count < 5; count++) expect(await attempt('wrong')).toMatchObject({code: 401})
    expect(await attempt(panel.token)).toMatchObject({code: 429, msg: '登录失败次数过多，请 300 秒后再试'})
    panel.state.pass(300_000)
    expect(await attempt(panel.token)).toMatchObject({code: 200})
  })

  test.each([
    ['seed', 401],
    ['newest', 200],
  ] as const)('%s: a session meets a restart with code %i', async (profile, code) => {
    const panel = await openidcsSandbox({profile})
    await panel.restart()
    expect(await json(panel, 'GET /api/system/statis', undefined, 'session')).toMatchObject({code})
    expect(await json(panel, 'GET /api/system/statis', undefined, 'token')).toMatchObject({code: 200})
  })

  test('change: an empty one is made up, and a number locks everybody out', async () => {
    const panel = await openidcsSandbox()
    const made = await json(panel, 'POST /api/system/create', {})
    expect(made.data.token).toMatch(/^[0-9a-f]{16}$/)
    expect(await json(panel, 'POST /api/system/create', {token: 123})).toMatchObject({data: {token: 123}})
    expect(await json(panel, 'GET /api/system/tquery', undefined, 'token')).toMatchObject({code: 401})
    expect(await json(panel, 'POST /api/system/resets')).toMatchObject({code: 200})
    const newest = await openidcsSandbox({profile: 'newest'})
    expect(await json(newest, 'POST /api/token/set', {})).toMatchObject({code: 400})
    expect((await json(newest, 'POST /api/token/reset')).data.token).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('rules', () => {
  test('move up when one before them is deleted', async () => {
    const panel = await openidcsSandbox()
    const ports = async () =>
      (await data(panel, 'GET /api/client/natget/node1/web01')).map(
        (rule: {external_port: number}) => rule.external_port,
      )
    expect(await ports()).toEqual([8080, 8443, 2201, 5353])
    await ask(panel, 'DELETE /api/client/natdel/node1/web01/1')
    expect(await ports()).toEqual([8080, 2201, 5353])
    await ask(panel, 'DELETE /api/client/natdel/node1/web01/1')
    expect(await ports()).toEqual([8080, 5353])
    expect(await json(panel, 'DELETE /api/client/natdel/node1/web01/2')).toMatchObject({code: 404})
  })

  test('of the newest version have other names; those of the seed make a port by chance', async () => {
    const panel = await openidcsSandbox({profile: 'newest'})
    const body = {protocol: 'tcp', external_port: 9000, internal_port: 90, internal_ip: '192.168.1.101'}
    expect(await json(panel, 'POST /api/client/natadd/node1/web01', body)).toMatchObject({code: 200})
    const rules = await data(panel, 'GET /api/client/natget/node1/web01')
    expect(rules[0]).toEqual({lan_addr: '192.168.1.101', lan_port: 80, nat_tips: 'web', wan_port: 8080})
    expect(rules.at(-1)).toMatchObject({lan_addr: '', lan_port: 0, nat_tips: ''})
    expect(rules.at(-1).wan_port).toBeGreaterThanOrEqual(10_000)
  })

  test.each([
    ['seed', 'POST /api/system/loader', 0],
    ['seed', 'GET /api/client/detail/node1', 4],
    ['newest', 'POST /api/system/loader', 4],
  ] as const)('%s: after %s there are %i', async (profile, line, left) => {
    const panel = await openidcsSandbox({profile})
    await ask(panel, line)
    expect(await data(panel, 'GET /api/client/natget/node1/web01')).toHaveLength(left)
  })

  test('of addresses are network cards later, deleted by name on another route', async () => {
    const panel = await openidcsSandbox({profile: 'newest'})
    expect(await json(panel, 'POST /api/client/ipaddr/create/node1/web01', {})).toMatchObject({
      code: 200,
      msg: '网卡 nic1 添加成功',
    })
    const cards = await data(panel, 'GET /api/client/ipaddr/detail/node1/web01')
    expect(cards.map((card: {nic_name: string; ip4_addr: string}) => [card.nic_name, card.ip4_addr])).toEqual(
      [
        ['ethernet0', '192.168.1.101'],
        ['nic1', '192.168.1.100'],
      ],
    )
    expect(await json(panel, 'DELETE /api/client/ipaddr/delete/node1/web01/1')).toMatchObject({
      code: 404,
      msg: '网卡 1 不存在',
    })
    expect(await json(panel, 'DELETE /api/hosts/node1/vms/web01/ip_addresses/nic1')).toMatchObject({
      code: 200,
    })
    expect(await data(panel, 'GET /api/client/ipaddr/detail/node1/web01')).toHaveLength(1)
  })

  test('of proxies know a domain once; a container host wants a NAT rule first', async () => {
    const panel = await openidcsSandbox({profile: 'newest'})
    const proxy = {domain: 'www.example.com', backend_ip: '192.168.1.101', backend_port: 80}
    expect(await json(panel, 'POST /api/client/proxys/create/node1/web01', proxy)).toMatchObject({
      code: 500,
      msg: '添加代理失败: 域名 www.example.com 已存在',
    })
    const other = {...proxy, domain: 'mail.example.com'}
    const missing = await json(panel, 'POST /api/client/proxys/create/node2/ct-mail', other)
    expect(missing).toMatchObject({code: 500, msg: expect.stringContaining('<br/>')})
    const through = {...other, backend_port: 25}
    expect(await json(panel, 'POST /api/client/proxys/create/node2/ct-mail', through)).toMatchObject({
      code: 200,
    })
    // The backend is the host now, at the public port.
    expect(await data(panel, 'GET /api/client/proxys/detail/node2/ct-mail')).toMatchObject([
      {backend_ip: '192.0.2.12', backend_port: 2525},
    ])
  })

  test('may hold what a terminal would obey', async () => {
    const [rule] = await data(await openidcsSandbox(), 'GET /api/client/natget/node1/web02')
    expect(rule.description).toContain('\u001b]0;')
  })
})

describe('a VM of another name (trap 27)', () => {
  test.each(both)('%s: power reaches the first whose path contains the name', async profile => {
    const panel = await vmware(['web10', 'web1'], {profile})
    expect(await json(panel, 'POST /api/client/powers/h/web1', {action: 'start'})).toMatchObject({code: 200})
    expect(powers(panel)).toEqual({web10: 'on', web1: 'off'})
    const right = await vmware(['web1', 'web10'], {profile})
    await ask(right, 'POST /api/client/powers/h/web1', {action: 'start'})
    expect(powers(right)).toEqual({web1: 'on', web10: 'off'})
  })

  test.each(both)('%s: a delete unregisters it, and the entry of the other is gone', async profile => {
    const panel = await vmware(['web10', 'web1'], {profile})
    expect(await json(panel, 'DELETE /api/client/delete/h/web1')).toMatchObject({code: 200})
    expect(Object.keys(powers(panel))).toEqual(['web1'])
    expect(Object.keys(await data(panel, 'GET /api/client/detail/h'))).toEqual(['web10'])
    expect(await json(panel, 'POST /api/client/powers/h/web10', {action: 'start'})).toMatchObject({
      code: 400,
      msg: '未找到虚拟机: web10',
    })
  })

  test('a delete that is repeated deletes another VM on the panel of the seed', async () => {
    const panel = await vmware(['web1', 'web10'])
    for (let count = 0; count < 2; count++) {
      expect(await json(panel, 'DELETE /api/client/delete/h/web1')).toMatchObject({code: 200})
    }
    expect(powers(panel)).toEqual({})
    const newest = await vmware(['web1', 'web10'], {profile: 'newest'})
    await ask(newest, 'DELETE /api/client/delete/h/web1')
    expect(await json(newest, 'DELETE /api/client/delete/h/web1')).toMatchObject({
      code: 400,
      msg: '虚拟机 web1 不存在',
    })
    expect(Object.keys(powers(newest))).toEqual(['web10'])
  })

  test.each(['we', 'system', 'vmx', '/web10/'])('%s is no name of any, and is found', async name => {
    const panel = await vmware(['web10'])
    const path = `POST /api/client/powers/h/${encodeURIComponent(name)}`
    const answer = await ask(panel, path, {action: 'start'})
    // A slash never gets there.
    expect(answer.status).toBe(name.includes('/') ? 404 : 200)
    expect(powers(panel)).toEqual({web10: name.includes('/') ? 'off' : 'on'})
  })

  test('is not found on a host that is no VMware, nor in another case', async () => {
    const panel = await openidcsSandbox()
    expect(await json(panel, 'POST /api/client/powers/node2/ct', {action: 'start'})).toMatchObject({
      code: 400,
    })
    expect(await json(panel, 'POST /api/client/powers/node1/WEB01', {action: 'start'})).toMatchObject({
      code: 400,
    })
  })

  test('is what the newest version shows, creates and updates', async () => {
    const panel = await vmware(['web10'], {profile: 'newest'})
    const body = {vm_uuid: 'web1', os_name: 'debian12.vmdk', hdd_num: 10_240}
    await ask(panel, 'POST /api/client/create/h', body)
    expect(powers(panel)).toEqual({web10: 'on', web1: 'off'})
    panel.state.pass(5000)
    const status = await data(panel, 'GET /api/client/status/h/web1')
    expect(status.power_status).toBe('STARTED')
  })
})

describe('power', () => {
  test('on the panel of the seed shows in what the agent reports', async () => {
    const panel = await openidcsSandbox()
    const last = async () => (await data(panel, 'GET /api/client/status/node1/web01')).at(-1)
    expect(await last()).toMatchObject({ac_status: 'STARTED', cpu_total: 4, mem_total: 4096})
    await ask(panel, 'POST /api/client/powers/node1/web01', {action: 'hard_stop'})
    expect(await last()).toMatchObject({ac_status: 'ON_STOP'})
    panel.state.pass(3000)
    expect(await last()).toMatchObject({ac_status: 'STOPPED', cpu_usage: 0})
    await ask(panel, 'POST /api/client/powers/node1/web01', {})
    expect(await last()).toMatchObject({ac_status: 'ON_OPEN'})
    panel.state.pass(3000)
    expect(await last()).toMatchObject({ac_status: 'STARTED'})
  })

  test('on a panel without such agents does not', async () => {
    const panel = await openidcsSandbox({profile: 'c5ee1c9'})
    await ask(panel, 'POST /api/client/powers/node1/web01', {action: 'hard_stop'})
    panel.state.pass(10_000)
    const history = await data(panel, 'GET /api/client/status/node1/web01')
    expect(history.at(-1)).toMatchObject({ac_status: 'STARTED'})
    expect(history).toHaveLength(30)
  })

  test.each([
    ['start', 'ON_OPEN', 3000, 'STARTED'],
    ['hard_stop', 'STOPPED', 3000, 'STOPPED'],
    ['pause', 'ON_SAVE', 3000, 'UNKNOWN'],
    ['resume', 'ON_WAKE', 3000, 'STARTED'],
    ['reset', 'ON_STOP', 60_000, 'STARTED'],
    // Nothing is sent to VMware.
    ['stop', 'ON_STOP', 5000, 'STARTED'],
  ])('on the newest version: %s is %s, and after %i ms %s', async (action, at, passed, then) => {
    const panel = await openidcsSandbox({profile: 'newest'})
    const status = async () => (await data(panel, 'GET /api/client/status/node1/web01')).power_status
    expect(await json(panel, 'POST /api/client/powers/node1/web01', {action})).toMatchObject({code: 200})
    expect(await status()).toBe(at)
    panel.state.pass(passed - 1)
    expect(await status()).toBe(at)
    panel.state.pass(1)
    expect(await status()).toBe(then)
    expect((await data(panel, 'GET /api/client/detail/node1')).web01.config.vm_flag).toBe(then)
  })

  test('gets there while somebody asks for it', async () => {
    const panel = await openidcsSandbox({profile: 'newest', millisecondsPerRequest: 1000})
    await ask(panel, 'POST /api/client/powers/node1/db%2001', {action: 'start'})
    const seen = []
    for (let count = 0; count < 4; count++) {
      seen.push((await data(panel, 'GET /api/client/status/node1/db%2001')).power_status)
    }
    expect(seen).toEqual(['ON_OPEN', 'ON_OPEN', 'STARTED', 'STARTED'])
  })

  test('stops a container on the newest version', async () => {
    const panel = await openidcsSandbox({profile: 'newest'})
    await ask(panel, 'POST /api/client/powers/node2/ct-mail', {action: 'stop'})
    panel.state.pass(3000)
    expect((await data(panel, 'GET /api/client/status/node2/ct-mail')).power_status).toBe('STOPPED')
  })

  test('knows exact words, and no reset on VMware at first', async () => {
    const panel = await openidcsSandbox()
    const answer = (action: unknown, host = 'node1/web01') =>
      json(panel, `POST /api/client/powers/${host}`, {action})
    expect(await answer('START')).toMatchObject({code: 400, msg: '不支持的操作: START'})
    expect(await answer(null)).toMatchObject({code: 400, msg: '不支持的操作: None'})
    expect(await answer('reset')).toMatchObject({code: 400, msg: expect.stringContaining('not supported')})
    expect(await answer('reset', 'node2/ct-mail')).toMatchObject({code: 200})
  })

  test('of an unreachable hypervisor finds nothing', async () => {
    const panel = await openidcsSandbox()
    const path = `POST /api/client/powers/${encodeURIComponent('机房 3')}/old1`
    expect(await json(panel, path, {action: 'start'})).toMatchObject({code: 400, msg: '未找到虚拟机: old1'})
  })
})

describe('changes of VMs', () => {
  test.each(both)('%s: a create gives nothing back', async profile => {
    const panel = await openidcsSandbox({profile})
    const body = {vm_uuid: 'new 1', os_name: 'debian12.vmdk', cpu_num: 2, mem_num: 2048, hdd_num: 10_240}
    expect(await json(panel, 'POST /api/client/create/node1', body)).toMatchObject({code: 200, data: null})
    const {config} = await data(panel, 'GET /api/client/detail/node1/new%201')
    expect(config).toMatchObject({vm_uuid: 'new 1', cpu_num: 2, vc_port: expect.any(Number)})
    expect(config.vc_pass).toHaveLength(profile === 'seed' ? 16 : 8)
  })

  test.each([
    [{os_name: 'debian12.vmdk'}, "虚拟机创建失败: [Errno 17] File exists: '/srv/openidcs/disks/'"],
    [{vm_uuid: 'a'}, "虚拟机创建失败: [Errno 21] Is a directory: '/srv/openidcs/images/'"],
    [
      {vm_uuid: 'a', os_name: 'none'},
      "虚拟机创建失败: [Errno 2] No such file or directory: '/srv/openidcs/images/none'",
    ],
  ])('a create that lacks something says so: %j', async (body, msg) => {
    const panel = await openidcsSandbox()
    expect(await json(panel, 'POST /api/client/create/node1', body)).toEqual({code: 400, data: null, msg})
    expect(Object.keys(await data(panel, 'GET /api/client/detail/node1'))).toHaveLength(4)
  })

  test.each([
    [{os_name: 'none'}, '操作系统镜像不存在：none'],
    [{os_name: 'Debian 12', cpu_num: 0}, 'CPU核心数不能少于1核'],
    [{os_name: 'Debian 12', mem_num: '512'}, '内存不能少于1GB'],
    [{os_name: 'Windows 10'}, '硬盘大小不能少于10GB'],
    [{os_name: 'Debian 12', hdd_num: 10_240, nat_num: 0}, 'NAT端口数量不能少于1'],
  ])('the newest version checks %j', async (body, msg) => {
    const panel = await openidcsSandbox({profile: 'newest'})
    expect(await json(panel, 'POST /api/client/create/node1', body)).toMatchObject({code: 400, msg})
  })

  test('the newest version makes up a name', async () => {
    const panel = await openidcsSandbox({profile: 'newest'})
    await ask(panel, 'POST /api/client/create/node1', {os_name: 'Debian 12', hdd_num: 10_240})
    const names = Object.keys(await data(panel, 'GET /api/client/detail/node1'))
    expect(names.filter(name => /^ecs_-\w{8}$/.test(name))).toHaveLength(1)
  })

  test('a disabled host makes none, shows none and deletes none', async () => {
    const panel = await openidcsSandbox({profile: 'newest'})
    const host = encodeURIComponent('机房 3')
    expect(await data(panel, `GET /api/client/detail/${host}`)).toEqual({})
    const answers = [
      await json(panel, `POST /api/client/create/${host}`, {vm_uuid: 'a'}),
      await json(panel, `POST /api/client/powers/${host}/old1`, {}),
      await json(panel, `DELETE /api/client/delete/${host}/old1`),
      await json(panel, `GET /api/server/status/${host}`),
    ]
    expect(answers.map(({code}) => code)).toEqual([403, 403, 403, 403])
    await ask(panel, `POST /api/server/powers/${host}`, {})
    expect(Object.keys(await data(panel, `GET /api/client/detail/${host}`))).toEqual(['old1'])
  })

  test('an update replaces everything', async () => {
    const panel = await openidcsSandbox()
    const path = 'PUT /api/client/update/node1/web01'
    expect(await json(panel, path, {cpu_num: 8})).toMatchObject({code: 200, msg: '虚拟机 web01 配置已更新'})
    const {config} = await data(panel, 'GET /api/client/detail/node1/web01')
    expect(config).toMatchObject({
      vm_uuid: 'web01',
      cpu_num: 8,
      mem_num: 0,
      os_name: '',
      nic_all: {},
      vc_port: '',
    })
    expect(await json(panel, 'GET /api/client/remote/node1/web01')).toMatchObject({code: 400})
  })

  test('an update of the newest version is done, and answered with HTTP 500', async () => {
    const panel = await openidcsSandbox({profile: 'newest'})
    const answer = await ask(panel, 'PUT /api/client/update/node1/web01', {cpu_num: 8})
    expect(answer.status).toBe(500)
    expect(answer.body).toContain('<title>KeyError: 0')
    const {config} = await data(panel, 'GET /api/client/detail/node1/web01')
    // These four are kept, lists are not.
    expect(config).toMatchObject({
      cpu_num: 8,
      os_name: 'debian12.vmdk',
      nic_all: {ethernet0: {}},
      nat_all: [],
    })
    expect(config.web_all).toEqual([])
  })

  test('an update with a card and without a router leaves the VM turned off', async () => {
    const panel = await openidcsSandbox()
    panel.state.deadRouters.add('http://192.0.2.1')
    const body = {cpu_num: 8, nic_all: {ethernet0: {ip4_addr: '192.168.1.101'}}}
    expect((await ask(panel, 'PUT /api/client/update/node1/web01', body)).status).toBe(500)
    expect(powers(panel)).toMatchObject({web01: 'off'})
    expect((await data(panel, 'GET /api/client/detail/node1/web01')).config.cpu_num).toBe(8)
  })

  test.each(both)('%s: a delete that VMware refuses takes the entry all the same', async profile => {
    const panel = await vmware(['web1'], {profile})
    const [hypervisor] = panel.state.hypervisors.values()
    if (hypervisor) hypervisor.refusesDelete = 'HTTP错误 403: Forbidden'
    expect(await json(panel, 'DELETE /api/client/delete/h/web1')).toMatchObject({code: 400})
    expect(await data(panel, 'GET /api/client/detail/h')).toEqual({})
    expect(Object.keys(powers(panel))).toEqual(['web1'])
  })
})

describe('the rest', () => {
  test('a scan adds what its prefix fits, and nothing the second time', async () => {
    const panel = await openidcsSandbox()
    const scan = (body: unknown) => json(panel, 'POST /api/client/scaner/node1', body)
    expect((await scan({})).data).toEqual({scanned: 1, added: 1, prefix_filter: 'ecs_'})
    expect((await scan({})).data).toEqual({scanned: 1, added: 0, prefix_filter: 'ecs_'})
    expect((await scan({prefix: 'lone'})).data).toEqual({scanned: 1, added: 1, prefix_filter: 'lone'})
    expect((await data(panel, 'GET /api/client/detail/node1')).lonely.config.vm_uuid).toBe('')
    const first = await openidcsSandbox({profile: 'c5ee1c9'})
    expect(await json(first, 'POST /api/client/scaner/node1', {})).toMatchObject({code: 400})
    expect(Object.keys(await data(first, 'GET /api/client/detail/node1'))).toContain('ecs_found')
  })

  test('an upload wants no credential, and tells a password', async () => {
    const panel = await openidcsSandbox()
    const status = {ac_status: 'CRASHED', cpu_usage: 99}
    const answer = await json(panel, 'POST /api/client/upload?nic=00:1c:C0:A8:01:65', status, 'nobody')
    const {config} = await data(panel, 'GET /api/client/detail/node1/web01')
    expect(answer.data).toEqual({hs_name: 'node1', vm_uuid: 'web01', vm_pass: config.vc_pass})
    const history = await data(panel, 'GET /api/client/status/node1/web01')
    expect(history.at(-1)).toMatchObject({ac_status: 'CRASHED', cpu_usage: 99})
  })

  test('a console has another token each time', async () => {
    const panel = await openidcsSandbox()
    const urls = [
      await data(panel, 'GET /api/client/remote/node1/web01'),
      await data(panel, 'GET /api/client/remote/node1/web01'),
    ]
    for (const url of urls) {
      expect(url).toMatch(
        /^http:\/\/203\.0\.113\.11:6090\/vnc\.html\?autoconnect=true&path=websockify\?token=\w{16}$/,
      )
    }
    expect(urls[0]).not.toBe(urls[1])
  })

  test('a host lives: its figures change, and are kept for a minute', async () => {
    const panel = await openidcsSandbox()
    const first = await data(panel, 'GET /api/server/status/node1')
    expect(first).toMatchObject({
      source: 'auto_refreshed',
      cache_duration: 60,
      status: {ac_status: 'STARTED'},
    })
    panel.state.pass(59_000)
    const cached = await data(panel, 'GET /api/server/status/node1')
    expect(cached).toMatchObject({source: 'cached', age_seconds: 59, status: first.status})
    panel.state.pass(3_600_000)
    const later = await data(panel, 'GET /api/server/status/node1')
    expect(later.status.cpu_usage).not.toBe(first.status.cpu_usage)
    expect(await data(panel, 'GET /api/server/detail/node1')).toMatchObject({status: null})
  })

  test('a host of the newest version is looked at each minute, and shows nothing before', async () => {
    const panel = await openidcsSandbox({profile: 'newest'})
    const config = {enable_host: true}
    await ask(panel, 'POST /api/server/create', {name: 'new', type: 'LxContainer', config})
    expect(await data(panel, 'GET /api/server/status/new')).toMatchObject({source: 'no_data', status: {}})
    panel.state.pass(61_000)
    const status = {ac_status: 'UNKNOWN', cpu_total: 16, on_update: 1_795_262_460}
    expect(await data(panel, 'GET /api/server/status/new')).toMatchObject({
      source: 'cached',
      age_seconds: 1,
      status,
    })
    expect(await data(panel, 'GET /api/server/status/new?refresh=true')).toMatchObject({source: 'fresh'})
  })

  test('logs are the oldest first, and a limit keeps the oldest', async () => {
    const panel = await openidcsSandbox()
    await ask(panel, 'POST /api/client/powers/node1/web01', {action: 'start'})
    const all = await data(panel, 'GET /api/system/logger/detail?hs_name=node1')
    expect(all.map((entry: {message: string}) => entry.message)).toEqual([
      '宿主机node1加载成功',
      '电源操作 start: web01',
    ])
    expect(await data(panel, 'GET /api/system/logger/detail?hs_name=node1&limit=1')).toEqual(all.slice(0, 1))
    expect(all[0]).toMatchObject({host: 'node1', timestamp: '2026-11-21 12:00:00', id: '', actions: ''})
    expect(await json(panel, 'GET /api/system/logger/detail?limit=x')).toMatchObject({code: 500})
    expect(await data(panel, 'GET /api/system/tasker?hs_name=node1')).toEqual([])
    const broken = await openidcsSandbox({profile: 'c5ee1c9'})
    expect(await json(broken, 'GET /api/system/logger/detail')).toMatchObject({code: 500})
  })

  test('a host is updated as a whole, and wants its type', async () => {
    const panel = await openidcsSandbox()
    const path = 'PUT /api/server/update/node1'
    expect((await ask(panel, path, {config: {filter_name: 'x'}})).status).toBe(500)
    await ask(panel, path, {config: {server_type: 'VMWareSetup', filter_name: 'x'}})
    const {config, vm_count} = await data(panel, 'GET /api/server/detail/node1')
    expect(config).toMatchObject({filter_name: 'x', server_addr: '', public_addr: []})
    expect(vm_count).toBe(4)
  })

  test('VMs of a deleted host are back with the next host of that name, on the newest version', async () => {
    const counts = await Promise.all(
      both.map(async profile => {
        const panel = await openidcsSandbox({profile})
        await ask(panel, 'DELETE /api/server/delete/node1')
        const config = {enable_host: true}
        await ask(panel, 'POST /api/server/create', {name: 'node1', type: 'VMWareSetup', config})
        return Object.keys(await data(panel, 'GET /api/client/detail/node1')).length
      }),
    )
    expect(counts).toEqual([0, 4])
  })
})

describe('trouble', () => {
  test('a slow write is answered later than what was asked after it, and is done at once', async () => {
    const panel = await openidcsSandbox({slow: '80ms'})
    const order: string[] = []
    const write = ask(panel, 'DELETE /api/client/natdel/node1/web01/0').then(() => order.push('write'))
    // Until it has arrived.
    while (panel.requests.length === 0) await ask(panel, 'GET /api/system/statis')
    const rules = await data(panel, 'GET /api/client/natget/node1/web01')
    order.push('read')
    await write
    expect(order).toEqual(['read', 'write'])
    expect(rules).toHaveLength(3)
  })

  test('a sandbox with a slow write under way can be closed', async () => {
    const panel = await openidcsSandbox({slow: '600s'})
    const write = ask(panel, 'POST /api/system/saving').catch(() => 'cut')
    while (panel.requests.length === 0) await ask(panel, 'GET /api/system/statis')
    await panel.close()
    await write
  })

  test('a write whose answer is lost was done', async () => {
    const panel = await openidcsSandbox()
    panel.faults.next({kind: 'reset-before-answer-headers'}, {method: 'DELETE', path: /\/natdel\//})
    await expect(
      fetch(`${panel.url}/api/client/natdel/node1/web01/0`, {
        method: 'DELETE',
        headers: headersOf(panel, 'token'),
      }),
    ).rejects.toThrow()
    expect(await data(panel, 'GET /api/client/natget/node1/web01')).toHaveLength(3)
    expect(panel.faults.pending).toBe(0)
  })

  test('a list may break off, or be another one than it was', async () => {
    const panel = await openidcsSandbox()
    const list = () => fetch(`${panel.url}/api/client/detail/node1`, {headers: headersOf(panel, 'token')})
    panel.faults.next({kind: 'half-body'})
    await expect(list().then(answer => answer.text())).rejects.toThrow()
    panel.faults.next({kind: 'wrong-types'})
    expect(await (await list()).json()).toMatchObject({code: 200, data: {web01: {config: {cpu_num: '4'}}}})
  })

  test('what arrived can be looked at', async () => {
    const panel = await openidcsSandbox()
    await ask(panel, 'POST /api/client/powers/node1/db%2001', {action: 'start'})
    expect(panel.requests.at(-1)).toMatchObject({
      method: 'POST',
      path: '/api/client/powers/node1/db%2001',
      body: '{"action":"start"}',
      headers: {authorization: `Bearer ${panel.token}`},
    })
  })
})
