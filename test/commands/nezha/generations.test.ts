import {readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, dashboardSandbox, nezhaSandbox, now, temporaryFolder} from '../../harness.js'
import {rewritingProxy} from '../../process/rewriting-proxy.js'
import {replayServer} from '../../replay-server.js'

/** Where a run keeps contexts and sessions, as another run of the same user finds them. */
function homeOf() {
  const folder = temporaryFolder()
  return {PANELCTL_CONFIG_DIR: join(folder, 'config'), PANELCTL_STATE_DIR: join(folder, 'state')}
}

/** The administrator of a dashboard, with a home of its own. */
function signedIn({url, username, password}: Awaited<ReturnType<typeof dashboardSandbox>>) {
  return {...homeOf(), NEZHA_DASHBOARD_URL: url, NEZHA_USERNAME: username, NEZHA_PASSWORD: password}
}

/** The file of the one session that runs have kept there. */
function sessionFile({PANELCTL_STATE_DIR}: ReturnType<typeof homeOf>): string {
  const folder = join(PANELCTL_STATE_DIR, 'sessions')
  return join(folder, readdirSync(folder).find(name => name.endsWith('.json')) ?? '')
}

describe('a user name and a password', () => {
  test.each(['v1', 'v2'] as const)(
    'are traded once on %s for a session that later runs use',
    async generation => {
      const panel = await dashboardSandbox({generation})
      const env = signedIn(panel)
      for (let run = 0; run < 3; run += 1) {
        expect(await cli('nezha group list -o id', {env})).toMatchObject({exitCode: 0, stderr: ''})
      }
      expect(paths(panel).filter(path => path.includes('/login'))).toEqual(['POST /api/v1/login'])
      expect(statSync(sessionFile(env)).mode & 0o777).toBe(0o600)
      expect(readFileSync(sessionFile(env), 'utf8')).not.toContain(panel.password)
    },
  )

  test.each([
    ['v1', 'GET'],
    ['v2', 'POST'],
  ] as const)(
    'are not sent to %s again while a session lasts: one whose time is half over is renewed',
    async (generation, method) => {
      const panel = await dashboardSandbox({generation})
      const env = signedIn(panel)
      const read = () => JSON.parse(readFileSync(sessionFile(env), 'utf8'))
      const run = async () => {
        panel.requests.length = 0
        expect(await cli('nezha server list -o id', {env})).toMatchObject({exitCode: 0, stderr: ''})
        return paths(panel).filter(path => /login|refresh/.test(path))
      }
      expect(await run()).toEqual(['POST /api/v1/login'])
      const made = read()
      writeFileSync(sessionFile(env), JSON.stringify({...made, until: made.until - made.lasted * 0.75}))
      expect(await run()).toEqual([`${method} /api/v1/refresh-token`])
      expect(read().headers.authorization).not.toBe(made.headers.authorization)
      expect(await run()).toEqual([])
      // What the panel has ended cannot be renewed; v1 ends none.
      writeFileSync(sessionFile(env), JSON.stringify({...read(), until: made.until - made.lasted * 0.75}))
      panel.state.sessions.clear()
      const isEndedByV2 = generation === 'v2'
      expect(await run()).toEqual([
        `${method} /api/v1/refresh-token`,
        ...(isEndedByV2 ? ['POST /api/v1/login'] : []),
      ])
    },
  )

  test('that are wrong are sent once, also by a command of several requests', async () => {
    const panel = await dashboardSandbox({generation: 'v2'})
    const env = {NEZHA_DASHBOARD_URL: panel.url, NEZHA_USERNAME: 'admin', NEZHA_PASSWORD: 'wrong'}
    for (const line of [
      'server list',
      'server status',
      'group list',
      'monitor show 1',
      'server edit 1 --name x',
    ]) {
      panel.requests.length = 0
      const outcome = await cli(`nezha ${line} -o json --retries 3`, {env})
      expect(failureOf(outcome), line).toMatchObject({
        exitCode: 4,
        message: expect.stringContaining('Nezha refused the user name or the password'),
      })
      expect(paths(panel), line).toEqual(['POST /api/v1/login'])
      expect(outcome.stderr).not.toContain('wrong"')
    }
  })

  test('of another password do not get the session that is kept', async () => {
    const panel = await dashboardSandbox({generation: 'v2'})
    const env = signedIn(panel)
    expect(await cli('nezha server list -o id', {env})).toMatchObject({exitCode: 0})
    const outcome = await cli('nezha server list -o id', {env: {...env, NEZHA_PASSWORD: 'another'}})
    expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
  })

  test('begin another session where the panel has ended the one that is kept', async () => {
    const panel = await dashboardSandbox({generation: 'v2'})
    const env = signedIn(panel)
    expect(await cli('nezha server list -o id', {env})).toMatchObject({exitCode: 0})
    panel.state.sessions.clear()
    panel.requests.length = 0
    expect(await cli('nezha server list -o id', {env})).toMatchObject({
      exitCode: 0,
      stdout: '1\n2\n3\n4\n5\n',
    })
    expect(paths(panel).filter(path => path.includes('/login'))).toEqual(['POST /api/v1/login'])
  })

  test('need each other, and a v0 dashboard takes neither', async () => {
    const {url} = await nezhaSandbox()
    const alone = await cli('nezha server list', {env: {NEZHA_DASHBOARD_URL: url, NEZHA_PASSWORD: 'x'}})
    expect(alone).toMatchObject({exitCode: 2, stdout: ''})
    expect(alone.stderr).toContain('NEZHA_USERNAME')
    const env = {NEZHA_DASHBOARD_URL: url, NEZHA_USERNAME: 'admin', NEZHA_PASSWORD: 'x'}
    const outcome = await cli('nezha server list -o json', {env})
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('takes no user name and password'),
    })
  })

  test.each([
    ['a web server', {status: 404, type: 'text/html', text: '<title>404 Not Found</title>'}, '404 Not Found'],
    ['a proxy that lets no POST through', {status: 405, text: 'Not Allowed'}, 'Not Allowed'],
    ['another panel', {status: 404, json: {code: 404, msg: 'API endpoint not found'}}, 'endpoint not found'],
  ])('are not refused by %s: nobody has seen them', async (_, answer, words) => {
    const server = await replayServer()
    server.otherwise = answer
    const env = {NEZHA_DASHBOARD_URL: server.url, NEZHA_USERNAME: 'admin', NEZHA_PASSWORD: 'x'}
    expect(failureOf(await cli('nezha server list -o json', {env}))).toMatchObject({
      exitCode: 10,
      message: expect.stringMatching(new RegExp(`answered POST /api/v1/login with .*${words}`)),
      hint: 'is this the address of a Nezha dashboard?',
    })
  })

  test('go into a context with login, with blanks and letters of any kind', async () => {
    const panel = await dashboardSandbox({generation: 'v1', username: '管理员', password: ' pä ss "1" '})
    const env = homeOf()
    const line = `nezha login --url ${panel.url} --username 管理员`
    expect(await cli(line, {env, stdin: ' pä ss "1" \n'})).toMatchObject({exitCode: 0, stdout: ''})
    const config = readFileSync(join(env.PANELCTL_CONFIG_DIR, 'config.yaml'), 'utf8')
    expect(config).toContain('generation: v1')
    expect(config).not.toContain('pä')
    expect(await cli('nezha server list -o id', {env})).toMatchObject({exitCode: 0, stderr: ''})
    expect(await cli('nezha logout', {env})).toMatchObject({exitCode: 0})
    expect(await cli('nezha server list -o id', {env})).toMatchObject({exitCode: 4})
  })
})

