import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {PassThrough} from 'node:stream'
import {stripVTControlCharacters} from 'node:util'
import {describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import type {SandboxRequest} from '../../../src/lib/sandbox/answer.js'
import type {OpenidcsSeed} from '../../../src/lib/sandbox/openidcs/seed.js'
import {failureOf, paths} from '../../failure.js'
import {type CliOptions, cli, now, openidcsSandbox, temporaryFolder} from '../../harness.js'
import {recordedAnswer, recordedData, recordedPanel} from '../../openidcs-recorded.js'

async function panel(options: OpenidcsSeed = {}) {
  const sandbox = await openidcsSandbox(options)
  const run = (line: string | readonly string[], more: CliOptions = {}) =>
    cli(line, {...more, env: sandbox.environment})
  const writes = () => sandbox.requests.filter(({method}) => method !== 'GET')
  const config = (name: string) => sandbox.state.hosts.get(name)?.config
  return {sandbox, run, writes, config}
}

function bodyOf(request: SandboxRequest | undefined): unknown {
  return JSON.parse(request?.body ?? '')
}

/** A terminal where somebody answers a question. */
function answering(question: RegExp, answer: string): CliOptions {
  const stdin = new PassThrough()
  let answered = false
  return {
    tty: {stdin: true, stderr: true},
    stdin,
    written: text => {
      if (answered || !question.test(stripVTControlCharacters(text))) return
      answered = true
      stdin.write(`${answer}\n`)
    },
  }
}

const profiles = ['seed', 'c5ee1c9', 'newest'] as const

/** Lets the request through: what is planned after it is for the next one. */
const untouched = {kind: 'wrong-types', change: (json: unknown) => json} as const

describe('openidcs host list', () => {
  test('shows them by name', async () => {
    const {run} = await panel({profile: 'newest'})
    expect(await run('openidcs host list')).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `NAME    TYPE         ADDRESS          ENABLED  VMS
node1   VMWareSetup  192.0.2.11:8697  yes        4
node2   LxContainer  192.0.2.12:8443  yes        2
机房 3  VMWareSetup  192.0.2.13:8697  no         1
`,
    })
  })

  test.each(profiles)('gives an array with passwords masked on %s', async profile => {
    const {run} = await panel({profile})
    const hosts = JSON.parse((await run('openidcs host list -o json')).stdout)
    expect(hosts).toMatchObject([
      {name: 'node1', type: 'VMWareSetup', config: {server_pass: '********', i_kuai_pass: '********'}},
      {name: 'node2'},
      {name: '机房 3'},
    ])
  })
})

describe('openidcs host show', () => {
  test('shows one', async () => {
    const {run} = await panel()
    expect((await run('openidcs host show node2')).stdout).toBe(`NAME         node2
TYPE         LxContainer
ADDRESS      192.0.2.12:8443
ENABLED      -
VMS          2
VM NAMES     ct-dns, ct-mail
IMAGES       /srv/openidcs/images
DISKS        /srv/openidcs/disks
MEASURED     never
STATUS       -
STATE        -
CPUS         -
CPU          -
MEMORY USED  -
MEMORY       -
DISK USED    -
DISK         -
`)
  })

  test('--status measures, with the only word that the panel takes for it', async () => {
    const {sandbox, run} = await panel()
    const {stdout} = await run('openidcs host show node2 --status -o json')
    expect(JSON.parse(stdout)).toMatchObject({status: {ac_status: 'STARTED'}, status_source: 'fresh'})
    expect(paths(sandbox)).toEqual(['GET /api/server/detail/node2?status=true'])
  })

  test('what is measured anew is not told to be as old as the measuring before', async () => {
    for (const [profile, measured] of [
      ['newest', /^MEASURED +0s ago$/m],
      ['seed', /^MEASURED +-$/m],
    ] as const) {
      const {sandbox, run} = await panel({profile})
      const host = sandbox.state.hosts.get('node1')
      // Or the newest looks by itself before.
      if (host) sandbox.state.hosts.set('node1', {...host, addedAt: now.getTime()})
      const {stdout} = await run('openidcs host show node1 --status')
      expect(stdout).toMatch(/^STATUS +fresh$/m)
      expect(stdout).toMatch(measured)
    }
  })

  test('a machine that cannot be measured is told in its line', async () => {
    const {sandbox, run} = await panel()
    sandbox.state.hasSensors = false
    const {stdout, exitCode} = await run('openidcs host show node2 --status')
    expect(exitCode).toBe(0)
    expect(stdout).toContain("STATUS       error: 'coretemp'\n")
  })

  test('an unknown one is 3 with the nearest, and a name that no address can hold is 2', async () => {
    const {sandbox, run} = await panel()
    expect(await run('openidcs host show nod1')).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'panelctl: there is no host "nod1"\nhint: did you mean "node1"?\n',
    })
    sandbox.requests.length = 0
    for (const name of ['a/b', '..', '.', ' '])
      expect(await run(['openidcs', 'host', 'show', name])).toMatchObject({exitCode: 2, stdout: ''})
    expect(sandbox.requests).toEqual([])
  })
})

