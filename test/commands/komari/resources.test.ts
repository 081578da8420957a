import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {failureOf} from '../../failure.js'
import {cli, komariSandbox, now, temporaryFolder} from '../../harness.js'

async function panelOf(options: Parameters<typeof komariSandbox>[0] = {}) {
  const panel = await komariSandbox(options)
  const run = (line: string, stdin?: string) => cli(`komari ${line}`, {env: panel.environment, stdin})
  const json = async (line: string) => JSON.parse((await run(`${line} -o json`)).stdout)
  return {panel, run, json}
}

describe('a node', () => {
  test('is added with its fields, changed and deleted', async () => {
    const {run, json} = await panelOf()
    const added = await json('node add web9 --group prod --price 5 --tags "edge<Red>;new"')
    expect(added).toMatchObject({name: 'web9', group: 'prod', price: 5, currency: '$', token: '********'})
    expect(await json('node edit web9 --expired-at 2027-01-31T08:00:00+08:00 --hidden')).toMatchObject({
      expired_at: '2027-01-31T00:00:00Z',
      hidden: true,
      group: 'prod',
      changed: true,
    })
    expect(await json('node edit web9 --weight 7')).toMatchObject({weight: 7})
    expect(await json('node edit web9 --weight -0')).toMatchObject({weight: 0})
    // The same moment in another zone.
    expect(await json('node edit web9 --expired-at 2027-01-31T01:00:00+01:00')).toMatchObject({
      changed: false,
    })
    expect(await run('node delete web9 --yes')).toMatchObject({exitCode: 0})
    // One, and of several, where all are.
    for (const names of ['web9', 'web9 web10'])
      expect(failureOf(await run(`node delete ${names} --yes -o json`))).toMatchObject({
        exitCode: 3,
        reason: 'missing',
      })
    expect(failureOf(await run('node delete web9 web1 --yes -o json'))).toMatchObject({
      exitCode: 9,
      reason: 'missing',
    })
  })

  test('has its tags in tables without the words for their colours, and yes or no', async () => {
    const {run, json} = await panelOf()
    const columns = '--columns name,tags,hidden --no-header'
    const made = await run(`node add web9 --hidden --tags "edge<Red>;new" ${columns}`)
    expect(made.stdout).toBe('NAME    web9\nTAGS    edge, new\nHIDDEN  yes\n')
    expect((await run(`node edit web9 --no-hidden ${columns}`)).stdout).toBe(
      'NAME    web9\nTAGS    edge, new\nHIDDEN  no\n',
    )
    expect(await json('node edit web9 --hidden')).toMatchObject({tags: 'edge<Red>;new', hidden: true})
  })

  test('is deleted by its name and told by its id, as it was when it was made', async () => {
    const {run} = await panelOf()
    const {stdout} = await run('node add web9 -o id')
    expect(stdout).toMatch(/^[0-9a-f-]{36}\n$/)
    expect((await run('node delete web9 --yes -o id')).stdout).toBe(stdout)
  })

  test('is meant by the beginning of its uuid as well, as where it is shown', async () => {
    const {run} = await panelOf()
    const id = (await run('node add web9 -o id')).stdout.trim()
    for (const line of [
      `show ${id.slice(0, 8)}`,
      `delete ${id.slice(0, 8).toUpperCase()} --yes --if-missing skip`,
    ])
      expect((await run(`node ${line} -o id`)).stdout).toBe(`${id}\n`)
    expect(await run(`node show ${id}`)).toMatchObject({exitCode: 3})
    expect(await run(`node delete ${id.slice(0, 3)} --yes`)).toMatchObject({exitCode: 3})
  })

  test('whose making takes two requests has both of them shown before', async () => {
    const {json, panel} = await panelOf()
    const before = panel.requests.length
    const plan = await json('node add web9 --group prod --price 5 --dry-run')
    expect(plan).toMatchObject({
      url: expect.stringMatching(/\/client\/add$/),
      body: {name: 'web9'},
      next: {url: expect.stringMatching(/\/client\/UUID\/edit$/), body: {group: 'prod', price: 5}},
    })
    expect(panel.requests.slice(before).filter(({method}) => method !== 'GET')).toEqual([])
  })

  test('that no flag chooses is told by that flag, and leads to the list', async () => {
    const {run} = await panelOf()
    expect(failureOf(await run("node edit --in-group 'a b' --with-tag x --group y -o json"))).toMatchObject({
      exitCode: 3,
      message: "there are no nodes --in-group 'a b' --with-tag x",
      hint: 'panelctl komari node list',
    })
  })

  test('has one file on stdin', async () => {
    const {run} = await panelOf()
    for (const line of ['node add web9', 'node edit web1'])
      expect(failureOf(await run(`${line} --file - --token-file - -o json`, 'group: x\n'))).toMatchObject({
        exitCode: 2,
        message: 'stdin is one file only',
      })
  })

  test.each([
    [
      '--expired-at 2027-01-31',
      '--expired-at: "2027-01-31" is no time with a zone, as in 2027-01-31T00:00:00Z',
    ],
    [
      '--expired-at 2027-02-31T00:00:00Z',
      '--expired-at: "2027-02-31T00:00:00Z" is no time with a zone, as in 2027-01-31T00:00:00Z',
    ],
    ['--paid --expired-at 2027-02-01T00:00:00Z', '--paid and a value for expired_at contradict each other'],
    ['--price -2', '--price: "-2" is not a number of -1 at least'],
    ['--traffic-limit-type bogus', /--traffic-limit-type/],
    ['--weight heavy', /whole number/],
    ['--file -', 'traffic_limit: is too large', '{"traffic_limit": 9007199254740993}'],
    ['--file -', 'traffic_limit: is not a whole number of 0 at least', '{"traffic_limit": -1}'],
  ])('that the panel would break on is refused: %s', async (flags, message, stdin = undefined) => {
    const {run, panel} = await panelOf()
    const before = panel.requests.length
    const outcome = await run(`node edit web1 ${flags} -o json`, stdin)
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 2,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
    expect(panel.requests.slice(before).filter(({path}) => path.endsWith('/edit'))).toEqual([])
  })

  test('of 200 that are edited together, the two that fail are named', async () => {
    const {run, json, panel} = await panelOf({generate: 200})
    const nodes: {uuid: string; name: string}[] = await json('node list')
    const names = nodes.map(({uuid}) => uuid).slice(0, 200)
    const broken = names.slice(7, 9)
    for (const uuid of broken)
      panel.faults.next(
        {kind: 'status', status: 502},
        {path: `/api/admin/client/${uuid}/edit`, times: Infinity},
      )
    const outcome = await run(`node edit ${names.join(' ')} --public-remark new -o json`)
    const {exitCode, message} = failureOf(outcome)
    expect(exitCode).toBe(9)
    expect(message).toMatch(/^2 of 200 failed: /)
    for (const uuid of broken) expect(message).toContain(uuid)
    const changed = JSON.parse(outcome.stdout).filter((one: {changed?: boolean}) => one.changed)
    expect(changed).toHaveLength(198)
  })

  // The panel's own arithmetic (contracts/komari.md 7.5): months for what is about one, days else.
  test.each([
    [30, '2027-01-31T08:00:00Z', '2027-03-03T08:00:00Z'],
    [31, '2027-03-15T00:00:00Z', '2027-04-15T00:00:00Z'],
    [90, '2027-01-10T00:00:00Z', '2027-04-10T00:00:00Z'],
    [180, '2027-01-10T00:00:00Z', '2027-07-10T00:00:00Z'],
    [365, '2028-02-29T00:00:00Z', '2029-03-01T00:00:00Z'],
    [730, '2027-01-10T00:00:00Z', '2029-01-10T00:00:00Z'],
    [1095, '2027-01-10T00:00:00Z', '2030-01-10T00:00:00Z'],
    [1825, '2027-01-10T00:00:00Z', '2032-01-10T00:00:00Z'],
    [7, '2026-12-31T00:00:00Z', '2027-01-07T00:00:00Z'],
  ])('that is paid for another %i days ends later: %s, then %s', async (days, ends, then) => {
    const {json} = await panelOf()
    await json(`node edit web1 --billing-cycle ${days} --expired-at ${ends}`)
    expect(await json('node edit web1 --paid')).toMatchObject({expired_at: then, changed: true})
  })

  test('that ended long ago is paid for from now on', async () => {
    const {json} = await panelOf()
    const today = now
    const past = new Date(today.getTime() - 31 * 86_400_000).toISOString()
    const {expired_at} = await json(`node edit web1 --billing-cycle 5 --expired-at ${past} --group late`)
    expect(new Date(expired_at).getTime()).toBeLessThan(today.getTime())
    const paid = await json('node edit --in-group late --paid')
    expect(new Date(paid[0].expired_at).getTime() - today.getTime()).toBeGreaterThan(4.9 * 86_400_000)
  })

  test('without a cycle or an end is left as it is among others, who would be paid for twice if it were done again', async () => {
    const {json, run} = await panelOf()
    await json('node edit --all --billing-cycle 30 --expired-at 2030-01-31T00:00:00Z')
    await json('node edit db1 --billing-cycle 0')
    await run('node edit 香港节点 --file - -o json', '{"expired_at": null}')
    const outcome = await run('node edit --all --paid -o json')
    expect(outcome).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(
        /the node db1 stays as it is: there is no billing_cycle(.*\n)+.*the node 香港节点 stays as it is: there is no expired_at/,
      ),
    })
    const changed = new Map(
      JSON.parse(outcome.stdout).map(({name, changed}: Record<string, unknown>) => [name, changed]),
    )
    expect(changed.get('db1')).toBe(false)
    expect(changed.get('web1')).toBe(true)
    expect(outcome.stdout).toContain('2030-03-03T00:00:00Z')
    expect(outcome.stdout).not.toContain('2030-01-31')
    const named = failureOf(await run('node edit web1 db1 --paid -o json'))
    expect(named).toMatchObject({exitCode: 9, message: expect.stringMatching(/db1: .*billing_cycle/)})
  })

  test('gets another token, each node its own', async () => {
    const {run, json, panel} = await panelOf()
    const before = (await run('node token web1')).stdout
    const wide = 'node edit --in-group Production --new-token'
    expect(failureOf(await run(`${wide} -o json`))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('Their agents get in no more'),
    })
    expect((await run('node token web1')).stdout).toBe(before)
    expect(await json(`${wide} --yes`)).toMatchObject([{token: '********'}, {token: '********'}])
    const tokens = [...panel.state.nodes.values()].map(({columns}) => columns.token)
    expect(new Set(tokens).size).toBe(tokens.length)
    const {stdout} = await run('node token web1')
    expect(stdout).toMatch(/^[0-9A-Za-z]{22}\n$/)
    expect(stdout).not.toBe(before)
  })

  test('is chosen by its group or a tag', async () => {
    const {json} = await panelOf()
    const changed = await json('node edit --with-tag 高防 --public-remark x')
    expect(changed.map(({name}: {name: string}) => name)).toEqual(['香港节点'])
    expect(await json('node edit --in-group Production --public-remark y')).toHaveLength(2)
  })
})

