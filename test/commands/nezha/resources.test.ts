import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, dashboardSandbox, nezhaSandbox, temporaryFolder} from '../../harness.js'

async function dashboard(generation: 'v1' | 'v2' = 'v2', profile = 'current') {
  const panel = await dashboardSandbox({generation, profile})
  const run = (line: string) => cli(`nezha ${line}`, {env: panel.environment})
  const json = async (line: string) => JSON.parse((await run(`${line} -o json`)).stdout)
  return {panel, run, json}
}

describe.each(['v1', 'v2'] as const)('what %s keeps', generation => {
  test('is made, changed, shown by names and deleted', async () => {
    const {run, json} = await dashboard(generation)
    const url = join(temporaryFolder(), 'url.txt')
    writeFileSync(url, 'https://hook.example.com/T0KEN\n')
    await run(`notification create ops --url-file ${url}`)
    await run('notification-group create oncall --notification ops')
    const made = await json(
      'cron create backup --scheduler "0 0 3 * * *" --command "echo hi" --server 1 --notification-group oncall',
    )
    const [{name: server}] = await json('server list')
    expect(made).toEqual({
      id: 1,
      name: 'backup',
      task_type: 'timed',
      scheduler: '0 0 3 * * *',
      command: 'echo hi',
      servers: [server],
      cover: 'only',
      push_successful: false,
      notification_group_id: 'oncall',
      last_executed_at: null,
      changed: true,
    })
    const edited = await json('cron edit backup --push-successful --name nightly')
    expect(edited).toEqual({...made, name: 'nightly', push_successful: true})
    expect(await json('cron edit nightly --push-successful')).toMatchObject({changed: false})
    const {stdout} = await run('notification list -o json')
    expect(stdout).not.toContain('T0KEN')
    expect(await run('cron delete nightly --yes')).toMatchObject({exitCode: 0})
    expect(await json('cron list')).toEqual([])
  })

  test('trap 45: has numbers for cover that mean the opposite for tasks and services', async () => {
    const {run, panel} = await dashboard(generation)
    await run('cron create a --scheduler "@every 1h" --command x --server 1 --cover only')
    await run('service create b --type icmp --target 192.0.2.9 --skip-servers 1 --cover only')
    const sent = panel.requests.filter(({method, path}) => method === 'POST' && !path.includes('login'))
    expect(sent.map(({body}) => JSON.parse(body).cover)).toEqual([0, 1])
  })
})

