import {describe, expect, test} from 'vitest'
import {cli, openidcsSandbox} from '../../harness.js'

const profiles = ['seed', 'newest'] as const

test.each(profiles)(
  'a host that is unknown to lists of VMs is told with the nearest, on %s',
  async profile => {
    const {environment: env} = await openidcsSandbox({profile})
    for (const line of [
      'vm list NODE1',
      'vm scan NODE1',
      'vm power NODE1 web01 start --wait',
      'vm create NODE1 --name a --os b --wait',
      'host status NODE1',
      'host power NODE1 on',
      'host delete NODE1 --yes',
      'system tasks --host NODE1',
    ]) {
      const {exitCode, stderr} = await cli(`openidcs ${line}`, {env})
      expect({line, exitCode, stderr}).toEqual({
        line,
        exitCode: 3,
        stderr: 'panelctl: there is no host "NODE1"\nhint: did you mean "node1" or "node2"?\n',
      })
    }
  },
)

describe.each(profiles)('a name that the panel does not know, on %s', profile => {
  test.each([
    'nat list',
    'ip list',
    'proxy list',
    'nat add --port 9000 --to 10.0.0.1:1',
    'nat delete --index 0 --yes',
    'vm show',
    'vm console',
    'vm status',
  ])('is told with the nearest of its kind: %s', async line => {
    const {environment: env, requests} = await openidcsSandbox({profile})
    const [noun, verb, ...flags] = line.split(' ')
    const run = (names: string) => cli(`openidcs ${noun} ${verb} ${names} ${flags.join(' ')}`, {env})
    expect(await run('nod1 web01')).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'panelctl: there is no host "nod1"\nhint: did you mean "node1"?\n',
    })
    expect(await run('node1 wev01')).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'panelctl: there is no virtual machine "wev01" on node1\nhint: did you mean "web01"?\n',
    })
    expect(requests.filter(({method}) => !['GET', 'HEAD'].includes(method))).toEqual([])
  })
})
