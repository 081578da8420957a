import {describe, expect, test} from 'vitest'
import {dispatch} from '../../src/lib/command/argv.js'
import {
  type ConfigFields,
  type FieldKind,
  hostFields,
  vmFields,
} from '../../src/lib/panels/openidcs/fields.js'
import {cli, commandIds, loadCommand, openidcsSandbox, words} from '../harness.js'

/**
 * Every parameter that the seed's document shows, in its order, and what carries it. Its JSON examples are sent as they
 * stand there; what the panel gets is compared with them. Where the document says nothing of a body (contracts/openidcs.md
 * 2.7 no. 15), the contract is the list.
 */

type Json = Readonly<Record<string, unknown>>

interface Section {
  /** The heading in the document. */
  readonly heading: string
  /** The command line that a person types. */
  readonly line: string
  readonly stdin?: string
  /** What carries each parameter: a flag, an argument in capitals, or a key of --file and --set. */
  readonly carriers: Readonly<Record<string, string>>
  /** The request that leaves. */
  readonly method: string
  readonly path: string
  readonly query?: Json
  readonly body?: Json
}

const seedVm = {
  vm_uuid: 'test-vm',
  os_name: 'windows10x64',
  cpu_num: 4,
  mem_num: 4096,
  hdd_num: 10_240,
  nic_all: {ethernet0: {ip4_addr: '192.168.1.100', nic_type: 'nat'}},
}

const powerActions = ['start', 'stop', 'hard_stop', 'reset', 'hard_reset', 'pause', 'resume']

