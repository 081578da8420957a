import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {Profile} from '../../../src/lib/sandbox/openidcs/features.js'
import type {OpenidcsState} from '../../../src/lib/sandbox/openidcs/state.js'
import {type OpenidcsSandbox, startOpenidcs} from '../../emulated.js'
import {readRecordings, Tally} from '../../recordings.js'
import {type RawAnswer, rawRequest} from './raw-request.js'

/**
 * Every recording of two real panels, sent to the emulator over a socket, one after the other, two
 * whole lives of VMs among them. Some exchanges are not in the files: those that changed something
 * are in a list here, as what their names and the answers after them tell. Compared are status,
 * headers, and bodies but for what chance or a clock decides.
 */

type Json = null | boolean | number | string | Json[] | {[key: string]: Json}
type Fields = {[key: string]: Json}

interface Recording {
  readonly id: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers: Record<string, string>
    readonly body: Json
  }
  readonly response: {
    readonly status: number
    readonly content_type: string
    readonly json?: Fields
    /** The beginning of a page. */
    readonly body?: string
    readonly allow?: string
    readonly location?: string
    readonly 'set-cookie'?: string
  }
}

/** A request that the files lack. */
type Missing = readonly [method: string, path: string, body?: Json]

interface Panel {
  readonly file: string
  readonly profile: Profile
  /** The token that the panel made at its first start. */
  readonly token: string
  readonly start: (state: OpenidcsState) => void
  /** Requests that were made before a recording. */
  readonly missing: Readonly<Record<string, readonly Missing[]>>
  /** What happened to the machine, to the hypervisor or to the panel's database. */
  readonly events: Readonly<Record<string, (state: OpenidcsState) => void>>
}

function recordingsOf(file: string): Recording[] {
  return readRecordings<Recording>('openidcs', `${file}.jsonl`)
}

/** The body of a recorded request, by the end of its id. */
function bodyOf(file: string, id: string): Fields {
  const {request} = recordingsOf(file).find(recording => recording.id === id) ?? {}
  if (typeof request?.body !== 'object' || request.body === null || Array.isArray(request.body)) {
    throw new Error(`no body of ${id}`)
  }
  return request.body
}

const stored = '127.0.0.1:8697'

/** VMs that the hypervisor has before the panel knows any. */
function machines(...names: string[]): (state: OpenidcsState) => void {
  return state => {
    for (const name of names) {
      machinesAt(state, stored).add(name, `/opt/openidcs/system/${name}/${name}.vmx`, 'off', state.now())
    }
  }
}

function empty(state: OpenidcsState): void {
  for (const host of state.hosts.values()) {
    host.vms.clear()
    state.hypervisorOf(host).machines.length = 0
  }
}

const addressOk = {
  type: 'ipv4',
  address: '192.168.1.100',
  netmask: '255.255.255.0',
  gateway: '192.168.1.1',
  nic: 'ethernet0',
  description: '主IP',
}
const hostUpdate = (file: string) => {
  const {config} = bodyOf(file, '059-server.create.ok')
  if (!isFields(config)) throw new Error('no config')
  return {config: {...config, server_type: 'VMWareSetup', ports_close: 30_000}}
}
const seedHostUpdate = () => {
  const {config} = bodyOf('seed-7a36e7e', '069-server.update.ok')
  return {config: config ?? null}
}

/** Between the first and the second half of the recordings of an older panel it was started again. */
function restarted(state: OpenidcsState): void {
  state.restart()
  state.hasSensors = true
}

const madeName = /ecs_-\w{8}/g

/** A VM whose name the panel made up gets the recorded one. */
function rename(to: string): (state: OpenidcsState) => void {
  return state => {
    const host = state.hosts.get('host1')
    const vm = [...(host?.vms.values() ?? [])].find(({name}) => /^ecs_-/.test(name))
    const [machine] = host ? state.hypervisorOf(host).machines.filter(({name}) => name === vm?.name) : []
    if (!host || !vm || !machine) throw new Error('no such VM')
    host.vms.delete(vm.name)
    const config = JSON.parse(JSON.stringify(vm.config).replaceAll(madeName, to))
    host.vms.set(to, {...vm, name: to, config})
    state.hypervisorOf(host).remove(machine)
    state.hypervisorOf(host).add(to, state.pathOf(host, to), 'paused', state.now())
  }
}