describe.each(['v1', 'v2'] as const)('what %s keeps, once more:', generation => {
  test('an alert has rules with names of servers, and is so already where rules say the same in other words', async () => {
    const {run, json} = await dashboard(generation)
    const [{name: server}] = await json('server list')
    const rules = [
      {type: 'cpu', max: 90, duration: 300, cover: 'only', ignore: [server]},
      {
        type: 'transfer_in_cycle',
        max: 1e12,
        cycle_start: '2026-01-01T00:00:00+08:00',
        cycle_interval: 1,
        cycle_unit: 'month',
      },
    ]
    const flags = rules.map(rule => `--rule '${JSON.stringify(rule)}'`).join(' ')
    const made = await json(`alert create busy ${flags}`)
    expect(made).toMatchObject({
      name: 'busy',
      enable: true,
      trigger_mode: 'always',
      notification_group_id: null,
    })
    expect(made.rules).toMatchObject([rules[0], {...rules[1], cycle_start: '2025-12-31T16:00:00Z'}])
    expect(await json(`alert edit busy ${flags.replace('"max":90', '"min":0,"max":90')}`)).toMatchObject({
      changed: false,
    })
    expect(await json('alert edit busy --trigger-mode once')).toMatchObject({
      rules: made.rules,
      trigger_mode: 'once',
    })
    expect(await run('alert delete busy --yes')).toMatchObject({exitCode: 0})
  })

  test('a NAT profile is on unless it is told otherwise', async () => {
    const {json} = await dashboard(generation)
    const [{name: server}] = await json('server list')
    const made = await json('nat create wiki --server 1 --host 127.0.0.1:80 --domain wiki.example.com')
    expect(made).toMatchObject({name: 'wiki', enabled: true, server_id: server, domain: 'wiki.example.com'})
    expect(await json('nat edit wiki --no-enabled')).toMatchObject({
      enabled: false,
      host: '127.0.0.1:80',
      changed: true,
    })
  })

  test('a DDNS profile keeps its secret through an edit, and its domains as the panel has them', async () => {
    const {run, json, panel} = await dashboard(generation)
    const secret = join(temporaryFolder(), 'secret.txt')
    writeFileSync(secret, 'T0KEN\n')
    const made = await run(
      `ddns create edge --provider he --domain 例え.example.com --access-secret-file ${secret} -o json`,
    )
    expect(JSON.parse(made.stdout)).toMatchObject({
      domains: ['xn--r8jz45g.example.com'],
      max_retries: 3,
      webhook_method: 'none',
    })
    expect(made.stdout).not.toContain('T0KEN')
    await run('ddns edit edge --max-retries 5')
    // v2 takes an empty one for the one that it has; v1 tells it, and would forget it.
    const patch = panel.requests.findLast(({method}) => method === 'PATCH')
    expect(JSON.parse(patch?.body ?? '')).toMatchObject({
      access_secret: generation === 'v1' ? 'T0KEN' : '',
      max_retries: 5,
    })
    expect(await json('ddns edit edge --domain 例え.example.com')).toMatchObject({changed: false})
  })

  test('trap 55: a user is a member unless it is said, has a password out of a file, and is not changed', async () => {
    const {run, json, panel} = await dashboard(generation)
    const password = join(temporaryFolder(), 'password.txt')
    writeFileSync(password, 'correct horse\n')
    const made = await json(`user create ann --password-file ${password}`)
    expect(made).toEqual({id: 2, username: 'ann', role: 'member', agent_secret: '********', changed: true})
    await run(`user create root --password-file ${password} --role admin`)
    const sent = panel.requests.filter(({method, path}) => method === 'POST' && path === '/api/v1/user')
    expect(sent.map(({body}) => JSON.parse(body))).toEqual([
      {username: 'ann', password: 'correct horse', role: 1},
      {username: 'root', password: 'correct horse', role: 0},
    ])
    expect((await json('user show ann --show-secrets')).agent_secret).toMatch(/^\w{32}$/)
    expect((await run('user list -o yaml')).stdout).not.toMatch(/correct horse|agent_secret: \w/)
    expect(await run('user delete ann --yes')).toMatchObject({exitCode: 0})
    expect(failureOf(await run('user delete admin --yes -o json'))).toMatchObject({exitCode: 5})
  })
})

test.each(['v1', 'v2'] as const)(
  'a member of %s is told that it takes an administrator',
  async generation => {
    const {panel} = await dashboard(generation)
    panel.state.addUser({username: 'ann', password: 'correct horse', role: 1})
    const env = {NEZHA_DASHBOARD_URL: panel.url, NEZHA_USERNAME: 'ann', NEZHA_PASSWORD: 'correct horse'}
    for (const line of ['user list', 'export']) {
      const outcome = await cli(`nezha ${line} -o json`, {env})
      expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
      expect(failureOf(outcome)).toMatchObject({
        message: expect.stringContaining('the account may not do this'),
        hint: 'an administrator may: use such an account, or an API token of one',
      })
    }
  },
)

