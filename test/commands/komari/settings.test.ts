import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, komariSandbox, temporaryFolder} from '../../harness.js'

async function panelOf(options: Parameters<typeof komariSandbox>[0] = {}) {
  const panel = await komariSandbox(options)
  const run = (line: string, stdin?: string, env: Record<string, string | undefined> = panel.environment) =>
    cli(`komari setting ${line}`, {env, stdin})
  const json = async (line: string) => JSON.parse((await run(`${line} -o json`)).stdout)
  return {panel, run, json}
}

test('settings are shown without their secrets, and what is set is all that changes', async () => {
  const {panel, json} = await panelOf()
  const before = {...panel.state.settings}
  expect(await json('show')).toMatchObject({
    sitename: 'Komari',
    api_key: '********',
  })
  expect(await json('set --sitename Ours --traffic-limit-percentage 85.5 --private-site')).toMatchObject({
    sitename: 'Ours',
    changed: true,
  })
  expect(panel.state.settings).toEqual({
    ...before,
    sitename: 'Ours',
    traffic_limit_percentage: 85.5,
    private_site: true,
  })
  expect(await json('set --sitename Ours')).toMatchObject({changed: false})
})

test('a key is set where there is none, and is on no stream', async () => {
  const {panel, run} = await panelOf()
  panel.state.settings = {...panel.state.settings, auto_discovery_key: ''}
  for (const flag of ['--dry-run', '--dry-run -o json', '--dry-run --debug']) {
    const {stdout, stderr} = await run(`set --auto-discovery-key-file - ${flag}`, '0123456789abcdef\n')
    expect(stdout + stderr).toContain('admin:editSettings')
    expect(stdout + stderr).not.toContain('0123456789abcdef')
  }
  const outcome = await run('set --auto-discovery-key-file - --yes', '0123456789abcdef\n')
  expect(outcome).toMatchObject({exitCode: 0, stderr: 'changed settings\n'})
  expect(panel.state.settings.auto_discovery_key).toBe('0123456789abcdef')
})

test('settings that are called as what each object has are left alone', async () => {
  const {panel, run, json} = await panelOf()
  const odd = JSON.parse('{"constructor": 1, "toString": 2, "__proto__": {"a": 1}}')
  const change = (answer: unknown) => ({jsonrpc: '2.0', id: 1, result: {...odd, ...Object(answer).result}})
  const oddly = () => panel.faults.next({kind: 'wrong-types', change}, {path: '/api/rpc2', times: 1})
  oddly()
  expect(await json('show')).toMatchObject({sitename: 'Komari'})
  oddly()
  expect(await run('set --sitename Ours')).toMatchObject({exitCode: 0})
})

test.each([
  ['sitenam: Ours', 'a setting has no field "sitenam"', 'did you mean "sitename"?'],
  ['metric_db_dsn: x', 'a setting has no field "metric_db_dsn"', undefined],
  ['private_site: "maybe"', 'private_site: is neither true nor false', undefined],
  ['sitename: 123', 'sitename: is not a text', undefined],
  ['expire_notification_lead_days: 7.5', /lead_days: is not a whole number/, undefined],
  ['geo_ip_provider: nowhere', /geo_ip_provider: is none of/, undefined],
  ['api_key: short', /^api_key: has less than 12 characters/, undefined],
  ['auto_discovery_key: "********"', /is a mask, and no value/, undefined],
  [
    'notification_method: telegramm',
    'notification_method: there is no "telegramm"',
    'did you mean "telegram"?',
  ],
  ['o_auth_provider: nobody', 'o_auth_provider: there is no "nobody"', undefined],
])('what the panel would store and not use is refused: %s', async (document, message, hint) => {
  const {panel, run} = await panelOf()
  const before = {...panel.state.settings}
  const failure = failureOf(await run('set --file - --yes -o json', document))
  expect(failure).toMatchObject({exitCode: 2, ...(hint === undefined ? {} : {hint})})
  expect(failure.message).toMatch(message)
  expect(panel.state.settings).toEqual(before)
})

test('what locks people out is asked', async () => {
  const {panel, run} = await panelOf()
  for (const line of ['set --disable-password-login', 'set --api-key-file -'])
    expect(failureOf(await run(`${line} -o json`, 'a'.repeat(40)))).toMatchObject({
      exitCode: 2,
      hint: 'add --yes to go on without asking',
    })
  expect(panel.state.settings).toMatchObject({disable_password_login: false, api_key: panel.apiKey})
  expect(await run('set --disable-password-login --yes')).toMatchObject({exitCode: 0})
})

test('an API key does not replace itself, and a session replaces it', async () => {
  const {panel, run} = await panelOf()
  const key = 'b'.repeat(40)
  expect(failureOf(await run('set --api-key-file - --yes -o json', key))).toMatchObject({
    exitCode: 5,
    hint: expect.stringContaining('komari login --username'),
  })
  const path = join(temporaryFolder(), 'key')
  writeFileSync(path, key)
  const person = {env: panel.environment, tty: {stdin: true, stderr: true}, stdin: 'y\n'} as const
  // Nobody says yes to what is refused then.
  expect(await cli(`komari setting set --api-key-file ${path}`, person)).toMatchObject({
    exitCode: 5,
    stderr: expect.not.stringContaining('Replace the API key?'),
  })
  const session = {...panel.environment, KOMARI_API_KEY: undefined, KOMARI_SESSION_TOKEN: panel.session}
  const {stdout, stderr, exitCode} = await run('set --api-key-file - --yes -o json', `${key}\n`, session)
  expect({exitCode, printed: `${stdout}${stderr}`.includes(key)}).toEqual({exitCode: 0, printed: false})
  expect(panel.state.settings.api_key).toBe(key)
})

test('a setting that has become of another type is shown as what the panel takes it for, and mended', async () => {
  const {panel, json} = await panelOf()
  Object.assign(panel.state.settings, {traffic_limit_percentage: 'lots'})
  expect(await json('show')).toMatchObject({traffic_limit_percentage: 0})
  await json('set --traffic-limit-percentage 80')
  expect(panel.state.settings.traffic_limit_percentage).toBe(80)
})

test('a setting that a version lacks is exit 5, and named; it takes the rest over REST', async () => {
  const {panel, run} = await panelOf({profile: '1.1'})
  expect(failureOf(await run('set --visitor-audit-enabled -o json'))).toMatchObject({
    exitCode: 5,
    message: 'this version of Komari has no setting visitor_audit_enabled',
  })
  expect(await run('set --sitename Ours --notification-method telegram')).toMatchObject({exitCode: 0})
  expect(panel.state.settings).toMatchObject({sitename: 'Ours', notification_method: 'telegram'})
  expect(paths(panel)).toContain('POST /api/admin/settings/')
})
