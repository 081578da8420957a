import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {PassThrough} from 'node:stream'
import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, temporaryFolder} from '../../harness.js'
import {bodyOf, file, hosts, panel, run, writes} from '../../openidcs-panel.js'
import {recordedPanel} from '../../openidcs-recorded.js'

describe('vm list and show', () => {
  test.each(['seed', 'newest', 'c5ee1c9'] as const)('give status as a list: %s', async profile => {
    const sandbox = await panel(profile)
    const listed: {status: unknown}[] = JSON.parse((await run(sandbox, 'list node1 -o json')).stdout)
    const shown: {status: unknown} = JSON.parse((await run(sandbox, 'show node1 db1 -o json')).stdout)
    expect([...listed, shown].map(({status}) => Array.isArray(status))).toEqual([true, true, true, true])
  })

  test('a disabled host has more than the nothing that the newest lists', async () => {
    const sandbox = await panel('newest', {hosts: [{...hosts[0], name: 'node1', enabled: false}]})
    expect(await run(sandbox, 'list node1 -o json')).toEqual({
      exitCode: 5,
      stdout: '',
      stderr: expect.stringContaining('node1 is disabled, so that its virtual machines are out of reach'),
    })
    expect(paths(sandbox)).toHaveLength(2)
  })

  test.each([true, false])('a host without any has an empty list, enabled or not: %s', async enabled => {
    const sandbox = await panel('newest', {hosts: [{name: 'node1', type: 'VMWareSetup', enabled}]})
    expect(await run(sandbox, 'list node1 -o json')).toEqual({exitCode: 0, stdout: '[]\n', stderr: ''})
  })
})

describe('vm power', () => {
  test('sends the word, and says that it was accepted', async () => {
    const sandbox = await panel()
    expect(await run(sandbox, 'power node1 db1 start')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'start of db1 on node1 was accepted\n',
    })
    expect(paths(sandbox)).toEqual(['GET /api/server/detail/node1', 'POST /api/client/powers/node1/db1'])
    expect(bodyOf(sandbox)).toEqual({action: 'start'})
  })

  test.each(['hard_stop', 'hard_reset'])('%s asks first', async action => {
    const sandbox = await panel()
    const outcome = await run(sandbox, `power node1 db1 ${action}`)
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain('add --yes')
    expect(sandbox.requests).toEqual([])
    expect((await run(sandbox, `power node1 db1 ${action} --dry-run`)).exitCode).toBe(0)
    expect(writes(sandbox)).toEqual([])
  })

  test('knows no other words', async () => {
    const sandbox = await panel()
    expect(await run(sandbox, 'power node1 db1 START')).toMatchObject({exitCode: 2})
    expect(sandbox.requests).toEqual([])
  })

  test('finds out itself that there is no such VM: the newest says that it stopped it', async () => {
    const sandbox = await panel('newest')
    expect(await run(sandbox, 'power node1 db2 stop')).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'panelctl: there is no virtual machine "db2" on node1\nhint: did you mean "db1"?\n',
    })
    expect(await run(sandbox, 'power nod1 db1 stop')).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'panelctl: there is no host "nod1"\nhint: did you mean "node1"?\n',
    })
    expect(writes(sandbox)).toEqual([])
  })

  test('names the version that cannot reset VMware machines', async () => {
    const sandbox = await panel('c5ee1c9')
    const outcome = await run(sandbox, 'power node1 db1 reset -o json')
    expect(outcome.exitCode).toBe(5)
    expect(failureOf(outcome).message).toBe(
      'this version of OpenIDCS, c5ee1c9 (8 December 2025), cannot reset virtual machines on VMware hosts',
    )
    expect(writes(sandbox)).toEqual(['POST /api/client/powers/node1/db1'])
  })

  test.each(['power node1 db1 start', 'power node1 db1 start --wait', 'delete node1 db1 --yes'])(
    'sends nothing to a disabled host: %s',
    async line => {
      const sandbox = await panel('newest', {hosts: [{...hosts[0], name: 'node1', enabled: false}]})
      expect(await run(sandbox, line)).toEqual({
        exitCode: 5,
        stdout: '',
        stderr:
          'panelctl: node1 is disabled, so that its virtual machines are out of reach\nhint: panelctl openidcs host power node1 on\n',
      })
      expect(writes(sandbox)).toEqual([])
    },
  )

  test('says where to look when the hypervisor refuses', async () => {
    const sandbox = await panel('seed', {hosts: [{...hosts[0], name: 'node1', reachable: false}]})
    const outcome = await run(sandbox, 'power node1 db1 start')
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(outcome.stderr).toContain('hint: does the hypervisor answer')
    expect(writes(sandbox)).toHaveLength(1)
    const several = await run(sandbox, 'power node1 web10 db1 start')
    expect(several.exitCode).toBe(5)
    expect(several.stderr).toContain('panelctl: 2 of 2 failed: web10: ')
    expect(several.stderr).toContain(
      '\nhint: web10: does the hypervisor answer, take the password of the host, and know web10? panelctl openidcs system logs --host node1 --tail 5\n',
    )
  })
})