describe('a field that this version lacks is refused before anything is written', () => {
  test.each([
    [
      '1.14.14',
      'service create a --type icmp --target 192.0.2.1 --hide-for-guest',
      'this Nezha has no hide_for_guest of a service: it came with v2.0.0',
    ],
    [
      '1.14.14',
      'service create a --type icmp --target 192.0.2.1 --display-index 3',
      'this Nezha has no display_index of a service: it came with v2.0.0',
    ],
    [
      '2.3.7',
      'service create a --type icmp --target 192.0.2.1 --enable-show-in-service',
      'this Nezha has no enable_show_in_service of a service: it went with v2.0.0',
    ],
    [
      '1.4.0',
      'nat create a --server 1 --host 127.0.0.1:80 --domain a.example.com --no-enabled',
      'this Nezha has no enabled of a NAT profile: it came with v1.6.3',
    ],
    [
      '1.14.12',
      'notification create a --url-file URL --format-metric-units',
      'this Nezha has no format_metric_units of a notification: it came with v1.14.13',
    ],
  ])('%s: %s', async (version, line, message) => {
    const {run, panel} = await dashboard(version.startsWith('1') ? 'v1' : 'v2', version)
    const url = join(temporaryFolder(), 'url.txt')
    writeFileSync(url, 'https://hook.example.com/')
    expect(failureOf(await run(`${line.replace('URL', url)} -o json`))).toMatchObject({exitCode: 5, message})
    expect(paths(panel).filter(path => !/^GET|login$/.test(path))).toEqual([])
  })

  test('and passes where it says what that version does all the same', async () => {
    const {json} = await dashboard('v1', '1.4.0')
    const line = 'nat create a --server 1 --host 127.0.0.1:80 --domain a.example.com --enabled'
    expect(await json(line)).toMatchObject({enabled: true, changed: true})
    expect(await json('service create b --type icmp --target 192.0.2.1 --no-hide-for-guest')).toMatchObject({
      changed: true,
    })
  })
})

test.each([
  ['v1', 'enable_show_in_service', ['display_index', 'hide_for_guest']],
  ['v2', 'hide_for_guest', ['enable_show_in_service']],
] as const)(
  'a service of %s is shown without the fields that others have',
  async (generation, own, others) => {
    const {run, json} = await dashboard(generation)
    await run('service create a --type tcp --target db:5432')
    const shown = await json('service show a')
    expect(shown).toHaveProperty(own, false)
    for (const name of others) expect(shown).not.toHaveProperty(name)
    const {stdout} = await run(`service show a --columns ${[own, ...others].join(',')}`)
    expect(
      stdout
        .replaceAll(/ +/g, ' ')
        .trimEnd()
        .split('\n')
        .map(line => line.split(' ').at(-1)),
    ).toEqual(['no', ...others.map(() => '-')])
  },
)

test('an edit sends back what it does not change', async () => {
  const {run, panel} = await dashboard()
  await run('service create a --type tcp --target db:5432 --max-latency 12.5 --hide-for-guest')
  await run('service edit a --duration 60')
  const patch = panel.requests.findLast(({method}) => method === 'PATCH')
  expect(JSON.parse(patch?.body ?? '')).toMatchObject({
    name: 'a',
    type: 3,
    target: 'db:5432',
    duration: 60,
    max_latency: 12.5,
    hide_for_guest: true,
    skip_servers: {},
  })
})

test('several are changed together; what fails is named and stops no other', async () => {
  const {run, json} = await dashboard()
  for (const name of ['a', 'b', 'c']) await run(`cron create ${name} --scheduler "@every 1h" --command x`)
  const outcome = await run('cron edit a nope c --command y -o json')
  expect(failureOf(outcome)).toMatchObject({
    exitCode: 9,
    message: '1 of 3 failed: nope: there is no task "nope"',
  })
  expect(JSON.parse(outcome.stdout)).toMatchObject([
    {name: 'a', command: 'y', changed: true},
    {name: 'nope', error: {exitCode: 3}},
    {name: 'c', command: 'y', changed: true},
  ])
  expect((await json('cron list')).map(({command}: {command: string}) => command)).toEqual(['y', 'x', 'y'])
})

