import {describe, expect, test} from 'vitest'
import {paths} from '../../failure.js'
import {cli, openidcsSandbox} from '../../harness.js'
import {panel, writes} from '../../openidcs-panel.js'
import {recordedData, recordedPanel} from '../../openidcs-recorded.js'

const list = '/api/client/ipaddr/detail/node1/web01'
const add = '/api/client/ipaddr/create/node1/web01'

function bodyOf({requests}: {requests: readonly {method: string; path: string; body: string}[]}): unknown {
  return JSON.parse(requests.findLast(({path}) => path === add)?.body ?? 'null')
}

describe('openidcs ip list', () => {
  test('shows the addresses in the order of their positions', async () => {
    const {environment: env} = await openidcsSandbox()
    expect(await cli('openidcs ip list node1 web01', {env})).toEqual({
      exitCode: 0,
      stdout: `INDEX  ADDRESS        TYPE  NETMASK        GATEWAY      NIC        NOTE
    0  192.168.1.101  ipv4  255.255.255.0  192.168.1.1  ethernet0  主IP
    1  2001:db8::101  ipv6  64             2001:db8::1  ethernet0  -
`,
      stderr: '',
    })
    expect((await cli('openidcs ip list node1 web01 -o id', {env})).stdout).toBe(
      '192.168.1.101\n2001:db8::101\n',
    )
  })

  test('has the names of the seed and what else the newest tells of its network cards', async () => {
    const {environment: env} = await openidcsSandbox({profile: 'newest'})
    const {stdout} = await cli('openidcs ip list node1 web01 -o json', {env})
    expect(JSON.parse(stdout)).toEqual([
      {
        index: 0,
        type: 'ipv4',
        address: '192.168.1.101',
        netmask: '255.255.255.0',
        gateway: '',
        nic: 'ethernet0',
        description: null,
        mac_addr: '00:1c:c0:a8:01:65',
        ip6_addr: '',
        nic_type: 'nat',
        dns_addr: [],
      },
    ])
    const {stdout: table} = await cli('openidcs ip list node1 web01 --columns nic,nic_type,mac,dns', {env})
    expect(table).toBe(`NIC        NIC TYPE  MAC                DNS
ethernet0  nat       00:1c:c0:a8:01:65  -
`)
  })

  test('takes values of any type (trap 11)', async () => {
    const {environment: env, state} = await openidcsSandbox()
    const addresses = state.hosts.get('node1')?.vms.get('web01')?.addresses
    addresses?.splice(0, 2, {address: 7, type: null, nic: ['x']}, {})
    expect((await cli('openidcs ip list node1 web01', {env})).stdout).toBe(
      `INDEX  ADDRESS  TYPE  NETMASK  GATEWAY  NIC  NOTE
    0  7        -     -        -        -    -
    1  -        -     -        -        -    -
`,
    )
  })

  test('exits with 3 for an unknown VM', async () => {
    const {environment: env} = await openidcsSandbox()
    const outcome = await cli('openidcs ip list node1 nope', {env})
    expect(outcome).toMatchObject({exitCode: 3, stdout: ''})
    expect(outcome.stderr).toContain('hint: panelctl openidcs vm list node1')
  })
})

