import {once} from 'node:events'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {describe, expect, onTestFinished, test} from 'vitest'
import {Interrupted} from '../../../src/lib/command/interrupted.js'
import {failureOf, paths} from '../../failure.js'
import {cli} from '../../harness.js'
import {bodyOf, file, hosts, panel, run, writes} from '../../openidcs-panel.js'
import {recordedPanel} from '../../openidcs-recorded.js'

/** Lets the request through: what is planned after it is for the next one. */
const untouched = {kind: 'wrong-types', change: (json: unknown) => json} as const

describe('vm create', () => {
  test('sends what every flag says', async () => {
    const sandbox = await panel()
    const line =
      'create node1 --name app1 --os debian12.vmdk --cpu 2 --cpu-percent 80 --memory 4G --disk 40GiB --gpu 1 --gpu-memory 256 --up 100 --down 200 --traffic 1T --nat-limit 10 --proxy-limit 5 --nic name=ethernet0,ip4=192.168.1.120,type=nat --nic name=ethernet1,ip6=2001:db8::20,mac=02:00:00:00:00:01 --os-password-file - --set hdd_all.data.size=10G'
    const outcome = await run(sandbox, `${line} -o json`, {stdin: 'guest-pass\n'})
    expect(outcome).toMatchObject({exitCode: 0, stderr: '{"note":"created app1 on node1"}\n'})
    expect(bodyOf(sandbox)).toEqual({
      vm_uuid: 'app1',
      os_name: 'debian12.vmdk',
      os_pass: 'guest-pass',
      cpu_num: 2,
      cpu_per: 80,
      mem_num: 4096,
      hdd_num: 40_960,
      gpu_num: 1,
      gpu_mem: 256,
      speed_u: 100,
      speed_d: 200,
      flu_num: 1_048_576,
      nat_num: 10,
      web_num: 5,
      nic_all: {
        ethernet0: {ip4_addr: '192.168.1.120', nic_type: 'nat'},
        ethernet1: {ip6_addr: '2001:db8::20', mac_addr: '02:00:00:00:00:01'},
      },
      hdd_all: {data: {size: 10_240}},
    })
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      uuid: 'app1',
      config: {os_pass: '********', vc_pass: '********'},
    })
    expect(outcome.stdout).not.toContain('guest-pass')
    expect(writes(sandbox)).toEqual(['POST /api/client/create/node1'])
  })

  test('shows the machine', async () => {
    const {stdout} = await run(
      await panel(),
      'create node1 --name app1 --os debian12.vmdk --cpu 2 --memory 4G --disk 40G',
    )
    expect(stdout).toMatch(
      /^NAME +app1\nSTATE +\S+\nCPUS +2\nMEMORY +4\.0 GiB\nDISK +40\.0 GiB\nOS +debian12\.vmdk\n/,
    )
  })

  test('takes a file, flags on top of it, and --set on top of both', async () => {
    const sandbox = await panel()
    const path = file('vm_uuid: app1\nos_name: debian12.vmdk\ncpu_num: 1\nmem_num: 1G\nhdd_num: 20G\n')
    const line = `create node1 --file ${path} --name app1 --cpu 2 --memory 2G --set mem_num=3G`
    expect((await run(sandbox, line)).exitCode).toBe(0)
    expect(bodyOf(sandbox)).toEqual({
      vm_uuid: 'app1',
      os_name: 'debian12.vmdk',
      cpu_num: 2,
      mem_num: 3072,
      hdd_num: 20_480,
    })
  })

  test.each([
    ['--name app1 --set vm_uuid=app2', '', '--name says that vm_uuid is "app1", and --set'],
    ['--name app1 --file -', 'vm_uuid: app2\n', 'stdin says that vm_uuid is "app2", and --name'],
    ['--set vm_uuid=app1 --file -', 'vm_uuid: app2\n', 'stdin says that vm_uuid is "app2", and --set'],
  ])('refuses two names: %s', async (flags, stdin, message) => {
    const sandbox = await panel()
    expect(await run(sandbox, `create node1 --os debian12.vmdk ${flags}`, {stdin})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: ${message} that it is "${message.includes('"app1"') ? 'app2' : 'app1'}"\nhint: leave one of them out\n`,
    })
    expect(paths(sandbox)).toEqual([])
  })

  test('of what vm show printed leaves out what is of that one alone', async () => {
    const images = {system_maps: {Debian: ['debian12.vmdk', 10]}}
    const sandbox = await panel('newest', {hosts: [{...hosts[0], name: 'node1', config: images}]})
    const shown = await run(sandbox, 'show node1 web10 -o json --show-secrets')
    const {config, ...besides} = JSON.parse(shown.stdout)
    expect(config).toMatchObject({vc_port: expect.anything(), vm_flag: 'STARTED'})
    const cards = Object.entries<object>(config.nic_all).map(([name, card]) => [
      name,
      {...card, ip6_addr: '2001:DB8::10'},
    ])
    const whole = {
      ...besides,
      config: {
        ...config,
        os_name: 'debian12.vmdk',
        hdd_num: 20_480,
        own_all: {bob: 1},
        nic_all: Object.fromEntries(cards),
      },
    }
    const other = sandbox.state.hosts.get('node1')?.vms.get('db1')
    if (other) other.config = {...other.config, nic_all: {e0: {ip6_addr: '2001:db8::10'}}}
    const line = `create node1 --file ${file(JSON.stringify(whole))} --name app1`
    const outcome = await run(sandbox, line)
    expect(outcome).toMatchObject({exitCode: 0})
    expect(JSON.stringify(bodyOf(sandbox))).not.toMatch(/mac_addr|vc_port|vc_pass|own_all|vm_flag|backups/)
    expect(bodyOf(sandbox)).toMatchObject({cpu_num: config.cpu_num, mem_num: config.mem_num})
    expect(outcome.stderr).toMatch(
      /^left out of the file, as it belongs to the virtual machine shown there: mac_addr, vc_port, vc_pass, own_all, .*vm_flag$/m,
    )
    expect(outcome.stderr).toContain(
      'warning: addresses that others on node1 have: 192.168.1.110 (web10), 2001:db8::10 (db1)\n',
    )
    await run(sandbox, `${line.replace('app1', 'app2')} --nic name=eth7,mac=02:00:00:00:00:07`)
    expect(bodyOf(sandbox)).toMatchObject({nic_all: {eth7: {mac_addr: '02:00:00:00:00:07'}}})
  })

  test('keeps what a person wrote', async () => {
    const sandbox = await panel()
    const path = file(
      'vm_uuid: app1\nos_name: debian12.vmdk\nnic_all: {e0: {mac_addr: "02:00:00:00:00:01"}}\n',
    )
    expect((await run(sandbox, `create node1 --file ${path}`)).stderr).toBe('created app1 on node1\n')
    expect(bodyOf(sandbox)).toMatchObject({nic_all: {e0: {mac_addr: '02:00:00:00:00:01'}}})
  })

  test('--dry-run prints the request without the password, and sends nothing', async () => {
    const sandbox = await panel()
    const outcome = await run(sandbox, 'create node1 --name app1 --cpu 2 --os-password-file - --dry-run', {
      stdin: 'guest-pass',
    })
    expect(outcome).toMatchObject({exitCode: 0, stderr: ''})
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      method: 'POST',
      url: `${sandbox.url}/api/client/create/node1`,
      body: {vm_uuid: 'app1', cpu_num: 2, os_pass: '********'},
    })
    expect(writes(sandbox)).toEqual([])
  })

  test.each([
    ['create node1 --os debian12.vmdk', '', 'the virtual machine needs a name'],
    ["create node1 --name ''", '', 'an empty text was given'],
    ['create node1 --file -', 'vm_uuid: ""\n', 'the virtual machine needs a name'],
    ['create node1 --file -', 'vm_uuid: "  "\n', 'the virtual machine needs a name'],
    ['create node1 --name app1 --set vm_uuid=', '', 'the virtual machine needs a name'],
    ['create node1 --name a/b', '', '"a/b" cannot be a name'],
    ['create node1 --name ..', '', '".." cannot be a name'],
    ['create node1 --name app1 --file -', 'os_pass: "********"\n', 'stdin.os_pass is a mask and not a value'],
    [
      'create node1 --name app1 --os-password-file -',
      '******\n',
      '--os-password-file.os_pass is a mask and not a value',
    ],
    [
      'create node1 --name app1 --os-password-file -',
      '********\n\n',
      '--os-password-file.os_pass is a mask and not a value',
    ],
    ['create node1 --name app1 --set nic_all.e0={"nic_type":"******"}', '', 'nic_all.e0.nic_type is a mask'],
    ['create node1 --file -', '{"vm_uuid": "a\\ud800"}', '"a\\u{d800}" cannot be a name'],
    ['create node1 --file -', '{"vm_uuid": "a\\u200b"}', '"a\\u{200b}" cannot be a name'],
    ['create node1 --file -', '{"vm_uuid": "a\\n"}', '"a\\u{a}" cannot be a name'],
    ['create node1 --name app1 --os-password-file -', '\n', 'stdin is empty'],
    ['create node1 --name app1 --file - --os-password-file -', 'x', 'stdin is one file only'],
    ['create node1 --name app1 --nic ip4=192.168.1.9', '', 'has no name'],
    ['create node1 --name app1 --nic name=e0,ip4=10.0.0.300', '', 'ip4_addr is not an IPv4 address'],
    ['create node1 --name app1 --nic name=e0,ip4=10.0.0.3,ip4=10.0.0.4', '', 'has ip4 twice'],
    [
      'create node1 --name app1 --nic name=e0,ip4=10.0.0.3 --nic name=e0,ip4=10.0.0.4',
      '',
      'two --nic are called e0',
    ],
    ['create node1 --name app1 --nic name=ethernet0', '', 'says nothing of ethernet0'],
    ['create node1 --name app1 --nic name=ethernet0,ip=192.168.1.9', '', 'did you mean "ip4"'],
    ['create node1 --name app1 --memory 4gigs', '', '"4gigs" is not a size'],
    ['create node1 --name app1 --set mem_nun=4G', '', 'did you mean "mem_num"?'],
  ])('%s sends nothing', async (line, stdin, message) => {
    const sandbox = await panel()
    const outcome = await run(sandbox, line, {stdin})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain(message)
    expect(sandbox.requests).toEqual([])
  })

  test('refuses a name that is taken, which the panel would overwrite', async () => {
    const sandbox = await panel()
    expect(await run(sandbox, 'create node1 --name db1 --os debian12.vmdk --force')).toEqual({
      exitCode: 5,
      stdout: '',
      stderr:
        'panelctl: there is a virtual machine "db1" on node1 already, and the panel would overwrite it; nothing was sent\nhint: panelctl openidcs vm show node1 db1\n',
    })
    expect(writes(sandbox)).toEqual([])
  })

  test('of an unknown host sends nothing', async () => {
    const sandbox = await panel()
    expect(await run(sandbox, 'create node2 --name app1')).toMatchObject({exitCode: 3, stdout: ''})
    expect(writes(sandbox)).toEqual([])
  })

  test('names 7a36e7e, which cannot create on VMware hosts; its HTTP 500 is no doubt', async () => {
    const sandbox = await recordedPanel('7a36e7e', {
      'GET /api/server/detail/host1': '059',
      'GET /api/client/detail/host1': '090',
      'POST /api/client/create/host1': '088',
    })
    const outcome = await run(sandbox, 'create host1 --name app1 --os debian12.vmdk -o json')
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(failureOf(outcome).message).toBe(
      'this version of OpenIDCS, 7a36e7e (10 December 2025), cannot create virtual machines on VMware hosts',
    )
    expect(writes(sandbox)).toHaveLength(1)
  })

  test.each([
    [{kind: 'wrong-types', change: () => ({unknown: true})} as const, 0, 'it has app1 now'],
    [{kind: 'html-200'} as const, 7, 'hint: look before you repeat it: panelctl openidcs vm list node1'],
  ])('looks where nobody can read the answer: %j', async (fault, exitCode, words) => {
    const sandbox = await panel()
    sandbox.faults.next(fault, {method: 'POST'})
    const outcome = await run(sandbox, 'create node1 --name app1 --os debian12.vmdk')
    expect(outcome.exitCode).toBe(exitCode)
    expect(outcome.stderr).toContain(words)
    expect(writes(sandbox)).toHaveLength(1)
  })

  const images = 'for the images: panelctl openidcs host show node1 -o json | jq .config.system_maps'
  const hypervisor =
    'does the hypervisor answer and take the password of the host? panelctl openidcs system logs --host node1 --tail 5'

  test.each([
    ['', `newer versions want 1G of memory and 10G of disk at least; give --os; ${images}`],
    [' --memory 1G --disk 10G', `give --os; ${images}`],
    [
      ' --os none.vmdk',
      `newer versions want 1G of memory and 10G of disk at least; ${images}; ${hypervisor}`,
    ],
    [' --os none.vmdk --memory 1G --disk 10G', `${images}; ${hypervisor}`],
    [' --os debian12.vmdk --memory 1G --disk 7G', `newer versions want 8G of disk at least; ${hypervisor}`],
    [
      ' --os debian12.vmdk --memory 512M --disk 10G',
      `newer versions want 1G of memory at least; ${hypervisor}`,
    ],
    [' --os debian12.vmdk --memory 1G --disk 8G', hypervisor],
  ])('leads on where the panel refuses%s', async (flags, words) => {
    const sandbox = await panel()
    const body = '{"code": 400, "msg": "no", "data": null}'
    const contentType = 'application/json'
    sandbox.faults.next({kind: 'status', status: 200, body, contentType}, {method: 'POST'})
    const outcome = await run(sandbox, `create node1 --name app1${flags}`)
    expect(outcome.exitCode).toBe(5)
    expect(outcome.stderr).toContain(`\nhint: ${words}\n`)
  })

  test.each(['--memory 0', '--disk 0G', '--cpu 0'])('refuses a machine of nothing: %s', async flags => {
    const sandbox = await panel()
    const outcome = await run(sandbox, `create node1 --name app1 --os debian12.vmdk ${flags} --dry-run`)
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(sandbox.requests).toEqual([])
  })

  test('is sent once where no answer comes', async () => {
    const sandbox = await panel()
    sandbox.faults.next({kind: 'reset'}, {method: 'POST'})
    const outcome = await run(sandbox, 'create node1 --name app1 --os debian12.vmdk')
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(outcome.stderr).toContain('hint: look before you repeat it: panelctl openidcs vm list node1\n')
    expect(writes(sandbox)).toHaveLength(1)
  })
})

describe('vm update', () => {
  test('sends the file of an image that is named by its title, as creating stores it', async () => {
    const config = {system_maps: {'Debian 12': ['debian12.vmdk', 10]}}
    const sandbox = await panel('newest', {hosts: [{...hosts[0], name: 'node1', config}]})
    expect((await run(sandbox, 'update node1 db1 --os "Debian 12" --yes')).exitCode).toBe(0)
    expect(bodyOf(sandbox)).toMatchObject({os_name: 'debian12.vmdk'})
  })

  test('refuses an image that there is not: the newest would delete the disk and say that all is well', async () => {
    const config = {system_maps: {'Debian 12': ['debian12.vmdk', 10]}}
    const sandbox = await panel('newest', {hosts: [{...hosts[0], name: 'node1', config}]})
    const outcome = await run(sandbox, 'update node1 db1 --os nope.vmdk --yes -o json')
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('node1 has no image "nope.vmdk"'),
      hint: expect.stringContaining('jq .config.system_maps'),
    })
    expect(writes(sandbox)).toEqual([])
    const asked = await run(sandbox, 'update node1 db1 --os debian12.vmdk')
    expect(asked.stderr).toContain('With another image its disk is made anew, without what is on it.')
  })

  test('says where another size of the disk is only written down', async () => {
    const words = 'warning: this version of OpenIDCS only writes that down of a disk, which stays as it is\n'
    const update = async (profile: 'seed' | 'newest', flags: string) =>
      (await run(await panel(profile), `update node1 db1 ${flags} --yes`)).stderr
    expect(await update('seed', '--disk 900G')).toContain(words)
    expect(await update('seed', '--cpu 7')).not.toContain('warning')
    expect(await update('newest', '--disk 900G')).not.toContain('warning')
  })

  test.each(['seed', 'newest'] as const)('writes back all that it does not change: %s', async profile => {
    const sandbox = await panel(profile)
    const show = async () => {
      const {stdout} = await run(sandbox, 'show node1 web10 -o json --show-secrets')
      const shown: {config: Record<string, unknown>} = JSON.parse(stdout)
      return shown.config
    }
    const {vm_flag: _before, vc_port: _port, ...before} = await show()
    const outcome = await run(sandbox, 'update node1 web10 --cpu 8 --yes')
    expect(outcome).toMatchObject({exitCode: 0, stderr: 'changed web10 on node1\n'})
    const {vm_flag: _after, vc_port: _other, ...after} = await show()
    expect(after).toEqual({...before, cpu_num: 8})
    expect(writes(sandbox)).toEqual(['PUT /api/client/update/node1/web10'])
    expect(bodyOf(sandbox)).toMatchObject({vm_uuid: 'web10', cpu_num: 8, mem_num: before.mem_num})
  })

  test('warns of an address that another one has, and of none that it had before', async () => {
    const sandbox = await panel()
    const update = (nic: string) => run(sandbox, `update node1 db1 --nic name=e9,${nic} --yes`)
    const warning = 'warning: addresses that others on node1 have: 192.168.1.110 (web10)\n'
    const outcome = await update('ip4=192.168.1.110')
    expect(outcome).toMatchObject({exitCode: 0, stderr: expect.stringContaining(warning)})
    expect((await update('ip4=192.168.1.110,type=nat')).stderr).not.toContain('warning')
  })

  test('sends no mask of the panel, no null, and no state back', async () => {
    const sandbox = await panel('newest')
    const vm = sandbox.state.hosts.get('node1')?.vms.get('db1')
    if (vm) vm.config = {...vm.config, os_pass: '******'}
    expect((await run(sandbox, 'update node1 db1 --cpu 8 --yes')).exitCode).toBe(0)
    const body = JSON.stringify(bodyOf(sandbox))
    expect(body).not.toMatch(/\*\*\*|null|vm_flag|os_pass/)
  })

  test('asks first, and wants --yes without a terminal', async () => {
    const sandbox = await panel()
    const outcome = await run(sandbox, 'update node1 db1 --cpu 8')
    expect(outcome.exitCode).toBe(2)
    expect(outcome.stderr).toContain('Change db1 on node1? It is stopped hard and started again.')
    expect(sandbox.requests).toEqual([])
  })

  test('--dry-run shows the request and what changes, without passwords', async () => {
    const sandbox = await panel()
    const outcome = await run(
      sandbox,
      'update node1 web10 --memory 8G --nic name=ethernet9,ip4=192.168.1.9 --os-password-file - --dry-run',
      {stdin: 'new-secret'},
    )
    expect(outcome.exitCode).toBe(0)
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      method: 'PUT',
      body: {mem_num: 8192, os_pass: '********'},
      changes: [
        {field: 'mem_num', from: expect.any(Number), to: 8192},
        {field: 'os_pass', from: expect.anything(), to: '********'},
        {field: 'nic_all.ethernet9', from: null, to: {ip4_addr: '192.168.1.9'}},
      ],
    })
    expect(outcome.stdout).not.toMatch(/new-secret|guest-secret/)
    expect(writes(sandbox)).toEqual([])
  })

  test('a file of vm show is refused with its masks, and keeps the password without them', async () => {
    const sandbox = await panel()
    const masked = file((await run(sandbox, 'show node1 db1 -o yaml')).stdout)
    expect(await run(sandbox, `update node1 db1 --file ${masked} --yes`)).toMatchObject({exitCode: 2})
    expect(writes(sandbox)).toEqual([])
    const shown = await run(sandbox, 'show node1 db1 -o yaml --show-secrets')
    const clear = file(shown.stdout)
    expect((await run(sandbox, `update node1 db1 --file ${clear} --cpu 8 --yes`)).exitCode).toBe(0)
    const after = await run(sandbox, 'show node1 db1 -o yaml --show-secrets')
    expect(/vc_pass: .*/.exec(after.stdout)?.[0]).toBe(/vc_pass: .*/.exec(shown.stdout)?.[0])
  })

  test.each([
    ['', '', 'there is nothing to change'],
    ['--file -', 'vm_uuid: web10\ncpu_num: 2\n', 'what was given is of "web10", not of "db1"'],
    ['--set cpu_nun=2', '', 'did you mean "cpu_num" or "gpu_num"?'],
    ['--set os_pass=******', '', '--set.os_pass is a mask'],
    ['--set nic_all.e0={"nic_type":"******"}', '', '--set.nic_all.e0.nic_type is a mask'],
    [`--set cpu_num=${'9'.repeat(400)}`, '', '--set.cpu_num is not a number'],
  ])('%s sends nothing', async (flags, stdin, message) => {
    const sandbox = await panel()
    const outcome = await run(sandbox, `update node1 db1 ${flags} --yes`, {stdin})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain(message)
    expect(writes(sandbox)).toEqual([])
  })

  test('sends nothing where it is so already: the machine would be stopped for it', async () => {
    const sandbox = await panel()
    const outcome = await run(sandbox, 'update node1 db1 --cpu 1 --yes')
    expect(outcome).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^NAME +db1\n/),
      stderr: 'db1 on node1 is so already; nothing was sent\n',
    })
    expect(writes(sandbox)).toEqual([])
  })

  test('does not wait for what was not sent', async () => {
    const sandbox = await panel('newest')
    const outcome = await run(sandbox, 'update node1 db1 --cpu 1 --yes --wait -o json')
    expect(outcome).toMatchObject({
      exitCode: 0,
      stderr: '{"note":"db1 on node1 is so already; nothing was sent"}\n',
    })
    expect(JSON.parse(outcome.stdout)).toMatchObject({config: {vm_flag: 'STOPPED'}})
  })

  test.each([
    ['--set vm_flag=STARTED', ''],
    ['--set vm_flag=STARTED --cpu 8', ''],
    ['--file -', 'vm_flag: STARTED\n'],
  ])('leads from %s to the command for it', async (flags, stdin) => {
    const sandbox = await panel('newest')
    expect(await run(sandbox, `update node1 db1 ${flags} --yes`, {stdin})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'panelctl: vm_flag cannot be set: it is the power state as the panel sees it\nhint: panelctl openidcs vm power node1 db1 start\n',
    })
    expect(writes(sandbox)).toEqual([])
  })

  test('of an unknown VM sends nothing', async () => {
    const sandbox = await panel()
    expect(await run(sandbox, 'update node1 db2 --cpu 2 --yes')).toMatchObject({exitCode: 3, stdout: ''})
    expect(writes(sandbox)).toEqual([])
  })

  test('HTTP 500 of the newest is success only where the fields are as they were sent', async () => {
    const sandbox = await panel('newest')
    sandbox.faults.next({kind: 'status', status: 500, body: 'KeyError: 0'}, {method: 'PUT'})
    const outcome = await run(sandbox, 'update node1 db1 --cpu 8 --yes')
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(outcome.stderr).toContain('these fields are not as they were sent: cpu_num')
    expect(outcome.stderr).toContain(
      '\nhint: look before you repeat it: panelctl openidcs vm show node1 db1\n',
    )
    expect(writes(sandbox)).toHaveLength(1)
  })

  test.each([
    ['--memory 8G', 'mem_num'],
    ['--set os_pass=', 'os_pass'],
    ['--set nic_all={"eth0":{"ip4_addr":"192.168.1.110","nic_type":"nat"}}', 'nic_all.eth1'],
    ['--set pci_all={}', 'pci_all'],
    ['--set nic_all.eth0.mac_addr=02:00:00:00:00:09', 'nic_all.eth0.mac_addr'],
    ['--nic name=eth9,ip4=192.168.1.9', 'nic_all.eth9'],
    ['--set nic_all.eth0.dns_addr=192.0.2.1', 'nic_all.eth0.dns_addr'],
    ['--set vc_port=5999', 'vc_port'],
    ['--set own_all={"admin":65535,"bob":1}', 'own_all.bob'],
  ])('%s is not done where nothing changed, whatever the panel answers', async (flags, field) => {
    const sandbox = await panel('newest')
    const vm = sandbox.state.hosts.get('node1')?.vms.get('web10')
    const card = {mac_addr: '02:00:00:00:00:01', nic_type: 'nat', dns_addr: ['192.0.2.53']}
    const config = {
      vc_port: '5901',
      os_pass: 'guest-secret',
      nic_all: {eth0: {...card, ip4_addr: '192.168.1.110'}, eth1: {...card, ip4_addr: '192.168.1.111'}},
      pci_all: {gpu0: {gpu_uuid: '0000:01:00.0'}},
      own_all: {admin: 65_535},
    }
    if (vm) vm.config = {...vm.config, ...config}
    const failing = {kind: 'status', status: 500, contentType: 'text/html', body: 'KeyError: 0'} as const
    const yes = '{"code": 200, "msg": "", "data": null}'
    const agreeing = {kind: 'status', status: 200, contentType: 'application/json', body: yes} as const
    for (const fault of [failing, agreeing]) {
      sandbox.faults.next(fault, {method: 'PUT'})
      const words = ['openidcs', 'vm', 'update', 'node1', 'web10', ...flags.split(' '), '--yes']
      const outcome = await cli(words, {env: sandbox.environment})
      expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
      expect(outcome.stderr).toContain(`these fields are not as they were sent: ${field}\n`)
      expect(outcome.stderr).toContain(
        '\nhint: look before you repeat it: panelctl openidcs vm show node1 web10\n',
      )
    }
    expect(writes(sandbox)).toHaveLength(2)
  })

  test.each([
    [{kind: 'status', status: 500}, 'HTTP 500'],
    [{kind: 'html-404'}, 'a page instead of JSON'],
    [
      {
        kind: 'status',
        status: 200,
        contentType: 'application/json',
        body: '{"code":404,"msg":"","data":null}',
      },
      'there is no virtual machine "db1"',
    ],
  ] as const)('says that it was accepted where it cannot be looked at: %j', async (fault, reason) => {
    const sandbox = await panel('seed')
    const path = '/api/client/detail/node1/db1'
    sandbox.faults.next(untouched, {path})
    sandbox.faults.next(fault, {path})
    const outcome = await run(sandbox, 'update node1 db1 --cpu 8 --yes --retries 0')
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(outcome.stderr).toContain(
      'the panel says that it changed db1, which it stops and starts for that, but it cannot be looked at: ',
    )
    expect(outcome.stderr).toContain(reason)
    expect(outcome.stderr).toContain(
      '\nhint: look before you repeat it: panelctl openidcs vm show node1 db1\n',
    )
    expect(writes(sandbox)).toHaveLength(1)
  })

  test('looks where nobody can read the answer', async () => {
    const sandbox = await panel('c5ee1c9')
    sandbox.faults.next({kind: 'wrong-types', change: () => ({unknown: true})}, {method: 'PUT'})
    const outcome = await run(sandbox, 'update node1 db1 --cpu 8 --yes')
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(outcome.stderr).toContain(
      'its configuration is as it was sent, but it may have been left powered off',
    )
    expect(writes(sandbox)).toHaveLength(1)
  })

  test('HTTP 500 of an older one leaves it open: the VM may be off', async () => {
    const sandbox = await panel('c5ee1c9')
    sandbox.state.deadRouters.add('')
    const outcome = await run(sandbox, 'update node1 web10 --cpu 8 --yes')
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(outcome.stderr).toContain('it may have been left powered off')
    expect(outcome.stderr).toContain('\nhint: panelctl openidcs vm power node1 web10 start\n')
  })

  test('names 7a36e7e, which changes nothing on VMware hosts', async () => {
    const sandbox = await recordedPanel('7a36e7e', {
      'GET /api/server/detail/host1': '306',
      'GET /api/client/detail/host1': '311',
      'GET /api/client/detail/host1/ecs_existing': '125',
      'PUT /api/client/update/host1/ecs_existing': '177',
    })
    const outcome = await run(sandbox, 'update host1 ecs_existing --cpu 8 --yes')
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(outcome.stderr).toContain(
      '7a36e7e (10 December 2025), cannot change virtual machines on VMware hosts',
    )
    expect(writes(sandbox)).toHaveLength(1)
  })

  test('says where the panel refused and changed it all the same', async () => {
    const sandbox = await panel('newest', {hosts: [{...hosts[0], name: 'node1', reachable: false}]})
    const outcome = await run(sandbox, 'update node1 db1 --cpu 8 --yes')
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(outcome.stderr).toContain('its configuration was changed all the same')
  })

  test.each(['--cpu 8', '--set nic_all={"eth0":{"ip4_addr":"192.168.1.110"}}'])(
    'does not say so where the panel refused and changed nothing: %s',
    async flags => {
      const sandbox = await panel('newest')
      const vm = sandbox.state.hosts.get('node1')?.vms.get('web10')
      const card = {ip4_addr: '192.168.1.110', mac_addr: '02:00:00:00:00:01', nic_type: 'nat'}
      if (vm) vm.config = {...vm.config, nic_all: {eth0: card}}
      const body = '{"code": 400, "msg": "no", "data": null}'
      const refusing = {kind: 'status', status: 200, contentType: 'application/json', body} as const
      sandbox.faults.next(refusing, {method: 'PUT'})
      const words = ['openidcs', 'vm', 'update', 'node1', 'web10', ...flags.split(' '), '--yes']
      const outcome = await cli(words, {env: sandbox.environment})
      expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
      expect(outcome.stderr).toMatch(
        / said: no \(code 400\)\nhint: does the hypervisor answer, take the password of the host, and know web10\? panelctl openidcs system logs --host node1 --tail 5\n$/,
      )
    },
  )

  test.each([
    ['what was not to be changed', {mem_num: 1, vc_port: '5999'}, 7, 'not as they were sent: mem_num\n'],
    ['a card beside the changed one', {nic_all: {eth0: {ip4_addr: '192.168.1.9'}}}, 7, ': nic_all.eth1\n'],
    ['what the panel makes anew each time', {vc_port: '5999', vm_flag: 'UNKNOWN'}, 0, 'changed web10'],
  ])('HTTP 500 of the newest shows what it lost: %s', async (_what, others, exitCode, words) => {
    const sandbox = await panel('newest')
    const vm = sandbox.state.hosts.get('node1')?.vms.get('web10')
    const cards = {eth0: {ip4_addr: '192.168.1.110'}, eth1: {ip4_addr: '192.168.1.111'}}
    if (vm) vm.config = {...vm.config, vc_port: '5901', nic_all: cards}
    const change = (json: unknown) => {
      const {data, ...besides} = json as {data: {config: Record<string, unknown>}}
      const nic_all = {...cards, eth0: {ip4_addr: '192.168.1.9', mac_addr: '02:00:00:00:00:09'}}
      return {...besides, data: {...data, config: {...data.config, nic_all, ...others}}}
    }
    const path = '/api/client/detail/node1/web10'
    sandbox.faults.next({kind: 'status', status: 500, body: 'KeyError: 0'}, {method: 'PUT'})
    sandbox.faults.next(untouched, {path})
    sandbox.faults.next({kind: 'wrong-types', change}, {path})
    const outcome = await run(sandbox, 'update node1 web10 --nic name=eth0,ip4=192.168.1.9 --yes')
    expect(outcome.exitCode).toBe(exitCode)
    expect(outcome.stderr).toContain(words)
    expect(writes(sandbox)).toHaveLength(1)
  })

  test('says what this version does not know', async () => {
    const outcome = await run(await panel('newest'), 'update node1 db1 --gpu 1 --cpu 3 --yes')
    expect(outcome.exitCode).toBe(0)
    expect(outcome.stderr).toContain('warning: this version of OpenIDCS has no gpu_num, and left it out')
  })
})

describe('--wait', () => {
  test.each([
    ['power node1 db1 start', 'db1', 'STARTED'],
    ['power node1 web10 hard_stop --yes', 'web10', 'STOPPED'],
    ['update node1 web10 --cpu 8 --yes', 'web10', 'STARTED'],
    ['create node1 --name app1 --os debian12.vmdk --cpu 1 --memory 1G --disk 10G', 'app1', 'STARTED'],
  ])('%s prints the machine as it is then', async (line, name, state) => {
    const sandbox = await panel('newest', {
      hosts: [{...hosts[0], name: 'node1', config: {system_maps: {Debian: ['debian12.vmdk', 10]}}}],
    })
    const outcome = await run(sandbox, `${line} --wait --wait-timeout 4s -o json`)
    expect(outcome.exitCode).toBe(0)
    expect(JSON.parse(outcome.stdout)).toMatchObject({uuid: name, config: {vm_flag: state}})
    expect(writes(sandbox)).toHaveLength(1)
  })

  test('delete waits until it is gone', async () => {
    const sandbox = await panel()
    expect(await run(sandbox, 'delete node1 db1 --yes --wait -o json')).toMatchObject({
      exitCode: 0,
      stdout: '{\n  "changed": true\n}\n',
    })
    expect(paths(sandbox).at(-1)).toBe('GET /api/client/detail/node1')
  })

  test('is content with STARTED after a reset only once it was something else', async () => {
    const sandbox = await panel('newest')
    const flags = ['STARTED', 'STARTED', 'ON_STOP', 'STARTED']
    for (const vm_flag of flags) {
      const data = {web1: {uuid: 'web1', config: {vm_flag}, status: []}}
      const body = JSON.stringify({code: 200, msg: '', data})
      const fault = {kind: 'status', status: 200, contentType: 'application/json', body} as const
      sandbox.faults.next(fault, {path: '/api/client/detail/lxc1'})
    }
    const outcome = await run(sandbox, 'power lxc1 web1 reset --wait --wait-timeout 4s -o json')
    expect(outcome.exitCode).toBe(0)
    expect(sandbox.faults.pending).toBe(0)
  })

  test('ends in time where a look hangs, and leaves no request behind', async () => {
    let lists = 0
    let cutOff: Promise<unknown> | undefined
    const config = {vm_flag: 'STOPPED'}
    const answers: Readonly<Record<string, unknown>> = {
      '/api/server/detail/h': {name: 'h', type: 'LxContainer', config: {}, vm_list: ['web1']},
      '/api/client/detail/h': {web1: {uuid: 'web1', config, status: []}},
      '/api/client/powers/h/web1': null,
    }
    const server = createServer((request, response) => {
      const path = String(request.url)
      // One list is read before anything is sent, and one look goes well.
      if (path === '/api/client/detail/h' && ++lists > 2) {
        cutOff = once(response, 'close')
        return
      }
      response.writeHead(200, {'content-type': 'application/json'})
      response.end(JSON.stringify({code: 200, msg: '', data: answers[path]}))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const {port} = server.address() as AddressInfo
    const outcome = await cli('openidcs vm power h web1 start --wait --wait-timeout 700ms -o json', {
      env: {OPENIDCS_URL: `http://127.0.0.1:${port}`, OPENIDCS_TOKEN: 'good-token-0001'},
    })
    expect(outcome.exitCode).toBe(8)
    expect(JSON.parse(outcome.stdout)).toMatchObject({uuid: 'web1', config})
    expect(failureOf(outcome).message).toContain('it is STOPPED; what was asked for was accepted')
    expect(lists).toBe(3)
    await cutOff
  })

  test.each([
    [{kind: 'html-404'}, 10],
    [
      {
        kind: 'status',
        status: 200,
        contentType: 'application/json',
        body: '{"code":401,"msg":"","data":null}',
      },
      4,
    ],
    [
      {
        kind: 'status',
        status: 200,
        contentType: 'application/json',
        body: '{"code":404,"msg":"","data":null}',
      },
      3,
    ],
  ] as const)('says that it was accepted where looking fails: %j', async (fault, exitCode) => {
    const sandbox = await panel('newest')
    const path = '/api/client/detail/node1'
    sandbox.faults.next(untouched, {path})
    sandbox.faults.next(fault, {path, times: Number.POSITIVE_INFINITY})
    const outcome = await run(sandbox, 'power node1 db1 start --wait')
    expect(outcome).toMatchObject({exitCode, stdout: ''})
    expect(outcome.stderr).toContain('; what was asked for was accepted\n')
    expect(writes(sandbox)).toContain('POST /api/client/powers/node1/db1')
  })

  test('runs out with the machine as it is then: the newest never stops at the word stop', async () => {
    const sandbox = await panel('newest')
    const outcome = await run(sandbox, 'power node1 web10 stop --wait --wait-timeout 300ms -o json')
    expect(outcome.exitCode).toBe(8)
    expect(JSON.parse(outcome.stdout)).toMatchObject({uuid: 'web10'})
    expect(failureOf(outcome)).toMatchObject({
      code: 'WAIT_TIMEOUT',
      hint: 'panelctl openidcs vm power node1 web10 hard_stop --yes',
    })
    expect(outcome.stderr).toContain(
      'this version of OpenIDCS says yes to a stop on VMware hosts, and does nothing',
    )
  })

  test('is no change where nobody waits either', async () => {
    const outcome = await run(await panel('newest'), 'power node1 web10 stop -o json')
    expect(JSON.parse(outcome.stdout)).toEqual({changed: false})
    expect(outcome.stderr).toContain('web10 on node1 goes on: this version of OpenIDCS says yes to a stop')
    const seed = await run(await panel(), 'power node1 web10 stop -o json')
    expect(JSON.parse(seed.stdout)).toEqual({changed: true})
  })

  test('a pause on VMware says what UNKNOWN is', async () => {
    const sandbox = await panel('newest')
    const outcome = await run(sandbox, 'power node1 web10 pause --wait --wait-timeout 8s')
    expect(outcome.exitCode).toBe(0)
    expect(outcome.stderr).toBe('web10 is paused (the panel shows UNKNOWN for it)\n')
  })

  test.each(['stop', 'hard_stop --yes', 'pause'])(
    '%s exits 5 before anything is sent where only an agent tells the power',
    async action => {
      const sandbox = await panel('seed')
      const outcome = await run(sandbox, `power node1 web10 ${action} --wait`)
      expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
      expect(outcome.stderr).toContain(
        'this version of OpenIDCS, 7a36e7e (10 December 2025), knows the power of web10 from its agent only',
      )
      expect(writes(sandbox)).toEqual([])
    },
  )

  test('does not call a host disabled that is not', async () => {
    const sandbox = await panel('newest')
    const path = '/api/client/detail/node1'
    const list = '{"code": 200, "msg": "", "data": {}}'
    // Two look how it is before anything is sent: for what is waited for, and for what changes.
    sandbox.faults.next(untouched, {path, times: 2})
    sandbox.faults.next({kind: 'status', status: 200, contentType: 'application/json', body: list}, {path})
    const outcome = await run(sandbox, 'power node1 db1 start --wait')
    expect(outcome).toMatchObject({exitCode: 3, stdout: ''})
    expect(outcome.stderr).toContain('node1 names a virtual machine "db1", but does not list it')
  })

  test('fails where it crashed', async () => {
    const sandbox = await panel('newest')
    const list = JSON.stringify({
      code: 200,
      msg: '',
      data: {db1: {uuid: 'db1', config: {vm_flag: 'CRASHED'}, status: []}},
    })
    const crashed = {kind: 'status', status: 200, contentType: 'application/json', body: list} as const
    sandbox.faults.next(crashed, {path: '/api/client/detail/node1', times: Number.POSITIVE_INFINITY})
    const outcome = await run(sandbox, 'power node1 db1 start --wait')
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(outcome.stderr).toContain('waited for db1 to be STARTED, and it is CRASHED')
    expect(writes(sandbox)).toHaveLength(1)
  })

  test('goes on looking while the panel cannot be reached', async () => {
    const sandbox = await panel('newest')
    // The first list is read before anything is sent.
    const outcome = run(sandbox, 'power node1 db1 start --wait --wait-timeout 4s --retries 0 -o json', {
      written: () => {},
    })
    sandbox.faults.next(
      {
        kind: 'status',
        status: 200,
        contentType: 'application/json',
        body: JSON.stringify({
          code: 200,
          msg: '',
          data: {db1: {uuid: 'db1', config: {vm_flag: 'STOPPED'}, status: []}},
        }),
      },
      {path: '/api/client/detail/node1'},
    )
    sandbox.faults.next({kind: 'status', status: 503}, {path: '/api/client/detail/node1', times: 2})
    const {exitCode, stdout, stderr} = await outcome
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({config: {vm_flag: 'STARTED'}})
    expect(stderr.match(/looking again/g)).toHaveLength(1)
  })

  test('tells as past what was seen before the panel went away', async () => {
    const sandbox = await panel('newest')
    const path = '/api/client/detail/node1'
    const body = JSON.stringify({
      code: 200,
      msg: '',
      data: {db1: {uuid: 'db1', config: {vm_flag: 'STOPPED'}, status: []}},
    })
    // Two look before anything is sent, and one after it.
    sandbox.faults.next(
      {kind: 'status', status: 200, contentType: 'application/json', body},
      {path, times: 3},
    )
    sandbox.faults.next({kind: 'reset'}, {path, times: Number.POSITIVE_INFINITY})
    const outcome = await run(sandbox, 'power node1 db1 start --wait --wait-timeout 1s --retries 0')
    expect(outcome.exitCode).toBe(8)
    expect(outcome.stderr).toMatch(
      /waited 1 s for db1 to be STARTED, and it was STOPPED when the panel last answered, [01] s ago, and it cannot be reached now; what was asked for was accepted\n/,
    )
  })

  test('takes the name of a machine that went away meanwhile for no slip of another one', async () => {
    const sandbox = await panel('newest')
    const outcome = run(sandbox, 'power node1 web10 stop --wait')
    await expect.poll(() => writes(sandbox)).toHaveLength(1)
    expect((await run(sandbox, 'delete node1 web10 --yes')).exitCode).toBe(0)
    expect(await outcome).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(
        /there is no virtual machine "web10" on node1; .* accepted\nhint: panelctl openidcs vm list node1\n/,
      ),
    })
  })

  test.each([
    ['power node1 db1 start', 'db1'],
    ['update node1 db1 --cpu 8 --yes', 'db1'],
    ['create node1 --name app1 --os debian12.vmdk', 'a new virtual machine'],
  ])(
    'exits 5 before anything is sent where no power is told, and goes on with --wait-if-told: %s',
    async (line, name) => {
      const sandbox = await panel('c5ee1c9')
      const untold = `this version of OpenIDCS, c5ee1c9 (8 December 2025), tells no power state of ${name}: there is nothing to wait for`
      expect(await run(sandbox, `${line} --wait`)).toEqual({
        exitCode: 5,
        stdout: '',
        stderr: `panelctl: ${untold}; nothing was sent\nhint: leave out --wait, or go on in any case with --wait-if-told\n`,
      })
      expect(writes(sandbox)).toEqual([])
      const told = await run(sandbox, `${line} --wait-if-told`)
      expect(told.exitCode).toBe(0)
      expect(told.stderr).toContain(`warning: ${untold}; going on without\n`)
      expect(writes(sandbox)).toHaveLength(1)
    },
  )

  test('ends at Ctrl-C', async () => {
    const sandbox = await panel('newest')
    const interruption = new AbortController()
    const outcome = run(sandbox, 'power node1 web10 stop --wait', {signal: interruption.signal})
    await expect.poll(() => writes(sandbox)).toHaveLength(1)
    interruption.abort(new Interrupted(130))
    expect(await outcome).toMatchObject({exitCode: 130, stdout: ''})
  })

  test('at Ctrl-C tells of the write that was accepted', async () => {
    const sandbox = await panel('newest')
    const interruption = new AbortController()
    const outcome = run(sandbox, 'power node1 web10 stop --wait -o json', {signal: interruption.signal})
    const power = 'POST /api/client/powers/node1/web10'
    // The first look after it.
    await expect.poll(() => paths(sandbox).join(' ')).toMatch(`${power} GET `)
    interruption.abort(new Interrupted(143))
    const {exitCode, stdout, stderr} = await outcome
    expect({exitCode, stdout}).toEqual({exitCode: 143, stdout: ''})
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toContainEqual({
      warning: `${power} was sent to OpenIDCS at ${new URL(sandbox.url).host} and was accepted; look before you repeat it: panelctl openidcs vm status node1 web10`,
    })
  })

  test('at Ctrl-C says nothing more of what was told', async () => {
    const sandbox = await panel('newest')
    const interruption = new AbortController()
    const {stderr} = await run(sandbox, 'power node1 db1 web10 start', {
      signal: interruption.signal,
      written: text => {
        if (text.includes('db1') && !interruption.signal.aborted) interruption.abort(new Interrupted(130))
      },
    })
    expect(stderr).toContain('db1')
    expect(stderr).not.toContain('/db1 was sent')
  })

  test('takes a report of before for what it is: old', async () => {
    const vms = [{name: 'old1', agent: false, ip: '192.168.1.9'}]
    const sandbox = await panel('c5ee1c9', {hosts: [{...hosts[0], name: 'node1', vms}]})
    const mac = '00:1C:c0:a8:01:09'
    const report = () => run(sandbox, `report --nic ${mac} --file -`, {stdin: '{"ac_status": "STARTED"}'})
    expect((await report()).exitCode).toBe(0)
    const line = 'power node1 old1 start --wait --wait-timeout 200ms -o json'
    const outcome = await run(sandbox, line)
    expect(outcome.exitCode).toBe(8)
    expect(JSON.parse(outcome.stdout)).toMatchObject({uuid: 'old1', status: [{ac_status: 'STARTED'}]})
  })
})