const noRouter = 'http://127.0.0.1:9'
const nothingThere = '127.0.0.1:8698'

/** The stand-ins of the recorded lives: no router at first, and an address where nothing listens. */
function standIns(state: OpenidcsState): void {
  state.hasSensors = false
  state.deadRouters.add(noRouter)
  state.missingFolders.add('/opt/openidcs/none')
  machinesAt(state, nothingThere).isReachable = false
}

function machinesAt(state: OpenidcsState, address: string) {
  const known = state.hypervisors.get(address)
  if (known) return known
  const host = state.addHost('temporary', 'VMWareSetup', {server_addr: address})
  const added = state.hypervisorOf(host)
  state.hosts.delete('temporary')
  return added
}

const refusal = "HTTP错误 403: Forbidden - {'Code': 118, 'Message': 'refused by the stand-in'}"

const set =
  (...changes: ReadonlyArray<(hypervisor: ReturnType<typeof machinesAt>) => void>) =>
  (state: OpenidcsState): void => {
    for (const change of changes) change(machinesAt(state, stored))
  }

/** What both lives did to the stand-in of VMware, by the part of the id. */
const lifeEvents = {
  vdiskFails: set(hypervisor => {
    hypervisor.diskTool = 'fails'
    hypervisor.refusesDelete = undefined
  }),
  vdiskMissing: set(hypervisor => {
    hypervisor.diskTool = 'missing'
  }),
  password: set(hypervisor => {
    hypervisor.diskTool = 'works'
    hypervisor.password = 'secret'
  }),
  gone: set(hypervisor => {
    hypervisor.isReachable = false
  }),
  refuses: set(hypervisor => {
    hypervisor.refusesDelete = refusal
  }),
}