test('a ping task names its nodes, and an edit keeps all else', async () => {
  const {json, run} = await panelOf()
  const made = await json('task create cf --type tcp --target 1.1.1.1:443 --node web1 --node db1')
  expect(made).toMatchObject({type: 'tcp', interval: 60, clients: ['db1', 'web1'], default_on: false})
  expect(await json('task edit cf --interval 30')).toEqual({...made, interval: 30})
  expect(failureOf(await run('task create x --type icmp --target h --node no -o json'))).toMatchObject({
    exitCode: 3,
    message: 'there is no node "no"',
  })
})

test('a node that is offline is told of as it was set', async () => {
  const {json} = await panelOf()
  expect(await json('notification edit web1 --enable --grace-period 300')).toMatchObject({
    node: 'web1',
    enable: true,
    grace_period: 300,
  })
  expect(await json('notification list')).toContainEqual(
    expect.objectContaining({node: 'web1', enable: true, grace_period: 300}),
  )
})

test('what is measured is kept as long as it was set, and never deleted by a slip', async () => {
  const {json, run} = await panelOf()
  expect(await json('retention edit cpu.usage --days 31')).toMatchObject({retention_days: 31})
  expect(failureOf(await run('retention edit cpu.usage --days 0 -o json'))).toMatchObject({exitCode: 2})
})

