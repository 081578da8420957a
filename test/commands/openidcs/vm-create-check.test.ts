import {describe, expect, test} from 'vitest'
import {panel, run} from '../../openidcs-panel.js'

describe('what a version drops of a new virtual machine', () => {
  test('is said: --gpu on the newest', async () => {
    const sandbox = await panel('newest')
    const line = 'create node1 --name app1 --os debian12.vmdk --cpu 2 --memory 4G --disk 40G --gpu 2'
    const {exitCode, stderr} = await run(sandbox, line)
    expect(exitCode).toBe(0)
    expect(stderr).toContain('warning: this version of OpenIDCS has no gpu_num, and left it out\n')
    expect(stderr).not.toContain('not as they were sent')
  })

  test("is said: fields of a network card, and one by its name, on the seed's server", async () => {
    const sandbox = await panel()
    const line =
      'create node1 --name app1 --os debian12.vmdk --nic name=ethernet0,ip4=192.168.1.120,gateway=192.168.1.1,mask=255.255.255.0 --set bak_num=5'
    const {exitCode, stderr} = await run(sandbox, line)
    expect(exitCode).toBe(0)
    for (const field of ['nic_all.ethernet0.nic_gate', 'nic_all.ethernet0.nic_mask', 'bak_num'])
      expect(stderr).toMatch(new RegExp(`^warning: .*\\b${field}\\b`, 'm'))
  })

  test('and what it has otherwise than it was asked for', async () => {
    const sandbox = await panel('newest')
    const change = (json: unknown) =>
      JSON.parse(JSON.stringify(json).replaceAll('"mem_num":4096', '"mem_num":1024'))
    sandbox.faults.next({kind: 'wrong-types', change}, {path: '/api/client/detail/node1/app1'})
    const {exitCode, stderr} = await run(
      sandbox,
      'create node1 --name app1 --os debian12.vmdk --memory 4G --disk 40G',
    )
    expect(exitCode).toBe(0)
    expect(stderr).toContain('warning: these fields are not as they were sent: mem_num\n')
  })

  test('is not said of what it took', async () => {
    const sandbox = await panel('newest')
    const line =
      'create node1 --name app1 --os debian12.vmdk --cpu 2 --memory 4G --disk 40G --nic name=ethernet0,ip4=192.168.1.120,type=nat --os-password-file -'
    expect(await run(sandbox, line, {stdin: 'guest-pass\n'})).toMatchObject({
      exitCode: 0,
      stderr: 'created app1 on node1\n',
    })
  })
})

test('a new virtual machine that the panel has not although it says so is in doubt', async () => {
  const sandbox = await panel('newest')
  const body = '{"code": 200, "msg": "", "data": null}'
  sandbox.faults.next(
    {kind: 'status', status: 200, contentType: 'application/json', body},
    {method: 'POST', path: '/api/client/create/node1'},
  )
  expect(await run(sandbox, 'create node1 --name app1 --os debian12.vmdk --memory 4G --disk 40G')).toEqual({
    exitCode: 7,
    stdout: '',
    stderr:
      'panelctl: the panel says that it created app1, but it has no such virtual machine\nhint: look before you repeat it: panelctl openidcs vm list node1\n',
  })
})

test('two virtual machines of one host can be deleted at once', async () => {
  const sandbox = await panel()
  const ends = await Promise.all([
    run(sandbox, 'delete lxc1 web1 --yes'),
    run(sandbox, 'delete lxc1 web10 --yes'),
  ])
  expect(ends.map(({exitCode, stderr}) => ({exitCode, stderr}))).toEqual([
    {exitCode: 0, stderr: 'deleted web1 on lxc1\n'},
    {exitCode: 0, stderr: 'deleted web10 on lxc1\n'},
  ])
})