const debian = (vm_uuid: string) => ({
  vm_uuid,
  os_name: 'debian12.vmdk',
  cpu_num: 2,
  mem_num: 2048,
  hdd_num: 10_240,
})
const created = (name: string, host = 'host1'): Missing => [
  'POST',
  `/api/client/create/${host}`,
  debian(name),
]
const madeUp: Missing = [
  'POST',
  '/api/client/create/host1',
  {os_name: 'Debian 12', hdd_num: 10_240, cpu_num: '2'},
]
const panels: readonly Panel[] = [
  {
    file: 'seed-c5ee1c9',
    profile: 'c5ee1c9',
    token: 'd84667aa60e49075',
    start: state => {
      state.hasSensors = false
      machines('ecs_existing', 'other-vm')(state)
    },
    missing: {
      '040-server.detail.empty': [['POST', '/api/system/create', {token: 'test-token-0002'}]],
      '071-server.detail_one.after_partial': [
        ['PUT', '/api/server/update/host1', seedHostUpdate()],
        ['PUT', '/api/server/update/bare', bodyOf('seed-7a36e7e', '070-server.update.partial_resets_rest')],
      ],
      '101-client.status': [
        [
          'POST',
          '/api/client/upload?nic=00:1c:c0:a8:01:64',
          bodyOf('seed-7a36e7e', '100-client.upload.seed_vm_mac_bad_status'),
        ],
      ],
      '124-client.scaner.prefix': [['POST', '/api/client/scaner/host1', {}]],
      '146-client.ipaddr_create.unknown_vm': [
        ['POST', '/api/client/ipaddr/create/host1/test-vm', addressOk],
        ['POST', '/api/client/ipaddr/create/host1/test-vm', {}],
      ],
      '156-client.proxys_detail': [['POST', '/api/client/proxys/create/host1/test-vm', {}]],
      '303-server.status.cached': [['GET', '/api/server/status/host1']],
    },
    events: {
      '301-restart.token_persisted': restarted,
      '401-flask222.no_content_type': state => {
        state.oldWerkzeug = true
      },
    },
  },
  {
    file: 'newest-085a23d',
    profile: 'newest',
    token: '467c7949237da212d39bd0b56de498ca3f77570f50e3bac56865116efb19ef77',
    start: machines('ecs_existing', 'other-vm'),
    missing: {
      '076-client.detail.empty': [['PUT', '/api/server/update/host1', hostUpdate('newest-085a23d')]],
      '091-client.status.fresh': [madeUp],
      '122-client.natadd.cookie_port_in_use': [
        [
          'POST',
          '/api/client/natadd/host1/test-vm',
          bodyOf('newest-085a23d', '122-client.natadd.cookie_port_in_use'),
        ],
      ],
      '133-client.ipaddr_create.cookie_seed_fields': [
        [
          'POST',
          '/api/client/ipaddr/create/host1/test-vm',
          bodyOf('newest-085a23d', '131-client.ipaddr_create.bearer'),
        ],
      ],
      '210-system.logger_clear': [['DELETE', '/api/client/delete/host1/test-vm']],
    },
    events: {
      // Five failures, two of them recorded.
      '022-login.rate_limited': state => {
        state.failedLogins.set('10.9.9.9', {count: 5, until: state.now() + 299_000})
      },
      '033-token.reset': state => {
        state.token = 'test-token-0001'
      },
      '092-client.status.limit': rename('ecs_-mN9jJLaw'),
      '404-both.client.detail': state => {
        const machine = machinesAt(state, stored).machines.find(({name}) => name === 'ecs_existing')
        machine?.changes.push({at: 0, power: 'on'})
      },
      '410-both.client.status': state => state.pass(3000),
      '601-nodebug.success_compact_json': state => {
        state.debug = false
      },
    },
  },
  {
    file: 'lifecycle-c5ee1c9',
    profile: 'c5ee1c9',
    token: 'test-token-0002',
    start: standIns,
    missing: {
      'lc-061-client.scaner': [created('life2')],
      'lc-103-edge.refused.detail_after': [['DELETE', '/api/client/delete/host1/nd1']],
      'lc-127-edge.nosystem.create': [
        [
          'POST',
          '/api/server/create',
          {...bodyOf('lifecycle-085a23d', 'lc-161-edge.nosystem.server.create'), name: 'nosys'},
        ],
      ],
      'lc-139-image.server.create': [['DELETE', '/api/server/delete/host1']],
      'lc-151-vm.after_host_delete': [['DELETE', '/api/server/delete/host2']],
    },
    events: {
      'lc-079-trap27b.create.web1': empty,
      'lc-087-trap27c.create.other': empty,
      'lc-093-trap27d.create.web10': empty,
      'lc-097-edge.empty.create': empty,
      'lc-101-edge.nodot.create': lifeEvents.refuses,
      'lc-104-edge.vdisk_fails.create': lifeEvents.vdiskFails,
      'lc-105-edge.vdisk_missing.create': lifeEvents.vdiskMissing,
      'lc-106-edge.badpass.server.create': lifeEvents.password,
      'lc-122-edge.vmrest.server.create': state => state.windowsTools.add('/opt/openidcs/launch'),
      'lc-125-edge.vmrest.server.delete': state => state.windowsTools.clear(),
      'lc-145-unreachable.powers': lifeEvents.gone,
    },
  },
  {
    file: 'lifecycle-085a23d',
    profile: 'newest',
    token: 'test-token-0002',
    start: standIns,
    missing: {
      'lc-007-server.create.duplicate': [
        ['POST', '/api/server/create', bodyOf('lifecycle-085a23d', 'lc-007-server.create.duplicate')],
      ],
      'lc-073-client.natget.after_delete': [['DELETE', '/api/client/natdel/host1/life1/0']],
      'lc-085-client.proxys_create.duplicate': [
        [
          'POST',
          '/api/client/proxys/create/host1/life1',
          bodyOf('lifecycle-085a23d', 'lc-085-client.proxys_create.duplicate'),
        ],
      ],
      'lc-079-client.ipaddr_detail': [['POST', '/api/client/ipaddr/create/host1/life1', {}]],
      'lc-115-trap27b.create.web10': [created('web1')],
      'lc-133-edge.empty.start': [created('e1')],
      'lc-157-edge.vmrest.server.create': [['DELETE', '/api/client/delete/host1/nic1']],
      'lc-175-client.proxys_create.bearer_only': [created('prox1')],
    },
    events: {
      'lc-103-trap27a.create.web10': empty,
      'lc-122-trap27c.create.other': empty,
      'lc-128-trap27d.create.web10': empty,
      'lc-133-edge.empty.start': empty,
      'lc-137-edge.refused.delete': lifeEvents.refuses,
      'lc-139-edge.vdisk_fails.create': lifeEvents.vdiskFails,
      'lc-140-edge.vdisk_missing.create': lifeEvents.vdiskMissing,
      'lc-141-edge.badpass.server.create': lifeEvents.password,
      'lc-176-client.proxys_create.cookie': state => {
        state.proxyProgramWorks = true
      },
      'lc-083-client.proxys_detail.empty': state => {
        state.proxyProgramWorks = false
      },
      'lc-211-unreachable.powers': lifeEvents.gone,
    },
  },
]

