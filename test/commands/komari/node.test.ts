import {describe, expect, test} from 'vitest'
import {parseInstant} from '../../../src/lib/sandbox/komari/instant.js'
import {failureOf} from '../../failure.js'
import {cli, komariSandbox} from '../../harness.js'
import {dataAt, db1Uuid, metrics, web1, web1Uuid} from './world.js'

/** No agent has ever reported for it. */
const db1 = {uuid: db1Uuid, name: 'db1', weight: -1, group: 'Backup', state: 'never'} as const

const instant = (text: string) => parseInstant(text) ?? 0n

describe('komari node list', () => {
  test('prints a table in the order of the panel', async () => {
    const {environment: env} = await komariSandbox({nodes: [web1, db1]})
    expect(await cli('komari node list', {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: [
        'NAME  GROUP       REGION  OS                            CPUS   MEMORY      DISK     PRICE  EXPIRES  TAGS',
        'db1   Backup      -       -                                -        -         -         -  never    -',
        'web1  Production  HK      Debian GNU/Linux 13 (trixie)     2  2.0 GiB  40.0 GiB  $5 / 30d  in 10d   edge, hk',
        '',
      ].join('\n'),
    })
  })

  test('prints the objects of the panel, uuids, and one group', async () => {
    const sandbox = await komariSandbox({nodes: [web1, db1]})
    const {environment: env, state} = sandbox
    state.update(web1Uuid, {
      created_at: instant('2026-11-01T00:00:00Z'),
      updated_at: instant('2026-11-02T00:00:00.123456789Z'),
    })
    const sent = await dataAt<{weight: number}[]>(sandbox, '/api/nodes')
    const ordered = sent.toSorted((one, other) => one.weight - other.weight)
    const guest = {KOMARI_URL: sandbox.url}
    expect(JSON.parse((await cli('komari node list -o json', {env: guest})).stdout)).toEqual(ordered)
    // What administrators alone are told comes beside it; tokens of agents never do.
    const more = {ipv4: state.nodes.get(web1Uuid)?.columns.ipv4, version: '1.2.60'}
    const nodes = JSON.parse((await cli('komari node list -o json', {env})).stdout)
    expect(nodes).toEqual([ordered[0], {...ordered[1], ...more}])
    expect((await cli('komari node list -o id', {env})).stdout).toBe(`${db1Uuid}\n${web1Uuid}\n`)
    expect((await cli('komari node list --group Production -o id', {env})).stdout).toBe(`${web1Uuid}\n`)
    expect(await cli('komari node list --group x', {env})).toMatchObject({
      exitCode: 0,
      stderr: 'no nodes with --group x; there are Backup, Production\n',
    })
    expect((await cli('komari node list --group prod', {env})).stderr).toBe(
      'no nodes with --group prod; did you mean "Production"?\n',
    )
    expect((await cli('komari node list --group x -o json', {env})).stdout).toBe('[]\n')
    expect((await cli('komari node list --columns traffic_limit,created,updated', {env})).stdout).toContain(
      'unlimited  2026-11-01 00:00:00Z  2026-11-02 00:00:00Z',
    )
  })

  test('shows remark, addresses and agent version to those who may read them', async () => {
    const own = {remark: 'the primary', ipv4: '192.0.2.1', ipv6: '2001:db8::1', version: '1.2.60'}
    const sandbox = await komariSandbox({nodes: [{...web1, ...own}]})
    const columns = '--columns remark,ipv4,ipv6,agent -o csv --no-header'
    const values = 'the primary,192.0.2.1,2001:db8::1,1.2.60\n'
    for (const verb of ['list', 'show web1']) {
      expect(
        (await cli(`komari node ${verb} -o json`, {env: {KOMARI_URL: sandbox.url}})).stdout,
      ).not.toContain('192.0.2.1')
      const shown = await cli(`komari node ${verb} -o json`, {env: sandbox.environment})
      expect(shown.stdout).toContain('"remark": "the primary"')
      expect(shown.stdout).not.toContain('"token"')
    }
    expect((await cli(`komari node list ${columns}`, {env: sandbox.environment})).stdout).toBe(values)
    expect((await cli(`komari node list ${columns}`, {env: {KOMARI_URL: sandbox.url}})).stdout).toBe(',,,\n')
  })

  test('shows tags without the words for their colours, in these colours on a terminal', async () => {
    const tags = ' edge<Red>;高防 <tomato>;list<T>;<Blue>;plain'
    const {environment: env} = await komariSandbox({nodes: [{...web1, tags}]})
    const line = 'komari node list --columns tags'
    expect((await cli(line, {env})).stdout).toBe('TAGS\nedge, 高防, list<T>, plain\n')
    expect((await cli(`${line} -o csv`, {env})).stdout).toBe('tags\n"edge, 高防, list<T>, plain"\n')
    const tty = {stdout: true} as const
    const coloured = await cli(line, {env: {...env, FORCE_COLOR: '1'}, tty})
    expect(coloured.stdout).toContain('\u001b[31medge\u001b[39m, \u001b[31m高防\u001b[39m, list<T>, plain')
    expect(JSON.parse((await cli('komari node list -o json', {env})).stdout)).toMatchObject([{tags}])
  })

  test('writes a price as people do', async () => {
    const dear = {...db1, price: 0.1 + 0.2, currency: 'USD', billing_cycle: 365}
    const {environment: env} = await komariSandbox({nodes: [{...web1, price: 9.99, currency: '€'}, dear]})
    expect((await cli('komari node list --columns price --no-header', {env})).stdout).toBe(
      'USD 0.3 / 365d\n   €9.99 / 30d\n',
    )
  })

  test('sorts an unset price last, and no limit above all limits', async () => {
    const nodes = [
      {...web1, name: 'unset', price: 0, traffic_limit: 1},
      {...db1, name: 'free', price: -1, traffic_limit: 0},
      {...db1, uuid: '22222222-2222-4222-8222-222222222222', name: 'dear', price: 5, traffic_limit: 1024},
    ]
    const {environment: env} = await komariSandbox({nodes})
    const names = async (sort: string) =>
      (await cli(`komari node list --columns name --no-header --sort ${sort}`, {env})).stdout
        .trim()
        .split('\n')
    expect(await names('price')).toEqual(['free', 'dear', 'unset'])
    expect(await names('price:desc')).toEqual(['dear', 'free', 'unset'])
    expect(await names('traffic_limit')).toEqual(['unset', 'dear', 'free'])
    expect(await names('traffic_limit:desc')).toEqual(['free', 'dear', 'unset'])
    expect(
      (await cli('komari node list -o csv --columns price,traffic_limit --no-header', {env})).stdout,
    ).toContain('\n-1,0\n')
  })

  test('takes the zero of Go and of Unix for no time', async () => {
    const sandbox = await komariSandbox({nodes: [web1]})
    for (const zero of ['0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z']) {
      const change = (json: unknown) =>
        JSON.parse(JSON.stringify(json).replaceAll(/"(created_at|expired_at)":"[^"]*"/g, `"$1":"${zero}"`))
      sandbox.faults.next({kind: 'wrong-types', change}, {path: /nodes|list/, times: 2})
      const line = 'komari node list --columns created,expires --no-header'
      expect((await cli(line, {env: sandbox.environment})).stdout).toBe('-  never\n')
      sandbox.faults.clear()
    }
  })

  test('has the currency and the days of a price in csv', async () => {
    const free = {...db1, price: -1, currency: '€', billing_cycle: 30}
    const {environment: env} = await komariSandbox({nodes: [web1, free]})
    expect((await cli('komari node list -o csv --columns price,currency,billing_days', {env})).stdout).toBe(
      'price,currency,billing_days\n-1,,\n5,$,30\n',
    )
    const {stdout} = await cli('komari node list -o csv', {env})
    expect(stdout.split('\n', 1)).toEqual([
      'name,group,region,os,cpus,memory,disk,price,expires,tags,currency,billing_days',
    ])
    expect(stdout).toContain(',5,2026-12-01T12:00:00.000Z,"edge, hk",$,30\n')
  })

  test('takes what the oldest version gives', async () => {
    const {environment: env} = await komariSandbox({profile: '1.0.3', nodes: [web1, db1]})
    const outcome = await cli('komari node list --columns all', {env})
    expect(outcome).toMatchObject({exitCode: 0, stderr: ''})
    const nodes = JSON.parse((await cli('komari node list -o json', {env})).stdout)
    for (const name of ['hidden', 'traffic_limit', 'cpu_physical_cores'])
      expect(nodes[0]).not.toHaveProperty(name)
  })

  test('exits with 10 and names the field where the shape is another', async () => {
    const {environment: env, faults} = await komariSandbox({nodes: [web1]})
    const free = (json: unknown) => JSON.parse(JSON.stringify(json).replace('"price":5', '"price":"free"'))
    faults.next({kind: 'wrong-types', change: free})
    const outcome = await cli('komari node list -o json', {env})
    expect(failureOf(outcome)).toMatchObject({exitCode: 10, message: expect.stringContaining('[0].price')})
  })
})

describe('a hidden node, with an API key of a version that hides it from keys', () => {
  const hidden = {...db1, state: 'online', metrics, hidden: true} as const

  test('is listed, shown and watched like any other, and no token of an agent with it', async () => {
    const {environment: env} = await komariSandbox({profile: '1.1', nodes: [web1, hidden]})
    const listed = await cli('komari node list -o json', {env})
    expect(listed).toMatchObject({exitCode: 0, stderr: ''})
    expect(JSON.parse(listed.stdout)).toMatchObject([
      {uuid: db1Uuid, name: 'db1', hidden: true},
      {uuid: web1Uuid, hidden: false},
    ])
    expect(listed.stdout).not.toContain('"token"')
    expect((await cli('komari node list --group Backup -o id', {env})).stdout).toBe(`${db1Uuid}\n`)
    expect((await cli('komari node show db1 -o id', {env})).stdout).toBe(`${db1Uuid}\n`)
    expect(await cli('komari node status --columns name,state --no-header', {env})).toEqual({
      exitCode: 0,
      stdout: 'db1   online\nweb1  online\n',
      stderr: '',
    })
  })

  test.each(['node recent', 'records load', 'records ping'])(
    'komari %s says that its reports are kept from keys',
    async line => {
      const sandbox = await komariSandbox({profile: '1.1', nodes: [web1, hidden]})
      const outcome = failureOf(await cli(`komari ${line} db1 -o json`, {env: sandbox.environment}))
      expect(outcome).toMatchObject({
        exitCode: 5,
        message: 'this version of Komari keeps from API keys what hidden nodes report: db1',
      })
      expect(failureOf(await cli(`komari ${line} d1b -o json`, {env: sandbox.environment}))).toMatchObject({
        exitCode: 3,
        hint: 'did you mean "db1"?',
      })
      const env = {KOMARI_URL: sandbox.url, KOMARI_SESSION_TOKEN: sandbox.session}
      expect(await cli(`komari ${line} db1`, {env})).toMatchObject({exitCode: 0})
    },
  )

  test('is told of where the list of administrators cannot be read', async () => {
    const sandbox = await komariSandbox({profile: '1.1', nodes: [web1, hidden]})
    const blocked = {
      kind: 'status',
      status: 403,
      body: '<h1>Forbidden</h1>',
      contentType: 'text/html',
    } as const
    for (const line of ['list', 'status']) {
      sandbox.faults.next(blocked, {path: /client.list/})
      const outcome = await cli(`komari node ${line} -o id`, {env: sandbox.environment})
      expect(outcome).toMatchObject({exitCode: 0, stdout: `${web1Uuid}\n`})
      expect(outcome.stderr).toMatch(/^hidden nodes may be missing: .*403/)
    }
  })

  test('is told of what else is missing where the public list has hidden nodes already', async () => {
    const sandbox = await komariSandbox({nodes: [{...web1, remark: 'rack 7'}, hidden]})
    sandbox.faults.next(
      {kind: 'status', status: 403, body: '<h1>Forbidden</h1>', contentType: 'text/html'},
      {path: /client.list/},
    )
    const outcome = await cli('komari node list -o json', {env: sandbox.environment})
    expect(outcome.exitCode).toBe(0)
    expect(JSON.parse(outcome.stdout).map(({name}: {name: string}) => name)).toEqual(['db1', 'web1'])
    expect(outcome.stdout).not.toContain('rack 7')
    expect(JSON.parse(outcome.stderr).note).toMatch(/^remarks, addresses and versions are missing: .*403/)
  })
})

describe('komari node show', () => {
  test('takes a uuid, its beginning, or a unique name', async () => {
    const {environment: env} = await komariSandbox({nodes: [web1, db1]})
    for (const reference of [web1Uuid, '26a0fc67', '26A0', 'web1']) {
      expect((await cli(`komari node show ${reference} -o id`, {env})).stdout).toBe(`${web1Uuid}\n`)
    }
    expect((await cli('komari node show web1 --columns name,memory,expires', {env})).stdout).toBe(
      'NAME     web1\nMEMORY   2.0 GiB\nEXPIRES  in 10d\n',
    )
  })

  test('a name goes before the beginning of a uuid', async () => {
    const {environment: env} = await komariSandbox({nodes: [web1, {...db1, name: '26a0fc67'}]})
    expect((await cli('komari node show 26a0fc67 -o id', {env})).stdout).toBe(`${db1Uuid}\n`)
  })

  test('names the candidates where several are meant', async () => {
    const twin = '26a0ffff-0000-4000-8000-000000000000'
    const {environment: env} = await komariSandbox({nodes: [web1, {...web1, uuid: twin}]})
    const named = await cli('komari node show web1 -o json', {env})
    expect(failureOf(named)).toMatchObject({
      exitCode: 2,
      message: `2 nodes are called "web1": ${web1Uuid}, ${twin}`,
      hint: 'give the uuid',
    })
    const begun = await cli('komari node show 26a0 -o json', {env})
    expect(failureOf(begun)).toMatchObject({
      exitCode: 2,
      message: `2 nodes begin with 26a0: ${web1Uuid} (web1), ${twin} (web1)`,
    })
  })

  test.each(['26a', 'WEB1', '0000'])('exits with 3 for %s', async reference => {
    const {environment: env} = await komariSandbox({nodes: [web1]})
    expect(await cli(`komari node show ${reference} -o json`, {env})).toMatchObject({exitCode: 3, stdout: ''})
  })
})

describe('komari node recent', () => {
  test('prints the reports oldest first', async () => {
    const sandbox = await komariSandbox({nodes: [{...web1, state: 'never'}]})
    const {environment: env, state} = sandbox
    state.report(web1Uuid, metrics, instant('2026-11-21T11:59:03Z'))
    state.report(web1Uuid, {...metrics, cpu: {usage: 0}}, instant('2026-11-21T11:59:01Z'))
    expect((await cli('komari node recent web1', {env})).stdout).toBe(
      [
        'TIME                     CPU  MEMORY    DISK  LOAD     NET IN    NET OUT  TCP  UDP  PROCESSES  UPTIME',
        '2026-11-21 11:59:01Z   0.0 %  50.0 %  10.0 %  0.42  1.0 MiB/s  2.0 KiB/s   42    4        112     20d',
        '2026-11-21 11:59:03Z  12.5 %  50.0 %  10.0 %  0.42  1.0 MiB/s  2.0 KiB/s   42    4        112     20d',
        '',
      ].join('\n'),
    )
    const {stdout} = await cli('komari node recent web1 -o json', {env})
    expect(JSON.parse(stdout)).toEqual([
      {...metrics, uuid: web1Uuid, cpu: {}, updated_at: '2026-11-21T11:59:01Z'},
      {...metrics, uuid: web1Uuid, updated_at: '2026-11-21T11:59:03Z'},
    ])
    // Older panels send them in any order (contracts/komari.md 1.14).
    sandbox.faults.next(
      {kind: 'wrong-types', change: () => ({status: 'success', data: JSON.parse(stdout).reverse()})},
      {path: /recent/},
    )
    expect((await cli('komari node recent web1 -o json', {env})).stdout).toBe(stdout)
    expect(await cli('komari node recent web1 -o id', {env})).toMatchObject({exitCode: 2})
  })

  test('exits with 5 for what the panel refuses', async () => {
    const sandbox = await komariSandbox({nodes: [web1]})
    // The node is hidden between two requests.
    sandbox.faults.next(
      {
        kind: 'status',
        status: 400,
        contentType: 'application/json; charset=utf-8',
        body: '{"message":"UUID is required","status":"error"}',
      },
      {path: /recent/},
    )
    expect(await cli('komari node recent web1', {env: sandbox.environment})).toMatchObject({
      exitCode: 5,
      stdout: '',
    })
  })
})