/** What v1 and v2 answer to guests as well, without what is hidden from them. */
const answeredToGuests = [
  'server status',
  'group list',
  'monitor show 1',
  'api GET /api/v1/server-group',
  'api GET /api/v1/service',
]

/** Nothing but what the points of a monitor are. */
const silent = expect.stringMatching(/^(\S*the points are means of some probes [^\n]*\n)?$/)

describe('where guests may look', () => {
  const servers = [
    {name: 'web1', tag: 'prod'},
    {name: 'vault', hidden: true},
  ]

  test.each([
    ['v1', 'NEZHA_TOKEN', 'nzp_ofAnotherDashboard0000000000000001', 'token'],
    ['v1', 'NEZHA_COOKIE', 'nz-jwt=a.b.c', 'cookie'],
    ['v2', 'NEZHA_TOKEN', 'ofADashboardOfV00000000000000001', 'token'],
    ['v2', 'NEZHA_COOKIE', 'nz-jwt=a.b.c', 'cookie'],
  ] as const)('%s with a %s that it does not know is exit 4', async (generation, name, value, title) => {
    const panel = await dashboardSandbox({generation, servers})
    for (const line of answeredToGuests) {
      const outcome = await cli(`nezha ${line}`, {env: {NEZHA_DASHBOARD_URL: panel.url, [name]: value}})
      expect(outcome, line).toMatchObject({exitCode: 4, stdout: ''})
      expect(outcome.stderr, line).toMatch(
        new RegExp(`Nezha (does not know|refused) the ${title}(, and answers as to a guest|; )`),
      )
    }
  })

  test('v1 behind a proxy that takes the session out has not refused it', async () => {
    const panel = await dashboardSandbox({generation: 'v1'})
    const url = await rewritingProxy(panel.url, {
      request: head => head.replace(/^(authorization|cookie): .*\r\n/gim, ''),
    })
    const env = {...panel.environment, NEZHA_DASHBOARD_URL: url}
    const {stderr, exitCode} = await cli('nezha server list', {env})
    expect(exitCode).toBe(4)
    expect(stderr).toMatch(
      /does not know the session that it has just given; .*\nhint: a proxy before it takes/,
    )
  })

  test.each(['v1', 'v2'] as const)(
    '%s is asked with a new session where the kept one is over',
    async generation => {
      const panel = await dashboardSandbox({generation, servers})
      const env = signedIn(panel)
      for (const line of answeredToGuests) {
        const known = await cli(`nezha ${line} -o json`, {env})
        expect(known, line).toMatchObject({exitCode: 0, stderr: silent})
        const kept = readFileSync(sessionFile(env), 'utf8')
        writeFileSync(sessionFile(env), kept.replace(/Bearer [^"]+/, 'Bearer a.b.c'))
        panel.requests.length = 0
        expect(await cli(`nezha ${line} -o json`, {env}), line).toEqual(known)
        expect(
          paths(panel).filter(path => path.includes('/login')),
          line,
        ).toEqual(['POST /api/v1/login'])
      }
      expect((await cli('nezha server status -o id', {env})).stdout).toBe('1\n2\n')
    },
  )

  test('a session that was revoked is no strike of the firewall', async () => {
    const panel = await dashboardSandbox({generation: 'v2', servers})
    panel.state.settings = {...panel.state.settings, web_real_ip_header: 'NZ::Use-Peer-IP'}
    const env = signedIn(panel)
    expect(await cli('nezha group list', {env})).toMatchObject({exitCode: 0})
    panel.state.sessions.clear()
    panel.requests.length = 0
    expect(await cli('nezha server status -o id', {env})).toMatchObject({exitCode: 0, stdout: '1\n2\n'})
    // What is closed to guests refuses it without one.
    expect(paths(panel).slice(0, 2)).toEqual(['GET /api/v1/profile', 'POST /api/v1/login'])
  })

  test.each(['v1', 'v2'] as const)('%s takes the cookie of a login', async generation => {
    const panel = await dashboardSandbox({generation, servers})
    const body = JSON.stringify({username: panel.username, password: panel.password})
    const headers = {'content-type': 'application/json'}
    const login = await fetch(`${panel.url}/api/v1/login`, {method: 'POST', headers, body})
    const [cookie = ''] = login.headers.getSetCookie()
    const env = {NEZHA_DASHBOARD_URL: panel.url, NEZHA_COOKIE: cookie.replace(/;.*/, '')}
    for (const line of answeredToGuests) {
      expect(await cli(`nezha ${line}`, {env}), line).toMatchObject({exitCode: 0, stderr: silent})
    }
  })
})

describe('the generation of a dashboard', () => {
  const lines = ['server list', 'server register --name x', 'node auto-register --name x --emit shell']

  test.each(['ofADashboardOfV00000000000000001', 'nzp_ofAnotherDashboard0000000000000001'])(
    'is that of none where a web server answers: exit 10 with the token %s',
    async NEZHA_TOKEN => {
      const server = await replayServer()
      server.otherwise = {status: 404, type: 'text/html', text: '<title>404 Not Found</title>'}
      const env = {NEZHA_DASHBOARD_URL: server.url, NEZHA_TOKEN}
      for (const line of lines) {
        const failure = failureOf(await cli(`nezha ${line} -o json`, {env}))
        expect(failure, line).toMatchObject({exitCode: 10, message: expect.stringContaining('404 Not Found')})
      }
    },
  )

  test.each(['v1', 'v2'] as const)('%s: the hint is the URL without /api/v1', async generation => {
    const {url, environment} = await dashboardSandbox({generation})
    const env = {...environment, NEZHA_DASHBOARD_URL: `${url}/api/v1`}
    for (const line of [...lines, 'group list', 'api GET /api/v1/server']) {
      const failure = failureOf(await cli(`nezha ${line} -o json`, {env}))
      expect(failure, line).toMatchObject({
        exitCode: 10,
        hint: `check the path of the URL: without /api/v1 it is ${url}`,
      })
    }
  })

  test('is found again where the one of a context was upgraded, and kept', async () => {
    const [old, upgraded] = [
      await dashboardSandbox({generation: 'v1'}),
      await dashboardSandbox({generation: 'v2'}),
    ]
    const env = homeOf()
    const {username, password} = old
    await cli(`nezha login --url ${old.url} --username ${username}`, {env, stdin: password})
    const file = join(env.PANELCTL_CONFIG_DIR, 'config.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace(old.url, upgraded.url))
    const upgradedOnly = readFileSync(file, 'utf8')
    const checked = await cli('context check -o json', {env})
    expect(JSON.parse(checked.stdout)).toMatchObject([{generation: 'v2', result: 'works'}])
    expect(readFileSync(file, 'utf8')).toContain('generation: v2')
    writeFileSync(file, upgradedOnly)
    const metrics = await cli('nezha server metrics 1 --metric cpu -o json', {env})
    expect(metrics).toMatchObject({exitCode: 0})
    expect(readFileSync(file, 'utf8')).toContain('generation: v2')
  })

  test.each([
    ['v0', 'group create x', 'groups are things of their own since v1'],
    ['v0', 'server edit 1 --name x', 'an API token of v0 changes no server'],
    ['v0', 'server delete 1 --yes', 'an API token of v0 changes no server'],
    ['v1', 'server metrics 1 --metric cpu', 'metrics are kept since v2'],
  ] as const)('%s is named where it cannot do it: %s', async (generation, line, says) => {
    const panel = generation === 'v0' ? await nezhaSandbox() : await dashboardSandbox({generation})
    const outcome = await cli(`nezha ${line} -o json`, {env: panel.environment})
    expect(failureOf(outcome)).toMatchObject({
      code: 'REJECTED',
      exitCode: 5,
      message: `Nezha ${generation} cannot do this: ${says}${generation === 'v0' && line.startsWith('group') ? '; on v0 each server has one, which its web page sets' : says.includes('token') ? '; its web page does' : ''}`,
    })
  })

  test('costs v0 no request more, and v2 with an API token none either', async () => {
    const old = await nezhaSandbox()
    await cli('nezha server list', {env: old.environment})
    expect(paths(old)).toEqual(['GET /api/v1/server/list'])
    const panel = await dashboardSandbox({generation: 'v2'})
    await cli('nezha server list', {env: panel.environment})
    expect(paths(panel).toSorted()).toEqual(['GET /api/v1/server', 'GET /api/v1/server-group'])
  })
})

describe('what only v1 and v2 can get wrong', () => {
  test('trap 40: no id is deleted that the panel has not just listed', async () => {
    const panel = await dashboardSandbox({generation: 'v1'})
    const {environment: env} = panel
    for (const line of ['server delete 99 --yes', 'server delete nope --yes']) {
      expect(await cli(`nezha ${line}`, {env})).toMatchObject({exitCode: 3, stdout: ''})
    }
    expect(paths(panel).filter(path => path.includes('batch-delete'))).toEqual([])
    expect(await cli('nezha server edit 1 --name there', {env})).toMatchObject({exitCode: 0})
  })

  test('trap 40: it is said where the agent is online, as the server comes back', async () => {
    const panel = await dashboardSandbox({generation: 'v2'})
    const outcome = await cli('nezha server delete hub1 --yes', {env: panel.environment})
    expect(outcome).toMatchObject({exitCode: 0})
    expect(outcome.stderr).toContain('the agent of hub1 is online: while it runs, the server comes back')
  })

  test('trap 41: monitors of an unknown id are not asked for on v1', async () => {
    const panel = await dashboardSandbox({generation: 'v1', profile: '1.4.0'})
    for (const env of [panel.environment, {NEZHA_DASHBOARD_URL: panel.url}]) {
      panel.requests.length = 0
      const outcome = await cli('nezha monitor show 99 -o json', {env})
      expect(failureOf(outcome)).toMatchObject({exitCode: 3})
      expect(paths(panel)).not.toContain('GET /api/v1/service/99')
    }
  })

  test('trap 6: an unknown id gives nothing, where the panel would give all', async () => {
    const {environment: env} = await dashboardSandbox({generation: 'v1', profile: '1.4.0'})
    for (const line of ['server show 99', 'server details 99', 'server status 99']) {
      expect(await cli(`nezha ${line}`, {env}), line).toMatchObject({exitCode: 3, stdout: ''})
    }
    const some = await cli('nezha server details 2 99 -o id', {env})
    expect(some).toMatchObject({exitCode: 9, stdout: '2\n'})
  })

  test('trap 18: a change of members leaves the name of the group, and the others in it', async () => {
    const {environment: env} = await dashboardSandbox({generation: 'v2'})
    const outcome = await cli('nezha group add Production 3 -o json', {env})
    expect(JSON.parse(outcome.stdout)).toMatchObject({name: 'Production', servers: [1, 2, 3], changed: true})
  })

  test('a group that may exist is told as it is, by its id too', async () => {
    const {environment: env} = await dashboardSandbox({generation: 'v2'})
    const line = 'nezha group create Production --if-exists skip -o'
    expect(await cli(`${line} id`, {env})).toMatchObject({exitCode: 0, stdout: '1\n'})
    const {stdout} = await cli(`${line} json`, {env})
    expect(JSON.parse(stdout)).toEqual({id: 1, name: 'Production', servers: [1, 2], changed: false})
  })

  const everyWrite = [
    'server edit 1 --note x',
    'server delete 5 --yes',
    'group create ops --server 1',
    'group add Production 3',
    'group remove Production 2',
    'group delete Backup --yes',
  ]

  test.each(everyWrite)(
    'what the panel said yes to is done where it cannot be asked then: %s',
    async line => {
      const panel = await dashboardSandbox({generation: 'v2'})
      panel.faults.next({kind: 'status', status: 502}, {method: 'GET', times: Infinity, afterWrite: true})
      const outcome = await cli(`nezha ${line} --retries 0`, {env: panel.environment})
      expect(outcome.stderr).toContain('warning: it was done, but cannot be looked at: ')
      expect(outcome.exitCode).toBe(0)
    },
  )

  test.each(everyWrite)(
    'a yes to what the panel has not done is exit 7, and says where to look: %s',
    async line => {
      const panel = await dashboardSandbox({generation: 'v2'})
      const body = JSON.stringify({success: true, data: 9})
      panel.faults.next(
        {kind: 'status', status: 200, body, contentType: 'application/json'},
        {method: 'POST'},
      )
      panel.faults.next(
        {kind: 'status', status: 200, body, contentType: 'application/json'},
        {method: 'PATCH'},
      )
      const outcome = await cli(`nezha ${line} -o json`, {env: panel.environment})
      expect(failureOf(outcome)).toMatchObject({
        exitCode: 7,
        message: expect.stringMatching(/^the panel accepted it, and (shows|still lists|lists) /),
        hint: expect.stringMatching(
          /look at what is there now: panelctl nezha (server|group) (show 1|list)$/,
        ),
      })
      expect(outcome.stdout).toBe('')
    },
  )

  test('trap 42: what is not named stays as it was, hidden servers hidden', async () => {
    const panel = await dashboardSandbox({
      generation: 'v2',
      servers: [{name: 'a', note: 'keep', publicNote: 'this', hidden: true, displayIndex: 5}],
    })
    const {environment: env} = panel
    const outcome = await cli('nezha server edit a --name b -o json', {env})
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      changed: true,
      name: 'b',
      note: 'keep',
      public_note: 'this',
      hide_for_guest: true,
      display_index: 5,
    })
    const again = await cli('nezha server edit b --name b --hide -o json', {env})
    expect(JSON.parse(again.stdout)).toMatchObject({changed: false})
  })

  test('trap 43: no command but the one for it tells a secret of the answers that it reads', async () => {
    for (const generation of ['v1', 'v2'] as const) {
      const panel = await dashboardSandbox({generation})
      for (const line of [
        'server list',
        'server details',
        'server show 1',
        'server status',
        'group list',
        'context check',
      ]) {
        const {stdout, stderr} = await cli(
          `nezha ${line} -o json --debug`.replace('nezha context', 'context'),
          {
            env: {...homeOf(), ...panel.environment},
          },
        )
        for (const secret of [panel.agentSecret, panel.password, panel.pat, '$2a$']) {
          expect(stdout + stderr, line).not.toContain(secret)
        }
      }
      const {stdout, stderr} = await cli('nezha server register --name web1', {env: panel.environment})
      expect(stdout).toBe(`${panel.agentSecret}\n`)
      // The secret stands alone, where scripts take it; what goes with it is for people.
      expect(stderr).toMatch(
        /^the node web1 appears with the first report of its agent; with the secret in SECRET, this installs it: curl .* NZ_CLIENT_SECRET=\$SECRET NZ_UUID=[0-9a-f-]{36} sh nezha-agent\.sh\n$/,
      )
    }
  })

  test('trap 16: a write with a session of v2 brings the proof that it wants', async () => {
    const panel = await dashboardSandbox({generation: 'v2'})
    const env = signedIn(panel)
    for (const line of [
      'group create one',
      'group create two',
      'api POST /api/v1/server-group -f name=three -f servers:=[]',
    ]) {
      expect(await cli(`nezha ${line}`, {env}), line).toMatchObject({
        exitCode: line.startsWith('api') ? expect.any(Number) : 0,
      })
    }
    expect(await cli('nezha server edit 1 --name x', {env})).toMatchObject({exitCode: 0})
  })

  test('a wrong token is sent once, as the firewall counts each', async () => {
    const panel = await dashboardSandbox({generation: 'v2'})
    const env = {NEZHA_DASHBOARD_URL: panel.url, NEZHA_TOKEN: 'nzp_wrong'}
    for (const line of [
      'server list',
      'server details',
      'server show 1',
      'server status',
      'server metrics 1 --metric cpu',
      'server edit 1 --name x',
      'server delete 1 --yes',
      'group list',
      'group create x --server 1',
      'group add Production 1',
      'monitor show 1',
      'server register',
    ]) {
      panel.requests.length = 0
      expect(await cli(`nezha ${line}`, {env}), line).toMatchObject({exitCode: 4, stdout: ''})
      const carrying = panel.requests.filter(({headers}) => JSON.stringify(headers).includes('nzp_wrong'))
      expect(
        carrying.map(({path}) => path),
        line,
      ).toHaveLength(1)
    }
  })

  test('trap 17: a token without a scope is told which', async () => {
    const panel = await dashboardSandbox({generation: 'v2'})
    const [user] = panel.state.users.values()
    if (!user) throw new Error('the dashboard has no user')
    panel.state.addPat({name: 'narrow', token: 'nzp_narrow', scopes: ['nezha:server:read'], user})
    const env = {NEZHA_DASHBOARD_URL: panel.url, NEZHA_TOKEN: 'nzp_narrow'}
    const outcome = await cli('nezha server list -o json', {env})
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('lacks scope nezha:inventory:read'),
    })
  })

  test('trap 48: an address that its firewall blocks is told as such, and not asked again', async () => {
    const panel = await dashboardSandbox({generation: 'v2', realIpHeader: 'NZ::Use-Peer-IP'})
    const wrong = {NEZHA_DASHBOARD_URL: panel.url, NEZHA_TOKEN: 'nzp_wrong'}
    expect(await cli('nezha server list', {env: wrong})).toMatchObject({exitCode: 4})
    panel.requests.length = 0
    const outcome = await cli('nezha server list -o json', {env: panel.environment})
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('blocks this address'),
    })
    expect(panel.requests.length).toBeLessThanOrEqual(2)
  })

  test.each(['v1', 'v2'] as const)(
    'a guest of %s that wants a login is refused, and no proxy is blamed',
    async generation => {
      const panel = await dashboardSandbox({generation, forceAuth: true})
      for (const line of ['server status', 'monitor show 1']) {
        const outcome = await cli(`nezha ${line} -o json`, {env: {NEZHA_DASHBOARD_URL: panel.url}})
        expect(failureOf(outcome), line).toMatchObject({
          exitCode: 4,
          message: expect.stringMatching(/^this needs credentials, and none were given/),
        })
        expect(outcome.stderr, line).not.toContain('WebSocket')
      }
    },
  )

  test('monitors of v2 say how many days are kept where more were asked for', async () => {
    const {environment: env} = await dashboardSandbox({generation: 'v2'})
    const {stderr} = await cli('nezha monitor show 1 --since 45d', {env})
    expect(stderr).toContain('the panel keeps 30 days of these records: older ones are gone\n')
  })

  test('metrics of a dashboard that keeps none say so', async () => {
    const panel = await dashboardSandbox({generation: 'v2', tsdb: false})
    const outcome = await cli('nezha server metrics 1 --metric cpu -o json', {env: panel.environment})
    expect(failureOf(outcome)).toMatchObject({exitCode: 5, message: expect.stringContaining('TSDB is off')})
  })

  test('status goes on for guests, and by the lists where a proxy passes no WebSocket on', async () => {
    const panel = await dashboardSandbox({generation: 'v2'})
    const guest = await cli('nezha server status -o id', {env: {NEZHA_DASHBOARD_URL: panel.url}})
    expect(guest).toMatchObject({exitCode: 0, stderr: ''})
    panel.faults.next({kind: 'status', status: 426}, {path: '/api/v1/ws/server'})
    const cut = await cli('nezha server status -o id', {env: panel.environment})
    expect(cut).toMatchObject({exitCode: 0, stdout: '1\n2\n3\n4\n5\n'})
    expect(cut.stderr).toContain('the lists are asked instead')
  })

  test.each(['v1', 'v2'] as const)(
    'status of %s takes the WebSocket where a proxy gives the panel another Host',
    async generation => {
      const panel = await dashboardSandbox({generation})
      const url = await rewritingProxy(panel.url, {
        request: head => head.replace(/^host: .*$/im, 'Host: dashboard:8008'),
      })
      const outcome = await cli('nezha server status -o id', {
        env: {...panel.environment, NEZHA_DASHBOARD_URL: url},
      })
      expect(outcome).toEqual({exitCode: 0, stdout: '1\n2\n3\n4\n5\n', stderr: ''})
    },
  )

  test.each([-2, 2])(
    'status tells ages by the clock that a frame has, where a proxy’s Date is %i hours off',
    async hours => {
      const panel = await dashboardSandbox({generation: 'v2'})
      const date = new Date(now.getTime() + hours * 3_600_000).toUTCString()
      const url = await rewritingProxy(panel.url, {
        answer: head => head.replace(/^date: .*$/im, `Date: ${date}`),
      })
      const outcome = await cli('nezha server status 1 --columns status,last_active', {
        env: {...panel.environment, NEZHA_DASHBOARD_URL: url},
      })
      expect(outcome).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/online +\ds ago/),
        stderr: '',
      })
    },
  )

  test('trap 53: a server of v2 that is offline has no time, comes last, and did report', async () => {
    const {environment: env} = await dashboardSandbox({generation: 'v2'})
    const run = (line: string) => cli(`nezha server ${line}`, {env})
    const {stdout} = await run('status --columns id,status,last_active --sort last_active:desc')
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^ *[45] +offline +(?:never|-)$/)
    for (const line of ['list', 'details', 'status'])
      expect((await run(`${line} --columns name,last_active`)).stdout).toMatch(/backup1 +-\nnew1 +never\n$/)
    const rows = JSON.parse((await run('list -o json')).stdout)
    expect(rows.slice(-2)).toMatchObject([
      {name: 'backup1', online: false, reported: true, last_active: -62_135_596_800},
      {name: 'new1', online: false, reported: false, last_active: -62_135_596_800},
    ])
  })

  test('a time ahead or behind is told by the panel’s clock', async () => {
    const ahead = now.getTime() + 2 * 3_600_000
    const panel = await dashboardSandbox({generation: 'v2', now: () => ahead})
    const {stdout} = await cli('nezha server status 1 --columns status,last_active', {env: panel.environment})
    expect(stdout).toMatch(/online +\ds ago/)
  })
})