test('an export makes the same panel of an empty one, and then changes nothing', async () => {
  const one = await panelOf()
  await one.run('notification edit web1 --enable')
  await one.run('retention edit cpu.usage --days 31')
  await one.run('setting set --sitename Ours --private-site --script-domain a.example.com')
  const {stdout: exported} = await one.run('export')
  expect(exported).toMatch(/^setting:\n {2}sitename: Ours\n/m)
  expect(exported).not.toMatch(/token|api_key|auto_discovery|script_domain|password_login/)
  const other = await panelOf({world: 'empty'})
  expect(await other.run('apply -f - --yes', exported)).toMatchObject({exitCode: 0})
  expect((await other.run('export -o json')).stdout).toBe((await one.run('export -o json')).stdout)
  expect(await other.run('apply -f - --dry-run --exit-code', exported)).toMatchObject({exitCode: 0})
})

test('settings in a file ask before they lock somebody out', async () => {
  const {run, panel} = await panelOf()
  const before = panel.state.settings
  expect(await run('apply -f -', 'setting: {disable_password_login: true}')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Refuse passwords? Without OAuth that works'),
  })
  expect(panel.state.settings).toEqual(before)
})

test('a reference that leads nowhere and a node that a file cannot make are told with their line', async () => {
  const {run} = await panelOf()
  const file = join(temporaryFolder(), 'panel.yaml')
  writeFileSync(file, 'notification:\n  - {node: no, enable: true}\n')
  expect(failureOf(await run(`apply -f ${file} --yes -o json`))).toMatchObject({
    exitCode: 3,
    message: `${file}:2: there is no node "no"`,
  })
})