describe('trap 46: what the panel would take and break on is refused before it is sent', () => {
  test.each([
    [
      'cron create a --scheduler "0 3 * * *" --command x',
      2,
      '--scheduler: it has six fields, seconds first, and not 5',
    ],
    ['cron create a --scheduler "@every 1h" --command x --server 99', 3, 'there is no server "99"'],
    ['cron create a --scheduler "@every 1h"', 2, 'missing required flag --command'],
    ['service create a --type http --target example.com', 2, '--target: a service of type http has a URL'],
    ['service create a --type tcp --target example.com', 2, '--target: a service of type tcp has HOST:PORT'],
    [
      `alert create a --rule '{"type":"nonsense","duration":60}'`,
      2,
      expect.stringMatching(/^--rule\[1\].type is none of cpu, memory, /),
    ],
    [`alert create a --rule '{"type":"cpu","max":"80%","duration":60}'`, 2, '--rule[1].max is not a number'],
    [
      `alert create a --rule '{"type":"cpu","mx":80,"duration":60}'`,
      2,
      expect.stringMatching(/^--rule\[1\] has "mx", and its fields are type, min, max, duration, /),
    ],
    [`alert create a --rule '{"type":"cpu","duration":2}'`, 2, '--rule[1].duration is less than 3 seconds'],
    [
      `alert create a --rule '{"type":"transfer_in_cycle","max":5}'`,
      2,
      '--rule[1] needs cycle_start, cycle_interval and cycle_unit',
    ],
    [
      'nat create a --server 1 --host 127.0.0.1:80 --domain https://a.example.com',
      2,
      '--domain: "https://a.example.com" is no domain, without scheme and port',
    ],
    [
      'nat create a --server 1 --host 127.0.0.1:80 --domain A.example.com',
      2,
      '--domain: "A.example.com" is not what a browser asks for: a.example.com is',
    ],
    [
      'nat create a --server 1 --host 127.0.0.1:80 --domain 面板.example.com',
      2,
      '--domain: "面板.example.com" is not what a browser asks for: xn--msvw97h.example.com is',
    ],
    [
      'nat create a --server 1 --host 127.0.0.1:80 --domain *.example.com',
      2,
      '--domain: "*.example.com" is no domain, without scheme and port',
    ],
    [
      'nat create a --server 1 --host http://127.0.0.1:80 --domain a.example.com',
      2,
      '--host: "http://127.0.0.1:80" is not HOST:PORT',
    ],
    [
      'service create a --type tcp --target tcp://127.0.0.1:80',
      2,
      '--target: a service of type tcp has HOST:PORT',
    ],
    [
      'nat create a --server 1 --host 127.0.0.1 --domain a.example.com',
      2,
      '--host: "127.0.0.1" is not HOST:PORT',
    ],
    [
      'service create a --type tcp --target 127.0.0.1:99999',
      2,
      '--target: a service of type tcp has HOST:PORT',
    ],
    ['service create a --duration 5', 2, 'missing required flags --type, --target'],
    [
      'notification create a --url http://127.0.0.1:9/hook',
      2,
      '--url is where the panel is; the url of a notification comes with --url-file',
    ],
    [
      'notification create a --url https://push.example.com/send?text=#NEZHA#',
      2,
      '--url: the URL of a panel has no query or fragment',
    ],
    [
      'notification edit a --url http://127.0.0.1:9/hook',
      2,
      '--url is where the panel is; the url of a notification comes with --url-file',
    ],
    ['ddns create a --provider webhook --webhook-method post', 2, '--webhook-url-file: a webhook has one'],
    [
      'service create a --type icmp --target 192.0.2.1 --notification-group no',
      3,
      'there is no notification group "no"',
    ],
  ])('%s', async (line, exitCode, message) => {
    const {run, panel} = await dashboard()
    expect(failureOf(await run(`${line} -o json`))).toMatchObject({exitCode, message})
    expect(paths(panel).filter(path => !path.startsWith('GET'))).toEqual([])
  })
})