describe('on VMware hosts, where the panel finds VMs by a part of their path', () => {
  test.each([
    'power node1 web1 start',
    'power node1 web1 hard_stop --yes',
    'update node1 web1 --cpu 2 --yes',
    'delete node1 web1 --yes',
    'create node1 --name web --os debian12.vmdk',
  ])('%s sends nothing', async line => {
    const sandbox = await panel('newest')
    const outcome = await run(sandbox, line)
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(outcome.stderr).toMatch(/the name of web10? contains "web1?": another one/)
    expect(outcome.stderr).toContain(
      '\nhint: use a name that no other one contains, or send it all the same with --force\n',
    )
    expect(writes(sandbox)).toEqual([])
  })

  test.each([
    ['machines', 'the folder of all of them, /srv/machines, contains "machines"'],
    ['vmx', 'the path of each of them ends with .vmx, which contains "vmx"'],
    ['db1.vm', 'the path of db1 contains "db1.vm"'],
  ])('a VM cannot be called %s', async (name, reason) => {
    const sandbox = await panel()
    const outcome = await run(sandbox, `create node1 --name ${name} --os debian12.vmdk`)
    expect(outcome.exitCode).toBe(5)
    expect(outcome.stderr).toContain(reason)
    expect(writes(sandbox)).toEqual([])
  })

  test('--force sends it once', async () => {
    const sandbox = await panel()
    expect(await run(sandbox, 'delete node1 web1 --yes --force')).toMatchObject({exitCode: 0})
    expect(writes(sandbox)).toEqual(['DELETE /api/client/delete/node1/web1'])
  })

  test.each(['delete node1 web1 --yes', 'power node1 web1 start'])(
    '%s sends nothing where the type is told in the configuration only',
    async line => {
      const sandbox = await panel()
      const untyped = (json: unknown) => {
        const {data, ...envelope} = json as {data: {type: string; config: object}}
        const {type: server_type, ...host} = data
        return {...envelope, data: {...host, config: {...host.config, server_type}}}
      }
      sandbox.faults.next({kind: 'wrong-types', change: untyped}, {path: '/api/server/detail/node1'})
      expect(await run(sandbox, line)).toMatchObject({exitCode: 5, stdout: ''})
      expect(writes(sandbox)).toEqual([])
    },
  )

  test('the longer name is told apart, and elsewhere every name is', async () => {
    const sandbox = await panel()
    expect((await run(sandbox, 'power node1 web10 start')).exitCode).toBe(0)
    expect((await run(sandbox, 'power lxc1 web1 start')).exitCode).toBe(0)
  })

  test('creating a longer name warns of the shorter one', async () => {
    const sandbox = await panel()
    const outcome = await run(sandbox, 'create node1 --name my-db1 --os debian12.vmdk')
    expect(outcome.exitCode).toBe(0)
    expect(outcome.stderr).toContain('warning: "my-db1" contains "db1": on this VMware host')
  })
})

