import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, dashboardSandbox, temporaryFolder} from '../../harness.js'

async function dashboard(options: Parameters<typeof dashboardSandbox>[0] = {generation: 'v2'}) {
  const panel = await dashboardSandbox(options)
  const folder = temporaryFolder()
  const file = join(folder, 'panel.yaml')
  const run = (line: string, stdin?: string) => cli(`nezha ${line}`, {env: panel.environment, stdin})
  const apply = (text: string, flags = '--yes') => {
    writeFileSync(file, text)
    return run(`apply -f ${file} ${flags}`)
  }
  const writes = () => paths(panel).filter(path => !/^GET|\/login|\/mcp$/.test(path))
  return {panel, folder, file, run, apply, writes}
}

const whole = `
x-probe: &probe {type: icmp, duration: 60}
notification-group:
  - name: oncall
---
cron:
  - {name: backup, scheduler: "@every 1h", command: "echo hi", notification_group_id: oncall}
service:
  - {<<: *probe, name: 机房 3, target: 192.0.2.9, fail_trigger_tasks: [backup]}
`.replace('---\n', '')

describe.each(['v1', 'v2'] as const)('apply on %s', generation => {
  test('makes what files have, in the order that names lead to each other, and then changes nothing', async () => {
    const {run, apply, writes, panel} = await dashboard({generation, world: 'empty'})
    const made = await apply(whole)
    expect(made).toMatchObject({exitCode: 0, stderr: '3 created, 0 changed, 0 deleted, 0 the same\n'})
    expect(writes()).toEqual(['POST /api/v1/notification-group', 'POST /api/v1/cron', 'POST /api/v1/service'])
    const shown = JSON.parse((await run('service show "机房 3" -o json')).stdout)
    expect(shown).toMatchObject({duration: 60, type: 'icmp', fail_trigger_tasks: ['backup']})
    panel.requests.length = 0
    const again = await apply(whole, '--yes -o json')
    expect(JSON.parse(again.stdout)).toMatchObject({changed: 0})
    expect(again.stderr).toContain('0 created, 0 changed, 0 deleted, 3 the same')
    expect(writes()).toEqual([])
  })

  test('of an export makes the same panel of an empty one', async () => {
    const one = await dashboard({generation, world: 'empty'})
    await one.apply(whole)
    const {stdout: exported} = await one.run('export')
    const other = await dashboard({generation, world: 'empty'})
    expect(await other.run('apply -f - --yes', exported)).toMatchObject({exitCode: 0})
    expect((await other.run('export')).stdout).toBe(exported)
    expect((await other.run('apply -f - --dry-run --exit-code', exported)).exitCode).toBe(0)
  })
})

test('a plan says what would change, and ends 11 for a drift check', async () => {
  const {apply, writes} = await dashboard()
  const text = 'service:\n  - {name: ping 1.1.1.1, duration: 99}\n'
  const outcome = await apply(text, '--dry-run --exit-code')
  expect(outcome).toMatchObject({
    exitCode: 11,
    stdout: 'ACTION  RESOURCE  NAME          CHANGES\nchange  service   ping 1.1.1.1  duration 30 → 99\n',
  })
  expect((await apply(text, '--dry-run')).exitCode).toBe(0)
  expect(writes()).toEqual([])
})

test('nothing is sent without --yes where nobody can be asked', async () => {
  const {apply, writes} = await dashboard()
  const outcome = await apply('cron:\n  - {name: a, scheduler: "@every 1h", command: x}\n', '-o json')
  expect(failureOf(outcome)).toMatchObject({exitCode: 2})
  expect(writes()).toEqual([])
})

test('--prune deletes what files leave out, of what they name, after all else', async () => {
  const {apply, run, writes} = await dashboard({generation: 'v2', world: 'empty'})
  await apply(whole)
  const kept = 'service:\n  - {name: 机房 3, fail_trigger_tasks: []}\n'
  expect(await apply(`${kept}cron: []\n`, '--yes --prune')).toMatchObject({
    exitCode: 0,
    stderr: '0 created, 1 changed, 1 deleted, 0 the same\n',
  })
  expect(writes().slice(3)).toEqual(['PATCH /api/v1/service/1', 'POST /api/v1/batch-delete/cron'])
  expect((await run('notification-group list -o id')).stdout).toBe('1\n')
})