const sections: readonly Section[] = [
  {
    heading: '创建虚拟机',
    line: 'openidcs vm create node1 --name test-vm --os windows10x64 --cpu 4 --memory 4096 --disk 10240 --nic name=ethernet0,ip4=192.168.1.100,type=nat',
    carriers: {
      hs_name: 'HOST',
      vm_uuid: '--name',
      os_name: '--os',
      cpu_num: '--cpu',
      mem_num: '--memory',
      hdd_num: '--disk',
      nic_all: '--nic',
      ip4_addr: '--nic',
      nic_type: '--nic',
    },
    method: 'POST',
    path: '/api/client/create/node1',
    body: seedVm,
  },
  {
    heading: '创建虚拟机 as a file',
    line: 'openidcs vm create node1 --file -',
    stdin: JSON.stringify(seedVm),
    carriers: {
      vm_uuid: '--file',
      os_name: 'os_name',
      cpu_num: 'cpu_num',
      mem_num: 'mem_num',
      hdd_num: 'hdd_num',
    },
    method: 'POST',
    path: '/api/client/create/node1',
    body: seedVm,
  },
  {
    heading: '修改虚拟机',
    line: "openidcs vm update node1 'db 01' --cpu 4 --set mem_num=4096 --set nic_all.ethernet0.nic_type=pub",
    carriers: {hs_name: 'HOST', vm_uuid: 'VM', cpu_num: '--cpu', mem_num: '--set', nic_all: '--set'},
    method: 'PUT',
    path: '/api/client/update/node1/db%2001',
    body: {cpu_num: 4, mem_num: 4096, nic_all: {ethernet0: {nic_type: 'pub'}}},
  },
  {
    heading: '删除虚拟机',
    line: "openidcs vm delete node1 'db 01'",
    carriers: {hs_name: 'HOST', vm_uuid: 'VM'},
    method: 'DELETE',
    path: '/api/client/delete/node1/db%2001',
  },
  ...powerActions.map(action => ({
    heading: `电源控制 ${action}`,
    line: `openidcs vm power node1 'db 01' ${action}`,
    carriers: {hs_name: 'HOST', vm_uuid: 'VM', action: 'ACTION'},
    method: 'POST',
    path: '/api/client/powers/node1/db%2001',
    body: {action},
  })),
  {
    heading: '添加NAT规则',
    line: 'openidcs nat add node1 web02 --protocol tcp --port 8080 --to 192.168.1.100:80 --note Web服务',
    carriers: {
      hs_name: 'HOST',
      vm_uuid: 'VM',
      protocol: '--protocol',
      external_port: '--port',
      internal_port: '--to',
      internal_ip: '--to',
      description: '--note',
    },
    method: 'POST',
    path: '/api/client/natadd/node1/web02',
    body: {
      protocol: 'tcp',
      external_port: 8080,
      internal_port: 80,
      internal_ip: '192.168.1.100',
      description: 'Web服务',
    },
  },
  {
    heading: '删除NAT规则',
    line: 'openidcs nat delete node1 web02 --index 0',
    carriers: {hs_name: 'HOST', vm_uuid: 'VM', rule_index: '--index'},
    method: 'DELETE',
    path: '/api/client/natdel/node1/web02/0',
  },
  {
    heading: '添加IP地址',
    line: 'openidcs ip add node1 web02 --type ipv4 --address 192.168.1.100 --netmask 255.255.255.0 --gateway 192.168.1.1 --nic ethernet0 --note 主IP',
    carriers: {
      hs_name: 'HOST',
      vm_uuid: 'VM',
      type: '--type',
      address: '--address',
      netmask: '--netmask',
      gateway: '--gateway',
      nic: '--nic',
      description: '--note',
    },
    method: 'POST',
    path: '/api/client/ipaddr/create/node1/web02',
    body: {
      type: 'ipv4',
      address: '192.168.1.100',
      netmask: '255.255.255.0',
      gateway: '192.168.1.1',
      nic: 'ethernet0',
      description: '主IP',
    },
  },
  {
    heading: '删除IP地址',
    line: 'openidcs ip delete node1 web01 --index 1',
    carriers: {hs_name: 'HOST', vm_uuid: 'VM', ip_index: '--index'},
    method: 'DELETE',
    path: '/api/client/ipaddr/delete/node1/web01/1',
  },
  {
    heading: '添加代理配置',
    line: 'openidcs proxy add node1 web02 --domain example.com --to 192.168.1.100:80 --ssl --ssl-type letsencrypt --note 网站代理',
    carriers: {
      hs_name: 'HOST',
      vm_uuid: 'VM',
      domain: '--domain',
      backend_ip: '--to',
      backend_port: '--to',
      ssl_enabled: '--ssl',
      ssl_type: '--ssl-type',
      description: '--note',
    },
    method: 'POST',
    path: '/api/client/proxys/create/node1/web02',
    body: {
      domain: 'example.com',
      backend_ip: '192.168.1.100',
      backend_port: 80,
      ssl_enabled: true,
      ssl_type: 'letsencrypt',
      description: '网站代理',
    },
  },
  {
    heading: '删除代理配置',
    line: 'openidcs proxy delete node1 web01 --index 0',
    carriers: {hs_name: 'HOST', vm_uuid: 'VM', proxy_index: '--index'},
    method: 'DELETE',
    path: '/api/client/proxys/delete/node1/web01/0',
  },
  {
    heading: '获取主机详情',
    line: 'openidcs host show node1 --status',
    carriers: {hs_name: 'HOST', status: '--status'},
    method: 'GET',
    path: '/api/server/detail/node1',
    query: {status: 'true'},
  },
  {
    heading: '获取主机状态',
    line: 'openidcs host status node1 --refresh',
    carriers: {hs_name: 'HOST', refresh: '--refresh'},
    method: 'GET',
    path: '/api/server/status/node1',
    query: {refresh: 'true'},
  },
  {
    heading: '获取日志',
    line: 'openidcs system logs --host node1 --limit 100',
    carriers: {hs_name: '--host', limit: '--limit'},
    method: 'GET',
    path: '/api/system/logger/detail',
    query: {hs_name: 'node1', limit: '100'},
  },
  {
    heading: '获取任务',
    line: 'openidcs system tasks --host node1 --limit 100',
    carriers: {hs_name: '--host', limit: '--limit'},
    method: 'GET',
    path: '/api/system/tasker',
    query: {hs_name: 'node1', limit: '100'},
  },
  {
    heading: '虚拟机上报状态',
    line: 'openidcs vm report --nic 00:11:22:33:44:55 --file -',
    stdin: '{"cpu_usage": 7}',
    carriers: {nic: '--nic', cpu_usage: '--file'},
    method: 'POST',
    path: '/api/client/upload',
    query: {nic: '00:11:22:33:44:55'},
    body: {cpu_usage: 7},
  },
  // Of the tables, whose bodies the contract tells (2.7 no. 15).
  {
    heading: '设置Token',
    line: 'openidcs system token set --token-file -',
    stdin: 'another-token-0001\n',
    carriers: {token: '--token-file'},
    method: 'POST',
    path: '/api/system/create',
    body: {token: expect.any(String)},
  },
  {
    heading: '添加主机',
    line: 'openidcs host create lab --type VMWareSetup --set server_addr=127.0.0.1:8697 --set ports_start=10000',
    carriers: {name: 'NAME', type: '--type', config: '--set'},
    method: 'POST',
    path: '/api/server/create',
    body: {name: 'lab', type: 'VMWareSetup', config: {server_addr: '127.0.0.1:8697', ports_start: 10_000}},
  },
  {
    heading: '修改主机',
    line: 'openidcs host update node1 --set server_addr=127.0.0.1:8697',
    carriers: {hs_name: 'HOST', config: '--set'},
    method: 'PUT',
    path: '/api/server/update/node1',
    body: {config: {server_addr: '127.0.0.1:8697', server_type: 'VMWareSetup', remote_port: 6090}},
  },
  {
    heading: '删除主机',
    line: 'openidcs host delete node1',
    carriers: {hs_name: 'HOST'},
    method: 'DELETE',
    path: '/api/server/delete/node1',
  },
  {
    heading: '主机电源控制',
    line: 'openidcs host power node1 off',
    carriers: {hs_name: 'HOST', enable: 'STATE'},
    method: 'POST',
    path: '/api/server/powers/node1',
    body: {enable: false},
  },
  {
    heading: '扫描虚拟机',
    line: 'openidcs vm scan node1 --prefix ecs_',
    carriers: {hs_name: 'HOST', prefix: '--prefix'},
    method: 'POST',
    path: '/api/client/scaner/node1',
    body: {prefix: 'ecs_'},
  },
  {
    heading: 'VNC控制台',
    line: "openidcs vm console node1 'db 01'",
    carriers: {hs_name: 'HOST', vm_uuid: 'VM'},
    method: 'GET',
    path: '/api/client/remote/node1/db%2001',
  },
  {
    heading: '虚拟机状态',
    line: "openidcs vm status node1 'db 01'",
    carriers: {hs_name: 'HOST', vm_uuid: 'VM'},
    method: 'GET',
    path: '/api/client/status/node1/db%2001',
  },
]

