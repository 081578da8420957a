import {describe, expect, test} from 'vitest'
import {failureOf} from '../../failure.js'
import {cli, dashboardSandbox} from '../../harness.js'

async function dashboard(generation: 'v1' | 'v2') {
  const panel = await dashboardSandbox({generation})
  const run = (line: string) => cli(`nezha ${line}`, {env: panel.environment})
  const json = async (line: string) => JSON.parse((await run(`${line} -o json`)).stdout)
  return {panel, run, json}
}

describe.each(['v1', 'v2'] as const)('what has the number of another one for its name on %s', generation => {
  test('is not hit by that number, which is the id of the other, by any command', async () => {
    const {run, json} = await dashboard(generation)
    await run('cron create 2 --scheduler "@every 1h" --command x --server 1')
    await run('cron create b --scheduler "@every 1h" --command y --server 1')
    expect(await json('cron show 2')).toMatchObject({id: 2, name: 'b'})
    expect(await json('cron show b')).toMatchObject({id: 2})
    expect(
      await json('alert create a --rule \'{"type":"cpu","max":9,"duration":9}\' --fail-trigger-tasks 2'),
    ).toMatchObject({
      fail_trigger_tasks: ['b'],
    })
    expect(await json('cron run 2')).toMatchObject({id: 2})
    await run('server edit 1 --name 2')
    expect(await json('agent update 2')).toMatchObject({id: 2})
    expect(await json('cron edit b --server 2')).toMatchObject({servers: ['db1']})
    await run('cron delete 2 --yes')
    expect(await json('cron list')).toMatchObject([{id: 1, name: '2'}])
  })
})

describe.each(['v1', 'v2'] as const)(
  'one thing that is named twice, by its name and by its id, on %s',
  generation => {
    test('is done to once', async () => {
      const {run, json, panel} = await dashboard(generation)
      const [{name: server}] = await json('server list')
      await run('cron create a --scheduler "@every 1h" --command x --server 1')
      expect(await json('cron run a 1')).toEqual([{name: 'a', id: 1, changed: true}])
      const methods = panel.requests.filter(({path}) => path.endsWith('/manual')).map(({method}) => method)
      // v1 has no POST there, and is asked by GET then.
      expect(methods).toEqual([...new Set(methods)])
      expect(await json('cron edit 1 a --command z')).toMatchObject([{name: 'a', changed: true}])
      expect(await run('cron delete a 1 a --yes')).toMatchObject({
        stderr: 'deleted the task a\n',
        exitCode: 0,
      })
      expect(await json(`agent update 1 ${server}`)).toEqual([
        {server: '1', id: 1, name: server, changed: true},
      ])
      expect(await json(`agent config set 1 ${server} --report-delay 2`)).toHaveLength(1)
      await run('group create Edge9')
      const [{id}] = (await json('group list')).filter(({name}: {name: string}) => name === 'Edge9')
      expect(await run(`group delete Edge9 ${id} --yes`)).toMatchObject({exitCode: 0})
      expect(await run(`server delete ${server} 1 --yes`)).toMatchObject({exitCode: 0})
    })

    test('is no guess of what another name was a slip of', async () => {
      const {run} = await dashboard(generation)
      const failed = async (line: string) => failureOf(await run(`${line} -o json`))
      for (const name of ['backup', 'backupd'])
        await run(`cron create ${name} --scheduler "@every 1h" --command x --server 1`)
      expect((await failed('cron edit backup backups --command z')).hint).toBe('did you mean "backupd"?')
      // Told by its id as well, and of what is gone then.
      expect(await failed('cron delete 1 backupd backups --yes')).toMatchObject({
        message: '1 of 3 failed: backups: there is no task "backups"',
        hint: 'panelctl nezha cron list',
      })
    })

    test('does not hide that others are not there', async () => {
      const {run, json} = await dashboard(generation)
      const [{name: server}] = await json('server list')
      const {exitCode, stderr} = await run(`agent update 1 nope ${server}`)
      expect({exitCode, stderr}).toMatchObject({
        exitCode: 9,
        stderr: expect.stringContaining('1 of 2 failed: nope: '),
      })
    })
  },
)

describe.each(['v1', 'v2'] as const)('what is there already on %s', generation => {
  const nat = 'nat create'
  const flags = '--server 1 --host 127.0.0.1:80 --domain wiki.example.com'

  test('is told as it is where it is to be left, also its id', async () => {
    const {run, json} = await dashboard(generation)
    const made = await json(`${nat} wiki ${flags}`)
    expect(await json(`${nat} wiki ${flags} --if-exists skip`)).toEqual({...made, changed: false})
    expect(await run(`${nat} wiki ${flags} --if-exists skip -o id`)).toEqual({
      stdout: '1\n',
      stderr: 'the NAT profile wiki exists (1)\n',
      exitCode: 0,
    })
  })

  test('is not another one that has the same domain', async () => {
    const {run} = await dashboard(generation)
    await run(`${nat} wiki ${flags}`)
    expect(failureOf(await run(`${nat} blog ${flags} --if-exists skip -o json`))).toMatchObject({
      exitCode: 5,
      message: 'the NAT profile wiki exists with the domain wiki.example.com (1)',
    })
  })

  test('is not given to several where the panel takes it once: nothing is changed', async () => {
    const {run, json} = await dashboard(generation)
    await run(`${nat} wiki ${flags}`)
    await run(`${nat} blog --server 1 --host 127.0.0.1:80 --domain blog.example.com`)
    expect(await run('nat edit wiki blog --domain new.example.com')).toMatchObject({
      stderr: 'panelctl: several NAT profiles cannot have one domain\n',
      exitCode: 2,
    })
    expect((await json('nat list')).map(({domain}: {domain: string}) => domain)).toEqual([
      'wiki.example.com',
      'blog.example.com',
    ])
  })
})

test('a kind of thing has the article that it takes, and a flag with JSON is named', async () => {
  const {run} = await dashboard('v2')
  const rule = `--rule '{"type":"cpu","max":9,"duration":9}'`
  expect((await run(`alert create '' ${rule}`)).stderr).not.toContain('a alert')
  await run(`alert create a ${rule}`)
  expect((await run(`alert edit a --name ' '`)).stderr).toBe(
    'panelctl: --name: an alert cannot be without it\n',
  )
  expect((await run('alert edit a --rule nope')).stderr).toMatch(/^panelctl: --rule: this is no JSON\n/)
})