test('a node that is gone is said of the tasks that name it, is in no export, and in their way nowhere', async () => {
  const {run, json} = await panelOf()
  await run('task create both --type icmp --target 192.0.2.1 --node web1 --node db1')
  await run('task create lost --type icmp --target 192.0.2.2 --node db1')
  await run('node delete db1 --yes')
  expect((await run('task list')).stderr).toMatch(/^the node \S+ is gone, and still in .*both, lost\n$/)
  expect(await json('task edit both --interval 99')).toMatchObject({interval: 99, changed: true})
  const {exitCode, stdout, stderr} = await run('export')
  expect({exitCode, uuids: stdout.match(/- \w{8}-/g)}).toEqual({exitCode: 0, uuids: null})
  expect(stderr).toContain('the task lost: it can be made nowhere without that')
  const other = await panelOf({world: 'empty'})
  expect(await other.run('apply -f - --yes', stdout)).toMatchObject({exitCode: 0})
  expect((await other.run('export')).stdout).toBe(stdout)
})

test('a version that keeps less exports what it keeps, and says what it does not', async () => {
  const {run} = await panelOf({profile: '1.1'})
  const outcome = await run('export')
  expect(outcome).toMatchObject({exitCode: 0, stderr: expect.stringContaining('left out, retention')})
  expect(outcome.stdout).toMatch(/^node:\n/)
  expect((await run('export retention')).exitCode).toBe(5)
})

test("a doubtful write of a node's token is looked after by the token", async () => {
  const {run, panel} = await panelOf()
  const file = join(temporaryFolder(), 'token')
  writeFileSync(file, 'abcdefghijklmnopqrstuvwxyz')
  panel.faults.next({kind: 'status', status: 502}, {path: /\/edit$/})
  expect((await run(`node edit web1 --token-file ${file}`)).exitCode).toBe(7)
  panel.faults.next({kind: 'reset-before-answer-headers'}, {path: /\/edit$/})
  expect((await run(`node edit web1 --token-file ${file}`)).exitCode).toBe(0)
})