describe('vm status', () => {
  test('shows the latest first, and no figures where nothing was measured', async () => {
    const sandbox = await panel('newest', {hosts})
    const {stdout, exitCode} = await run(sandbox, 'status node1 db1')
    expect({stdout, exitCode}).toEqual({
      exitCode: 0,
      stdout: [
        'STATE    CPU  MEMORY  MEMORY TOTAL  DISK  DISK TOTAL  TRAFFIC  REPORTED',
        'STOPPED    -       -             -     -           -        -  0s ago',
        '',
      ].join('\n'),
    })
  })

  test.each(['seed', 'newest', 'c5ee1c9'] as const)('is a list of records: %s', async profile => {
    const sandbox = await panel(profile)
    const outcome = await run(sandbox, 'status node1 web10 -o json')
    expect(outcome.exitCode).toBe(0)
    const records: Record<string, unknown>[] = JSON.parse(outcome.stdout)
    for (const record of records) expect(record).toMatchObject({ac_status: expect.any(String)})
    if (profile === 'newest') expect(records.at(-1)).toMatchObject({power_status: 'STARTED'})
  })

  test('comes out of the list where 7a36e7e fails with HTTP 500', async () => {
    const sandbox = await recordedPanel('7a36e7e', {
      'GET /api/client/status/host1/ecs_existing': '313',
      'GET /api/client/detail/host1': '311',
    })
    const outcome = await run(sandbox, 'status host1 ecs_existing -o json --retries 0')
    expect(outcome).toMatchObject({exitCode: 0, stderr: ''})
    expect(JSON.parse(outcome.stdout)).toMatchObject([{ac_status: 'STARTED'}])
  })

  test.each(['seed', 'newest', 'c5ee1c9'] as const)('%s knows no other VM', async profile => {
    const sandbox = await panel(profile)
    expect(await run(sandbox, 'status node1 web2')).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: 'panelctl: there is no virtual machine "web2" on node1\nhint: did you mean "web1"?\n',
    })
    expect(await run(sandbox, 'status node2 web1')).toMatchObject({exitCode: 3, stdout: ''})
  })
})

describe('vm scan', () => {
  test('makes up no figure where the panel tells none', async () => {
    const sandbox = await panel('newest')
    const change = (json: unknown) => ({...(json as object), data: {}})
    sandbox.faults.next({kind: 'wrong-types', change}, {method: 'POST', times: 2})
    expect(await run(sandbox, 'scan node1')).toMatchObject({
      exitCode: 0,
      stderr: 'scanned node1; the panel does not tell how many it added\n',
    })
    const {stdout} = await run(sandbox, 'scan node1 -o json')
    expect(JSON.parse(stdout)).toMatchObject({added: null, changed: true})
  })

  test('says what was added', async () => {
    const sandbox = await panel('seed', {hosts: [{...hosts[0], name: 'node1', order: ['new1', 'web1']}]})
    expect(await run(sandbox, 'scan node1 --prefix new')).toEqual({
      exitCode: 0,
      stdout: 'SCANNED  1\nADDED    1\n',
      stderr: 'added 1 to node1\n',
    })
    expect(bodyOf(sandbox)).toEqual({prefix: 'new'})
  })

  test('a second one finds nothing new, and has changed nothing', async () => {
    const sandbox = await panel('seed', {hosts: [{...hosts[0], name: 'node1', order: ['new1', 'web1']}]})
    const first = await run(sandbox, 'scan node1 --prefix new -o json')
    expect(JSON.parse(first.stdout)).toMatchObject({added: 1, changed: true})
    const second = await run(sandbox, 'scan node1 --prefix new -o json')
    expect(JSON.parse(second.stdout)).toMatchObject({added: 0, changed: false})
    expect(second.stderr).toBe('{"note":"added 0 to node1"}\n')
  })

  test('succeeds where c5ee1c9 says no to what it did', async () => {
    const sandbox = await panel('c5ee1c9', {hosts: [{...hosts[0], name: 'node1', order: ['new1', 'web1']}]})
    const outcome = await run(sandbox, 'scan node1 --prefix new -o json')
    expect(outcome.exitCode).toBe(0)
    expect(JSON.parse(outcome.stdout)).toMatchObject({added: 1})
    expect(outcome.stderr).toContain('added all the same: new1')
    expect(writes(sandbox)).toHaveLength(1)
  })

  test('tells an unknown host from a refusal', async () => {
    const sandbox = await panel()
    expect(await run(sandbox, 'scan node2')).toMatchObject({exitCode: 3, stdout: ''})
    const away = await panel('seed', {hosts: [{...hosts[0], name: 'node1', reachable: false}]})
    const refused = await run(away, 'scan node1')
    expect(refused).toMatchObject({exitCode: 5, stdout: ''})
    expect(refused.stderr).toContain(
      '\nhint: is the host disabled (panelctl openidcs host list)? else: does the hypervisor answer and take the password of the host? panelctl openidcs system logs --host node1 --tail 5\n',
    )
  })

  test('names the version that cannot scan VMware hosts', async () => {
    const sandbox = await recordedPanel('v0.4', {
      'GET /api/server/detail/host1': '061',
      'GET /api/client/detail/host1': '404',
      'POST /api/client/scaner/host1': '116',
    })
    const outcome = await run(sandbox, 'scan host1')
    expect(outcome.exitCode).toBe(5)
    expect(outcome.stderr).toContain('cannot import virtual machines of VMware hosts')
  })
})