/** Routes of newer panels that no command uses, and the sandbox does not have. */
const foreign =
  /^\/api\/(users($|\/(?!current))|i18n|system\/(settings|ipv4|recalculate)|server\/(plans?|areas|ports|backup)\b|client\/(hdd|isos?|backup|owners|efi-list|gpu-list|pci-list|usb-list|screenshot|temptoken|templogin)\b)/

/** Why a recording says nothing about the sandbox. */
function reasonToSkip({request: {path, headers}, response: {status, json}}: Recording): string | undefined {
  // Where the recorded panel had no such route either, the sandbox has to say so.
  if (foreign.test(path) && !isMissing(status)) return 'route that no command uses (contracts/openidcs.md 4)'
  if (headers.Authorization?.startsWith('Bearer temp:') && json?.code === 200) {
    return 'temporary token, which no command uses'
  }
  return undefined
}

function isMissing(status: number): boolean {
  return status === 404 || status === 405
}

function textOf(body: Json): string | null {
  if (body === null || typeof body === 'string') return body
  return JSON.stringify(body)
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What only the recorded answer tells: passwords and ports that chance chose. */
function adoptBefore(state: OpenidcsState, {request, response}: Recording): void {
  const {data} = response.json ?? {}
  const [, area, , host = '', name = ''] =
    /^\/api\/client\/(natget|upload)(\/([^/]+)\/([^/?]+))?/.exec(request.path) ?? []
  if (area === 'upload' && isFields(data)) {
    const vm = state.hosts.get(String(data.hs_name))?.vms.get(String(data.vm_uuid))
    if (vm && !state.features.isNewest) vm.config = {...vm.config, vc_pass: data.vm_pass ?? ''}
  }
  const vm = state.hosts.get(host)?.vms.get(name)
  if (area !== 'natget' || !vm || !Array.isArray(data) || !state.features.isNewest) return
  vm.nat = vm.nat.map((rule, index) => {
    const recorded = data[index]
    const isSame = isFields(recorded) && recorded.lan_port === rule.lan_port
    return isSame ? {...rule, wan_port: recorded.wan_port ?? 0} : rule
  })
}

/** What the recorded panel made up, later requests use. */
function adoptAfter(state: OpenidcsState, {response, request}: Recording): void {
  const {data} = response.json ?? {}
  if (isFields(data) && data.token !== undefined && /token|system/.test(request.path))
    state.token = data.token
}

/** Names of values that a clock or chance decides: their types are compared. */
const undetermined = new Set([
  'timestamp',
  'cached_at',
  'age_seconds',
  'on_update',
  'created_at',
  'updated_at',
  'last_login',
  'token',
  'temp_token',
  'vc_port',
  'vc_pass',
])

/** A body without what cannot be the same twice. */
function comparable(value: Json): Json {
  if (Array.isArray(value)) return value.map(comparable)
  if (!isFields(value)) return typeof value === 'string' ? value.replace(/token=\w{16}$/, 'token=T') : value
  // Their words are the panel's own, and say next to nothing.
  const isLog = 'execute' in value
  // Of the machine that the panel ran on.
  const isProbe = typeof value.cpu_model === 'string' && value.cpu_model !== ''
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]): [string, Json] => {
      if (isProbe && name !== 'ac_status') return [name, typeof inner]
      if (name === 'last_updated') return [name, inner === 0 ? 'never' : 'then']
      if (undetermined.has(name) || isLog) return [name, shapeOf(name, inner)]
      if (name === 'mac_addr' && String(inner).startsWith('00:1C:') && String(inner).length === 17) {
        return [name, /^00:1C:(c0:a8|00:00)/.test(String(inner)) ? inner : 'random']
      }
      return [name, comparable(inner)]
    }),
  )
}