describe('openidcs host status', () => {
  test('takes a memory or a disk of 0 bytes for not measured', async () => {
    const sandbox = await openidcsSandbox()
    const zero = (json: unknown) =>
      JSON.parse(JSON.stringify(json).replaceAll(/"(mem_total|hdd_total)":[\d.]+/g, '"$1":0'))
    sandbox.faults.next({kind: 'wrong-types', change: zero}, {path: /status/, times: 9})
    const line = 'openidcs host status node1 --columns memory,disk -o'
    expect((await cli(`${line} table`, {env: sandbox.environment})).stdout).toBe('MEMORY  -\nDISK    -\n')
    expect((await cli(`${line} csv`, {env: sandbox.environment})).stdout).toBe('memory,disk\n,\n')
  })

  test('shows figures with their units', async () => {
    const {sandbox, run} = await panel()
    expect(await run('openidcs host status node1')).toMatchObject({exitCode: 0, stderr: ''})
    const {stdout} = await run('openidcs host status node1 --columns state,cpus,memory,disk,measured,source')
    expect(stdout).toBe(`STATE     STARTED
CPUS      16
MEMORY    64.0 GiB
DISK      2.0 TiB
MEASURED  0s ago
SOURCE    cached
`)
    await run('openidcs host status node1 --refresh')
    expect(paths(sandbox).at(-1)).toBe('GET /api/server/status/node1?refresh=true')
  })

  test('the newest, which has measured nothing yet, is asked to', async () => {
    const {sandbox, run} = await panel({profile: 'newest'})
    await run('openidcs host create lab --type VMWareSetup')
    sandbox.requests.length = 0
    const {stdout} = await run('openidcs host status lab -o json')
    expect(JSON.parse(stdout)).toMatchObject({status: {cpu_total: 16}, source: 'fresh'})
    expect(paths(sandbox)).toEqual(['GET /api/server/status/lab', 'GET /api/server/status/lab?refresh=true'])
  })

  test('a machine that cannot be measured is 5 with the reason, and never asked again', async () => {
    const {sandbox, run} = await panel({profile: 'c5ee1c9'})
    sandbox.state.hasSensors = false
    const outcome = await run('openidcs host status node1 -o json')
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(failureOf(outcome).message).toContain("failed: 获取主机状态时出错: 'coretemp'")
    expect(failureOf(outcome).hint).toMatch(
      /^versions of December 2025 measure only machines with the sensor coretemp/,
    )
    expect(paths(sandbox).filter(path => path.includes('status'))).toHaveLength(1)
  })

  test('a disabled one is 5, an unknown one 3', async () => {
    const {run} = await panel({profile: 'newest'})
    const disabled = await run(['openidcs', 'host', 'status', '机房 3'])
    expect(disabled).toMatchObject({exitCode: 5, stdout: ''})
    expect(disabled.stderr).toContain('hint: is the host disabled? see panelctl openidcs host list')
    expect(await run('openidcs host status none')).toMatchObject({exitCode: 3, stdout: ''})
  })
})