test('every mistake is told with its line, and nothing is sent', async () => {
  const {apply, writes, file} = await dashboard()
  const outcome = await apply(
    'service:\n  - name: a\n    type: ftp\n    colour: 3\n  - name: a\n  - tipe: http\nservicee:\n  - name: a\n',
    '--yes -o json',
  )
  expect(failureOf(outcome)).toMatchObject({
    exitCode: 2,
    message: [
      `${file}:3: type: is none of http, icmp, tcp`,
      `${file}:4: a service has no field "colour"`,
      `${file}:6: a service needs name`,
      `${file}:6: a service has no field "tipe"; did you mean "type"?`,
      `${file}:7: there is no resource "servicee"; did you mean "service"?`,
      `${file}:5: the service a is in ${file}:2 already`,
    ].join('; '),
  })
  expect(writes()).toEqual([])
})

test.each([
  ['service:\n  - {name: a, type: icmp, target: h, fail_trigger_tasks: [no]}\n', 3, 'there is no task "no"'],
  ['service:\n  - {name: a, type: icmp}\n', 2, 'a new service needs target'],
  ['service: {a: 1}\n', 2, 'service is not a list'],
  ['service: [\n', 2, 'this is neither YAML nor JSON'],
  ['service:\n  - {name: a, name: b}\n', 2, 'this is neither YAML nor JSON: duplicate key'],
])('what leads nowhere stops before the first write: %j', async (text, exitCode, message) => {
  const {apply, writes} = await dashboard()
  expect(failureOf(await apply(text, '--yes -o json'))).toMatchObject({
    exitCode,
    message: expect.stringContaining(message),
  })
  expect(writes()).toEqual([])
})

test('a file that is no UTF-8 is named with its line, and nothing of it is sent', async () => {
  const {run, file} = await dashboard()
  writeFileSync(file, Buffer.from('notification-group:\n- name: caf\xe9\n', 'latin1'))
  expect(failureOf(await run(`apply -f ${file} --yes -o json`))).toMatchObject({
    exitCode: 2,
    message: `${file}:2: this is no text: neither UTF-8 nor UTF-16`,
  })
})

test('what fails is named, and the next run does what is missing', async () => {
  const {panel, apply} = await dashboard({generation: 'v2', world: 'empty'})
  panel.faults.next({kind: 'status', status: 502}, {path: '/api/v1/cron', method: 'POST'})
  const outcome = await apply(whole, '--yes -o json')
  expect(failureOf(outcome)).toMatchObject({exitCode: 9})
  const {steps} = JSON.parse(outcome.stdout)
  expect(
    steps.map(({name, changed, error}: Record<string, unknown>) => [name, changed, error !== undefined]),
  ).toEqual([
    ['oncall', true, false],
    ['backup', undefined, true],
    ['机房 3', undefined, true],
  ])
  expect(JSON.parse((await apply(whole, '--yes -o json')).stdout)).toMatchObject({changed: 2})
})

test('a folder is all its files, by their names', async () => {
  const {run, folder} = await dashboard({generation: 'v2', world: 'empty'})
  const files = join(folder, 'files')
  mkdirSync(files)
  writeFileSync(join(files, 'b.yml'), 'cron:\n  - {name: a, scheduler: "@every 1h", command: x}\n')
  writeFileSync(join(files, 'a.json'), '{"notification-group": [{"name": "oncall"}]}')
  writeFileSync(join(files, 'readme.md'), 'no')
  const outcome = await run(`apply -f ${files} --dry-run`)
  expect(outcome.stdout).toContain('create  cron                a')
  expect(outcome.stdout).toContain('create  notification-group  oncall')
})

test('secrets are neither exported nor needed, and an untouched one survives', async () => {
  const {run, apply, folder, panel} = await dashboard({generation: 'v2', world: 'empty'})
  const url = join(folder, 'url')
  writeFileSync(url, 'https://hook.example.com/T0KEN\n')
  await run(`notification create ops --url-file ${url}`)
  const {stdout: exported} = await run('export notification')
  expect(exported).not.toContain('url')
  expect(exported).not.toContain('T0KEN')
  await apply('notification:\n  - {name: ops, verify_tls: false}\n')
  const [kept] = panel.state.rowsOf('notification').values()
  expect(kept).toMatchObject({url: 'https://hook.example.com/T0KEN', verify_tls: false})
})