test('a token that another node has is refused before anything is sent, and in clear nowhere', async () => {
  const {run, panel} = await panelOf()
  const file = join(temporaryFolder(), 'token')
  const {stdout: token} = await run('node token web1')
  writeFileSync(file, token)
  const before = [...panel.state.nodes.values()].map(({columns}) => ({...columns}))
  for (const line of ['edit db1 --remark new', 'add web9 --group prod', 'add web9 --if-exists skip']) {
    const outcome = await run(`node ${line} --token-file ${file} -o json`)
    expect(failureOf(outcome), line).toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(/^the node web1 exists with this token \([0-9a-f-]{36}\)$/),
    })
    expect(outcome.stderr).not.toContain(token.trim())
  }
  expect(failureOf(await run(`node edit db1 --token-file ${file} -o json`)).reason).toBe('exists')
  expect(failureOf(await run(`node add web9 --token-file ${file} -o json`)).reason).toBe('exists')
  const applied = await run(
    'apply -f - --yes -o json',
    `node: [{name: db1, remark: new, token: ${token.trim()}}]`,
  )
  expect(failureOf(applied)).toMatchObject({
    exitCode: 5,
    message: expect.stringMatching(/^stdin:1: the node web1 exists with this token/),
  })
  const twins =
    'node:\n  - {name: w1, token: abcdefghijklmnopqrstuvwxyz}\n  - {name: w2, token: abcdefghijklmnopqrstuvwxyz}'
  expect(failureOf(await run('apply -f - --yes -o json', twins))).toMatchObject({
    exitCode: 2,
    message: 'stdin:3: w2 and w1 cannot have one token',
  })
  expect([...panel.state.nodes.values()].map(({columns}) => columns)).toEqual(before)
  // Its own.
  expect(await run(`node edit web1 --token-file ${file}`)).toMatchObject({exitCode: 0})
  expect(failureOf(await run(`node edit web1 db1 --token-file ${file} -o json`))).toMatchObject({
    exitCode: 2,
    message: 'several nodes cannot have one token',
  })
})

test('an empty token of another node keeps nobody from adding one', async () => {
  const {run, panel} = await panelOf()
  const [first] = panel.state.nodes.values()
  panel.state.update(first?.columns.uuid ?? '', {token: ''})
  expect(await run('node add web9')).toMatchObject({exitCode: 0})
})

test('what a node that was added lacks is given with the line of the hint', async () => {
  const {run, json, panel} = await panelOf()
  panel.faults.next({kind: 'status', status: 500}, {path: /\/edit$/})
  const line = 'node add web9 --group prod --hidden --price 5 --token-file - -o json'
  const {exitCode, hint = ''} = failureOf(await run(line, 'abcdefghijklmnopqrstuvwxyz'))
  expect(exitCode).toBe(7)
  expect(hint).toMatch(
    /^panelctl komari node edit [0-9a-f-]{36} --group prod --hidden --price 5 --token-file FILE$/,
  )
  const typed = String(hint).replace('panelctl komari ', '').replace('FILE', '-')
  expect(await run(typed, 'abcdefghijklmnopqrstuvwxyz')).toMatchObject({exitCode: 0})
  expect(await json('node show web9 --show-secrets')).toMatchObject({group: 'prod', hidden: true, price: 5})
  panel.faults.next({kind: 'status', status: 500}, {path: /\/edit$/})
  const {hint: bare = ''} = failureOf(await run('node add web10 -o json'))
  expect(bare).toMatch(/^panelctl komari node show [0-9a-f-]{36}$/)
  // What has to be done before it can pass.
  panel.faults.next({kind: 'status', status: 413}, {path: /\/edit$/})
  expect(failureOf(await run('node add web11 --remark long -o json')).hint).toMatch(
    /client_max_body_size.*; then panelctl komari node edit [0-9a-f-]{36} --remark long$/,
  )
})