test.each([
  ['notification create a --url https://push.example.com/send?text=x', 'url-file'],
  ['notification edit a --request-method get --url https://push.example.com/send?text=x', 'url-file'],
  ['ddns create a --provider webhook --url https://me:pa55@dns.example.com/set', 'webhook-url-file'],
])('what is no address of a panel is hinted at as that of the thing: %s', async (line, flag) => {
  const {run} = await dashboard()
  expect(failureOf(await run(`${line} -o json`))).toMatchObject({
    exitCode: 2,
    hint: `--url is where the panel is; another URL comes with --${flag}, out of a file, or with --${flag} - from stdin`,
  })
})

test('a service that is to tell and has nobody to tell is warned of, once', async () => {
  const {run} = await dashboard()
  await run('notification-group create oncall')
  const warning = 'warning: the service web tells nobody, as it has no notification group\n'
  const made = await run('service create web --type icmp --target 192.0.2.1 --notify')
  expect(made).toMatchObject({exitCode: 0, stderr: `${warning}made the service web\n`})
  expect((await run('service edit web --duration 60')).stderr).not.toContain('warning')
  await run('service edit web --notification-group oncall')
  expect((await run('service edit web --notification-group ""')).stderr).toContain(warning)
  expect((await run('service edit web --no-notify --latency-notify')).stderr).not.toContain('warning')
  const told = 'service create told --type icmp --target 192.0.2.1 --notify --notification-group oncall'
  expect((await run(told)).stderr).toBe('made the service told\n')
})

test('what is there already is told from what is refused', async () => {
  const {run} = await dashboard()
  const line = 'cron create a --scheduler "@every 1h" --command x'
  await run(line)
  expect(failureOf(await run(`${line} -o json`))).toMatchObject({
    exitCode: 5,
    reason: 'exists',
    hint: 'to leave it as it is: --if-exists skip',
  })
  await run(line.replace(' a ', ' b '))
  const renamed = failureOf(await run('cron edit b --name a -o json'))
  expect(renamed).toMatchObject({exitCode: 5, reason: 'exists'})
  expect(renamed).not.toHaveProperty('hint')
  await run('cron delete b --yes')
  const {stdout} = await run(`${line} --if-exists skip -o json`)
  expect(JSON.parse(stdout)).toMatchObject({id: 1, name: 'a', changed: false})
  expect(await run(`${line} --if-exists skip -o id`)).toMatchObject({exitCode: 0, stdout: '1\n'})
  expect(failureOf(await run('cron delete b --yes -o json'))).toMatchObject({exitCode: 3, reason: 'missing'})
  expect(await run('cron delete b --yes --if-missing skip')).toMatchObject({exitCode: 0})
})

test('a domain that leads elsewhere already is told as what is there, and not as an error of a database', async () => {
  const {run} = await dashboard()
  const line = (name: string, domain: string) =>
    `nat create ${name} --server 1 --host 127.0.0.1:80 --domain ${domain} -o json`
  await run(line('a', 'a.example.com'))
  await run(line('b', 'b.example.com'))
  const taken = {exitCode: 5, reason: 'exists', message: expect.stringContaining('domain a.example.com')}
  expect(failureOf(await run(line('c', 'a.example.com')))).toMatchObject(taken)
  expect(failureOf(await run('nat edit b --domain a.example.com -o json'))).toMatchObject(taken)
  expect(await run('nat edit a --domain a.example.com --host 127.0.0.1:81')).toMatchObject({exitCode: 0})
})