describe('vm console', () => {
  test.each(['seed', 'newest'] as const)('prints the bare address: %s', async profile => {
    const outcome = await run(await panel(profile), 'console node1 web1')
    expect(outcome).toMatchObject({exitCode: 0, stderr: ''})
    expect(outcome.stdout).toMatch(
      /^http:\/\/203\.0\.113\.11:\d+\/vnc\.html\?autoconnect=true&path=websockify\?token=\w{16}\n$/,
    )
  })

  test.each([
    'http://203.0.113.11/\u001b]0;title\u0007vnc.html',
    'http://203.0.113.11/vnc.html\nhttp://203.0.113.12/',
    'http://203.0.113.11/\u202elmth.cnv',
    'http://[203.0.113.11/vnc.html',
    'javascript:alert(1)',
  ])('prints no address that is none: %j', async address => {
    const sandbox = await panel()
    const change = (json: unknown) => ({...(json as object), data: address})
    for (const flags of ['', ' --open', ' -o json']) {
      sandbox.faults.next({kind: 'wrong-types', change}, {path: '/api/client/remote/node1/web1'})
      const outcome = await run(sandbox, `console node1 web1${flags}`)
      expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
      expect(outcome.stderr).toContain('a console address that no browser opens')
    }
  })

  test('--dry-run shows the request, which would end the address of before', async () => {
    const sandbox = await panel()
    const outcome = await run(sandbox, 'console node1 web1 --open --dry-run')
    expect(outcome).toMatchObject({exitCode: 0, stderr: ''})
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      method: 'GET',
      url: `${sandbox.url}/api/client/remote/node1/web1`,
    })
    expect(sandbox.requests).toEqual([])
  })

  test('--open says where there is no browser', async () => {
    const {environment} = await panel()
    const outcome = await cli('openidcs vm console node1 web1 --open', {
      env: {...environment, PATH: '/nowhere'},
    })
    expect(outcome.exitCode).toBe(0)
    expect(outcome.stdout).toMatch(/^http:\/\/203\.0\.113\.11:\d+\/vnc\.html\S+\n$/)
    expect(outcome.stderr).toContain('warning: cannot open a browser')
  })

  test('tells an unknown VM from a refusal', async () => {
    const sandbox = await panel('c5ee1c9')
    expect(await run(sandbox, 'console node1 web2')).toMatchObject({exitCode: 3, stdout: ''})
    const away = await panel('seed', {hosts: [{...hosts[0], name: 'node1', config: {public_addr: []}}]})
    const outcome = await run(away, 'console node1 web1')
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(outcome.stderr).toContain('hint: the host needs a public_addr')
  })

  test('says what a version gives none of, and sends to nothing that loses what was not saved', async () => {
    const hintOf = async (sandbox: Parameters<typeof run>[0]) => {
      const outcome = await run(sandbox, 'console node1 web1 -o json')
      expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
      return String(failureOf(outcome).hint)
    }
    const newest = await panel('newest')
    // As it answers where it could not start what gives them (2.3 no. 26).
    const change = (json: unknown) => ({...(json as object), code: 400, data: null, msg: "no 'exec'"})
    newest.faults.next({kind: 'wrong-types', change}, {path: '/api/client/remote/node1/web1'})
    expect(await hintOf(newest)).toMatch(
      /^this version gives no consoles of VMware hosts, unless the panel itself runs on Windows/,
    )
    const esxi = {...hosts[0], name: 'node1', type: 'vSphereESXi', config: {public_addr: []}}
    const needs = 'the host needs a public_addr, and the virtual machine a console password'
    expect(await hintOf(await panel('newest', {hosts: [esxi]}))).toBe(needs)
    const old = await panel('c5ee1c9')
    for (const host of old.state.hosts.values()) host.isLoaded = false
    expect(await hintOf(old)).toBe(
      `${needs}; this version gives addresses only after a restart, which forgets NAT, IP and proxy rules`,
    )
  })
})