async function commandOf(line: string): Promise<string | undefined> {
  const request = dispatch(words(line), commandIds)
  return request.kind === 'command' ? request.id : undefined
}

/** The leaf keys of a body, by their names: `nic_all.ethernet0.ip4_addr` is ip4_addr, as ethernet0 is a name. */
function parametersIn(body: Json): string[] {
  return Object.entries(body).flatMap(([key, value]) =>
    key === 'nic_all' ? [key, 'ip4_addr', 'nic_type'] : [key, ...(key === 'config' ? [] : leaves(value))],
  )
}

function leaves(value: unknown): string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('asymmetricMatch' in value)
    ? parametersIn(value as Json)
    : []
}

describe.each(sections)('$heading', section => {
  const {line, stdin, carriers, method, path, query, body} = section

  test('each parameter has what carries it', async () => {
    const id = await commandOf(line)
    expect(id, line).toBeDefined()
    const {flags, args} = await loadCommand(id ?? '')
    for (const [parameter, carrier] of Object.entries(carriers)) {
      if (carrier.startsWith('--')) expect(flags, parameter).toHaveProperty([carrier.slice(2)])
      else if (/^[A-Z]+$/.test(carrier)) expect(args, parameter).toHaveProperty([carrier.toLowerCase()])
      else expect({...vmFields, ...hostFields}, parameter).toHaveProperty([carrier])
    }
    if (stdin === undefined) {
      const shown = [...Object.keys(query ?? {}), ...parametersIn(body ?? {})]
      expect(Object.keys(carriers)).toEqual(expect.arrayContaining(line.includes('update') ? [] : shown))
    }
  })

  test('and is sent under its name', async () => {
    const sandbox = await openidcsSandbox()
    const writes = method !== 'GET'
    const outcome = await cli([...words(line), '-o', 'json', ...(writes ? ['--dry-run'] : [])], {
      env: sandbox.environment,
      ...(stdin === undefined ? {} : {stdin}),
    })
    const sent = writes
      ? JSON.parse(outcome.stdout || `{"failed": ${JSON.stringify(outcome.stderr)}}`)
      : {
          method,
          url: `${sandbox.url}${sandbox.requests.find(request => request.path.split('?')[0] === path)?.path}`,
        }
    expect(sent, outcome.stderr).toMatchObject({method, url: expect.any(String)})
    const url = new URL(sent.url)
    expect(url.pathname).toBe(path)
    expect(Object.fromEntries(url.searchParams)).toEqual(query ?? {})
    if (body) expect(sent.body).toMatchObject(body)
    if (writes) {
      expect(outcome.exitCode).toBe(0)
      // Nothing but reads left for a dry run.
      expect(sandbox.requests.filter(request => request.method !== 'GET')).toEqual([])
    }
  })
})

