import {describe, expect, test} from 'vitest'
import {failureOf} from '../../failure.js'
import {cli, dashboardSandbox} from '../../harness.js'
import {serve} from '../../process/serve.js'

/** A dashboard as a member of it sees it. */
async function asMember() {
  const {environment} = await dashboardSandbox({generation: 'v2'})
  const stdin = 'six-or-more'
  await cli('nezha user create ann --role member --password-file -', {env: environment, stdin})
  const env = {...environment, NEZHA_TOKEN: '', NEZHA_USERNAME: 'ann', NEZHA_PASSWORD: stdin}
  return (line: string) => cli(`nezha ${line}`, {env})
}

test('a member makes a group, and is told of it', async () => {
  const run = await asMember()
  expect(await run('group create edge')).toMatchObject({exitCode: 0, stderr: 'made the group edge\n'})
  expect(await run('group list -o csv --columns name')).toMatchObject({stdout: 'name\nedge\n'})
})

test('a member sees the metrics of a server that guests may see, by its id, as guests do', async () => {
  const run = await asMember()
  expect(await run('server list -o id')).toMatchObject({stdout: ''})
  const shown = await run('server metrics 1 --metric cpu --since 5m -o csv')
  expect(shown).toMatchObject({exitCode: 0, stderr: ''})
  expect(shown.stdout.split('\n').length).toBeGreaterThan(3)
  expect(await run('server metrics 1 --metric gpu --since 5m')).toMatchObject({exitCode: 0})
  expect(failureOf(await run('server metrics 99 --metric cpu -o json'))).toMatchObject({exitCode: 3})
  expect(failureOf(await run('server metrics nope --metric cpu -o json'))).toMatchObject({exitCode: 3})
})

test('a member is told why it has no servers, and an administrator is not', async () => {
  const run = await asMember()
  const stderr = 'no servers; the account of a member is shown its own alone\n'
  expect(await run('server list')).toMatchObject({exitCode: 0, stderr})
  expect(await run('server list -o json')).toMatchObject({stdout: '[]\n', stderr: ''})
  for (const generation of ['v1', 'v2'] as const) {
    const {environment: env} = await dashboardSandbox({generation, world: 'empty'})
    expect(await cli('nezha server list', {env})).toMatchObject({exitCode: 0, stderr: 'no servers\n'})
  }
})

test('a member sees in status the groups of servers that are not its own, as guests do', async () => {
  const panel = await dashboardSandbox({generation: 'v2'})
  const user = panel.state.addUser({username: 'ann', password: 'six-or-more', role: 1})
  panel.state.update(2, {ownerId: user.id})
  panel.state.addGroup('mine', [2], user.id)
  const tags = async (env: Record<string, string>) =>
    (await cli('nezha server status 1 2 -o csv --columns tag', {env})).stdout
  const account = {NEZHA_DASHBOARD_URL: panel.url, NEZHA_USERNAME: 'ann', NEZHA_PASSWORD: 'six-or-more'}
  expect(await tags(account)).toBe('tag\nProduction\n"Production,mine"\n')
  panel.state.forceAuth = true
  expect(await tags(account)).toContain('mine')
})

test('a member of v1 sees the delays of a server that guests may see, by its id', async () => {
  const panel = await dashboardSandbox({generation: 'v1'})
  panel.state.addUser({username: 'ann', password: 'six-or-more', role: 1})
  const env = {NEZHA_DASHBOARD_URL: panel.url, NEZHA_USERNAME: 'ann', NEZHA_PASSWORD: 'six-or-more'}
  const {exitCode, stdout} = await cli('nezha monitor show 1 -o csv --columns monitor', {env})
  expect({exitCode, lines: stdout.split('\n').length}).toMatchObject({exitCode: 0, lines: 4})
  expect(failureOf(await cli('nezha monitor show 99 -o json', {env}))).toMatchObject({exitCode: 3})
})

test('a member is told why a list is empty of which others have rows', async () => {
  const run = await asMember()
  const stderr = 'no tasks; the account of a member is shown its own alone\n'
  expect(await run('cron list')).toMatchObject({exitCode: 0, stderr})
})

test.each(['a guest', 'a member'])(
  '%s sees the history of a service that guests may see, by its id',
  async who => {
    const panel = await dashboardSandbox({generation: 'v2'})
    panel.state.addUser({username: 'ann', password: 'six-or-more', role: 1})
    const account = who === 'a guest' ? {} : {NEZHA_USERNAME: 'ann', NEZHA_PASSWORD: 'six-or-more'}
    const env = {NEZHA_DASHBOARD_URL: panel.url, ...account}
    expect((await cli('nezha service history 1 -o csv --columns server', {env})).stdout).toContain('hub1')
    expect(failureOf(await cli('nezha service history 99 -o json', {env}))).toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/^there is no service 99, or not for this account; /),
    })
  },
)

test('a member is told why there is no server that everybody sees in status', async () => {
  const run = await asMember()
  expect((await run('server status -o csv --columns name')).stdout).toContain('hub1')
  expect(failureOf(await run('server show hub1 -o json'))).toMatchObject({
    exitCode: 3,
    hint: 'panelctl nezha server list; the account of a member is shown its own alone, and a token for some servers those',
  })
})