describe('context check', () => {
  test('says what an API token of v2 may do, where the dashboard tells it', async () => {
    for (const mcp of [true, false]) {
      const panel = await dashboardSandbox({generation: 'v2', mcp})
      const env = homeOf()
      await cli(`nezha login --url ${panel.url} --with-token`, {env, stdin: panel.pat})
      const outcome = await cli('context check -o json', {env})
      expect(outcome).toMatchObject({exitCode: 0, stderr: ''})
      expect(JSON.parse(outcome.stdout)).toMatchObject([
        {generation: 'v2', result: 'works', may: mcp ? ['nezha:*'] : null},
      ])
    }
  })

  test('trap 49: a tool of /mcp that failed with HTTP 200 has told nothing', async () => {
    const panel = await dashboardSandbox({generation: 'v2', mcp: true})
    const env = homeOf()
    await cli(`nezha login --url ${panel.url} --with-token`, {env, stdin: panel.pat})
    const body = `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"agent_error: x"}],"structuredContent":{"scopes":["nezha:*"]},"isError":true}}`
    panel.faults.next({kind: 'status', status: 200, body, contentType: 'application/json'}, {path: '/mcp'})
    const outcome = await cli('context check -o json', {env})
    expect(JSON.parse(outcome.stdout)).toMatchObject([{result: 'works', may: null}])
  })

  test('asks nothing with a session that only a token may be asked for', async () => {
    const panel = await dashboardSandbox({generation: 'v2', mcp: true})
    const env = homeOf()
    await cli(`nezha login --url ${panel.url} --username ${panel.username}`, {env, stdin: panel.password})
    expect(await cli('context check -o json', {env})).toMatchObject({exitCode: 0})
    expect(paths(panel)).not.toContain('POST /mcp')
  })
})