test('the schema knows every field of every resource', async () => {
  const {run} = await dashboard()
  const {properties} = JSON.parse((await run('schema')).stdout)
  expect(properties.service.items).toMatchObject({
    required: ['name'],
    additionalProperties: false,
    properties: {type: {enum: ['http', 'icmp', 'tcp']}, duration: {type: 'integer', minimum: 1}},
  })
})

describe('what leads to something that is gone', () => {
  test('is mended by an edit, stays where a file has its id, and is taken out by an export', async () => {
    const {run, apply, writes} = await dashboard()
    await run('cron create a --scheduler "@every 1h" --command x --server 5')
    await run('server delete 5 --yes')
    const {stdout: exported} = await run('export cron')
    expect(exported).toContain('servers: []\n')
    const before = writes().length
    expect(await apply(exported.replace('servers: []', 'servers: [5]'))).toMatchObject({exitCode: 0})
    expect(writes().length).toBe(before)
    expect(await apply(exported)).toMatchObject({exitCode: 0})
    expect(writes().length).toBe(before + 1)
    expect(await run('cron edit a --server 1')).toMatchObject({exitCode: 0})
  })
})

describe('secrets in files', () => {
  const files = 'notification:\n  - {name: ops, url: "https://hook.example.com/ONE", verify_tls: true}\n'

  test('that the panel tells to nobody are sent when one is made, and again where asked for', async () => {
    const {apply, panel} = await dashboard({generation: 'v2', world: 'empty'})
    await apply(files)
    const kept = () => [...panel.state.rowsOf('notification').values()].map(({url}) => url)
    expect(kept()).toEqual(['https://hook.example.com/ONE'])
    const other = files.replace('ONE', 'TWO')
    const again = await apply(other, '--yes -o json')
    expect(JSON.parse(again.stdout)).toMatchObject({changed: 0})
    expect(again.stderr).toContain('url')
    expect((await apply(other, '--dry-run --exit-code')).exitCode).toBe(0)
    await apply(other, '--yes --with-secrets')
    expect(kept()).toEqual(['https://hook.example.com/TWO'])
  })

  test('that the panel tells are compared', async () => {
    const {apply} = await dashboard({generation: 'v1', world: 'empty'})
    await apply(files)
    expect((await apply(files, '--dry-run --exit-code')).exitCode).toBe(0)
    const drift = await apply(files.replace('ONE', 'TWO'), '--dry-run --exit-code -o json')
    expect(drift.exitCode).toBe(11)
    expect(drift.stdout).not.toMatch(/ONE|TWO/)
  })

  test('are on no stream, whatever goes wrong', async () => {
    const {apply, run, folder} = await dashboard({generation: 'v2', world: 'empty'})
    const outcomes = [
      await apply(files, '--yes --debug'),
      await apply('notification:\n  - {name: b, url: *S3CRET}\n', '--yes'),
      await apply('notification:\n  - {name: b, url: "https://h", request_header: "S3CRET {"}\n', '--yes'),
    ]
    const header = join(folder, 'header.txt')
    writeFileSync(header, 'S3CRET {')
    writeFileSync(join(folder, 'url.txt'), 'https://hook.example.com/S3CRET')
    outcomes.push(
      await run(`notification create c --url-file ${join(folder, 'url.txt')} --dry-run`),
      await run(
        `notification create c --url-file ${join(folder, 'url.txt')} --request-header-file ${header}`,
      ),
    )
    for (const {stdout, stderr} of outcomes) expect(stdout + stderr).not.toMatch(/S3CRET|ONE/)
  })
})

test('headers are one object of texts, however they are written', async () => {
  const {apply, panel} = await dashboard({generation: 'v1', world: 'empty'})
  const of = (header: string) => `notification:\n  - {name: a, url: "https://h", request_header: ${header}}\n`
  await apply(of(`'{"X-A": "1"}'`))
  const [kept] = [...panel.state.rowsOf('notification').values()]
  expect(JSON.parse(String(kept?.request_header))).toEqual({'X-A': '1'})
  expect((await apply(of('{X-A: "1"}'), '--dry-run --exit-code')).exitCode).toBe(0)
  for (const wrong of ['17', '[1, 2]', '{X: 1}', 'nonsense'])
    expect((await apply(of(wrong))).exitCode).toBe(2)
})

