import {describe, expect, test} from 'vitest'
import {failureOf} from '../../failure.js'
import {cli, words} from '../../harness.js'
import {file, panel, writes} from '../../openidcs-panel.js'

async function world() {
  const sandbox = await panel('newest')
  const run = (line: string) => cli([...words(`openidcs ${line}`), '-o', 'json'], {env: sandbox.environment})
  return {sandbox, run}
}

const app1 = 'vm create node1 --name app1 --os debian12.vmdk --cpu 1 --memory 1G --disk 10G'
const host = () => `host create n9 --type VMWareSetup --file ${file('server_addr: 10.0.0.9:8697')}`

describe('a script that runs twice', () => {
  test.each([
    ['a machine', () => app1, 'there is a virtual machine "app1" on node1 already', 'app1'],
    ['a host', host, 'there is a host "n9" already', undefined],
    [
      'a port forward to another target',
      (again: boolean) => `nat add node1 web1 --port 8080 --to 192.168.1.101:${again ? 81 : 80}`,
      'web1 has it already',
      '8080',
    ],
  ])('is green with --if-exists skip: %s', async (_, line, message, id) => {
    const {sandbox, run} = await world()
    expect((await run(`${line(false)} --if-exists skip`)).exitCode).toBe(0)
    const sent = writes(sandbox).length
    const refused = await run(line(true))
    expect(refused).toMatchObject({exitCode: 5, stdout: ''})
    expect(failureOf(refused)).toMatchObject({reason: 'exists'})
    const skipped = await run(`${line(true)} --if-exists skip`)
    expect(skipped.exitCode).toBe(0)
    expect(JSON.parse(skipped.stdout)).toMatchObject({changed: false})
    expect(JSON.parse(skipped.stderr).note).toContain(message)
    expect(failureOf(refused).message).toContain(message)
    // A script goes on with what is there.
    if (id !== undefined) {
      const named = await cli([...words(`openidcs ${line(true)} --if-exists skip`), '-o', 'id'], {
        env: sandbox.environment,
      })
      expect(named).toMatchObject({exitCode: 0, stdout: `${id}\n`})
    }
    // The panel itself refuses a host.
    if (!line(true).startsWith('host')) expect(writes(sandbox)).toHaveLength(sent)
  })

  test.each([
    ['vm delete node1 none --yes', 'there is no virtual machine "none" on node1'],
    ['host delete none --yes', 'there is no host "none"'],
    ['nat delete node1 web1 --port 9 --yes', 'web1 has no port forward on port 9'],
    ['ip delete node1 web1 --address 10.9.9.9 --yes', 'web1 has no address 10.9.9.9'],
    ['proxy delete node1 web1 --domain no.test --yes', 'web1 has no proxy for no.test'],
  ])('is green with --if-missing skip: %s', async (line, message) => {
    const {sandbox, run} = await world()
    const refused = await run(line)
    expect(refused).toMatchObject({exitCode: 3, stdout: ''})
    expect(failureOf(refused)).toMatchObject({reason: 'missing', message: expect.stringContaining(message)})
    // Nobody is asked about what is not there.
    for (const flags of ['', ' --dry-run']) {
      const skipped = await run(`${line} --if-missing skip${flags}`)
      expect(skipped).toMatchObject({exitCode: 0, stdout: '{\n  "changed": false\n}\n'})
      expect(JSON.parse(skipped.stderr).note).toContain(message)
    }
    expect(writes(sandbox)).toEqual([])
  })

  test('is still told of a host that there is not: that is another thing than what was to go', async () => {
    const {run} = await world()
    for (const line of [
      'vm delete nohost web1',
      'nat delete node1 nosuch --port 1',
      'nat delete nohost web1 --port 1',
    ]) {
      const outcome = await run(`${line} --yes --if-missing skip`)
      expect(outcome, line).toMatchObject({exitCode: 3, stdout: ''})
    }
  })

  test('goes on with those of several that are there', async () => {
    const {sandbox, run} = await world()
    const {stdout, exitCode} = await run('vm delete node1 none db1 --yes --if-missing skip')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual([
      {vm: 'none', changed: false},
      {vm: 'db1', changed: true},
    ])
    expect(writes(sandbox)).toEqual(['DELETE /api/client/delete/node1/db1'])
  })
})