test("the dashboard's own domain is led to no agent: nobody would reach the dashboard any more", async () => {
  const {run, panel} = await dashboard()
  const fields = '--server 1 --host 127.0.0.1:80'
  const refused = {exitCode: 5, message: expect.stringMatching(/under 127\.0\.0\.1.*nothing was sent/)}
  expect(failureOf(await run(`nat create a ${fields} --domain 127.0.0.1 -o json`))).toMatchObject(refused)
  await run(`nat create a ${fields} --domain a.example.com`)
  expect(failureOf(await run('nat edit a --domain 127.0.0.1 -o json'))).toMatchObject(refused)
  const file = join(temporaryFolder(), 'nat.yaml')
  writeFileSync(file, 'nat:\n  - {name: b, server_id: hub1, host: "127.0.0.1:80", domain: 127.0.0.1}\n')
  const applied = failureOf(await run(`apply -f ${file} --yes -o json`))
  expect(applied).toMatchObject({exitCode: 5, message: expect.stringContaining('nat.yaml')})
  const domains = JSON.parse((await run('nat list -o json')).stdout)
  expect(domains).toMatchObject([{domain: 'a.example.com'}])
  expect(paths(panel).filter(path => path.endsWith('/nat') && path.startsWith('POST'))).toHaveLength(1)
})

test('nobody is asked whether what is not there is to be deleted', async () => {
  const {panel, run} = await dashboard()
  await run('cron create a --scheduler "@every 1h" --command x')
  const answered = (line: string) =>
    cli(`nezha cron delete ${line}`, {
      env: panel.environment,
      tty: {stdin: true, stderr: true},
      stdin: 'y\n',
    })
  const missing = await answered('b')
  expect(missing).toMatchObject({exitCode: 3, stderr: expect.not.stringContaining('Delete')})
  const both = await answered('b a')
  expect(both.exitCode).toBe(9)
  expect(both.stderr).toContain('Delete the task a? [y/N]')
  expect(JSON.parse((await run('cron list -o json')).stdout)).toEqual([])
})

test('v0 has none of it, and says so', async () => {
  const panel = await nezhaSandbox()
  const env = {NEZHA_DASHBOARD_URL: panel.url, NEZHA_TOKEN: panel.token}
  expect(failureOf(await cli('nezha service list -o json', {env}))).toMatchObject({
    exitCode: 5,
    message: 'Nezha v0 cannot do this: v0 has its web page for services',
  })
  const exported = await cli('nezha export -o json', {env})
  expect(exported.stdout).toBe('')
  expect(failureOf(exported)).toMatchObject({
    exitCode: 5,
    message: expect.stringMatching(/^Nezha v0 cannot do this/),
  })
  expect(failureOf(await cli('nezha export service -o json', {env}))).toMatchObject({
    exitCode: 5,
    message: 'Nezha v0 cannot do this: v0 has its web page for services',
  })
})

test('what the panel took is done, also where it cannot be looked at afterwards', async () => {
  const {panel, run} = await dashboard()
  await run('cron create a --scheduler "@every 1h" --command x')
  const goneAfter = (line: string) => {
    // The first look finds it, the second one does not.
    panel.faults.next({kind: 'slow-body', pieces: 1, intervalMs: 0}, {method: 'GET', path: '/api/v1/cron'})
    panel.faults.next({kind: 'html-404'}, {method: 'GET', path: '/api/v1/cron'})
    return run(`${line} -o json`)
  }
  const edited = await goneAfter('cron edit a --command y')
  expect(edited).toMatchObject({exitCode: 0, stderr: expect.stringContaining('cannot be looked at')})
  expect(JSON.parse(edited.stdout)).toMatchObject({id: 1, name: 'a', command: 'y', changed: true})
  // Of a new one nobody knows the id.
  expect(failureOf(await goneAfter('cron create b --scheduler "@every 1h" --command x'))).toMatchObject({
    exitCode: 7,
  })
})

test('a doubtful write of a secret that nobody tells stays in doubt', async () => {
  const {panel, run} = await dashboard()
  const url = join(temporaryFolder(), 'url.txt')
  writeFileSync(url, 'https://hook.example.com/ONE')
  await run(`notification create ops --url-file ${url}`)
  panel.faults.next({kind: 'status', status: 502}, {method: 'PATCH'})
  writeFileSync(url, 'https://hook.example.com/TWO')
  expect(await run(`notification edit ops --url-file ${url}`)).toMatchObject({exitCode: 7, stdout: ''})
})