/** Names of fields, those of things inside of things too. */
function names(fields: ConfigFields): string[] {
  return Object.entries(fields).flatMap(([name, {kind}]) => [name, ...inside(kind)])
}

function inside(kind: FieldKind): string[] {
  if (typeof kind === 'string') return []
  return names('one' in kind ? kind.one : 'each' in kind ? kind.each : kind.items)
}

describe('the keys of configurations', () => {
  test('those that the document shows are known', () => {
    expect(names(vmFields)).toEqual(
      expect.arrayContaining([
        'vm_uuid',
        'os_name',
        'cpu_num',
        'mem_num',
        'hdd_num',
        'nic_all',
        'ip4_addr',
        'nic_type',
      ]),
    )
  })

  test('and so are all that the contract lists (3.1 to 3.3)', () => {
    const vmKeys =
      'vm_uuid os_name os_pass vc_port vc_pass cpu_num cpu_per gpu_num gpu_mem mem_num hdd_num speed_u speed_d flu_num nat_num web_num nic_all hdd_all'
    const newer =
      'hdd_iop bak_num iso_num pci_num usb_num dat_num dat_all flu_rst iso_all pci_all usb_all efi_all nat_all web_all backups own_all'
    const hostKeys =
      'server_name server_type server_addr server_user server_pass filter_name images_path system_path backup_path extern_path launch_path network_nat network_pub i_kuai_addr i_kuai_user i_kuai_pass ports_start ports_close remote_port system_maps public_addr extend_data limits_nums server_dnss ipaddr_maps server_port server_area enable_host dvdrom_path images_maps ipaddr_ddns server_plan'
    expect(Object.keys(vmFields)).toEqual(expect.arrayContaining(`${vmKeys} ${newer}`.split(' ')))
    expect(Object.keys(hostFields)).toEqual(expect.arrayContaining(hostKeys.split(' ')))
    expect(vmFields.nic_all?.kind).toMatchObject({
      each: Object.fromEntries(
        'mac_addr nic_type nic_devs ip4_addr ip6_addr nic_gate nic_mask dns_addr'
          .split(' ')
          .map(name => [name, expect.anything()]),
      ),
    })
  })
})

/** What the document shows besides: where the panel is, and how to get in. */
test('the base address and the token have their flags and variables', async () => {
  const login = await loadCommand('openidcs:login')
  expect(login.flags).toMatchObject({url: expect.anything(), 'with-token': expect.anything()})
  const sandbox = await openidcsSandbox()
  const outcome = await cli('openidcs host list -o json', {env: sandbox.environment})
  expect(outcome.exitCode).toBe(0)
  expect(sandbox.requests[0]?.headers.authorization).toBe(`Bearer ${sandbox.token}`)
})
