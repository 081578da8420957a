import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, komariSandbox} from '../../harness.js'
import {web1} from './world.js'

const lines = [
  'me',
  'node list',
  'node list -o id',
  'node show web1',
  'node recent web1',
  'node status',
  'node status --follow',
  'records load web1',
  'records ping web1',
  'site',
  'version',
  'oauth',
  'api GET /api/nodes',
  'api GET /api/me',
  'api GET /api/records/load',
  'rpc common:getNodes',
]

describe('a credential that the panel does not know', () => {
  test.each(lines)('komari %s: exit 4, and nothing of what guests see', async line => {
    const sandbox = await komariSandbox({
      nodes: [web1, {...web1, uuid: undefined, name: 'secret', hidden: true}],
    })
    for (const [variable, title] of [
      ['KOMARI_API_KEY', 'API key'],
      ['KOMARI_SESSION_TOKEN', 'session'],
    ] as const) {
      const env = {KOMARI_URL: sandbox.url, [variable]: 'of-another-panel'}
      const outcome = await cli(`komari ${line}`, {env})
      expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
      expect(outcome.stderr).toContain(
        `Komari does not know the ${title}, and answers as to a guest\nhint: set an API key`,
      )
      expect(outcome.stderr).toContain(
        'where it is right, a proxy before the panel takes it out of the requests',
      )
    }
  })

  test('a guest who orders a hidden node lacks credentials, and is not told that there is none', async () => {
    const sandbox = await komariSandbox({
      nodes: [web1, {...web1, uuid: undefined, name: 'secret', hidden: true}],
    })
    const outcome = await cli('komari node order secret web1', {env: {KOMARI_URL: sandbox.url}})
    expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
  })

  test('who gives no credential is told so in one way, over REST and RPC2', async () => {
    const sandbox = await komariSandbox({nodes: [web1]})
    for (const line of [
      'node edit web1 --weight 2',
      'session list',
      'notification test',
      'rpc admin:getSettings',
    ]) {
      const {exitCode, stderr} = await cli(`komari ${line}`, {env: {KOMARI_URL: sandbox.url}})
      expect([line, exitCode]).toEqual([line, 4])
      expect(stderr).toMatch(/^panelctl: this needs credentials, and none were given; .* said: .*\nhint: /)
    }
  })

  test('is what a write is refused for that looks at nothing before', async () => {
    const sandbox = await komariSandbox({nodes: [web1]})
    const env = {KOMARI_URL: sandbox.url, KOMARI_API_KEY: 'of-another-panel'}
    for (const line of ['notification test', 'rpc admin:exec --field command=true']) {
      const outcome = await cli(`komari ${line}`, {env})
      expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
      expect(outcome.stderr).toContain(
        'Komari does not know the API key, and answers as to a guest\nhint: set',
      )
    }
  })

  test('is no matter for those who give none, and is asked about once a run', async () => {
    const sandbox = await komariSandbox({nodes: [web1]})
    expect((await cli('komari node list -o id', {env: {KOMARI_URL: sandbox.url}})).exitCode).toBe(0)
    expect(paths(sandbox)).toEqual(['GET /api/nodes'])
    sandbox.requests.length = 0
    expect((await cli('komari node recent web1', {env: sandbox.environment})).exitCode).toBe(0)
    const asked = paths(sandbox).filter(path => path === 'POST /api/rpc2')
    expect(asked).toHaveLength(1)
  })

  test.each(['node list', 'node show web1', 'node status', 'records ping web2'])(
    'since the run began, is found out by komari %s',
    async line => {
      const {environment, faults} = await komariSandbox({nodes: [web1]})
      const known = {jsonrpc: '2.0', id: 'who-am-i', result: {logged_in: true, username: '', uuid: ''}}
      faults.next({kind: 'wrong-types', change: () => known}, {path: '/api/rpc2'})
      const env = {...environment, KOMARI_API_KEY: 'one-that-is-revoked'}
      expect(await cli(`komari ${line}`, {env})).toMatchObject({exitCode: 4, stdout: ''})
    },
  )

  test.each(['node status --follow', 'node list --watch -o ndjson'])(
    'because it was taken back meanwhile, ends komari %s with the first answer to a guest',
    async line => {
      const sandbox = await komariSandbox({
        nodes: [web1, {...web1, uuid: undefined, name: 'secret', hidden: true}],
      })
      let looks = 0
      const outcome = await cli(`komari ${line} --interval 1100ms`, {
        env: sandbox.environment,
        written: (_, stream) => {
          if (stream !== 'stdout') return
          looks += 1
          sandbox.state.settings.api_key = 'another-key-since'
        },
      })
      expect(outcome).toMatchObject({exitCode: 4})
      expect(outcome.stderr).toContain('Komari does not know the API key, and answers as to a guest')
      expect(looks).toBe(1)
    },
  )

  test('is not one that a gateway keeps from the list of administrators', async () => {
    const {environment: env, faults} = await komariSandbox({nodes: [web1]})
    faults.next({kind: 'status', status: 401, body: '{"message":"no"}'}, {path: /client.list/})
    const outcome = await cli('komari node list --columns name --no-header', {env})
    expect(outcome).toMatchObject({exitCode: 0, stdout: 'web1\n'})
    expect(outcome.stderr).toMatch(/^hidden nodes may be missing: what stands before Komari/)
  })

  test('is not one that a gateway keeps from every question who we are', async () => {
    const {environment: env, faults} = await komariSandbox({profile: '1.1', nodes: [web1]})
    faults.next({kind: 'status', status: 401, body: '{"message":"no"}'}, {path: /client.list/, times: 9})
    expect((await cli('komari version', {env})).exitCode).toBe(0)
  })

  test('is found out on panels without RPC2, and on those that answer it with an error', async () => {
    for (const profile of ['1.0.3', '1.1'] as const) {
      const sandbox = await komariSandbox({profile, nodes: [web1]})
      expect((await cli('komari node list', {env: sandbox.environment})).exitCode).toBe(0)
      const [variable = ''] = Object.keys(sandbox.environment).filter(name => name !== 'KOMARI_URL')
      const wrong = {...sandbox.environment, [variable]: 'of-another-panel'}
      expect(failureOf(await cli('komari node list -o json', {env: wrong}))).toMatchObject({code: 'AUTH'})
    }
  })

  test('has a hint that helps: where a good one goes, once', async () => {
    const sandbox = await komariSandbox()
    const url = {KOMARI_URL: sandbox.url}
    const hintOf = async (env: Record<string, string>) =>
      (await cli('komari node list', {env: {...url, ...env}})).stderr.split('\n')[1]
    const key =
      'hint: set an API key of 12 characters or more in the panel under Settings (the token of a node is none, and a session is for KOMARI_SESSION_TOKEN), and put it into KOMARI_API_KEY'
    const lost = '; where it is right, a proxy before the panel takes it out of the requests'
    expect(await hintOf({KOMARI_API_KEY: 'of-another-panel'})).toBe(`${key}${lost}`)
    expect(await hintOf({KOMARI_SESSION_TOKEN: 'of-another-panel'})).toBe(
      `${key}, without KOMARI_SESSION_TOKEN${lost}`,
    )
  })

  test.each(['KOMARI_API_KEY', 'KOMARI_SESSION_TOKEN', 'KOMARI_API_KEY_FILE'])(
    'that is not there, as %s is set and empty, is told',
    async name => {
      const sandbox = await komariSandbox()
      const outcome = await cli('komari node list -o id', {env: {KOMARI_URL: sandbox.url, [name]: ''}})
      expect(outcome).toMatchObject({
        exitCode: 0,
        stderr: `${name} is set and empty: no credential goes along\n`,
      })
      const other = {...sandbox.environment, [name]: ''}
      const known = name === 'KOMARI_API_KEY' ? {...other, KOMARI_SESSION_TOKEN: sandbox.session} : other
      expect((await cli('komari node list -o id', {env: known})).stderr).toBe('')
    },
  )
})