function shapeOf(name: string, value: Json): string {
  const length = typeof value === 'string' && /pass|token/.test(name) ? ` of ${value.length}` : ''
  return name === 'last_login' ? 'time or null' : `${value === null ? 'null' : typeof value}${length}`
}

function expectSame({response}: Recording, answer: RawAnswer): void {
  const {status, content_type, json, body, allow, location} = response
  if (json !== undefined && answer.headers['content-type'] === 'application/json') {
    expect(comparable(JSON.parse(answer.body))).toEqual(comparable(json))
  } else if (json !== undefined) expect(answer.body.slice(0, 200)).toEqual(json)
  else if (answer.headers['content-type'] === 'application/json')
    expect(JSON.parse(answer.body)).toEqual(body)
  expect(answer.status).toBe(status)
  expect(answer.headers['content-type']).toBe(content_type)
  if (body !== undefined) expect(answer.body.slice(0, body.length)).toBe(body)
  if (allow !== undefined) expect(methodsOf(answer.headers.allow)).toEqual(methodsOf(allow))
  if (location !== undefined) expect(answer.headers.location).toBe(location)
  if (response['set-cookie'] !== undefined) {
    const shape = (cookie: string | undefined) => cookie?.replace(/session=[^;]+/, 'session=S')
    expect(shape(answer.headers['set-cookie'])).toBe(shape(response['set-cookie']))
  }
}

function methodsOf(allow: string | undefined): string[] {
  return (allow ?? '').split(', ').sort()
}

describe.each(panels)('recordings of $file', ({file, profile, token, start, missing, events}) => {
  const recordings = recordingsOf(file)
  const tally = new Tally()
  let clock = Date.UTC(2026, 10, 20, 16, 2)
  let panel: OpenidcsSandbox

  beforeAll(async () => {
    panel = await startOpenidcs({profile, world: 'empty', now: () => clock, token})
    for (const [, cookie = ''] of JSON.stringify(recordings).matchAll(/session=([^;"]+)/g)) {
      panel.state.addSession(cookie)
    }
    start(panel.state)
  })

  afterAll(async () => {
    await panel.close()
    tally.report(`openidcs ${file}`)
  })

  for (const recording of recordings) {
    const reason = reasonToSkip(recording)
    if (reason !== undefined) tally.leaveOut(reason, recording)
    test.runIf(reason === undefined)(recording.id, async () => {
      tally.replayed++
      await replay(recording)
    })
  }

  async function replay(recording: Recording): Promise<void> {
    const {request, response, id} = recording
    moveClock(response.json)
    events[id]?.(panel.state)
    for (const [method, path, body] of missing[id] ?? []) await ask(method, path, body ?? null)
    adoptBefore(panel.state, recording)
    const {method, path, headers, body} = request
    const answer = await rawRequest(panel.port, {method, path, headers, body: textOf(body)})
    adoptAfter(panel.state, recording)
    expectSame(recording, answer)
  }

  /** As an administrator who is logged in, so that it works in every version. */
  async function ask(method: string, path: string, body: Json): Promise<void> {
    const headers: Record<string, string> = {
      Authorization: `Bearer ${panel.state.token}`,
      Cookie: `session=${panel.session}`,
      ...(body !== null && {'Content-Type': 'application/json'}),
    }
    await rawRequest(panel.port, {method, path, headers, body: textOf(body)})
  }

  function moveClock(json: Fields | undefined): void {
    const at = json?.timestamp
    if (typeof at === 'number') clock = Math.max(clock, at * 1000)
  }
})
