import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, dashboardSandbox, nezhaSandbox, temporaryFolder} from '../../harness.js'

async function dashboard(generation: 'v1' | 'v2' = 'v2') {
  const panel = await dashboardSandbox({generation})
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

  test('has numbers for cover that mean the opposite for tasks and services', async () => {
    const {run, panel} = await dashboard(generation)
    await run('cron create a --scheduler "@every 1h" --command x --server 1 --cover only')
    await run('service create b --type icmp --target 192.0.2.9 --skip-servers 1 --cover only')
    const sent = panel.requests.filter(({method, path}) => method === 'POST' && !path.includes('login'))
    expect(sent.map(({body}) => JSON.parse(body).cover)).toEqual([0, 1])
  })
})

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

describe('what the panel would take and break on is refused before it is sent', () => {
  test.each([
    [
      'cron create a --scheduler "0 3 * * *" --command x',
      2,
      'scheduler: it has six fields, seconds first, and not 5',
    ],
    ['cron create a --scheduler "@every 1h" --command x --server 99', 3, 'there is no server "99"'],
    ['cron create a --scheduler "@every 1h"', 2, 'a new task needs command'],
    ['service create a --type http --target example.com', 2, 'target: a service of type http has a URL'],
    ['service create a --type tcp --target example.com', 2, 'target: a service of type tcp has HOST:PORT'],
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

test('what is there already is told from what is refused', async () => {
  const {run} = await dashboard()
  const line = 'cron create a --scheduler "@every 1h" --command x -o json'
  await run(line)
  expect(failureOf(await run(line))).toMatchObject({exitCode: 5, reason: 'exists'})
  expect(await run(`${line} --if-exists skip`)).toMatchObject({exitCode: 0})
  expect(failureOf(await run('cron delete b --yes -o json'))).toMatchObject({exitCode: 3, reason: 'missing'})
  expect(await run('cron delete b --yes --if-missing skip')).toMatchObject({exitCode: 0})
})

test('v0 has none of it, and says so', async () => {
  const panel = await nezhaSandbox()
  const env = {NEZHA_DASHBOARD_URL: panel.url, NEZHA_TOKEN: panel.token}
  expect(failureOf(await cli('nezha service list -o json', {env}))).toMatchObject({
    exitCode: 5,
    message: 'Nezha v0 cannot do this: v0 has its web page for services',
  })
})
