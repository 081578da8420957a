import {describe, expect, test} from 'vitest'
import {failureOf} from '../../failure.js'
import {cli, dashboardSandbox} from '../../harness.js'

const all = `
notification:
  - {name: ops, url: "https://hook.example.com/x"}
notification-group:
  - {name: oncall, notifications: [ops]}
cron:
  - {name: backup, scheduler: "@every 1h", command: x, notification_group_id: oncall, servers: ["1", "2"]}
  - {name: fix, task_type: triggered, command: y}
service:
  - {name: gw, type: icmp, target: 192.0.2.1, notification_group_id: oncall, fail_trigger_tasks: [fix], skip_servers: ["1", "2"]}
alert:
  - {name: busy, rules: [{type: cpu, max: 90, duration: 30, ignore: ["1", "2"]}], notification_group_id: oncall}
nat:
  - {name: wiki, server_id: "2", host: "127.0.0.1:80", domain: wiki.example.com}
`

/** A panel whose things lead to a server, a task and a notification group that are gone. */
async function broken(generation: 'v1' | 'v2') {
  const panel = await dashboardSandbox({generation})
  const run = (line: string, stdin?: string) => cli(`nezha ${line}`, {env: panel.environment, stdin})
  const json = async (line: string) => JSON.parse((await run(`${line} -o json`)).stdout)
  expect(await run('apply -f - --yes', all)).toMatchObject({exitCode: 0})
  const lines = ['notification-group delete oncall', 'cron delete fix', 'server delete 2']
  for (const line of lines) expect(await run(`${line} --yes`)).toMatchObject({exitCode: 0})
  return {panel, run, json}
}

describe.each(['v1', 'v2'] as const)('what uses what is deleted on %s', generation => {
  const used = 'the notification group oncall is used by task backup, service gw, alert busy\n'

  test.each([
    ['notification-group delete oncall --dry-run', used],
    ['notification-group delete oncall --yes', `${used}deleted the notification group oncall\n`],
    ['cron delete fix --dry-run', 'the task fix is used by service gw\n'],
    ['cron delete backup --dry-run', ''],
    ['notification delete ops --dry-run', 'the notification ops is used by notification group oncall\n'],
  ])('is named: %s', async (line, stderr) => {
    const {environment: env} = await dashboardSandbox({generation})
    await cli('nezha apply -f - --yes', {env, stdin: all})
    expect(await cli(`nezha ${line}`, {env})).toMatchObject({exitCode: 0, stderr})
  })

  test('is named before the question', async () => {
    const {environment: env} = await dashboardSandbox({generation})
    await cli('nezha apply -f - --yes', {env, stdin: all})
    const tty = {stdin: true, stderr: true} as const
    const {stderr} = await cli('nezha notification-group delete oncall', {env, stdin: 'n\n', tty})
    expect(stderr.startsWith(used)).toBe(true)
    expect(stderr).toContain('not confirmed, nothing was done')
  })
})

describe.each(['v1', 'v2'] as const)('what leads to what was deleted on %s', generation => {
  test('is said where it is listed and shown', async () => {
    const {run} = await broken(generation)
    const {exitCode, stderr} = await run('service list')
    expect({exitCode, stderr}).toEqual({
      exitCode: 0,
      stderr: [
        'the server 2 is gone, and still in tcp db1:5432, gw',
        'the notification group 1 is gone, and still in gw',
        'the task 2 is gone, and still in gw',
        '',
      ].join('\n'),
    })
    expect((await run('nat show wiki')).stderr).toBe('the server 2 is gone, and still in wiki\n')
    expect((await run('notification list')).stderr).toBe('')
  })

  test.each([
    ['service edit gw --duration 77', {duration: 77}],
    ['cron edit backup --command z', {command: 'z'}],
    ['alert edit busy --trigger-mode once', {trigger_mode: 'once'}],
  ])('stops no change of something else: %s', async (line, changed) => {
    const {run, json} = await broken(generation)
    const done = await run(`${line} -o json`)
    expect(done).toMatchObject({exitCode: 0})
    expect(JSON.parse(done.stdout)).toMatchObject(changed)
    // What the panel takes as it is goes back as it was.
    const [word = '', , name = ''] = line.split(' ')
    const {notification_group_id} = await json(`${word} show ${name}`)
    expect(notification_group_id).toBe(generation === 'v1' ? 1 : null)
    expect(done.stderr.includes('the notification group 1 is gone, and was taken out of ')).toBe(
      generation === 'v2',
    )
  })

  test('is left out of an export, which makes the same elsewhere and then changes nothing', async () => {
    const {run} = await broken(generation)
    const {exitCode, stdout, stderr} = await run(
      'export notification notification-group cron service alert nat',
    )
    expect(exitCode).toBe(0)
    expect(stdout).not.toMatch(/^ +- \d+$|_id: \d/m)
    expect(stderr).toContain('the server 2 is gone, and still in backup: left out')
    expect(stderr).toContain('the NAT profile wiki: it can be made nowhere without that')
    const other = await dashboardSandbox({generation})
    const there = (line: string) => cli(`nezha ${line}`, {env: other.environment, stdin: stdout})
    expect(await there('apply -f - --yes')).toMatchObject({exitCode: 0})
    expect(await there('apply -f - --dry-run --exit-code')).toMatchObject({exitCode: 0})
  })
})