describe('openidcs ip add', () => {
  test('prints the address as the list shows it then', async () => {
    const sandbox = await openidcsSandbox()
    const flags = '--netmask 255.255.255.0 --gateway 192.168.1.1 --nic ethernet0 --note second'
    expect(
      await cli(`openidcs ip add node1 web01 --address 192.168.1.150 ${flags}`, {env: sandbox.environment}),
    ).toEqual({
      exitCode: 0,
      stdout: `INDEX    2
ADDRESS  192.168.1.150
TYPE     ipv4
NETMASK  255.255.255.0
GATEWAY  192.168.1.1
NIC      ethernet0
NOTE     second
`,
      stderr: 'added the address 192.168.1.150 (ethernet0) of web01\n',
    })
    expect(paths(sandbox)).toEqual([`GET ${list}`, `POST ${add}`, `GET ${list}`])
    expect(bodyOf(sandbox)).toEqual({
      type: 'ipv4',
      address: '192.168.1.150',
      netmask: '255.255.255.0',
      gateway: '192.168.1.1',
      nic: 'ethernet0',
      description: 'second',
      ip4_addr: '192.168.1.150',
      nic_mask: '255.255.255.0',
      nic_gate: '192.168.1.1',
    })
  })

  test('leaves to each version what was not given', async () => {
    const sandbox = await openidcsSandbox({profile: 'newest'})
    await cli('openidcs ip add node1 web01 --address 192.168.1.150', {env: sandbox.environment})
    expect(bodyOf(sandbox)).toEqual({type: 'ipv4', address: '192.168.1.150', ip4_addr: '192.168.1.150'})
  })

  test('says what the newest made of it', async () => {
    const sandbox = await openidcsSandbox({profile: 'newest'})
    const flags = '--nic ethernet7 --note second --nic-type pub --dns 9.9.9.9 --dns 2620:fe::fe'
    const {stdout, stderr, exitCode} = await cli(
      `openidcs ip add node1 web01 --address 192.168.1.150 ${flags} --columns nic,nic_type,dns,note`,
      {env: sandbox.environment},
    )
    expect(exitCode).toBe(0)
    expect(bodyOf(sandbox)).toMatchObject({nic_type: 'pub', dns_addr: ['9.9.9.9', '2620:fe::fe']})
    expect(stdout).toBe(`NIC       nic1
NIC TYPE  pub
DNS       9.9.9.9, 2620:fe::fe
NOTE      -
`)
    expect(stderr).toBe(`warning: this version of the panel keeps no --note
warning: --nic: newer servers name the card themselves (nic1)
added the address 192.168.1.150 (nic1) of web01
`)
  })

  test('says what the seed does not keep', async () => {
    const {environment: env} = await openidcsSandbox()
    const {stderr} = await cli(
      'openidcs ip add node1 web01 --address 10.0.0.5 --nic-type pub --dns 9.9.9.9',
      {
        env,
      },
    )
    expect(stderr).toContain('warning: this version of the panel keeps no --nic-type, --dns\n')
  })

  test('gives an IPv6 address as one to the newest, which adds an IPv4 address', async () => {
    const sandbox = await openidcsSandbox({profile: 'newest'})
    const {stdout, stderr, exitCode} = await cli('openidcs ip add node1 web01 --address fd00::5 -o json', {
      env: sandbox.environment,
    })
    expect(exitCode).toBe(0)
    expect(bodyOf(sandbox)).toEqual({type: 'ipv6', address: 'fd00::5', ip6_addr: 'fd00::5'})
    expect(JSON.parse(stdout)).toMatchObject({type: 'ipv4', ip6_addr: 'fd00::5', nic: 'nic1'})
    const {address} = JSON.parse(stdout)
    expect(address).toMatch(/^192\.168\.1\.\d+$/)
    expect(stderr).toBe(`{"warning":"the panel gave it ${address} as well"}
{"note":"added the address ${address} and fd00::5 (nic1) of web01"}
`)
  })

  test('both addresses of a card are in its row, and in the question before it goes', async () => {
    const {environment: env} = await openidcsSandbox({profile: 'newest'})
    const added = await cli('openidcs ip add node1 web01 --address fd00::5', {env})
    const [, both = ''] =
      /^ADDRESS {2}(192\.168\.1\.\d+, fd00::5)\nTYPE {5}ipv4, ipv6$/m.exec(added.stdout) ?? []
    expect(both).not.toBe('')
    const table = await cli('openidcs ip list node1 web01', {env})
    expect(table.stdout).toContain(both)
    // Scripts have a column for each.
    const csv = await cli('openidcs ip list node1 web01 -o csv --no-header --columns address,type,ipv6', {
      env,
    })
    expect(csv.stdout.split(/\r?\n/)[1]).toBe(`${both.split(', ')[0]},ipv4,fd00::5`)
    const tty = {stdin: true, stderr: true} as const
    const asked = await cli('openidcs ip delete node1 web01 --address fd00::5', {env, tty, stdin: 'n\n'})
    expect(asked.stderr).toContain(
      `The virtual machine will be started again. Delete the address ${both.replace(', ', ' and ')} (nic1) (index 1) of web01? [y/N] `,
    )
  })

  test.each([
    ['192.168.1.101', '10.9.9.9'],
    ['2001:DB8:0::101', 'fd00::9'],
  ])('leaves alone what is there as asked, and refuses another: %s', async (address, gateway) => {
    const sandbox = await openidcsSandbox()
    const {environment: env} = sandbox
    const same = await cli(`openidcs ip add node1 web01 --address ${address} -o json`, {env})
    expect(same.exitCode).toBe(0)
    expect(JSON.parse(same.stdout)).toMatchObject({
      address: address.toLowerCase().replace(':0::', '::'),
      changed: false,
    })
    const outcome = await cli(`openidcs ip add node1 web01 --address ${address} --gateway ${gateway}`, {env})
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(outcome.stderr).toContain('panelctl: web01 has it already: index ')
    expect(paths(sandbox)).toEqual([`GET ${list}`, `GET ${list}`])
  })

  test.each([
    ['--address 10.0.0.300', '--address: "10.0.0.300" is not an IP address'],
    ['--address 10.0.0.3 --type ipv6', '10.0.0.3 is no ipv6 address'],
    ['--address 10.0.0.3 --netmask 24', '--netmask: "24" is no netmask of ipv4'],
    ['--address 10.0.0.3 --netmask 255.0.255.0', '--netmask: "255.0.255.0" is no netmask of ipv4'],
    ['--address fd00::3 --netmask 255.255.255.0', '--netmask: "255.255.255.0" is no netmask of ipv6'],
    ['--address 10.0.0.3 --gateway nowhere', '--gateway: "nowhere" is not an IP address'],
    ['--address 10.0.0.3 --dns x', '--dns: "x" is not an IP address'],
    ['', 'missing required flag --address'],
  ])('refuses %s', async (flags, message) => {
    const sandbox = await openidcsSandbox()
    const outcome = await cli(`openidcs ip add node1 web01 ${flags}`, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain(message)
    expect(sandbox.requests).toEqual([])
  })

  test('looks where a version fails after it changed its list', async () => {
    const said = (data: object) => ({json: {code: 200, msg: 'success', data}})
    const host = {...recordedData<object>('v0.4', '061'), vm_list: ['test-vm']}
    const nics = recordedData<object[]>('v0.4', '134')
    const vm = 'host1/test-vm'
    const panel = await recordedPanel('v0.4', {
      'GET /api/server/detail/host1': said(host),
      [`GET /api/client/ipaddr/detail/${vm}`]: [said(nics.slice(0, 1)), '134'],
      [`POST /api/client/ipaddr/create/${vm}`]: '131',
    })
    const outcome = await cli('openidcs ip add host1 test-vm --address 192.168.1.101', {
      env: panel.environment,
    })
    expect(outcome).toMatchObject({
      exitCode: 0,
      stderr: `warning: the answer was HTTP 500, but the list has it
added the address 192.168.1.101 (nic1) of test-vm
`,
    })
    expect(paths(panel).filter(path => path.startsWith('POST'))).toEqual([
      `POST /api/client/ipaddr/create/${vm}`,
    ])
  })
})

describe('openidcs ip delete on the newest', () => {
  const nic = '/api/hosts/node1/vms/web01/ip_addresses/ethernet0'

  test('deletes the network card by its name', async () => {
    const sandbox = await openidcsSandbox({profile: 'newest'})
    const outcome = await cli('openidcs ip delete node1 web01 --address 192.168.1.101 --yes', {
      env: sandbox.environment,
    })
    expect(outcome).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'deleted the address 192.168.1.101 (ethernet0) of web01; none is left\n',
    })
    const writes = paths(sandbox).filter(path => path.startsWith('DELETE'))
    // The first one was refused for want of a session.
    expect(writes).toEqual([`DELETE ${nic}`, `DELETE ${nic}`])
  })

  test('says on a terminal that the virtual machine is started again', async () => {
    const sandbox = await openidcsSandbox({profile: 'newest'})
    const tty = {stdin: true, stderr: true} as const
    const {stderr} = await cli('openidcs ip delete node1 web01 --index 0', {
      env: sandbox.environment,
      tty,
      stdin: 'n\n',
    })
    expect(stderr).toContain(
      'The virtual machine will be started again. Delete the address 192.168.1.101 (ethernet0) (index 0) of web01? [y/N] ',
    )
  })

  test.each(['.', '..'])('sends nothing for a card that is called %s', async name => {
    const sandbox = await openidcsSandbox({profile: 'newest'})
    const vm = sandbox.state.hosts.get('node1')?.vms.get('web01')
    if (vm) vm.config = {...vm.config, nic_all: {[name]: {ip4_addr: '10.0.0.1'}}}
    const outcome = await cli('openidcs ip delete node1 web01 --index 0 --yes', {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain(`nic cannot be "${name}": no path can hold that`)
    expect(writes(sandbox)).toEqual([])
  })

  test('does not mind that another card changed with it', async () => {
    const sandbox = await openidcsSandbox({profile: 'newest'})
    const env = sandbox.environment
    await cli('openidcs ip add node1 web01 --address 192.168.1.150', {env})
    const nics = sandbox.state.hosts.get('node1')?.vms.get('web01')?.config.nic_all
    sandbox.faults.next({kind: 'slow-body', pieces: 1}, {path: list})
    sandbox.faults.next(
      {
        kind: 'wrong-types',
        change: json => {
          Object.assign(Object.values(nics ?? {})[0] ?? {}, {mac_addr: '00:00:00:00:00:01'})
          return json
        },
      },
      {path: list},
    )
    const outcome = await cli('openidcs ip delete node1 web01 --address 192.168.1.150 --yes', {env})
    expect(outcome).toMatchObject({exitCode: 0, stderr: expect.stringContaining('left: 192.168.1.101')})
  })

  test('exits with 5 for a refusal, and says where it was done all the same', async () => {
    const sandbox = await openidcsSandbox({profile: 'newest'})
    const body = JSON.stringify({code: 400, msg: '失败', data: null})
    sandbox.faults.next({kind: 'slow-body', pieces: 1}, {path: list})
    sandbox.faults.next(
      {
        kind: 'wrong-types',
        change: json => {
          const vm = sandbox.state.hosts.get('node1')?.vms.get('web01')
          if (vm) vm.config = {...vm.config, nic_all: {}}
          return json
        },
      },
      {path: list},
    )
    sandbox.faults.next({kind: 'status', status: 200, body, contentType: 'application/json'}, {path: nic})
    const outcome = await cli('openidcs ip delete node1 web01 --index 0 --yes', {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(outcome.stderr).toContain(
      'the address 192.168.1.101 (ethernet0) of web01 is gone from the list all the same\nhint: panelctl openidcs ip list node1 web01\n',
    )
  })
})

describe('on VMware hosts of the newest, which turn a VM off and on to change its cards', () => {
  const lines = [
    'openidcs ip add node1 web1 --address 192.168.1.150',
    'openidcs ip delete node1 web1 --address 192.168.1.101 --yes',
  ]

  /** A panel whose VMware lists web10 before web1, and how often that was turned off and on. */
  async function mistaking() {
    const sandbox = await panel('newest')
    const host = sandbox.state.hosts.get('node1')
    if (!host) throw new Error('the sandbox has no node1')
    const {machines} = sandbox.state.hypervisorOf(host)
    machines.reverse()
    const web10 = sandbox.state.ownMachine(host, 'web10')
    const before = web10?.changes.length ?? 0
    return {sandbox, restarts: () => web10?.changes.slice(before).map(({power}) => power)}
  }

  test.each(lines)('%s sends nothing that may hit another one', async line => {
    const {sandbox, restarts} = await mistaking()
    const outcome = await cli(line, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(outcome.stderr).toContain('the name of web10 contains "web1": another one than "web1" may be hit')
    expect(outcome.stderr).toContain('send it all the same with --force\n')
    expect(writes(sandbox)).toEqual([])
    expect(restarts()).toEqual([])
  })

  test.each(lines)('%s --force turns the other one off and on', async line => {
    const {sandbox, restarts} = await mistaking()
    const outcome = await cli(`${line} --force`, {env: sandbox.environment})
    expect(outcome.exitCode).toBe(0)
    expect(restarts()).toEqual(['off', 'on'])
  })

  test('looks also where there is no card yet, and may be one', async () => {
    const {sandbox, restarts} = await mistaking()
    const vm = sandbox.state.hosts.get('node1')?.vms.get('web1')
    if (vm) vm.config = {...vm.config, nic_all: {}}
    const outcome = await cli(String(lines[0]), {env: sandbox.environment})
    expect(outcome.exitCode).toBe(5)
    expect(restarts()).toEqual([])
  })

  test.each([
    ['a name that no other one contains', 'newest', 'node1 web10'],
    ['another engine', 'newest', 'lxc1 web1'],
    ['records of the seed', 'seed', 'node1 web1'],
  ] as const)('%s needs no --force', async (_, profile, names) => {
    const sandbox = await panel(profile)
    // What the address is of, where it is a record.
    if (profile === 'seed') {
      const vm = sandbox.state.hosts.get('node1')?.vms.get('web1')
      vm?.addresses.push({
        type: 'ipv4',
        address: '10.0.0.1',
        netmask: '',
        gateway: '',
        nic: '',
        description: '',
      })
    }
    const add = await cli(`openidcs ip add ${names} --address 192.168.1.150`, {env: sandbox.environment})
    expect(add.exitCode).toBe(0)
    const remove = `openidcs ip delete ${names} --address 192.168.1.150 --yes`
    expect((await cli(remove, {env: sandbox.environment})).exitCode).toBe(0)
  })
})

test('an address that another virtual machine has is warned of where a look is harmless, and added all the same', async () => {
  const line = 'openidcs ip add node1 "db 01" --address 192.168.1.101'
  const newest = await openidcsSandbox({profile: 'newest'})
  const shared = 'warning: addresses that others on node1 have: 192.168.1.101 (web01)\n'
  const added = await cli(line, {env: newest.environment})
  expect(added).toMatchObject({exitCode: 0, stderr: expect.stringContaining(shared)})
  const {stderr} = await cli(line.replace('101', '177'), {env: newest.environment})
  expect(stderr).not.toContain('warning')
  // There a list of virtual machines takes their rules from all of them (trap 24).
  const seed = await openidcsSandbox()
  const kept = await cli(line, {env: seed.environment})
  expect(kept).toMatchObject({exitCode: 0})
  expect(paths(seed)).not.toContain('/api/client/detail/node1')
})

test('a gateway is of the version of the address', async () => {
  const {environment: env, ...sandbox} = await openidcsSandbox()
  const line = 'openidcs ip add node1 web01 --address 192.168.1.150 --gateway fd00::1'
  expect(await cli(line, {env})).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'panelctl: --gateway: fd00::1 is no ipv4 address, as 192.168.1.150 is\n',
  })
  expect(writes(sandbox)).toEqual([])
})