describe('vm report', () => {
  const mac = '00:1c:c0:a8:01:65'

  test('needs no credentials, sends none, and masks the password', async () => {
    const sandbox = await panel('newest')
    const path = file('{"ac_status": "STARTED", "cpu_usage": 7}')
    const line = `openidcs vm report --nic ${mac} --file ${path}`
    expect(await cli(line, {env: {OPENIDCS_URL: sandbox.url}})).toEqual({
      exitCode: 0,
      stdout: 'HOST      node1\nVM        web1\nPASSWORD  ********\n',
      stderr: 'reported for web1\n',
    })
    await cli(line, {env: sandbox.environment})
    expect(sandbox.requests.map(({headers}) => headers.authorization)).toEqual([undefined, undefined])
    const shown = await cli(`${line} -o json --show-secrets`, {env: {OPENIDCS_URL: sandbox.url}})
    expect(JSON.parse(shown.stdout)).toMatchObject({vm_pass: 'guest-secret'})
    expect(shown.stdout).not.toContain('***')
  })

  test.each([
    ['--nic 001cc0a80165', '{"cpu_usage": 7}', '--nic 001cc0a80165 is not a MAC address'],
    [`--nic ${mac}`, '{}', 'holds no fields'],
    [`--nic ${mac}`, '[1]', 'holds no fields'],
    [`--nic ${mac}`, '{"cpu_usag": 7}', 'there is no field "cpu_usag"'],
    [`--nic ${mac}`, '{"cpu_usage": ', 'neither YAML nor JSON'],
    [`--nic ${mac}`, 'cpu_usage: 7\n---\ncpu_usage: 8\n', 'stdin holds more than one document\n'],
  ])('%s with %s sends nothing', async (flags, text, message) => {
    const sandbox = await panel()
    const outcome = await run(sandbox, `report ${flags} --file -`, {stdin: text})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain(message)
    expect(sandbox.requests).toEqual([])
  })

  test.each(['little', 'big'])('reads UTF-16 of %s endian, as PowerShell writes it', async order => {
    const sandbox = await panel()
    const little = Buffer.from('\uFEFF{"cpu_usag": 7}', 'utf16le')
    const bytes = order === 'big' ? little.swap16() : little
    const path = join(temporaryFolder(), 'report.json')
    writeFileSync(path, bytes)
    const stdin = new PassThrough()
    stdin.end(bytes)
    for (const [given, options] of [
      [path, {}],
      ['-', {stdin}],
    ] as const) {
      const outcome = await run(sandbox, `report --nic ${mac} --file ${given}`, options)
      expect(outcome.exitCode).toBe(2)
      expect(outcome.stderr).toContain('there is no field "cpu_usag"')
    }
  })

  test('names the card that no VM has', async () => {
    const outcome = await run(await panel(), 'report --nic 02-00-00-00-00-01 --file -', {
      stdin: '{"cpu_usage": 7}',
    })
    expect(outcome.exitCode).toBe(3)
    expect(outcome.stderr).toContain('no virtual machine has a network card 02:00:00:00:00:01')
  })
})