test.each([
  ['cron edit a --name ""', 2],
  ['cron edit a --command " "', 2],
  ['cron create b --scheduler "@every 1h" --command x --file -', 2],
  ['cron edit a --name c', 5],
])('an edit leaves nothing nameless, doubled or unread: %s', async (line, exitCode) => {
  const {panel} = await dashboard()
  const run = (typed: string) => cli(`nezha ${typed}`, {env: panel.environment, stdin: '{"bogus": 1}'})
  for (const name of ['a', 'c']) await run(`cron create ${name} --scheduler "@every 1h" --command x`)
  expect((await run(line)).exitCode).toBe(exitCode)
})

test('several are told by their ids, and what is deleted prints nothing', async () => {
  const {run} = await dashboard()
  for (const name of ['a', 'b']) await run(`cron create ${name} --scheduler "@every 1h" --command x`)
  expect((await run('cron edit a b --command y -o id')).stdout).toBe('1\n2\n')
  for (const format of ['table', 'csv'])
    expect(await run(`cron delete a b nope --yes -o ${format}`)).toMatchObject({stdout: ''})
})

test('what an account may not read is exit 4', async () => {
  const {panel, run} = await dashboard()
  panel.faults.next(
    {kind: 'status', status: 200, contentType: 'application/json', body: '{"error":"permission denied"}'},
    {path: '/api/v1/user'},
  )
  expect(failureOf(await run('user list -o json'))).toMatchObject({exitCode: 4})
})

test.each([
  ['service list', '/api/v1/notification-group'],
  ['export', '/api/v1/user'],
  ['export', '/api/v1/setting'],
])(
  'a gateway that wants a login before some of the paths is named, and is no missing right: %s, %s',
  async (line, path) => {
    const {panel, run} = await dashboard()
    await run('service create web --type icmp --target 192.0.2.1')
    panel.faults.next(
      {kind: 'status', status: 401, contentType: 'text/html', body: '<title>Sign in</title>'},
      {path, times: 9},
    )
    const outcome = await run(`${line} -o json`)
    expect(outcome.stdout).toBe('')
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('wants a login of its own: HTTP 401'),
    })
  },
)

test('a token that may not read what fields lead to sees ids in its place, and changes the other fields', async () => {
  const {panel, run} = await dashboard()
  await run('service create web --type icmp --target 192.0.2.1')
  const [user] = panel.state.users.values()
  if (!user) throw new Error('no user')
  const scopes = ['nezha:service:read', 'nezha:service:write']
  const env = {...panel.environment, NEZHA_TOKEN: panel.state.addPat({name: 'services', scopes, user}).token}
  // Where no id stands there, none stands in the place of a name.
  expect((await cli('nezha service list', {env})).stderr).not.toContain('notification-group')
  await run('notification-group create oncall')
  await run('service edit web --notification-group oncall')
  const listed = await cli('nezha service list', {env})
  expect(listed).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('web'),
    stderr: expect.stringContaining('ids in the place of names of nezha notification-group list: '),
  })
  expect(await cli('nezha service edit web --duration 99', {env})).toMatchObject({exitCode: 0})
  expect(await cli('nezha service create x --type icmp --target 192.0.2.2', {env})).toMatchObject({
    exitCode: 0,
  })
  const line = 'nezha service edit web --notification-group oncall -o json'
  expect(failureOf(await cli(line, {env}))).toMatchObject({
    exitCode: 4,
    message: expect.stringContaining('nezha:notification-group:read'),
  })
  // A file with ids in it leads elsewhere on another panel.
  expect(await cli('nezha export service', {env})).toMatchObject({exitCode: 4, stdout: ''})
})
