import {expect, test} from 'vitest'
import {failureOf} from '../../failure.js'
import {cli, dashboardSandbox} from '../../harness.js'

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

test('a member is told why there is no server that everybody sees in status', async () => {
  const run = await asMember()
  expect((await run('server status -o csv --columns name')).stdout).toContain('hub1')
  expect(failureOf(await run('server show hub1 -o json'))).toMatchObject({
    exitCode: 3,
    hint: 'panelctl nezha server list; the account of a member is shown its own alone, and a token for some servers those',
  })
})
