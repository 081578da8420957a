import {expect, onTestFinished, test} from 'vitest'
import {listen} from '../../src/lib/sandbox/listen.js'
import {cli, nezhaSandbox} from '../harness.js'

const numbers =
  '"NetInSpeed":18446744073709551615,"NetOutSpeed":18446744073709551614,"n":[9007199254740993],"m":-9007199254740993'

/** A dashboard whose agents' counters have wrapped. */
async function wrapped() {
  const sandbox = await nezhaSandbox()
  const own = await fetch(`${sandbox.url}/api/v1/server/details?id=1,2`, {
    headers: {authorization: sandbox.token},
  })
  const body = (await own.text()).replace(/"NetInSpeed":\d+,"NetOutSpeed":\d+/, numbers)
  const server = await listen({
    handler: () => ({status: 200, headers: {'content-type': 'application/json'}, body}),
    now: Date.now,
  })
  onTestFinished(() => server.close())
  return {NEZHA_DASHBOARD_URL: server.url, NEZHA_TOKEN: sandbox.token}
}

const exact = ['18446744073709551615', '18446744073709551614', '9007199254740993', '-9007199254740993']

test.each([
  'nezha server details 1 2 -o json',
  'nezha server details 1 2 -o ndjson',
  'nezha server details 1 2 -o yaml',
  'nezha server details 1 2 -o json --show-secrets',
  'nezha api GET /api/v1/server/details',
  'nezha api GET /api/v1/server/details -o yaml',
  'nezha api GET /api/v1/server/details --raw',
])('integers that a double cannot hold are printed as they came: %s', async line => {
  const {stdout, exitCode} = await cli(line, {env: await wrapped()})
  expect(exitCode).toBe(0)
  for (const figure of exact) expect(stdout).toMatch(new RegExp(`(^|[^\\d-])${figure}\\b(?!")`, 'm'))
})

test('a counter that has wrapped is - in a table and comes last, up or down', async () => {
  const env = await wrapped()
  for (const sort of ['net_in', 'net_in:desc']) {
    const {stdout} = await cli(`nezha server details 1 2 --columns id,net_in --sort ${sort}`, {env})
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^ *1 +-$/)
  }
})

test('a body is sent with the integers that were given', async () => {
  const server = await listen({
    handler: () => ({status: 200, headers: {'content-type': 'application/json'}, body: '{"code":0}'}),
    now: Date.now,
  })
  onTestFinished(() => server.close())
  const env = {NEZHA_DASHBOARD_URL: server.url}
  const body = '{"id":9007199254740993}'
  await cli('nezha api POST /x --input -', {env, stdin: body})
  expect(server.requests[0]?.body).toBe(body)
  const planned = await cli('nezha api POST /x --input - --dry-run', {env, stdin: body})
  expect(planned.stdout).toContain('9007199254740993')
})
