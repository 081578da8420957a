import type {IncomingHttpHeaders} from 'node:http'
import {describe, expect, onTestFinished, test} from 'vitest'
import {Interrupted} from '../../src/lib/command/interrupted.js'
import type {AnyEndpoint} from '../../src/lib/http/endpoint.js'
import * as endpoints from '../../src/lib/panels/openidcs/endpoints.js'
import {openidcs} from '../../src/lib/panels/openidcs/panel.js'
import type {Answer} from '../../src/lib/sandbox/answer.js'
import {profiles} from '../../src/lib/sandbox/openidcs/features.js'
import type {OpenidcsSandbox} from '../emulated.js'
import {type Listening, listen} from '../emulated.js'
import {failureOf, paths} from '../failure.js'
import {cli, openidcsSandbox, temporaryFolder, words} from '../harness.js'
import {recordedAnswer, recordedData, recordedPanel} from '../openidcs-recorded.js'

/** Traps of contracts/openidcs.md part 6 that no command can fall into, and why. */
const exempt: Readonly<Record<number, string>> = {}

const covered: number[] = []

function trap(number: number, says: string, run: () => Promise<void>): void {
  covered.push(number)
  test(`trap ${number}: ${says}`, run)
}

const html = {'content-type': 'text/html; charset=utf-8'}

function said(code: number, data: unknown = null, status = 200): Answer {
  const body = JSON.stringify({code, msg: 'in words', data})
  return {status, headers: {'content-type': 'application/json'}, body}
}

function page(status: number, text = ''): Answer {
  return {
    status,
    headers: html,
    body: `<!doctype html>\n<html lang=en>\n<title>${status} Some Words</title>\n<h1>Some Words</h1>\n${text}`,
  }
}

/** A panel that gives these answers, by method and path without the query. */
async function panel(
  routes: Readonly<Record<string, Answer>>,
): Promise<Listening & {env: Record<string, string>}> {
  const server = await listen({
    handler: ({method, path}) => routes[`${method} ${path.split('?')[0]}`] ?? page(404),
    now: Date.now,
  })
  onTestFinished(() => server.close())
  return {...server, env: {OPENIDCS_URL: server.url, OPENIDCS_TOKEN: 'token-0001'}}
}

function run({environment}: OpenidcsSandbox, line: string, stdin = '') {
  return cli([...words(line), '-o', 'json'], {env: environment, stdin})
}

async function json<Data>(sandbox: OpenidcsSandbox, line: string, stdin = ''): Promise<Data> {
  const outcome = await run(sandbox, line, stdin)
  expect(outcome, outcome.stderr).toMatchObject({exitCode: 0})
  return JSON.parse(outcome.stdout)
}

function writes({requests}: OpenidcsSandbox): string[] {
  return paths({requests}).filter(path => !path.startsWith('GET ') && !path.endsWith('/login'))
}