test('settings that are refused for what is gone say what was taken out of them', async () => {
  const {panel} = await broken('v2')
  const env = {...panel.environment, NEZHA_TOKEN: '', NEZHA_USERNAME: 'admin', NEZHA_PASSWORD: panel.password}
  panel.state.settings = {...panel.state.settings, ip_change_notification_group_id: 1}
  const body = JSON.stringify({success: false, error: 'have no permission to access this group'})
  panel.faults.next(
    {kind: 'status', status: 200, contentType: 'application/json', body},
    {path: '/api/v1/setting', method: 'PATCH'},
  )
  const outcome = await cli('nezha setting set --site-name Ours', {env})
  expect(outcome).toMatchObject({
    exitCode: 0,
    stderr: 'the notification group 1 is gone, and was taken out of settings\nchanged settings\n',
  })
  expect(panel.state.settings.ip_change_notification_group_id).toBe(0)
})

test('a NAT profile says which server it lacks, where v2 refuses it', async () => {
  const {panel, run} = await broken('v2')
  expect(failureOf(await run('nat edit wiki --domain other.example.com -o json'))).toMatchObject({
    exitCode: 5,
    hint: 'its server_id leads to the server 2, which no list has: give it another',
  })
  const none = ['nezha', 'nat', 'edit', 'wiki', '--server', '']
  expect(failureOf(await cli([...none, '-o', 'json'], {env: panel.environment}))).toMatchObject({
    exitCode: 2,
    message: '--server: a NAT profile cannot be without it',
  })
  expect(await run('nat edit wiki --domain other.example.com --server 1')).toMatchObject({exitCode: 0})
})

test('is not taken for gone by an account that may not see all, and stays', async () => {
  const {panel, run} = await broken('v2')
  await run('user create ann --password-file -', 'six-or-more')
  const [cron] = [...panel.state.rowsOf('cron').values()].slice(-1)
  const ann = [...panel.state.users.values()].at(-1)
  if (!cron || !ann) throw new Error('no task, or no user')
  const mine = {...cron, name: 'mine', user_id: ann.id, servers: []}
  panel.state.rowsOf('cron').set(cron.id, mine)
  const env = {...panel.environment, NEZHA_TOKEN: '', NEZHA_USERNAME: 'ann', NEZHA_PASSWORD: 'six-or-more'}
  const listed = await cli('nezha cron list', {env})
  expect(listed.stderr).toBe(
    'the notification group 1 is gone, or not to be seen by this account, and still in mine\n',
  )
  expect(failureOf(await cli('nezha cron edit mine --command z -o json', {env}))).toMatchObject({exitCode: 5})
  expect(panel.state.rowsOf('cron').get(cron.id)).toEqual(mine)
  expect(await cli('nezha export cron', {env})).toMatchObject({exitCode: 4, stdout: ''})
})