describe.each(['session', 'API token'])(
  'with its %s, a member does not take for gone what others are shown',
  kind => {
    async function member() {
      const panel = await dashboardSandbox({generation: 'v2'})
      const user = panel.state.addUser({username: 'ann', password: 'six-or-more', role: 1})
      const {token} = panel.state.addPat({name: 'all', scopes: ['nezha:*'], user})
      const account =
        kind === 'session' ? {NEZHA_USERNAME: 'ann', NEZHA_PASSWORD: 'six-or-more'} : {NEZHA_TOKEN: token}
      const env = {...panel.environment, NEZHA_TOKEN: '', ...account}
      return {panel, user, run: (line: string) => cli(`nezha ${line} --yes --if-missing skip -o json`, {env})}
    }

    test.each(['hub1', '1'])('a server %s, and its own that is gone it does', async reference => {
      const {panel, user, run} = await member()
      expect(failureOf(await run(`server delete ${reference}`))).toMatchObject({
        exitCode: 4,
        message: "the server 1 (hub1) is not this account's",
      })
      expect(panel.state.servers.has(1)).toBe(true)
      panel.state.update(2, {ownerId: user.id})
      for (const changed of [true, false])
        expect(JSON.parse((await run('server delete 2')).stdout)).toMatchObject({changed})
      panel.state.update(3, {hidden: true})
      expect(await run('server delete 3')).toMatchObject({exitCode: 0})
    })

    test.each(['web', '7'])('a service %s, and of a task says that it may be of another', async reference => {
      const {panel, run} = await member()
      const env = panel.environment
      panel.state.rowsOf('service').clear()
      panel.state.monitors.clear()
      for (const name of 'abcdef') await cli(`nezha service create ${name} --type icmp --target h`, {env})
      await cli('nezha service create web --type icmp --target h', {env})
      expect(failureOf(await run(`service delete ${reference}`))).toMatchObject({
        exitCode: 4,
        message: "the service 7 (web) is not this account's",
      })
      expect(failureOf(await run('service delete 7 a'))).toMatchObject({exitCode: 4})
      expect(panel.state.rowsOf('service').size).toBe(7)
      const line = 'cron delete 1'
      expect(JSON.parse((await run(line)).stdout)).toMatchObject({changed: false})
      expect((await run(line)).stderr).toContain('there is no task \\"1\\", or not for this account')
    })

    test('a group', async () => {
      const {panel, user, run} = await member()
      const {id} = panel.state.addGroup('Elsewhere', [3])
      for (const reference of ['Elsewhere', id])
        expect(failureOf(await run(`group delete ${reference}`))).toMatchObject({
          exitCode: 4,
          message: `the group ${id} (Elsewhere) is not this account's`,
        })
      panel.state.addGroup('mine', [3], user.id)
      for (const changed of [true, false])
        expect(JSON.parse((await run('group delete mine')).stdout)).toMatchObject({changed})
      panel.state.forceAuth = true
      expect(await run('group delete Elsewhere')).toMatchObject({exitCode: 0})
    })
  },
)

test('an administrator, who is told of all, finds gone what is gone where no WebSocket and no guest gets through', async () => {
  const panel = await dashboardSandbox({generation: 'v2'})
  panel.faults.next({kind: 'status', status: 503}, {path: '/api/v1/ws/server', times: Infinity})
  const env = panel.environment
  const line = 'nezha server delete nosuch --yes --if-missing skip --retries 0 -o json'
  expect(JSON.parse((await cli(line, {env})).stdout)).toMatchObject({changed: false})
  const paths = panel.requests.map(({path}) => path)
  expect(paths).toContain('/api/v1/user')
  expect(paths).not.toContain('/api/v1/ws/server')
})

test.each([
  [401, 4, /^what stands before Nezha at \S+ wants a login of its own: HTTP 401 \(Unauthorized\)$/],
  [403, 10, /^what stands before Nezha at \S+ answered POST \/api\/v1\/login with HTTP 403 \(Forbidden\)$/],
])(
  'a gateway that answers the login with HTTP %i and JSON of its own is no dashboard',
  async (status, exitCode, message) => {
    const {url} = await serve((_request, response) => {
      const said = {message: status === 401 ? 'Unauthorized' : 'Forbidden'}
      response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(said))
    })
    const env = {NEZHA_DASHBOARD_URL: url, NEZHA_USERNAME: 'ann', NEZHA_PASSWORD: 'six-or-more'}
    expect(failureOf(await cli('nezha server list -o json --retries 0', {env}))).toMatchObject({
      exitCode,
      message: expect.stringMatching(message),
    })
  },
)

test('a user name from a file of Windows logs in, and one in quotation marks is named', async () => {
  const {environment, username, password} = await dashboardSandbox()
  const {NEZHA_DASHBOARD_URL} = environment
  const env = {NEZHA_DASHBOARD_URL, NEZHA_USERNAME: `${username}\r`, NEZHA_PASSWORD: `${password}\r`}
  expect(await cli('nezha server list', {env})).toMatchObject({exitCode: 0})
  const quoted = {...env, NEZHA_USERNAME: `'${username}'`}
  expect(failureOf(await cli('nezha server list -o json', {env: quoted}))).toMatchObject({
    exitCode: 2,
    message: "NEZHA_USERNAME: the value has quotation marks (') around it",
  })
})