describe('vm delete', () => {
  test('asks for the name', async () => {
    const sandbox = await panel()
    const terminal = {tty: {stdin: true, stderr: true}} as const
    const answering = (answer: string) => {
      const stdin = new PassThrough()
      return {
        ...terminal,
        stdin,
        written: (text: string, stream: string) => {
          if (stream === 'stderr' && text.endsWith('Type db1 to go on: ')) stdin.write(`${answer}\n`)
        },
      }
    }
    const refused = await run(sandbox, 'delete node1 db1', answering('yes'))
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('Delete db1 on node1 with its disks? Type db1 to go on:')
    expect(sandbox.requests).toEqual([])
    expect((await run(sandbox, 'delete node1 db1', answering('db1'))).exitCode).toBe(0)
    expect(writes(sandbox)).toEqual(['DELETE /api/client/delete/node1/db1'])
  })

  test('without a terminal wants --yes before anything is asked of the panel', async () => {
    const sandbox = await panel()
    expect(await run(sandbox, 'delete node1 db1')).toMatchObject({exitCode: 2, stdout: ''})
    expect(sandbox.requests).toEqual([])
  })

  test('of an unknown VM sends nothing', async () => {
    const sandbox = await panel()
    expect(await run(sandbox, 'delete node1 db2 --yes')).toMatchObject({exitCode: 3})
    expect(writes(sandbox)).toEqual([])
  })

  test('says that a refusal removed it all the same', async () => {
    const sandbox = await panel('seed', {
      hosts: [{...hosts[0], name: 'node1', vms: [{name: 'lost1', state: 'missing'}]}],
    })
    const outcome = await run(sandbox, 'delete node1 lost1 --yes')
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(outcome.stderr).toContain('it has removed its entry of lost1 all the same, and probably the files')
    expect(writes(sandbox)).toHaveLength(1)
  })

  test('says that a refused one is still there', async () => {
    const sandbox = await panel()
    const body = '{"code": 400, "msg": "no", "data": null}'
    const contentType = 'application/json'
    sandbox.faults.next({kind: 'status', status: 200, body, contentType}, {method: 'DELETE'})
    const outcome = await run(sandbox, 'delete node1 db1 --yes')
    expect(outcome.exitCode).toBe(5)
    expect(outcome.stderr).toContain('db1 is still listed')
    expect(writes(sandbox)).toHaveLength(1)
  })

  test('looks once where no answer comes, and is done where it is gone', async () => {
    const sandbox = await panel()
    sandbox.faults.next({kind: 'reset-before-answer-headers'}, {method: 'DELETE'})
    const outcome = await run(sandbox, 'delete node1 db1 --yes')
    expect(outcome.exitCode).toBe(0)
    expect(outcome.stderr).toContain('the panel does not list db1 any more')
    expect(writes(sandbox)).toHaveLength(1)
  })

  const unreadable = {kind: 'wrong-types', change: () => ({unknown: true})} as const
  const page = {kind: 'html-200'} as const
  const agreeing = {
    kind: 'status',
    status: 200,
    contentType: 'application/json',
    body: '{"code": 200, "msg": "", "data": null}',
  } as const

  test.each([
    ['power node1 db1 start', 'panelctl openidcs vm status node1 db1', unreadable],
    ['power node1 db1 start', 'panelctl openidcs vm status node1 db1', page],
    ['scan node1', 'panelctl openidcs vm list node1', unreadable],
    ['scan node1', 'panelctl openidcs vm list node1', page],
  ] as const)(
    '%s leaves it open where nobody can read the answer, and says how to look: %s',
    async (line, look, fault) => {
      const sandbox = await panel()
      sandbox.faults.next(fault, {method: 'POST'})
      const outcome = await run(sandbox, line)
      expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
      expect(outcome.stderr).toContain(`it may have been done\nhint: look before you repeat it: ${look}\n`)
      expect(writes(sandbox)).toHaveLength(1)
    },
  )

  test('looks where nobody can read the answer, and is done where it is gone', async () => {
    const sandbox = await panel()
    sandbox.faults.next(unreadable, {method: 'DELETE'})
    const outcome = await run(sandbox, 'delete node1 db1 --yes')
    expect(outcome.exitCode).toBe(0)
    expect(outcome.stderr).toContain(
      'warning: no usable answer came, but the panel does not list db1 any more',
    )
    expect(writes(sandbox)).toHaveLength(1)
  })

  test('leaves it open where a page came and it is still there', async () => {
    const sandbox = await panel()
    sandbox.faults.next(page, {method: 'DELETE'})
    const outcome = await run(sandbox, 'delete node1 db1 --yes')
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(outcome.stderr).toContain(
      'it may have been done; db1 is still listed\nhint: look before you repeat it: panelctl openidcs vm list node1',
    )
    expect(writes(sandbox)).toHaveLength(1)
  })

  test.each(['--wait', '--wait-if-told'])('waits with %s where the panel still lists it', async flag => {
    const sandbox = await panel()
    sandbox.faults.next(agreeing, {method: 'DELETE'})
    const outcome = await run(sandbox, `delete node1 db1 --yes ${flag} --wait-timeout 20ms`)
    expect(outcome.exitCode).toBe(8)
    expect(outcome.stderr).not.toContain('is still listed')
  })

  test('does not take the word of the panel for it', async () => {
    const sandbox = await panel()
    sandbox.faults.next(agreeing, {method: 'DELETE'})
    const outcome = await run(sandbox, 'delete node1 db1 --yes')
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(outcome.stderr).toContain('the panel says that it deleted db1, but db1 is still listed')
  })

  test('leaves it open where no answer comes and it is still there', async () => {
    const sandbox = await panel()
    sandbox.faults.next({kind: 'reset'}, {method: 'DELETE'})
    const outcome = await run(sandbox, 'delete node1 db1 --yes')
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(outcome.stderr).toContain('hint: look before you repeat it: panelctl openidcs vm list node1')
    expect(writes(sandbox)).toHaveLength(1)
  })
})
