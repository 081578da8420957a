import {describe, expect, test} from 'vitest'
import {MASK} from '../../../../src/lib/mask.js'
import {givenFields, merged} from '../../../../src/lib/panels/openidcs/configuration.js'
import {vmFields} from '../../../../src/lib/panels/openidcs/fields.js'

const shape = {fields: vmFields, besides: ['uuid', 'status']}

/** What a person gave: the fields of a file, and `--set`s. */
function given(value: unknown, set: Record<string, string> = {}, current: Record<string, unknown> = {}) {
  const assignments = Object.entries(set).map(([path, value]) => ({
    where: '--set',
    path: path.split('.'),
    value,
    isText: true,
  }))
  const document = value === undefined ? undefined : {where: 'vm.yaml', value}
  return givenFields(shape, {document, assignments}, current)
}

function failure(run: () => unknown): {message: string; hint: string | undefined} {
  try {
    run()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'USAGE')
      return {message: error.message, hint: 'hint' in error ? String(error.hint) : undefined}
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('a document', () => {
  test('is taken with sizes in megabytes', () => {
    expect(given({cpu_num: 4, mem_num: '4G', hdd_num: 10_240})).toEqual({
      cpu_num: 4,
      mem_num: 4096,
      hdd_num: 10_240,
    })
  })

  test('may be what show printed, with nulls for what the version does not have', () => {
    const shown = {uuid: 'web01', status: [], config: {cpu_num: 4, gpu_num: null, vc_port: 5901}}
    expect(given(shown)).toEqual({cpu_num: 4, vc_port: 5901})
  })

  test('may hold what the panel itself has and no version that we know', () => {
    expect(given({brand_new: {a: 1}}, {}, {brand_new: null})).toEqual({brand_new: {a: 1}})
  })

  test('with an unknown field is refused, with the nearest one', () => {
    expect(failure(() => given({mem_nun: 4096}))).toEqual({
      message: 'vm.yaml: there is no field "mem_nun", and the panel would ignore it',
      hint: 'did you mean "mem_num"?',
    })
  })

  test('with an unknown field further in is refused', () => {
    expect(failure(() => given({nic_all: {ethernet0: {ip_addr: '192.168.1.2'}}}))).toEqual({
      message: 'vm.yaml: nic_all.ethernet0: there is no field "ip_addr", and the panel would ignore it',
      hint: 'did you mean "ip4_addr" or "ip6_addr"?',
    })
  })

  test('with an unknown field beside config is refused', () => {
    expect(failure(() => given({config: {}, confg: {}})).hint).toBe('did you mean "config"?')
  })

  test.each([
    [{cpu_num: 'many'}, 'vm.yaml: cpu_num is not a number'],
    [{cpu_num: [4]}, 'vm.yaml: cpu_num is not a number'],
    [{os_pass: 12345}, 'vm.yaml: os_pass is not a text'],
    [{mem_num: '4 gigs'}, 'vm.yaml: mem_num: "4 gigs" is not a size'],
    [{mem_num: -1}, 'vm.yaml: mem_num is not a size'],
    [{mem_num: 1e308}, 'vm.yaml: mem_num is not a size'],
    [{cpu_num: -5}, 'vm.yaml: cpu_num is not a number from 0 on'],
    [{cpu_num: 1e308}, 'vm.yaml: cpu_num is not a number from 0 on'],
    [{nat_all: [{wan_port: '-1'}]}, 'vm.yaml: nat_all.0: wan_port is not a port from 0 to 65535'],
    [{vc_port: Number.NaN}, 'vm.yaml.vc_port is not a number that JSON can hold'],
    [{own_all: {since: new Date(0)}}, 'vm.yaml.own_all.since is not a value of JSON'],
    [{own_all: new Set(['a'])}, 'vm.yaml.own_all is not a value of JSON'],
    [{nic_all: {'<<': {ip4_addr: '1.1.1.1'}}}, 'vm.yaml.nic_all: merging with << is not supported'],
    [{'os_pass hunter2': 1}, 'vm.yaml: there is no field "os_pass…", and the panel would ignore it'],
    [{nic_all: []}, 'vm.yaml: nic_all is not an object'],
    [{nic_all: {ethernet0: 'nat'}}, 'vm.yaml: nic_all.ethernet0 is not an object'],
    [{efi_all: {}}, 'vm.yaml: efi_all is not a list'],
    [{nat_all: [{wan_port: 'x'}]}, 'vm.yaml: nat_all.0: wan_port is not a number'],
    [[], 'vm.yaml holds no fields'],
    ['web01', 'vm.yaml holds no fields'],
    [null, 'vm.yaml holds no fields'],
  ])('%j is refused', (value, message) => {
    expect(failure(() => given(value)).message).toBe(message)
  })

  test.each([MASK, '******', `${MASK}\n`])('with the mask %s is refused', text => {
    expect(failure(() => given({config: {os_pass: text}}))).toEqual({
      message: 'vm.yaml.os_pass is a mask and not a value',
      hint: 'read it again with --show-secrets, or leave it out',
    })
  })
})

test('a document that leads into itself is refused', () => {
  const own: Record<string, unknown> = {}
  own.b = own
  expect(failure(() => given({own_all: own})).message).toMatch(
    /^vm\.yaml\.own_all\.b\.b.*… is nested too deeply, or leads into itself$/,
  )
})

test('nulls inside of what was given are kept, and left out at the top', () => {
  const value = {own_all: {a: null}, nic_all: {e0: {mac_addr: null}}, gpu_num: null}
  const kept = {own_all: {a: null}, nic_all: {e0: {mac_addr: null}}}
  expect(given(value)).toEqual(kept)
  expect(merged({...value, cpu_num: 1}, {cpu_num: 2})).toEqual({...kept, cpu_num: 2})
})

describe('--set', () => {
  test.each([
    ['cpu_num', '4', {cpu_num: 4}],
    ['mem_num', '4G', {mem_num: 4096}],
    ['os_pass', '0123', {os_pass: '0123'}],
    ['os_pass', '', {os_pass: ''}],
    ['nic_all', '{}', {nic_all: {}}],
    ['nic_all.ethernet0.ip4_addr', '192.168.1.2', {nic_all: {ethernet0: {ip4_addr: '192.168.1.2'}}}],
    [
      'nic_all.ethernet0.dns_addr',
      '1.1.1.1,8.8.8.8',
      {nic_all: {ethernet0: {dns_addr: ['1.1.1.1', '8.8.8.8']}}},
    ],
    ['vc_port', '5901', {vc_port: 5901}],
  ])('%s=%s', (path, text, expected) => {
    expect(given(undefined, {[path]: text})).toEqual(expected)
  })

  test('changes what it names and leaves the rest as the panel has it', () => {
    const current = {nic_all: {ethernet0: {ip4_addr: 'a', nic_type: 'nat'}, ethernet1: {ip4_addr: 'b'}}}
    expect(given(undefined, {'nic_all.ethernet0.ip4_addr': '10.0.0.3'}, current)).toEqual({
      nic_all: {ethernet0: {ip4_addr: '10.0.0.3', nic_type: 'nat'}, ethernet1: {ip4_addr: 'b'}},
    })
    expect(current.nic_all.ethernet0.ip4_addr).toBe('a')
  })

  test('goes on top of the file', () => {
    expect(given({cpu_num: 2, mem_num: 1024}, {cpu_num: '8'})).toEqual({cpu_num: 8, mem_num: 1024})
  })

  test('gives back what the panel has, of whatever form, and empties it', () => {
    const current = {nic_all: {e0: {ip4_addr: 'dhcp', ip6_addr: 'fd00::1'}}}
    const assignments = {'nic_all.e0.ip4_addr': 'dhcp', 'nic_all.e0.ip6_addr': ''}
    expect(given(current, assignments, current)).toEqual({
      nic_all: {e0: {ip4_addr: 'dhcp', ip6_addr: ''}},
    })
  })

  test('reaches into a list by position', () => {
    const current = {nat_all: [{wan_port: 80}, {wan_port: 81}]}
    expect(given(undefined, {'nat_all.1.wan_port': '82'}, current)).toEqual({
      nat_all: [{wan_port: 80}, {wan_port: 82}],
    })
    expect(failure(() => given(undefined, {'nat_all.2.wan_port': '82'}, current)).message).toBe(
      '--set.nat_all: there is no 2 among 2',
    )
  })

  test.each([
    ['cpu_nun', '4', '--set: there is no field "cpu_nun", and the panel would ignore it'],
    ['nic_all.e0.ipv4', 'x', '--set.nic_all.e0: there is no field "ipv4", and the panel would ignore it'],
    ['cpu_num.x', '4', '--set.cpu_num has no fields, and so no "x"'],
    ['nic_all', 'nat', '--set.nic_all is not JSON'],
    ['nic_all.e0.ip4_addr', '999.1.1.1', '--set.nic_all.e0.ip4_addr is not an IPv4 address'],
    ['nic_all.e0.ip6_addr', '10.0.0.1', '--set.nic_all.e0.ip6_addr is not an IPv6 address'],
    ['nic_all.e0.nic_gate', 'x', '--set.nic_all.e0.nic_gate is not an IP address'],
    ['nic_all.e0.nic_mask', '255.0.255.0', '--set.nic_all.e0.nic_mask is not a netmask'],
    ['nic_all.e0.mac_addr', '00:11', '--set.nic_all.e0.mac_addr is not a MAC address'],
    ['constructor', 'x', '--set: there is no field "constructor", and the panel would ignore it'],
    ['os_pass', '******', '--set.os_pass is a mask and not a value'],
    ['os_pass', '********', '--set.os_pass is a mask and not a value'],
    ['own_all', '{"a": ["******"]}', '--set.own_all.a.0 is a mask and not a value'],
    ['nic_all.e0', '{"nic_type": "******"}', '--set.nic_all.e0.nic_type is a mask and not a value'],
    ['nic_all.e0.dns_addr', '1.1.1.1,******', '--set.nic_all.e0.dns_addr.1 is a mask and not a value'],
    ['cpu_num', '9'.repeat(400), '--set.cpu_num is not a number'],
    ['vc_port', '9'.repeat(400), '--set.vc_port is not a number that JSON can hold'],
    ['cpu_num', '-5', '--set.cpu_num is not a number from 0 on'],
    ['os_pas:hunter2', 'x', '--set: there is no field "os_pas…", and the panel would ignore it'],
  ])('%s=%s is refused', (path, text, message) => {
    expect(failure(() => given(undefined, {[path]: text})).message).toBe(message)
  })
})

test('what is sent back is whole, without masks and nulls', () => {
  const current = {cpu_num: 2, os_pass: '******', vc_pass: 's3cret', gpu_num: null, nat_all: [{wan_port: 80}]}
  expect(merged(current, {cpu_num: 4})).toEqual({cpu_num: 4, vc_pass: 's3cret', nat_all: [{wan_port: 80}]})
})

describe('what the panel masked', () => {
  test('is not sent back from further in either', () => {
    const current = {nic_all: {e0: {ip4_addr: 'a', nic_type: '******'}}, nat_all: [{lan_addr: '******'}]}
    const changes = given(undefined, {'nic_all.e0.ip4_addr': '10.0.0.3'}, current)
    expect(merged(current, changes)).toEqual({nic_all: {e0: {ip4_addr: '10.0.0.3'}}, nat_all: [{}]})
  })

  test('inside of a list takes the field of the list with it', () => {
    const current = {own_all: {a: ['x', null, '******'], b: [['******']], c: ['x', null]}}
    expect(merged(current, {})).toEqual({own_all: {c: ['x', null]}})
  })

  test('beside an element that is set is said', () => {
    const current = {own_all: {a: ['x', '******']}}
    expect(failure(() => given(undefined, {'own_all.a.0': 'y'}, current))).toEqual({
      message: '--set.own_all.a: the panel masked a part of this list',
      hint: 'give the whole list',
    })
  })
})