describe('what contracts/openidcs.md part 6 warns of', () => {
  trap(1, 'nearly every failure is HTTP 200: the code tells', async () => {
    for (const [code, exitCode] of [
      [400, 5],
      [401, 4],
      [403, 5],
      [404, 3],
      // An address that is locked out (1.3): nothing was done, and later it is.
      [429, 6],
      [500, 5],
    ] as const) {
      const server = await panel({
        'GET /api/server/detail': said(code),
        'GET /api/system/statis': said(401),
        'POST /api/system/saving': said(code),
      })
      expect(await cli('openidcs host list', {env: server.env}), `${code}`).toMatchObject({
        exitCode,
        stdout: '',
      })
      const write = await cli('openidcs api POST /api/system/saving -o json', {env: server.env})
      expect(write, `${code}`).toMatchObject({exitCode, stdout: ''})
      // A refusal is an answer: neither is repeated.
      expect(paths(server).filter(path => path.endsWith('saving'))).toHaveLength(1)
    }
  })

  trap(2, 'a body may be HTML of any length, with the source of the panel in it', async () => {
    const source = `<div class="source">${'secret_token = compare(x)\n'.repeat(3000)}</div>`
    for (const [status, read, write] of [
      [400, 10, 10],
      [404, 10, 10],
      [405, 10, 10],
      [415, 10, 10],
      [500, 6, 7],
      // What a write came to is not known then.
      [200, 10, 7],
    ] as const) {
      const answer = page(status, source)
      const server = await panel({'GET /api/server/detail': answer, 'POST /api/system/saving': answer})
      for (const [line, exitCode] of [
        ['host list --retries 0', read],
        ['api POST /api/system/saving', write],
      ] as const) {
        const outcome = await cli(`openidcs ${line} -o json`, {env: server.env})
        expect(outcome, `${status} ${line}`).toMatchObject({exitCode, stdout: ''})
        expect(outcome.stderr.length).toBeLessThan(700)
        expect(outcome.stderr).not.toContain('<')
      }
    }
  })

  trap(3, 'a bad token passes, or is refused with 403: login asks what tells on every version', async () => {
    for (const profile of profiles) {
      const sandbox = await openidcsSandbox({profile})
      const env = {OPENIDCS_URL: sandbox.url}
      const login = 'openidcs login --with-token --store file -o json'
      const bad = await cli(login, {env, stdin: 'not-the-token\n'})
      expect(bad, profile).toMatchObject({exitCode: 4, stdout: ''})
      expect(new Set(paths(sandbox))).toEqual(new Set(['GET /api/system/statis']))
      expect(await cli(login, {env, stdin: `Bearer ${sandbox.token}\n`}), profile).toMatchObject({
        exitCode: 0,
      })
    }
    for (const version of ['v0.4', 'v0.5'] as const) {
      const server = await recordedPanel(version, {
        'GET /api/system/statis': ({headers}) =>
          headers.authorization === 'Bearer good-token-0001' ? '204' : '003',
      })
      const env = {OPENIDCS_URL: server.url}
      const login = 'openidcs login --with-token --store file -o json'
      expect(await cli(login, {env, stdin: 'not-the-token\n'}), version).toMatchObject({
        exitCode: 4,
        stdout: '',
      })
      expect(await cli(login, {env, stdin: 'good-token-0001\n'}), version).toMatchObject({exitCode: 0})
      expect(new Set(paths(server))).toEqual(new Set(['GET /api/system/statis']))
    }
    const newest = await openidcsSandbox({profile: 'newest'})
    const refused = await cli('openidcs api GET /api/server/detail/node1 -o json', {
      env: {...newest.environment, OPENIDCS_TOKEN: 'not-the-token'},
    })
    expect(failureOf(refused)).toMatchObject({code: 'AUTH', exitCode: 4, status: 403})
  })

  trap(4, 'each POST and PUT has a JSON body', async () => {
    for (const profile of ['seed', 'newest'] as const) {
      const sandbox = await openidcsSandbox({profile})
      await run(sandbox, 'openidcs system config save')
      await run(sandbox, 'openidcs system config load --yes')
      await run(sandbox, 'openidcs vm scan node1')
      const sent = sandbox.requests.filter(({method}) => method === 'POST')
      expect(sent.length).toBeGreaterThanOrEqual(3)
      for (const {headers, body, path} of sent) {
        expect(headers['content-type'], path).toBe('application/json')
        expect(JSON.parse(body), path).toEqual({})
      }
    }
    const withBody = Object.values(endpoints as Record<string, AnyEndpoint>).filter(({method}) =>
      /POST|PUT/.test(method),
    )
    for (const {path, body} of withBody) expect(body, path).toBeDefined()
  })

  trap(5, 'some versions want a session besides, and forget it when they start again', async () => {
    for (const profile of profiles) {
      const sandbox = await openidcsSandbox({profile})
      expect((await json<{uuid: string}[]>(sandbox, 'openidcs vm list node1')).length, profile).toBe(4)
      expect(await json(sandbox, 'openidcs vm show node1 web01')).toMatchObject({uuid: 'web01'})
    }
    let session = ''
    let logins = 0
    const forSessions =
      (id: string) =>
      ({headers}: {headers: IncomingHttpHeaders}) =>
        session !== '' && headers.cookie === session ? id : '060'
    const server = await recordedPanel('v0.4', {
      'GET /api/server/detail': forSessions('402'),
      'GET /api/server/detail/host1': '403',
      'GET /api/client/detail/host1': forSessions('404'),
      'GET /api/client/detail/host1/both-vm': forSessions('406'),
      'GET /api/system/statis': '204',
      'POST /login': () => {
        session = `session=${++logins}`
        return {...recordedAnswer('v0.4', '026'), headers: {'set-cookie': `${session}; HttpOnly; Path=/`}}
      },
    })
    const listed = await cli('openidcs vm list host1 -o id', {env: server.environment})
    expect(listed, listed.stderr).toMatchObject({exitCode: 0, stdout: 'ecs_-UxFVodZW\n'})
    const shown = await cli('openidcs vm show host1 both-vm -o id', {env: server.environment})
    expect(shown, shown.stderr).toMatchObject({exitCode: 0, stdout: 'both-vm\n'})
    expect(logins).toBe(2)
    const interruption = new AbortController()
    let seen = 0
    const outcome = await cli('openidcs host list --watch --interval 1ms -o ndjson', {
      env: server.environment,
      signal: interruption.signal,
      written(text, stream) {
        if (stream === 'stderr') return
        // The panel starts again after the first listing.
        if (seen === 0) session = ''
        seen ||= text.split('\n').length
        if (text.split('\n').length > seen + 2) interruption.abort(new Interrupted(143))
      },
    })
    expect(outcome, outcome.stderr).toMatchObject({exitCode: 143})
    expect(logins).toBe(4)
  })

  trap(6, 'empty values rotate the token, start VMs and make empty rules: none leaves', async () => {
    const sandbox = await openidcsSandbox()
    for (const line of [
      'system token set --yes',
      'host power node1',
      'vm power node1 web01',
      "vm power node1 web01 ''",
      'vm create node1',
      "vm create node1 --name ''",
      'vm create node1 --os debian12.vmdk',
      'nat add node1 web01',
      'nat add node1 web01 --port 0 --to 192.168.1.9:80',
      'ip add node1 web01',
      "ip add node1 web01 --address ''",
      'proxy add node1 web01',
      "proxy add node1 web01 --domain '' --to 192.168.1.9:80",
    ]) {
      expect(await run(sandbox, `openidcs ${line}`), line).toMatchObject({exitCode: 2, stdout: ''})
    }
    expect(writes(sandbox)).toEqual([])
  })

  trap(7, 'after a rotation the old token is dead: the context has the new one', async () => {
    for (const profile of profiles) {
      const sandbox = await openidcsSandbox({profile})
      const env = {PANELCTL_CONFIG_DIR: temporaryFolder()}
      const login = `openidcs login --url ${sandbox.url} --with-token --store file`
      expect(await cli(login, {env, stdin: sandbox.token})).toMatchObject({exitCode: 0})
      const reset = await cli('openidcs system token reset --yes -o json', {env})
      expect(reset, reset.stderr).toMatchObject({exitCode: 0})
      expect(JSON.parse(reset.stdout)).toEqual({token: sandbox.state.token})
      expect(sandbox.state.token, profile).not.toBe(sandbox.token)
      expect(await cli('openidcs host list', {env})).toMatchObject({exitCode: 0})
      // All digits: a number could never be sent back (2.1 no. 2).
      const set = await cli('openidcs system token set --yes', {env, stdin: '123456\n'})
      expect(set, set.stderr).toMatchObject({exitCode: 0})
      expect(sandbox.state.token).toBe('123456')
      expect(await cli('openidcs vm list node1', {env}), profile).toMatchObject({exitCode: 0})
    }
  })

  trap(8, 'an update replaces everything: what is not changed is sent as it was', async () => {
    for (const profile of profiles) {
      const sandbox = await openidcsSandbox({profile})
      const host = () => structuredClone(sandbox.state.hosts.get('node1')?.config)
      const vm = () => structuredClone(sandbox.state.hosts.get('node1')?.vms.get('db 01')?.config)
      const [hostBefore, vmBefore] = [host(), vm()]
      const updated = await run(sandbox, 'openidcs host update node1 --set remote_port=6091 --yes')
      expect(updated, profile + updated.stderr).toMatchObject({exitCode: 0})
      expect(host(), profile).toEqual({...hostBefore, remote_port: 6091})
      const changed = await run(sandbox, "openidcs vm update node1 'db 01' --cpu 6 --yes")
      expect(writes(sandbox)).toHaveLength(2)
      expect(changed, profile + changed.stderr).toMatchObject({exitCode: 0})
      const {vc_port: _port, ...rest} = vm() ?? {}
      const {vc_port: _before, ...expected} = vmBefore ?? {}
      // The newest gives another port for the console (2.3 no. 20).
      expect(rest, profile).toEqual({...expected, cpu_num: 6})
    }
    // v0.4 fails in the middle of it, with HTTP 500.
    const vm = recordedData<{config: object}>('v0.4', '406')
    const {config} = vm
    const host = recordedData<object>('v0.4', '403')
    const server = await recordedPanel('v0.4', {
      'GET /api/server/detail/host1': {json: {code: 200, msg: '', data: {...host, vm_list: ['both-vm']}}},
      'GET /api/client/detail/host1': {json: {code: 200, msg: '', data: {'both-vm': vm}}},
      'GET /api/client/detail/host1/both-vm': '406',
      'PUT /api/client/update/host1/both-vm': '414',
    })
    const line = 'openidcs vm update host1 both-vm --cpu 6 --yes'
    expect(await cli(line, {env: server.environment})).toMatchObject({exitCode: 7, stdout: ''})
    const sent = server.requests.find(({method}) => method === 'PUT')
    expect(JSON.parse(sent?.body ?? '')).toEqual({...config, cpu_num: 6})
  })

  trap(9, 'a creation answers nothing: what it made is read', async () => {
    for (const profile of profiles) {
      const sandbox = await openidcsSandbox({profile})
      const line = 'openidcs vm create node1 --name zeta --os debian12.vmdk --cpu 2 --memory 2G --disk 20G'
      expect(await json(sandbox, line), profile).toMatchObject({
        uuid: 'zeta',
        config: {cpu_num: 2, mem_num: 2048},
      })
      expect(writes(sandbox)).toEqual(['POST /api/client/create/node1'])
    }
    const server = await recordedPanel('v0.4', {
      'GET /api/server/detail/host1': '403',
      'GET /api/client/detail/host1': '404',
      'GET /api/client/detail/host1/both-vm': ['077', '406'],
      'POST /api/client/create/host1': '405',
    })
    const line =
      'openidcs vm create host1 --name both-vm --os windows10x64 --cpu 2 --memory 2G --disk 10G -o json'
    const made = await cli(line, {env: server.environment})
    expect(made, made.stderr).toMatchObject({exitCode: 0})
    expect(JSON.parse(made.stdout)).toMatchObject({uuid: 'both-vm', config: {mem_num: 2048}})
  })

  trap(10, 'the key is the name; the name in the configuration of an imported VM is empty', async () => {
    const vm = {uuid: 'ecs_found', config: {vm_uuid: ''}, status: []}
    const server = await panel({'GET /api/client/detail/node1': said(200, {ecs_found: vm})})
    const outcome = await cli('openidcs vm list node1 -o id', {env: server.env})
    expect(outcome).toMatchObject({exitCode: 0, stdout: 'ecs_found\n'})
  })

  trap(11, 'values come in whatever type they were sent', async () => {
    const vm = (config: object, status?: unknown) => ({
      uuid: 'x',
      config,
      ...(status === undefined ? {} : {status}),
    })
    const server = await panel({
      'GET /api/client/detail/node1': said(200, {
        a: vm({vc_port: 5901, cpu_num: '4', mem_num: '4096'}, null),
        b: vm({vc_port: '5901', cpu_num: [], mem_num: {}, nic_all: []}, []),
        c: vm({vc_port: null, os_name: 7, nic_all: {e: {ip4_addr: 1}}}, [
          {ac_status: 'STARTED', cpu_usage: '7'},
        ]),
        d: vm({cpu_num: 'many', vm_flag: 'ON_OPEN'}),
      }),
    })
    const outcome = await cli('openidcs vm list node1 --columns name,state,cpus,memory', {env: server.env})
    expect(outcome.stdout).toBe(
      [
        'NAME  STATE    CPUS   MEMORY',
        'a     -           4  4.0 GiB',
        'b     -           -        -',
        'c     STARTED     -        -',
        'd     ON_OPEN     -        -',
        '',
      ].join('\n'),
    )
    const engines = {E: {name: 'E', enabled: true, platform: ['Linux'], arch: [], options: {}}}
    for (const data of [engines, {current_platform: 'Linux', engine_types: engines}]) {
      const other = await panel({'GET /api/system/engine': said(200, data)})
      const listed = await cli('openidcs system engines -o id', {env: other.env})
      expect(listed).toMatchObject({exitCode: 0, stdout: 'E\n'})
    }
  })

  trap(12, 'lists are objects in an order that says nothing', async () => {
    for (const profile of profiles) {
      const sandbox = await openidcsSandbox({profile})
      const names = async (line: string) =>
        (await cli(line, {env: sandbox.environment})).stdout.trimEnd().split('\n')
      expect(await names('openidcs host list -o id'), profile).toEqual(['node1', 'node2', '机房 3'])
      expect(await names('openidcs vm list node1 -o id')).toEqual(['db 01', 'web01', 'web02', '测试机'])
    }
  })

  trap(13, 'indexes are positions at this moment: the list is read before each deletion', async () => {
    for (const profile of ['seed', 'newest'] as const) {
      const sandbox = await openidcsSandbox({profile})
      const rules = () => sandbox.state.hosts.get('node1')?.vms.get('web01')?.nat ?? []
      const ports = () => rules().map(rule => ('wan_port' in rule ? rule.wan_port : rule.external_port))
      expect(ports()).toEqual([8080, 8443, 2201, 5353])
      expect(await run(sandbox, 'openidcs nat delete node1 web01 --port 8443 --yes')).toMatchObject({
        exitCode: 0,
      })
      // Somebody else adds a rule before the one that goes next.
      const [first] = rules()
      if (first)
        rules().unshift({...first, ...('wan_port' in first ? {wan_port: 9999} : {external_port: 9999})})
      expect(await run(sandbox, 'openidcs nat delete node1 web01 --port 2201 --yes')).toMatchObject({
        exitCode: 0,
      })
      expect(ports(), profile).toEqual([9999, 8080, 5353])
      expect(writes(sandbox).map(path => path.split('/').at(-1))).toHaveLength(
        2 + (profile === 'newest' ? 2 : 0),
      )
    }
  })

  trap(14, 'what is not there may be said with 400, or be a success: exit 3 on every version', async () => {
    for (const profile of profiles) {
      const sandbox = await openidcsSandbox({profile})
      for (const line of [
        'host update nohost --set remote_port=1 --yes',
        'host power nohost on',
        'host delete nohost --yes',
        'host show nohost',
        'host status nohost',
        'vm list nohost',
        'vm show node1 novm',
        'vm update node1 novm --cpu 2 --yes',
        'vm delete node1 novm --yes',
        'vm power node1 novm start',
        'vm power node1 novm stop',
        'vm status node1 novm',
        'vm console node1 novm',
        'vm scan nohost',
      ]) {
        const outcome = await run(sandbox, `openidcs ${line}`)
        expect(outcome, `${profile}: ${line}: ${outcome.stderr}`).toMatchObject({exitCode: 3, stdout: ''})
        expect(failureOf(outcome).hint, line).toBeDefined()
      }
    }
  })

  trap(15, 'reset is hard_reset, and the first versions can do neither on VMware', async () => {
    for (const action of ['reset', 'hard_reset']) {
      const sandbox = await openidcsSandbox({profile: 'c5ee1c9'})
      const outcome = await run(sandbox, `openidcs vm power node1 web01 ${action} --yes`)
      expect(outcome, outcome.stderr).toMatchObject({exitCode: 5, stdout: ''})
      expect(failureOf(outcome).message).toContain('c5ee1c9')
    }
    const newest = await openidcsSandbox({profile: 'newest'})
    expect(await run(newest, 'openidcs vm power node1 web01 hard_reset --yes')).toMatchObject({exitCode: 0})
  })

  trap(16, 'running_vm_count is always 0: the table does not show it', async () => {
    const sandbox = await openidcsSandbox()
    const {stdout} = await cli('openidcs system stats', {env: sandbox.environment})
    expect(stdout).toBe('HOSTS  3\nVMS    7\n')
    expect(await json(sandbox, 'openidcs system stats')).toMatchObject({running_vm_count: 0})
  })

  trap(17, 'logs are the oldest first, and a limit cuts off the newest', async () => {
    const sandbox = await openidcsSandbox({profile: 'newest'})
    for (let entry = 0; entry < 5; entry++) sandbox.state.log(`entry ${entry}`, 'node1')
    const messages = async (flags: string) =>
      (await json<{message: string}[]>(sandbox, `openidcs system logs --host node1 ${flags}`)).map(
        ({message}) => message,
      )
    expect(await messages('--tail 2')).toEqual(['entry 3', 'entry 4'])
    expect((await messages('--limit 2')).includes('entry 4')).toBe(false)
    // Written without a zone, and meant as UTC.
    const {stdout} = await cli('openidcs system logs --tail 1 -o csv --columns time --no-header', {
      env: {...sandbox.environment, TZ: 'Asia/Shanghai'},
    })
    expect(stdout.trim()).toMatch(/^2026-11-21T12:00:00(\.000)?Z$/)
  })

  trap(18, 'only the word true asks for a status, or measures anew', async () => {
    const sandbox = await openidcsSandbox()
    await json(sandbox, 'openidcs host show node1')
    await json(sandbox, 'openidcs host show node1 --status')
    await json(sandbox, 'openidcs host status node1 --refresh')
    expect(paths(sandbox)).toEqual([
      'GET /api/server/detail/node1',
      'GET /api/server/detail/node1?status=true',
      'GET /api/server/status/node1?refresh=true',
    ])
  })

  trap(19, 'answers are full of secrets, and reporting gives a password to anybody', async () => {
    const secrets = /sandbox-(hypervisor|router|os)-password/
    for (const profile of profiles) {
      const sandbox = await openidcsSandbox({profile})
      for (const line of ['host list', 'host show node1', 'vm list node1', 'vm show node1 web01']) {
        for (const format of ['json', 'yaml', 'table --columns all', 'csv', 'ndjson']) {
          const outcome = await cli(`openidcs ${line} -o ${format}`, {env: sandbox.environment})
          expect(outcome.stdout, `${profile}: ${line} -o ${format}`).not.toMatch(secrets)
        }
      }
      expect(
        (await cli('openidcs host list -o json --show-secrets', {env: sandbox.environment})).stdout,
      ).toMatch(secrets)
      expect(paths(sandbox).filter(path => path.includes('/upload'))).toEqual([])
    }
    for (const field of 'server_pass i_kuai_pass os_pass vc_pass vm_pass token'.split(' ')) {
      expect(openidcs.secretFields).toContain(field)
    }
    expect(endpoints.uploadStatus.anonymous).toBe(true)
  })

  trap(20, 'it speaks plain HTTP: a token to another network is warned of', async () => {
    const outcome = await cli('openidcs host list --retries 0 --timeout 5s', {
      env: {OPENIDCS_URL: 'http://openidcs.invalid:1880', OPENIDCS_TOKEN: 'token-0001'},
    })
    expect(outcome).toMatchObject({exitCode: 6, stdout: ''})
    expect(outcome.stderr).toContain('the OpenIDCS credentials go to openidcs.invalid:1880 unencrypted')
  })

  trap(21, 'names go as one segment of a path, whatever is in them', async () => {
    const sandbox = await openidcsSandbox()
    for (const name of ['db 01', '测试机', 'web01']) {
      expect(await json(sandbox, `openidcs vm show node1 '${name}'`)).toMatchObject({uuid: name})
    }
    expect(await run(sandbox, "openidcs vm show node1 '../../server/detail'")).toMatchObject({exitCode: 2})
    await run(sandbox, "openidcs vm show node1 'a?b#c%2f'")
    expect(paths(sandbox)).toEqual([
      'GET /api/client/detail/node1/db%2001',
      'GET /api/client/detail/node1/%E6%B5%8B%E8%AF%95%E6%9C%BA',
      'GET /api/client/detail/node1/web01',
      'GET /api/client/detail/node1/a%3Fb%23c%252f',
      // Which of the two names there is not.
      'GET /api/server/detail/node1',
    ])
  })

  trap(21, 'a name with a slash could be created and never be reached', async () => {
    const sandbox = await openidcsSandbox()
    for (const line of [
      'host create a/b --type VMWareSetup',
      'vm create node1 --name a/b --os debian12.vmdk',
    ]) {
      expect(await run(sandbox, `openidcs ${line}`), line).toMatchObject({exitCode: 2, stdout: ''})
    }
    expect(writes(sandbox)).toEqual([])
  })

  trap(22, 'a negative index, or one that is no number, never leaves', async () => {
    const sandbox = await openidcsSandbox()
    for (const noun of ['nat', 'ip', 'proxy']) {
      for (const index of ['-1', 'abc', '1.5', '']) {
        const outcome = await run(sandbox, `openidcs ${noun} delete node1 web01 --index '${index}' --yes`)
        expect(outcome, `${noun} ${index}`).toMatchObject({exitCode: 2, stdout: ''})
      }
    }
    expect(sandbox.requests).toEqual([])
  })

  trap(23, 'writes take long and are never repeated', async () => {
    for (const {method, path, retry, timeout, lookWith} of Object.values(
      endpoints as Record<string, AnyEndpoint>,
    )) {
      if (method === 'GET') expect(retry, path).toBe('reads')
      else {
        expect({retry, timeout, lookWith}, path).toEqual({
          retry: 'never',
          timeout: 600_000,
          lookWith: expect.stringMatching(/^openidcs /),
        })
      }
    }
    const sandbox = await openidcsSandbox()
    sandbox.faults.next({kind: 'reset'}, {method: 'POST', times: 9})
    expect(
      await run(sandbox, 'openidcs api POST /api/client/powers/node1/web01 -f action=start'),
    ).toMatchObject({
      exitCode: 7,
      stdout: '',
    })
    expect(writes(sandbox)).toHaveLength(1)
  })

  trap(24, 'rules are forgotten when VMs are listed: nothing that is about rules lists them', async () => {
    const sandbox = await openidcsSandbox()
    await json(sandbox, 'openidcs nat add node1 web02 --port 7000 --to 192.168.1.9:80')
    await json(sandbox, 'openidcs ip add node1 web02 --address 192.168.1.9')
    await json(sandbox, 'openidcs proxy add node1 web02 --domain x.example.com --to 192.168.1.9:80')
    await json(sandbox, 'openidcs nat delete node1 web02 --port 2202 --yes')
    const ports = (await json<{external_port: number}[]>(sandbox, 'openidcs nat list node1 web02')).map(
      ({external_port}) => external_port,
    )
    expect(ports).toEqual([7000])
    expect(await json(sandbox, 'openidcs ip list node1 web02')).toHaveLength(1)
    expect(await json(sandbox, 'openidcs proxy list node1 web02')).toHaveLength(1)
    expect(paths(sandbox)).not.toContain('GET /api/client/detail/node1')
  })

  trap(25, 'loading is not harmless: it is asked for', async () => {
    const sandbox = await openidcsSandbox()
    expect(await run(sandbox, 'openidcs system config load')).toMatchObject({exitCode: 2, stdout: ''})
    expect(sandbox.requests).toEqual([])
    const asked = await cli('openidcs system config load', {
      env: sandbox.environment,
      stdin: 'n\n',
      tty: {stdin: true, stderr: true},
    })
    expect(asked.exitCode).toBe(2)
    expect(asked.stderr).toContain('forget all NAT, IP and proxy rules')
    expect(sandbox.requests).toEqual([])
    expect(await run(sandbox, 'openidcs system config load --yes')).toMatchObject({exitCode: 0})
  })

  trap(26, 'a version is told by what it answers, and only after a failure', async () => {
    const old = await openidcsSandbox({profile: 'c5ee1c9'})
    const outcome = await run(old, 'openidcs system logs --tail 5')
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(failureOf(outcome).message).toContain('c5ee1c9')
    expect(paths(old)[0]).toContain('/api/system/logger/detail')
    expect(writes(old)).toEqual([])
    const newest = await openidcsSandbox({profile: 'newest'})
    await json(newest, 'openidcs system logs --tail 5')
    expect(newest.requests).toHaveLength(1)
  })

  trap(27, 'VMware hosts find a VM by a part of its path: a name within another is refused', async () => {
    for (const profile of ['seed', 'c5ee1c9', 'newest'] as const) {
      const hosts = [
        {
          name: 'node1',
          type: 'VMWareSetup',
          config: {system_path: '/srv/openidcs/disks'},
          order: ['web10', 'web1'],
          vms: [{name: 'web1'}, {name: 'web10'}, {name: 'disks'}],
        },
      ]
      const sandbox = await openidcsSandbox({profile, hosts})
      for (const line of [
        'vm delete node1 web1 --yes',
        'vm delete node1 disks --yes',
        'vm power node1 web1 start',
        'vm power node1 web1 hard_stop --yes',
        'vm update node1 web1 --cpu 2 --yes',
        'vm create node1 --name eb1 --os debian12.vmdk --memory 2G --disk 20G',
        'vm create node1 --name vmx --os debian12.vmdk --memory 2G --disk 20G',
        'vm create node1 --name openidcs --os debian12.vmdk --memory 2G --disk 20G',
      ]) {
        const outcome = await run(sandbox, `openidcs ${line}`)
        expect(outcome, `${profile}: ${line}: ${outcome.stderr}`).toMatchObject({exitCode: 5, stdout: ''})
        expect(failureOf(outcome).hint, line).toContain('--force')
      }
      expect(writes(sandbox)).toEqual([])
      // The longer name is safe.
      expect(await run(sandbox, 'openidcs vm power node1 web10 hard_stop --yes')).toMatchObject({
        exitCode: 0,
      })
      sandbox.requests.length = 0
      await run(sandbox, 'openidcs vm delete node1 web1 --yes --force')
      expect(writes(sandbox)).toEqual(['DELETE /api/client/delete/node1/web1'])
    }
  })

  trap(27, 'no VM is ever deleted twice: a second call hits another one', async () => {
    for (const fault of ['reset', 'reset-before-answer-headers'] as const) {
      const sandbox = await openidcsSandbox()
      sandbox.faults.next({kind: fault}, {method: 'DELETE', times: 9})
      const outcome = await run(sandbox, "openidcs vm delete node1 'db 01' --yes")
      expect(outcome.exitCode, fault).toBe(fault === 'reset' ? 7 : 0)
      expect(writes(sandbox)).toEqual(['DELETE /api/client/delete/node1/db%2001'])
    }
  })
})

test('every trap is covered or exempt, and none is both', () => {
  const all = Array.from({length: 27}, (_, index) => index + 1)
  const numbers = [...new Set(covered), ...Object.keys(exempt).map(Number)]
  expect(numbers.toSorted((one, other) => one - other)).toEqual(all)
})