test('headers out of a file are so as they were written, also with blanks between them', async () => {
  const {run} = await dashboard({generation: 'v1'})
  const made = await run('notification create ops --file -', 'url: https://hook.example.com/x')
  expect(made).toMatchObject({exitCode: 0})
  const edit = 'notification edit ops --request-header-file - -o json'
  const {exitCode, stdout} = await run(edit, '{"A": "1",\n "B": "2"}\n')
  expect({exitCode, ...JSON.parse(stdout)}).toMatchObject({exitCode: 0, changed: true})
  expect(JSON.parse((await run(edit, '{"A":"1","B":"2"}')).stdout)).toMatchObject({changed: false})
})

test('a user of an export is left out where it cannot be made, and the rest is made', async () => {
  const {apply, run} = await dashboard({generation: 'v2', world: 'empty'})
  const outcome = await apply(
    'notification-group:\n  - {name: oncall}\nuser:\n  - {username: ann, role: member}\n',
  )
  expect(outcome).toMatchObject({exitCode: 0, stderr: expect.stringContaining('password')})
  expect((await run('notification-group list -o id')).stdout).toBe('1\n')
})

test('a field that this version lacks is told in the plan, with all other mistakes', async () => {
  const {apply, writes, file} = await dashboard({generation: 'v1'})
  const outcome = await apply(
    'service:\n  - {name: ping 1.1.1.1, hide_for_guest: true}\n  - {name: new, type: icmp, target: h, fail_trigger_tasks: [no]}\n',
    '--dry-run -o json',
  )
  const {message} = failureOf(outcome)
  expect(message).toContain(`${file}:2: this Nezha has no hide_for_guest of a service`)
  expect(message).toContain(`${file}:3: there is no task "no"`)
  expect(writes()).toEqual([])
})

test('where nothing went well stdout is empty, and where some did each line says which', async () => {
  const {apply, panel} = await dashboard({generation: 'v2', world: 'empty'})
  panel.faults.next({kind: 'status', status: 502}, {path: '/api/v1/cron', method: 'POST'})
  const one = 'cron:\n  - {name: a, scheduler: "@every 1h", command: x}\n'
  expect(await apply(one)).toMatchObject({exitCode: 7, stdout: ''})
  panel.faults.next({kind: 'status', status: 502}, {path: '/api/v1/cron', method: 'POST'})
  const outcome = await apply(`notification-group:\n  - {name: oncall}\n${one}`)
  expect(outcome.exitCode).toBe(9)
  expect(outcome.stdout).toMatch(/oncall +- +done\ncreate +cron +a +- +UNCERTAIN/)
})

test.each([
  ['notification-group:\n  - {name: a, constructor: 1}\n', 'a notification group has no field "constructor"'],
  ['service:\n  - {name: ping 1.1.1.1, target: ""}\n', 'target: a service cannot be without it'],
  ['# nothing\n', 'the files hold nothing'],
])('a file that cannot be meant is refused: %j', async (text, message) => {
  const {apply, writes} = await dashboard()
  expect(failureOf(await apply(text, '--yes -o json'))).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(message),
  })
  expect(writes()).toEqual([])
})

test('an export says where several have one name', async () => {
  const {run, panel} = await dashboard({generation: 'v2', world: 'empty'})
  for (let twice = 0; twice < 2; twice++) await run('api POST /api/v1/notification-group -f name=twin')
  expect(panel.state.rowsOf('notification-group').size).toBe(2)
  const outcome = await run('export notification-group')
  expect(outcome).toMatchObject({exitCode: 0, stderr: expect.stringContaining('have one name')})
})