describe('hints of a generation', () => {
  test.each([
    ['a token', {NEZHA_TOKEN: 'nzp_x'}],
    ['no credential', {}],
  ])('v1 is not told to make a token, given %s', async (_, credential) => {
    const panel = await dashboardSandbox({generation: 'v1'})
    const outcome = await cli('nezha server list -o json', {
      env: {NEZHA_DASHBOARD_URL: panel.url, ...credential},
    })
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 4,
      hint: expect.stringContaining('panelctl nezha login --replace --username NAME < password.txt'),
    })
    expect(failureOf(outcome).hint).not.toContain('make an API token')
  })

  test('a user name alone is a password forgotten, and no guest', async () => {
    const {url} = await dashboardSandbox({generation: 'v2'})
    for (const line of ['server status', 'server list']) {
      const outcome = await cli(`nezha ${line} -o json`, {
        env: {NEZHA_DASHBOARD_URL: url, NEZHA_USERNAME: 'admin'},
      })
      expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
      expect(failureOf(outcome)).toMatchObject({message: 'NEZHA_USERNAME is set, and NEZHA_PASSWORD is not'})
    }
  })

  test('metrics of what a machine does not have are nothing, and not 0', async () => {
    const {environment: env} = await dashboardSandbox({generation: 'v2'})
    const outcome = await cli('nezha server metrics hub1 --metric gpu --since 5m', {env})
    expect(outcome).toMatchObject({exitCode: 0, stderr: 'hub1 tells of no GPU\n'})
    expect(outcome.stdout).toMatch(/^TIME +VALUE\n(\S+ \S+ +-\n)+$/)
    const {stdout} = await cli('nezha server metrics hub1 --metric gpu --since 5m -o csv', {env})
    expect(stdout).toMatch(/^time,value\n(\S+Z,\n)+$/)
  })
})