describe('openidcs host power', () => {
  test('on needs no question, off does', async () => {
    const {run, writes} = await panel()
    expect(await run('openidcs host power node1 on')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'enabled node1\n',
    })
    expect(await run('openidcs host power node1 off')).toMatchObject({exitCode: 2, stdout: ''})
    expect(writes()).toHaveLength(1)
    expect(await run('openidcs host power node1 off --yes -o json')).toMatchObject({
      exitCode: 0,
      stdout: '{\n  "changed": true\n}\n',
      stderr: expect.stringContaining('this version of OpenIDCS knows no disabled hosts'),
    })
    expect(writes().map(bodyOf)).toEqual([{enable: true}, {enable: false}])
  })

  test.each(profiles)('an unknown host is 3 on %s, and nothing is sent', async profile => {
    const {run, writes} = await panel({profile})
    expect(await run('openidcs host power none on')).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining('there is no host "none"'),
    })
    expect(writes().filter(({path}) => path.includes('powers'))).toEqual([])
  })

  test('sends nothing where the panel says that it is so already', async () => {
    const {run, writes} = await panel({profile: 'newest'})
    const powers = () => writes().filter(({path}) => path.includes('powers'))
    expect(await run('openidcs host power node1 on -o json')).toEqual({
      exitCode: 0,
      stdout: '{\n  "changed": false\n}\n',
      stderr: '{"note":"node1 is enabled already: nothing was sent"}\n',
    })
    const waited = await run('openidcs host power node1 on --wait -o json')
    expect(JSON.parse(waited.stdout)).toMatchObject({name: 'node1', changed: false})
    expect(powers()).toEqual([])
    const off = await run('openidcs host power node1 off --yes -o json')
    expect(JSON.parse(off.stdout)).toEqual({changed: true})
    expect(powers()).toHaveLength(1)
  })

  test('--wait prints the host as it is then; where nothing tells it is 5 before acting', async () => {
    const newest = await panel({profile: 'newest'})
    const {stdout, exitCode} = await newest.run('openidcs host power node1 off --yes --wait -o json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({name: 'node1', config: {enable_host: false}})
    const seed = await panel()
    expect(await seed.run('openidcs host power node1 on --wait')).toMatchObject({exitCode: 5, stdout: ''})
    expect(seed.writes()).toEqual([])
  })
})

describe('openidcs host delete', () => {
  test('asks for the name', async () => {
    const {sandbox, run, writes} = await panel()
    expect(await run('openidcs host delete node2')).toMatchObject({exitCode: 2, stdout: ''})
    expect(sandbox.requests).toEqual([])
    const wrong = await run('openidcs host delete node2', answering(/Type node2 to go on: $/, 'y'))
    expect(wrong).toMatchObject({exitCode: 2, stdout: ''})
    expect(stripVTControlCharacters(wrong.stderr)).toContain(
      'Take node2 out of the panel? It forgets the virtual machines there (2), which go on. Type node2 to go on: ',
    )
    expect(writes()).toEqual([])
    const right = await run('openidcs host delete node2', answering(/Type node2 to go on: $/, 'node2'))
    expect(right.exitCode).toBe(0)
    expect(writes().map(({method, path}) => `${method} ${path}`)).toEqual(['DELETE /api/server/delete/node2'])
  })

  test('an unknown one is 3, and no DELETE is sent', async () => {
    const {run, writes} = await panel()
    expect(await run('openidcs host delete none --yes')).toMatchObject({exitCode: 3, stdout: ''})
    expect(writes()).toEqual([])
  })

  test('one whose answer is lost was done if the host is gone', async () => {
    const {sandbox, run, writes} = await panel()
    sandbox.faults.next({kind: 'reset-before-answer-headers'}, {method: 'DELETE'})
    expect(await run('openidcs host delete node2 --yes')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr:
        'warning: no usable answer came, but the panel does not have node2 any more\ndeleted the host node2\n',
    })
    expect(writes()).toHaveLength(1)
  })

  test('one that never arrived is 7, sent once', async () => {
    const {sandbox, run, writes} = await panel()
    sandbox.faults.next({kind: 'reset'}, {method: 'DELETE', times: 9})
    const outcome = await run('openidcs host delete node2 --yes')
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(outcome.stderr).toContain('hint: look before you repeat it: panelctl openidcs host list')
    expect(writes()).toHaveLength(1)
  })
})