test.each(['v1', 'v2'] as const)(
  'an export of a member of %s has neither empty lists, with which --prune of an administrator would delete all, nor ids',
  async generation => {
    const {panel, run} = await dashboard({generation})
    await run('user create ann --password-file -', 'six-or-more')
    const env = {...panel.environment, NEZHA_TOKEN: '', NEZHA_USERNAME: 'ann', NEZHA_PASSWORD: 'six-or-more'}
    const cron = 'nezha cron create mine --scheduler "@every 1h" --command x'
    expect(await cli(cron, {env})).toMatchObject({exitCode: 0})
    const {stdout, stderr, exitCode} = await cli('nezha export', {env})
    expect({exitCode, words: stdout.match(/^\S+(?=:)/gm)}).toEqual({exitCode: 0, words: ['cron']})
    expect(stderr).toContain("cron: others' may be missing")
    for (const word of ['service', 'group', 'user']) expect(stderr).toContain(`left out, ${word}: `)
    expect(await cli('nezha export service group', {env})).toMatchObject({exitCode: 4, stdout: ''})
  },
)

describe.each(['v1', 'v2'] as const)('settings of %s in files', generation => {
  const panelOf = async () => {
    const panel = await dashboardSandbox({generation})
    const env = {
      ...panel.environment,
      NEZHA_TOKEN: '',
      NEZHA_USERNAME: 'admin',
      NEZHA_PASSWORD: panel.password,
    }
    const run = (line: string, stdin?: string) => cli(`nezha ${line}`, {env, stdin})
    return {panel, run, json: async (line: string) => JSON.parse((await run(`${line} -o json`)).stdout)}
  }

  test('go to another panel, with names for ids, and without what is of the place of the one', async () => {
    const [one, other] = [await panelOf(), await panelOf()]
    await one.run('notification-group create oncall')
    await one.run('setting set --ip-change-notification-group oncall')
    await one.run('notification-group delete oncall --yes')
    expect((await one.run('setting show')).stderr).toBe(
      'the notification group 1 is gone, and still in settings\n',
    )
    await one.run(
      'setting set --site-name Ours --ignored-ip-notification 1 --install-host a.example.com:5555',
    )
    await other.run('setting set --install-host b.example.com:5555 --custom-code "<b>x</b>"')
    const {exitCode, stdout: exported, stderr} = await one.run('export setting')
    expect(stderr).toContain('the notification group 1 is gone, and still in settings: left out')
    expect({exitCode, exported}).toEqual({
      exitCode: 0,
      exported: expect.stringMatching(
        /^setting:\n {2}site_name: Ours\n[\s\S]*ignored_ip_notification:\n {4}- \D/,
      ),
    })
    expect(exported).not.toMatch(/install_host|real_ip_header/)
    const plan = await other.run('apply -f - --dry-run', exported)
    expect(plan.stdout).toMatch(/^change {2}setting {3}settings {2}site_name "\S+" → "Ours"/m)
    expect(await other.run('apply -f - --yes', exported)).toMatchObject({exitCode: 0})
    expect(await other.json('setting show')).toMatchObject({
      site_name: 'Ours',
      install_host: 'b.example.com:5555',
      custom_code: '',
    })
    expect((await other.run('export setting')).stdout).toBe(exported)
    expect(await other.run('apply -f - --dry-run --exit-code', exported)).toMatchObject({exitCode: 0})
  })

  test('ask before they lock somebody out, and name mistakes with their lines', async () => {
    const {run, panel} = await panelOf()
    const asked = await run('apply -f -', 'setting:\n  web_real_ip_header: X-Real-IP\n')
    expect(asked).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Take the address of who asks from X-Real-IP?'),
    })
    const wrong = await run(
      'apply -f - --yes',
      'setting:\n  site_name: Ours\n  sitename: Ours\n---\nsetting: []\n',
    )
    expect(wrong).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(
        /stdin:3: a setting has no field "sitename".*stdin:5: setting is not an object/,
      ),
    })
    expect(paths(panel).filter(path => path.startsWith('PATCH'))).toEqual([])
  })
})

test('settings, of which an API token is told a few alone, are left out of its export', async () => {
  const {run, writes} = await dashboard()
  const {exitCode, stdout, stderr} = await run('export')
  expect({exitCode, hasThem: stdout.includes('setting:')}).toEqual({exitCode: 0, hasThem: false})
  expect(stderr).toContain(
    'left out, setting: Nezha tells the settings to the session of an administrator alone',
  )
  expect(await run('export setting')).toMatchObject({exitCode: 4, stdout: ''})
  expect(await run('apply -f - --yes', 'setting: {site_name: Ours}')).toMatchObject({exitCode: 4})
  expect(writes()).toEqual([])
})