test.each([
  ['/api/v1/user', {NEZHA_TOKEN: '', NEZHA_USERNAME: 'ann', NEZHA_PASSWORD: 'six-or-more'}],
  ['/api/v1/profile', {}],
])('is not taken for gone where nobody knows what an account may see, as %s fails', async (path, account) => {
  const {panel, run} = await broken('v2')
  await run('user create ann --password-file -', 'six-or-more')
  const ann = [...panel.state.users.values()].at(-1)
  const crons = panel.state.rowsOf('cron')
  for (const [id, row] of crons) crons.set(id, {...row, user_id: ann?.id})
  panel.faults.next({kind: 'status', status: 503}, {path, times: Infinity})
  const env = {...panel.environment, ...account}
  const listed = await cli('nezha cron show backup --retries 0', {env})
  expect(listed.exitCode).toBe(0)
  expect(listed.stderr).toContain(' is gone, or not to be seen by this account, and still in backup')
  expect(await cli('nezha export cron --retries 0', {env})).toMatchObject({exitCode: 6, stdout: ''})
})

describe('an API token for some servers alone', () => {
  /** One that is for the server 1. */
  async function limited() {
    const {panel} = await broken('v2')
    panel.state.settings = {...panel.state.settings, enable_mcp: true}
    const [user] = panel.state.users.values()
    if (!user) throw new Error('no user')
    const {token} = panel.state.addPat({name: 'one', scopes: ['nezha:*'], user, serverIds: [1]})
    return {panel, env: {...panel.environment, NEZHA_TOKEN: token}}
  }
  const alone = {exitCode: 4, message: 'this API token is for some servers alone'}

  test('exports no lists of a part, with which --prune would delete the rest', async () => {
    const {env} = await limited()
    const outcome = await cli('nezha export ddns cron -o json', {env})
    expect(outcome.stdout).toBe('')
    expect(failureOf(outcome)).toMatchObject(alone)
  })

  test('registers no node: it would show none of its name, and not the new one', async () => {
    const {env} = await limited()
    const outcome = await cli('nezha node auto-register --name web2 --dry-run -o json', {env})
    expect(failureOf(outcome)).toMatchObject(alone)
  })

  test('does not say of another that it is gone already', async () => {
    const {panel, env} = await limited()
    const outcome = await cli('nezha server delete 3 --yes --if-missing skip -o json', {env})
    expect(failureOf(outcome)).toMatchObject(alone)
    expect(panel.state.servers.has(3)).toBe(true)
    const own = await cli('nezha server delete 3 --yes --if-missing skip', {env: panel.environment})
    expect(own.exitCode).toBe(0)
    const again = await cli('nezha server delete 3 --yes --if-missing skip', {env: panel.environment})
    expect(again.exitCode).toBe(0)
  })

  test('nor does it of a group that has none of them', async () => {
    const {panel, env} = await limited()
    const {id} = panel.state.addGroup('Elsewhere', [3])
    const outcome = await cli('nezha group delete Elsewhere --yes --if-missing skip -o json', {env})
    expect(failureOf(outcome)).toMatchObject(alone)
    expect(panel.state.groups.has(id)).toBe(true)
  })

  test('nor of a task that runs on others, and of a DDNS profile it does, of which it is told all', async () => {
    const {panel, env} = await limited()
    const admin = panel.environment
    await cli('nezha cron create c --scheduler "@every 1h" --command x --server 3', {env: admin})
    const line = (noun: string) => `nezha ${noun} delete c gone --yes --if-missing skip -o json`
    expect(failureOf(await cli(line('cron'), {env}))).toMatchObject({exitCode: 4})
    expect([...panel.state.rowsOf('cron').values()].map(({name}) => name)).toContain('c')
    expect((await cli(line('ddns'), {env})).exitCode).toBe(0)
    expect((await cli(line('cron'), {env: admin})).exitCode).toBe(0)
  })

  test('is named where a server is not found for a group', async () => {
    const {panel, env} = await limited()
    panel.state.addGroup('mine', [1])
    const outcome = await cli('nezha group add mine db9', {env})
    expect(outcome.exitCode).toBe(3)
    expect(outcome.stderr).toContain('a token for some servers')
  })
})

test('an export ends as documented where an answer of /mcp has an object for its message', async () => {
  const {environment: env, faults} = await dashboardSandbox({generation: 'v2', mcp: true})
  const change = () => ({jsonrpc: '2.0', id: 1, error: {code: -1, message: {toString: 2}}})
  faults.next({kind: 'wrong-types', change}, {path: '/mcp', times: 9})
  const {exitCode, stderr} = await cli('nezha export', {env})
  expect(stderr).not.toContain('unexpected')
  expect([0, 5, 10]).toContain(exitCode)
})
