import {describe, expect, test} from 'vitest'
import {Interrupted} from '../../../src/lib/command/interrupted.js'
import {failureOf} from '../../failure.js'
import {type CliOptions, cli, temporaryFolder, words} from '../../harness.js'
import {hosts, type Profile, panel, writes} from '../../openidcs-panel.js'

/** A panel that takes its time with each write, and runs of one user against it. */
async function slowPanel(profile: Profile, slow = '60ms') {
  const vms = Array.from({length: 6}, (_, index) => ({name: `vm${index}`}))
  const sandbox = await panel(profile, {
    slow,
    hosts: [{...hosts[0], name: 'node1', vms: [...(hosts[0]?.vms ?? []), ...vms]}],
  })
  const env = {...sandbox.environment, PANELCTL_STATE_DIR: temporaryFolder()}
  const run = (line: string, options: CliOptions = {}) =>
    cli([...words(`openidcs ${line}`), '-o', 'json'], {...options, env})
  const all = (...lines: readonly string[]) => Promise.all(lines.map(line => run(line)))
  return {sandbox, run, all}
}

const codes = (outcomes: readonly {exitCode: number}[]) => outcomes.map(({exitCode}) => exitCode)

describe.each(['seed', 'c5ee1c9', 'newest'] as const)('two runs at once, on %s', profile => {
  test('deletions by position take the rules that were meant, and no other', async () => {
    const {run, all} = await slowPanel(profile)
    for (const port of [21_101, 21_102, 21_103, 21_104, 21_105])
      expect((await run(`nat add node1 web1 --port ${port} --to 192.168.1.101:80`)).exitCode).toBe(0)
    const outcomes = await all(...[1, 2, 3, 4].map(last => `nat delete node1 web1 --port 2110${last} --yes`))
    expect(codes(outcomes)).toEqual([0, 0, 0, 0])
    const list = JSON.parse((await run('nat list node1 web1')).stdout)
    expect(list.map((rule: Record<string, unknown>) => Number(rule.external_port ?? rule.wan_port))).toEqual([
      21_105,
    ])
  })

  test('changes of one machine both hold', async () => {
    const {run, all} = await slowPanel(profile)
    const outcomes = await all('vm update node1 db1 --memory 3G --yes', 'vm update node1 db1 --cpu 3 --yes')
    expect(codes(outcomes)).toEqual([0, 0])
    const {config} = JSON.parse((await run('vm show node1 db1')).stdout)
    expect(config).toMatchObject({mem_num: 3072, cpu_num: 3})
  })

  test('of two creations of one name one is refused: it exists', async () => {
    const {sandbox, all} = await slowPanel(profile)
    const line = 'vm create node1 --name app1 --os debian12.vmdk --cpu 1 --memory 1G --disk 10G'
    const outcomes = await all(line, line)
    expect(codes(outcomes).toSorted()).toEqual([0, 5])
    const refused = outcomes.find(({exitCode}) => exitCode === 5)
    expect(refused && failureOf(refused)).toMatchObject({reason: 'exists'})
    expect(writes(sandbox)).toEqual(['POST /api/client/create/node1'])
  })

  test('the same rule is added once', async () => {
    const {run, all} = await slowPanel(profile)
    const line = 'nat add node1 web1 --port 21200 --to 192.168.1.101:80'
    const outcomes = await all(line, line, line)
    expect(codes(outcomes)).toEqual([0, 0, 0])
    expect(outcomes.map(({stdout}) => JSON.parse(stdout).changed).toSorted()).toEqual([false, false, true])
    expect(JSON.parse((await run('nat list node1 web1')).stdout)).toHaveLength(1)
  })

  test('deletions of several machines all come to their end', async () => {
    const {run, all} = await slowPanel(profile)
    const outcomes = await all(...[0, 1, 2, 3, 4, 5].map(vm => `vm delete node1 vm${vm} --yes`))
    expect(codes(outcomes)).toEqual([0, 0, 0, 0, 0, 0])
    const left = JSON.parse((await run('vm list node1')).stdout).map(({uuid}: {uuid: string}) => uuid)
    expect(left.toSorted()).toEqual(['db1', 'web1', 'web10'])
  })
})

describe('who waits for another run', () => {
  const first = 'vm update node1 db1 --cpu 3 --yes'
  const second = 'vm update node1 db1 --cpu 4 --yes'

  /** Two runs, of which the second begins once the first has sent its write. */
  async function bothAtOnce(line: string, options: CliOptions = {}) {
    const world = await slowPanel('newest', '900ms')
    const running = world.run(first)
    await expect.poll(() => writes(world.sandbox)).toHaveLength(1)
    const waited = await world.run(line, options)
    expect((await running).exitCode).toBe(0)
    return {...world, waited}
  }

  test('does so for --lock-timeout at most: exit 6, and nothing was sent', async () => {
    const {waited, sandbox} = await bothAtOnce(`${second} --lock-timeout 50ms`)
    expect(waited).toMatchObject({exitCode: 6, stdout: ''})
    expect(failureOf(waited).message).toBe('another panelctl is changing db1 on node1; nothing was sent')
    expect(writes(sandbox)).toHaveLength(1)
  })

  test('is told so on a terminal alone', async () => {
    const {waited} = await bothAtOnce(second, {tty: {stderr: true}})
    expect(waited.exitCode).toBe(0)
    expect(waited.stderr).toContain('another panelctl is changing db1 on node1: waiting for it')
    const {waited: silent} = await bothAtOnce(second)
    expect(silent).toMatchObject({exitCode: 0, stderr: expect.not.stringContaining('waiting')})
  })

  test('ends at a signal', async () => {
    const interruption = new AbortController()
    const world = await slowPanel('newest', '900ms')
    const running = world.run(first)
    await expect.poll(() => writes(world.sandbox)).toHaveLength(1)
    const waited = world.run(second, {
      signal: interruption.signal,
      tty: {stderr: true},
      written: text => {
        if (text.includes('waiting for it')) interruption.abort(new Interrupted(130))
      },
    })
    expect(await waited).toMatchObject({exitCode: 130, stdout: ''})
    expect((await running).exitCode).toBe(0)
    expect(writes(world.sandbox)).toHaveLength(1)
  })

  test('does not wait for what is at another machine', async () => {
    const {waited, sandbox} = await bothAtOnce('vm update node1 web10 --cpu 4 --yes --lock-timeout 50ms')
    expect(waited.exitCode).toBe(0)
    expect(writes(sandbox)).toHaveLength(2)
  })
})