describe('openidcs host create', () => {
  test.each(profiles)('adds an enabled host that keeps its name on %s', async profile => {
    const {run, writes, config} = await panel({profile})
    const outcome = await run('openidcs host create lab --type VMWareSetup --file -', {
      stdin:
        'server_addr: 127.0.0.1:8697\nserver_pass: secret\nports_start: 20000\npublic_addr: [127.0.0.1]\n',
    })
    expect(outcome).toEqual({exitCode: 0, stdout: '', stderr: 'added the host lab\n'})
    expect(bodyOf(writes().at(-1))).toEqual({
      name: 'lab',
      type: 'VMWareSetup',
      config: {
        enable_host: true,
        server_addr: '127.0.0.1:8697',
        server_pass: 'secret',
        ports_start: 20_000,
        public_addr: ['127.0.0.1'],
        server_name: 'lab',
        server_type: 'VMWareSetup',
      },
    })
    expect(config('lab')).toMatchObject({server_name: 'lab', server_pass: 'secret'})
    const listed = await run('openidcs host list -o id')
    expect(listed.stdout).toContain('lab\n')
  })

  test.each([
    ['7a36e7e', recordedAnswer('7a36e7e', '018'), '059', '050'],
    ['v0.4', recordedAnswer('v0.5', '035'), '061', '059'],
    ['v0.5', recordedAnswer('v0.5', '035'), '061', '059'],
  ] as const)('adds a host on %s, which shows it as it was sent', async (version, engines, shown, added) => {
    const panel = await recordedPanel(version, {
      'GET /api/system/engine': engines,
      'GET /api/server/detail/host1': [{json: {code: 404, msg: '主机不存在', data: null}}, shown],
      'POST /api/server/create': added,
    })
    const outcome = await cli('openidcs host create host1 --type VMWareSetup --file -', {
      env: panel.environment,
      stdin: 'server_addr: 127.0.0.1:8697\nserver_pass: secret\n',
    })
    expect(outcome).toEqual({exitCode: 0, stdout: '', stderr: 'added the host host1\n'})
    const sent = panel.requests.filter(({method}) => method === 'POST')
    expect(sent.map(({body}) => JSON.parse(body))).toMatchObject([
      {name: 'host1', config: {server_name: 'host1', enable_host: true, server_pass: 'secret'}},
    ])
  })

  test.each([
    ['--set server_name=zz', '', 'NAME says that server_name is "lab", and --set that it is "zz"'],
    [
      '--set server_type=LxContainer',
      '',
      '--type says that server_type is "VMWareSetup", and --set that it is "LxContainer"',
    ],
    ['--file -', 'server_name: zz\n', 'stdin says that server_name is "zz", and NAME that it is "lab"'],
  ])('refuses what contradicts its name or type: %s', async (flags, stdin, message) => {
    const {run, writes} = await panel()
    expect(await run(`openidcs host create lab --type VMWareSetup ${flags}`, {stdin})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: ${message}\nhint: leave one of them out\n`,
    })
    expect(writes()).toEqual([])
    const agreeing = flags.replace('zz', 'lab').replace('LxContainer', 'VMWareSetup')
    const outcome = await run(`openidcs host create lab --type VMWareSetup ${agreeing}`, {
      stdin: stdin.replace('zz', 'lab'),
    })
    expect(outcome.exitCode).toBe(0)
  })

  test('takes what show printed of another host', async () => {
    const {run, config} = await panel({profile: 'newest'})
    const shown = await run('openidcs host show node1 -o yaml --show-secrets')
    const outcome = await run('openidcs host create node9 --type VMWareSetup --file - --set ports_start=1', {
      stdin: shown.stdout,
    })
    expect(outcome.stderr).toBe('added the host node9\n')
    expect(config('node9')).toEqual({...config('node1'), server_name: 'node9', ports_start: 1})
  })

  test('--dry-run shows the body with secrets masked and sends nothing', async () => {
    const {run, writes} = await panel()
    const {stdout} = await run(
      'openidcs host create lab --type VMWareSetup --set server_pass=secret --set enable_host=false --dry-run',
    )
    expect(JSON.parse(stdout)).toMatchObject({
      method: 'POST',
      body: {name: 'lab', config: {server_pass: '********', enable_host: false}},
    })
    expect(writes()).toEqual([])
  })

  test('a taken name is 5, from the panel, and the hint leads there', async () => {
    const {run, writes} = await panel()
    const outcome = await run('openidcs host create node1 --type VMWareSetup -o json')
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({
      message: 'there is a host "node1" already',
      hint: 'panelctl openidcs host show node1',
    })
    expect(writes()).toHaveLength(1)
  })

  test('made, left as it is and deleted it is told by its name', async () => {
    const {run} = await panel()
    for (const line of [
      'create lab --type VMWareSetup',
      'create lab --type VMWareSetup --if-exists skip',
      'delete lab --yes',
    ])
      expect(await run(`openidcs host ${line} -o id`)).toMatchObject({exitCode: 0, stdout: 'lab\n'})
  })

  test('an unknown type is left to the panel; one that the version cannot run is not sent', async () => {
    const {run, writes} = await panel()
    const unknown = await run('openidcs host create lab --type VMWare -o json')
    expect(unknown).toMatchObject({exitCode: 5, stdout: ''})
    expect(failureOf(unknown).hint).toMatch(
      /^is VMWare a type of host\? those that the panel lists: DockerSetup, /,
    )
    expect(writes()).toHaveLength(1)
    const disabled = await run('openidcs host create lab --type HyperVSetup')
    expect(disabled).toMatchObject({exitCode: 5, stdout: ''})
    expect(disabled.stderr).toBe(
      'panelctl: this version of OpenIDCS knows hosts of type HyperVSetup, but runs none\nhint: it runs: LxContainer, VMWareSetup\n',
    )
    expect(writes()).toHaveLength(1)
  })

  test('the newest takes types that it does not list', async () => {
    const {run} = await panel({profile: 'newest'})
    const types = (await run('openidcs system engines -o id')).stdout
    expect(types).not.toContain('VMWareSetup')
    expect(await run('openidcs host create lab --type VMWareSetup')).toMatchObject({exitCode: 0})
  })

  test.each([
    [['--set', 'server_adr=x'], 'there is no field "server_adr"', 'did you mean "server_addr"?'],
    [['--set', 'server_pass=******'], '--set.server_pass is a mask', 'rerun with --show-secrets'],
    [['--set', 'server_plan={"p":{"os_pass":"******"}}'], '--set.server_plan.p.os_pass is a mask', ''],
    [['--set', 'ports_start=many'], 'ports_start is not a number', ''],
    [['--set', 'ports_start=-1'], 'ports_start is not a port from 0 to 65535', ''],
    [['--set', 'ports_close=65536'], 'ports_close is not a port from 0 to 65535', ''],
    [['--set', 'limits_nums=-1'], 'limits_nums is not a number from 0 on', ''],
    [['--file', '/no/such'], 'there is no file /no/such', ''],
  ])('%j sends nothing', async (flags, message) => {
    const {sandbox, run} = await panel()
    const outcome = await run(['openidcs', 'host', 'create', 'lab', '--type', 'VMWareSetup', ...flags])
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain(message)
    expect(sandbox.requests).toEqual([])
  })

  test.each([
    ['server_pass: |\n  ********\n', 'stdin.server_pass is a mask'],
    ['server_pass: "********"\n', 'stdin.server_pass is a mask'],
    ['extend_data: &a {b: *a}\n', 'is nested too deeply, or leads into itself'],
    ['extend_data: {since: !!timestamp 2020-01-01}\n', 'stdin.extend_data.since is not a value of JSON'],
    ['extend_data: !!omap [a: 1]\n', 'stdin.extend_data is not a value of JSON'],
    ['extend_data: !!binary aGVsbG8=\n', 'stdin.extend_data is not a value of JSON'],
    [
      'server_user: !vault root\n',
      'stdin is neither YAML nor JSON: Unresolved tag, which a text in quotes is not, at line 1',
    ],
    ['server_pass: *hunter2\n', 'stdin cannot be read: Unresolved alias, which a text in quotes is not\n'],
    ['extend_data: {a: .inf}\n', 'stdin.extend_data.a is not a number that JSON can hold'],
    ['server_plan: {<<: {p: {}}}\n', 'stdin.server_plan: merging with << is not supported'],
  ])('%j sends nothing', async (stdin, message) => {
    const {sandbox, run} = await panel()
    const outcome = await run('openidcs host create lab --type VMWareSetup --file -', {stdin})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain(message)
    expect(sandbox.requests).toEqual([])
  })

  test.each([
    ['server_pass:hunter2', '"server_pass…" is not name=value'],
    ['server_pass hunter2', '"server_pass…" is not name=value'],
    ['server_pass:hunter2=', 'there is no field "server_pass…"'],
  ])('--set "%s" says nothing of the value', async (set, message) => {
    const {run} = await panel()
    const {exitCode, stderr} = await run(['openidcs', 'host', 'create', 'lab', '--type', 'x', '--set', set])
    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('hunter2')
  })

  test.each(['', 'a/b', '..', 'lab\n', 'la\u200bb'])('the name %j is refused', async name => {
    const {sandbox, run} = await panel()
    const outcome = await run(['openidcs', 'host', 'create', name, '--type', 'VMWareSetup'])
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(sandbox.requests).toEqual([])
  })
})

describe('where the answer is lost or nobody can read it', () => {
  test.each([
    ['host create lab --type VMWareSetup --set ports_start=1', 'POST /api/server/create'],
    ['host power node1 off --yes', 'POST /api/server/powers/node1'],
  ])('%s is looked at: done is 0, else 7', async (command, write) => {
    for (const [fault, exitCode] of [
      [{kind: 'reset-before-answer-headers'}, 0],
      [{kind: 'wrong-types', change: () => ({unknown: true})}, 0],
      [{kind: 'reset'}, 7],
      [{kind: 'html-200'}, 7],
    ] as const) {
      const {sandbox, run} = await panel({profile: 'newest'})
      sandbox.faults.next(fault, {method: 'POST'})
      expect(await run(`openidcs ${command}`)).toMatchObject({exitCode, stdout: ''})
      expect(paths(sandbox).filter(path => path === write)).toHaveLength(1)
    }
  })

  test('a switch that the version does not tell of is 7', async () => {
    const {sandbox, run} = await panel()
    sandbox.faults.next({kind: 'reset-before-answer-headers'}, {method: 'POST'})
    const outcome = await run('openidcs host power node1 on')
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(outcome.stderr).toContain('look before you repeat it: panelctl openidcs host show node1')
  })
})

describe('openidcs host update', () => {
  test.each(profiles)('changes what is given and keeps the rest, passwords too, on %s', async profile => {
    const {run, writes, config} = await panel({profile})
    const before = config('node1')
    const outcome = await run('openidcs host update node1 --set ports_start=20000 --yes')
    expect(outcome).toEqual({exitCode: 0, stdout: '', stderr: 'changed node1\n'})
    expect(config('node1')).toEqual({...before, ports_start: 20_000})
    expect(writes().filter(({method}) => method === 'PUT')).toHaveLength(1)
  })

  test.each([
    ['7a36e7e', '059', '069'],
    ['v0.4', '061', '070'],
    ['v0.5', '061', '070'],
  ] as const)('sends back all that %s tells, passwords too', async (version, shown, changed) => {
    const {config, ...host} = recordedData<{config: Record<string, unknown>}>(version, shown)
    const said = (own: object) => ({json: {code: 200, msg: 'success', data: {...host, config: own}}})
    const panel = await recordedPanel(version, {
      'GET /api/server/detail/host1': [said(config), said({...config, ports_start: 20_000})],
      'PUT /api/server/update/host1': changed,
    })
    const outcome = await cli('openidcs host update host1 --set ports_start=20000 --yes', {
      env: panel.environment,
    })
    expect(outcome).toEqual({exitCode: 0, stdout: '', stderr: 'changed host1\n'})
    const [sent, ...others] = panel.requests.filter(({method}) => method === 'PUT')
    expect(others).toEqual([])
    const body = JSON.parse(sent?.body ?? '')
    expect(body.config).toEqual({...config, ports_start: 20_000})
    expect(body.config).toMatchObject({server_pass: 'secret', i_kuai_pass: 'p'})
  })

  test('takes what show printed; a mask in it is refused', async () => {
    const {run, config, writes} = await panel({profile: 'newest'})
    const shown = (await run('openidcs host show node1 -o yaml --show-secrets')).stdout
    const file = join(temporaryFolder(), 'node1.yaml')
    writeFileSync(file, shown.replaceAll('192.0.2.11:8697', '192.0.2.99:8697'))
    expect(await run(`openidcs host update node1 --file ${file} --yes`)).toMatchObject({exitCode: 0})
    expect(config('node1')).toMatchObject({
      server_addr: '192.0.2.99:8697',
      server_pass: 'sandbox-hypervisor-password',
    })
    writeFileSync(file, (await run('openidcs host show node1 -o yaml')).stdout)
    const masked = await run(`openidcs host update node1 --file ${file} --yes`)
    expect(masked).toMatchObject({exitCode: 2, stdout: ''})
    expect(masked.stderr).toContain('is a mask and not a value\nhint: read it again with --show-secrets')
    expect(writes()).toHaveLength(1)
  })

  test('what the panel masked is not sent back, and nulls further in are', async () => {
    const {sandbox, run, writes, config} = await panel({profile: 'newest'})
    const host = sandbox.state.hosts.get('node1')
    Object.assign(host?.config ?? {}, {
      server_plan: {p: {mem_num: 1024, os_pass: '******'}},
      system_maps: {masked: ['x', null, '******'], debian: ['debian12.vmdk', 10]},
      extend_data: {k: null, inner: [{k: null}]},
    })
    expect(await run('openidcs host update node1 --set server_plan.p.mem_num=4096 --yes')).toMatchObject({
      exitCode: 0,
    })
    expect(writes()[0]?.body).not.toContain('**')
    expect(config('node1')).toMatchObject({
      server_plan: {p: {mem_num: 4096}},
      system_maps: {debian: ['debian12.vmdk', 10]},
      extend_data: {k: null, inner: [{k: null}]},
    })
  })

  test.each(['', '--replace'])('%s with a mask in JSON sends nothing', async replace => {
    const {run, writes} = await panel()
    const outcome = await run([
      ...'openidcs host update node1 --yes --set'.split(' '),
      'server_plan={"p":{"os_pass":"********"}}',
      ...replace.split(' ').filter(Boolean),
    ])
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain('--set.server_plan.p.os_pass is a mask')
    expect(writes()).toEqual([])
  })

  test('where nothing differs nothing is sent', async () => {
    const {run, writes} = await panel()
    const {stdout} = await run('openidcs host show node1 -o yaml --show-secrets')
    expect(await run('openidcs host update node1 --file - --yes -o json', {stdin: stdout})).toEqual({
      exitCode: 0,
      stdout: '{\n  "changed": false\n}\n',
      stderr: '{"note":"node1 is as it is to be: nothing was sent"}\n',
    })
    expect(writes()).toEqual([])
  })

  test('--dry-run shows the request and what would change, with secrets masked', async () => {
    const {run, writes} = await panel()
    const {stdout} = await run(
      'openidcs host update node1 --set server_pass=other --set ports_start=20000 --dry-run -o yaml',
    )
    expect(parse(stdout)).toMatchObject({
      method: 'PUT',
      body: {config: {server_pass: '********', ports_start: 20_000, server_type: 'VMWareSetup'}},
      changes: [
        {field: 'server_pass', from: '********', to: '********'},
        {field: 'ports_start', from: 10_000, to: 20_000},
      ],
    })
    expect(stdout).not.toContain('sandbox-hypervisor-password')
    expect(writes()).toEqual([])
  })

  test('--replace sends what is given, and what no host can do without', async () => {
    const {run, writes} = await panel()
    expect(
      await run('openidcs host update node1 --set server_addr=192.0.2.50:1 --replace --yes'),
    ).toMatchObject({exitCode: 0})
    expect(bodyOf(writes()[0])).toEqual({
      config: {server_type: 'VMWareSetup', server_name: 'node1', server_addr: '192.0.2.50:1'},
    })
  })

  test('asks, an unknown host is 3, nothing to change is 2, and hosts are not renamed', async () => {
    const {run, writes} = await panel()
    expect(await run('openidcs host update node1 --set ports_start=1')).toMatchObject({exitCode: 2})
    expect(await run('openidcs host update none --set ports_start=1 --yes')).toMatchObject({exitCode: 3})
    expect(await run('openidcs host update node1 --yes')).toMatchObject({exitCode: 2})
    expect(await run('openidcs host update node1 --set server_name=node2 --yes')).toMatchObject({exitCode: 2})
    expect(writes()).toEqual([])
  })

  test('one whose answer is lost is looked at: done is 0, else 7', async () => {
    const {sandbox, run, writes} = await panel()
    sandbox.faults.next({kind: 'reset-before-answer-headers'}, {method: 'PUT'})
    expect(await run('openidcs host update node1 --set ports_start=20000 --yes')).toMatchObject({exitCode: 0})
    sandbox.faults.next({kind: 'reset'}, {method: 'PUT', times: 9})
    expect(await run('openidcs host update node1 --set ports_start=30000 --yes')).toMatchObject({exitCode: 7})
    expect(writes()).toHaveLength(2)
  })
})

describe('what a version drops of a host, or has otherwise than it was sent', () => {
  const otherwise = (json: unknown) =>
    JSON.parse(JSON.stringify(json).replaceAll('"ports_start":20000', '"ports_start":10000'))

  test.each([
    ['create lab --type VMWareSetup', 'added the host lab'],
    ['update node1 --yes', 'changed node1'],
  ])('is said of a field that it does not know: %s', async (line, done) => {
    const {run, writes} = await panel()
    const words = `openidcs host ${line} --set limits_nums=5 --set ports_start=20000`
    expect(await run(words)).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `warning: this version of OpenIDCS has no limits_nums, and left it out\n${done}\n`,
    })
    expect(writes()).toHaveLength(1)
  })

  test('is said of a field that a new one has otherwise', async () => {
    const {sandbox, run} = await panel({profile: 'newest'})
    sandbox.faults.next(
      {kind: 'wrong-types', change: otherwise},
      {path: '/api/server/detail/lab', times: Number.POSITIVE_INFINITY},
    )
    expect(await run('openidcs host create lab --type VMWareSetup --set ports_start=20000')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'warning: these fields are not as they were sent: ports_start\nadded the host lab\n',
    })
  })

  test.each(['', '--replace --set server_addr=192.0.2.50:1'])(
    'leaves a change in doubt where the panel says yes and it is not there: %s',
    async flags => {
      const {sandbox, run, writes} = await panel({profile: 'newest'})
      sandbox.faults.next(
        {kind: 'wrong-types', change: otherwise},
        {path: '/api/server/detail/node1', times: Number.POSITIVE_INFINITY},
      )
      expect(await run(`openidcs host update node1 --yes ${flags} --set ports_start=20000`)).toEqual({
        exitCode: 7,
        stdout: '',
        stderr:
          'panelctl: the panel says that it changed node1, but these fields are not as they were sent: ports_start\nhint: look before you repeat it: panelctl openidcs host show node1\n',
      })
      expect(writes()).toHaveLength(1)
    },
  )

  test('is said too where only the look tells that it was done', async () => {
    const {sandbox, run} = await panel()
    sandbox.faults.next({kind: 'reset-before-answer-headers'}, {method: 'PUT'})
    const line = 'openidcs host update node1 --set limits_nums=5 --set ports_start=20000 --yes'
    const {exitCode, stderr} = await run(line)
    expect(exitCode).toBe(0)
    expect(stderr).toContain('warning: this version of OpenIDCS has no limits_nums, and left it out\n')
  })

  test('leaves it in doubt where only a part of it is there', async () => {
    const {sandbox, run} = await panel()
    const change = (json: unknown) =>
      JSON.parse(JSON.stringify(json).replaceAll('"ports_start":10000', '"ports_start":20000'))
    const path = '/api/server/detail/node1'
    sandbox.faults.next({kind: 'reset'}, {method: 'PUT'})
    sandbox.faults.next(untouched, {path})
    sandbox.faults.next({kind: 'wrong-types', change}, {path})
    const line = 'openidcs host update node1 --set ports_start=20000 --set ports_close=30001 --yes'
    expect(await run(line)).toMatchObject({exitCode: 7, stdout: ''})
    expect(sandbox.faults.pending).toBe(0)
  })

  test.each([
    ['create lab --type VMWareSetup', 'lab', 'added the host lab'],
    ['update node1 --yes', 'node1', 'changed node1'],
  ])('cannot be told where nobody can look: %s', async (line, name, done) => {
    const {sandbox, run, writes} = await panel()
    const path = `/api/server/detail/${name}`
    if (line.startsWith('update')) sandbox.faults.next(untouched, {path})
    sandbox.faults.next({kind: 'html-404'}, {path})
    const {exitCode, stderr} = await run(`openidcs host ${line} --set ports_start=20000`)
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^warning: it was done, but cannot be looked at: .*\n/)
    expect(stderr).toContain(`\n${done}\n`)
    expect(writes()).toHaveLength(1)
  })

  test.each(profiles)('is nothing where it took all of it, on %s', async profile => {
    const {run} = await panel({profile})
    const stdin = (await run('openidcs host show node1 -o yaml --show-secrets')).stdout
    const created = await run('openidcs host create node9 --type VMWareSetup --file -', {stdin})
    expect(created).toEqual({exitCode: 0, stdout: '', stderr: 'added the host node9\n'})
    const line = 'openidcs host update node9 --set server_pass= --set public_addr=192.0.2.1,192.0.2.2 --yes'
    expect(await run(line)).toEqual({exitCode: 0, stdout: '', stderr: 'changed node9\n'})
  })
})

describe('the word of the panel is not taken for it', () => {
  const yes = {
    kind: 'status',
    status: 200,
    contentType: 'application/json',
    body: '{"code": 200, "msg": "", "data": null}',
  } as const

  test.each([
    ['create lab --type VMWareSetup', 'POST', 'added lab, but it has no such host', 'list'],
    ['delete node1 --yes', 'DELETE', 'deleted node1, but it still has node1', 'list'],
    ['power node1 off --yes', 'POST', 'disabled node1, but it is shown as it was', 'show node1'],
  ] as const)('%s', async (line, method, words, look) => {
    const {sandbox, run, writes} = await panel({profile: 'newest'})
    sandbox.faults.next(yes, {method})
    expect(await run(`openidcs host ${line}`)).toEqual({
      exitCode: 7,
      stdout: '',
      stderr: `panelctl: the panel says that it ${words}\nhint: look before you repeat it: panelctl openidcs host ${look}\n`,
    })
    expect(writes()).toHaveLength(1)
  })

  test('but is where nobody can look, or the version does not tell', async () => {
    const {sandbox, run} = await panel()
    expect(await run('openidcs host power node1 off --yes')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(
        /^warning: this version of OpenIDCS knows no disabled hosts: .*\ndisabled node1\n$/,
      ),
    })
    const path = '/api/server/detail/node1'
    sandbox.faults.next(untouched, {path})
    sandbox.faults.next({kind: 'html-404'}, {path})
    const {exitCode, stderr} = await run('openidcs host delete node1 --yes')
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^warning: it was done, but cannot be looked at: .*\ndeleted the host node1\n$/)
  })

  test('and --wait looks again and again instead', async () => {
    const {sandbox, run} = await panel({profile: 'newest'})
    sandbox.faults.next(yes, {method: 'POST'})
    const {exitCode, stderr} = await run('openidcs host power node1 off --yes --wait --wait-timeout 20ms')
    expect(exitCode).toBe(8)
    expect(stderr).not.toContain('shown as it was')
  })
})