test('a notification of a load is made, changed and deleted, and what the panel would store and not use is refused', async () => {
  const {panel, json, run} = await panelOf()
  const made = await json('load-notification create busy --metric cpu --threshold 90 --node web1')
  expect(made).toMatchObject({metric: 'cpu', ratio: 0.8, interval: 15, clients: ['web1'], changed: true})
  expect(await json('load-notification edit busy --threshold 95.5 --node db1')).toMatchObject({
    threshold: 95.5,
    clients: ['db1'],
  })
  const stored = [...panel.state.loadRules.values()]
  expect(failureOf(await run('load-notification edit busy --threshold 101 -o json')).message).toBe(
    '--threshold: cpu is in percent, and never has 101',
  )
  for (const flags of [
    '--ratio 1.5',
    '--ratio 0',
    '--threshold 0',
    '--threshold 101',
    '--interval 241',
    '--metric nope',
    '--node nobody',
  ])
    expect((await run(`load-notification edit busy ${flags}`)).exitCode, flags).toBeGreaterThan(1)
  expect([...panel.state.loadRules.values()]).toEqual(stored)
  expect(stored).toMatchObject([{name: 'busy', threshold: 95.5, interval: 15}])
  expect((await run('load-notification edit busy --metric temp')).stderr).toContain(
    'warning: the load notification busy tells nobody, as no agent reports a temperature\n',
  )
  expect(await run('load-notification delete busy --yes')).toMatchObject({exitCode: 0})
  expect(await json('load-notification list')).toEqual([])
})

test('what is pinged with icmp is a host, and no URL', async () => {
  const {run} = await panelOf()
  const line = 'task create lan --type icmp --node web1 --target'
  expect(failureOf(await run(`${line} http://192.0.2.1/ -o json`))).toMatchObject({
    exitCode: 2,
    message: '--target: a task of type icmp has a host',
  })
  expect(await run(`${line} 192.0.2.1`)).toMatchObject({exitCode: 0})
})

test('what is wrong with a field as a whole is told of the flag that has it, or of the field in a file', async () => {
  const {run} = await panelOf()
  const {message} = failureOf(await run('task create lan --type icmp --target 192.0.2.1 -o json'))
  expect(message).toBe('--node: a task needs a node that pings, or to be on by default')
  const text = 'type: icmp\ntarget: 192.0.2.1\n'
  expect(failureOf(await run('task create lan --file - -o json', text)).message).toMatch(/^clients: /)
  expect(failureOf(await run('node edit web1 --token-file - -o json', 'short')).message).toBe(
    '--token-file: 22 letters and digits at least',
  )
})

test('a name that is empty among others is a variable that was not set, and alone it is none', async () => {
  const {run, json, panel} = await panelOf()
  await run('task create lan --type icmp --target 192.0.2.1 --node web1 --default-on')
  const before = panel.requests.length
  expect(failureOf(await run("task edit lan --node db1 --node '' -o json"))).toMatchObject({
    exitCode: 2,
    message: '--node: ["db1",""] has an empty text: is a shell variable not set?',
  })
  expect(panel.requests).toHaveLength(before)
  expect(await json("task edit lan --node ''")).toMatchObject({clients: [], changed: true})
})

test('the zero time of the panel is none, as nothing is', async () => {
  const {json, run} = await panelOf()
  await json('node edit web1 --expired-at 2027-01-31T00:00:00Z')
  const zero = 'node edit web1 --expired-at 0001-01-01T00:00:00Z'
  expect(await json(zero)).toMatchObject({expired_at: null, changed: true})
  expect(await json(zero)).toMatchObject({changed: false})
  await json('node edit web1 --expired-at 2027-01-31T00:00:00Z')
  // Of a shell variable that is not set.
  expect(await run('node edit web1 --expired-at ""')).toMatchObject({exitCode: 2, stdout: ''})
  expect(await json('node edit web1 --expired-at never')).toMatchObject({expired_at: null, changed: true})
})
