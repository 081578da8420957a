import {PassThrough} from 'node:stream'
import {describe, expect, test} from 'vitest'
import {Interrupted} from '../../../src/lib/command/interrupted.js'
import {failureOf} from '../../failure.js'
import {cli, openidcsSandbox} from '../../harness.js'
import {panel, run, writes} from '../../openidcs-panel.js'

const refused = {
  kind: 'status',
  status: 200,
  contentType: 'application/json',
  body: '{"code": 400, "msg": "no", "data": null}',
} as const

/** A terminal where somebody answers a question that ends so. */
function answering(end: string, answer: string) {
  const stdin = new PassThrough()
  return {
    tty: {stdin: true, stderr: true},
    stdin,
    written: (text: string, stream: string) => {
      if (stream === 'stderr' && text.endsWith(end)) stdin.write(`${answer}\n`)
    },
  } as const
}

test.each([
  'nat add node1 web02 --port 9555 --to 192.168.1.102:90',
  'ip add node1 web02 --address 192.168.1.9',
  'proxy add node1 web02 --domain x.example.com --to 192.168.1.102:90',
  'vm create node1 --name app1 --os debian12.vmdk',
  'vm power node1 web01 start --wait',
  'vm power node1 web01 web02 start',
])('a column that there is not is found before anything is sent: %s', async line => {
  const sandbox = await openidcsSandbox()
  const outcome = await cli(`openidcs ${line} --columns nope`, {env: sandbox.environment})
  expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
  expect(outcome.stderr).toContain('no column "nope"')
  expect(sandbox.requests).toEqual([])
})

describe('vm power with several names', () => {
  test('sends one request for each, one after the other, and says each', async () => {
    const sandbox = await panel('newest')
    expect(await run(sandbox, 'power node1 db1 web10 db1 reset')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'reset of db1 on node1 was accepted\nreset of web10 on node1 was accepted\n',
    })
    expect(writes(sandbox)).toEqual([
      'POST /api/client/powers/node1/db1',
      'POST /api/client/powers/node1/web10',
    ])
  })

  test('gives an array that names each, and an object for one as before', async () => {
    const sandbox = await panel()
    const several = await run(sandbox, 'power node1 db1 web10 start -o json')
    expect(JSON.parse(several.stdout)).toEqual([
      {vm: 'db1', changed: true},
      {vm: 'web10', changed: true},
    ])
    const one = await run(sandbox, 'power node1 db1 start -o json')
    expect(JSON.parse(one.stdout)).toEqual({changed: true})
  })

  test('tries each although another fails: 9, and the failed one is named', async () => {
    const sandbox = await panel('newest')
    const outcome = await run(sandbox, 'power node1 none db1 start -o json')
    expect(outcome.exitCode).toBe(9)
    expect(JSON.parse(outcome.stdout)).toEqual([
      {
        vm: 'none',
        error: {code: 'NOT_FOUND', exitCode: 3, message: 'there is no virtual machine "none" on node1'},
      },
      {vm: 'db1', changed: true},
    ])
    expect(failureOf(outcome)).toMatchObject({
      code: 'PARTIAL',
      message: '1 of 2 failed: none: there is no virtual machine "none" on node1',
    })
    expect(writes(sandbox)).toEqual(['POST /api/client/powers/node1/db1'])
  })

  test('exits as one does where all fail alike, and with 9 where they do not', async () => {
    const sandbox = await panel('newest')
    const alike = await run(sandbox, 'power node1 no1 no2 start')
    expect(alike).toMatchObject({exitCode: 3, stdout: ''})
    expect(alike.stderr).toContain(
      '2 of 2 failed: no1: there is no virtual machine "no1" on node1; no2: there is no',
    )
    expect(alike.stderr).toContain('\nhint: panelctl openidcs vm list node1\n')
    sandbox.faults.next(refused, {path: '/api/client/powers/node1/db1'})
    expect(await run(sandbox, 'power node1 no1 db1 start')).toMatchObject({exitCode: 9, stdout: ''})
  })

  test('--wait waits for each, and shows them as a list does', async () => {
    const sandbox = await panel('newest')
    const outcome = await run(sandbox, 'power node1 db1 web10 start --wait --wait-timeout 8s')
    expect(outcome).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^NAME +STATE .*\ndb1 +STARTED .*\nweb10 +STARTED .*\n$/),
    })
    const again = await run(sandbox, 'power node1 db1 web10 start --wait --wait-timeout 8s -o ndjson')
    const lines = again.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines).toMatchObject([
      {vm: 'db1', uuid: 'db1', config: {vm_flag: 'STARTED'}, changed: false},
      {vm: 'web10', uuid: 'web10', config: {vm_flag: 'STARTED'}, changed: false},
    ])
  })

  test('waits for the next one although time ran out for the one before', async () => {
    const sandbox = await panel('newest')
    const outcome = await run(sandbox, 'power node1 web10 db1 stop --wait --wait-timeout 1s -o json')
    expect(outcome.exitCode).toBe(9)
    expect(JSON.parse(outcome.stdout)).toMatchObject([
      {vm: 'web10', uuid: 'web10', error: {code: 'WAIT_TIMEOUT', exitCode: 8}},
      {vm: 'db1'},
    ])
  })

  test('-o id prints those that went well, also of one', async () => {
    const sandbox = await panel('newest')
    expect(await run(sandbox, 'power node1 none db1 web10 start -o id')).toMatchObject({
      exitCode: 9,
      stdout: 'db1\nweb10\n',
    })
    expect((await run(sandbox, 'power node1 db1 start -o id')).stdout).toBe('db1\n')
  })

  test('-o csv has a line for each, and nothing where nothing is seen of them', async () => {
    const sandbox = await panel('newest')
    const waited = await run(
      sandbox,
      'power node1 db1 web10 start --wait --wait-timeout 8s -o csv --columns name',
    )
    expect(waited).toMatchObject({exitCode: 0, stdout: 'name\ndb1\nweb10\n'})
    expect((await run(sandbox, 'power node1 db1 web10 start -o csv')).stdout).toBe('')
  })

  test('--dry-run shows each request, and sends none', async () => {
    const sandbox = await panel()
    const outcome = await run(sandbox, 'power node1 db1 none web10 start --dry-run')
    expect(outcome.exitCode).toBe(9)
    expect(JSON.parse(outcome.stdout)).toMatchObject([
      {vm: 'db1', method: 'POST', url: `${sandbox.url}/api/client/powers/node1/db1`, body: {action: 'start'}},
      {vm: 'none', error: {code: 'NOT_FOUND'}},
      {vm: 'web10', method: 'POST', url: `${sandbox.url}/api/client/powers/node1/web10`},
    ])
    expect(writes(sandbox)).toEqual([])
  })

  test('masks secrets in each', async () => {
    const sandbox = await panel('newest')
    const line = 'power lxc1 web1 web10 start --wait --wait-timeout 8s -o json'
    const {stdout} = await run(sandbox, line)
    expect(JSON.parse(stdout)).toMatchObject([
      {config: {vc_pass: '********'}},
      {config: {vc_pass: '********'}},
    ])
  })

  test('takes the last word for the action, and sends nothing where it is none', async () => {
    const sandbox = await panel()
    for (const words of ['power node1 db1 web10', 'power node1 db1 start web10', 'power node1 start'])
      expect(await run(sandbox, words), words).toMatchObject({exitCode: 2, stdout: ''})
    expect(sandbox.requests).toEqual([])
  })

  test('ends at Ctrl-C: what was done was said, and the next one is not tried', async () => {
    const sandbox = await panel('newest')
    const interruption = new AbortController()
    const outcome = run(sandbox, 'power node1 db1 web10 stop', {
      signal: interruption.signal,
      written: text => {
        if (text.startsWith('db1 ')) interruption.abort(new Interrupted(130))
      },
    })
    expect(await outcome).toMatchObject({exitCode: 130, stderr: 'db1 on node1 was STOPPED already\n'})
    expect(writes(sandbox)).toEqual(['POST /api/client/powers/node1/db1'])
  })
})

describe('vm delete with several names', () => {
  test('asks once, for all of them', async () => {
    const sandbox = await panel()
    const end = 'Type db1 web10 to go on: '
    const no = await run(sandbox, 'delete node1 db1 web10', answering(end, 'db1'))
    expect(no.exitCode).toBe(2)
    expect(no.stderr).toContain(
      'Delete db1 on node1 with its disks? Delete web10 on node1 with its disks? Type db1 web10 to go on:',
    )
    expect(sandbox.requests).toEqual([])
    const yes = await run(sandbox, 'delete node1 db1 web10', answering(end, 'db1 web10'))
    expect(yes.exitCode).toBe(0)
    expect(writes(sandbox)).toEqual([
      'DELETE /api/client/delete/node1/db1',
      'DELETE /api/client/delete/node1/web10',
    ])
  })

  test('a yes or no is asked once, too', async () => {
    const sandbox = await panel()
    const line = 'power node1 db1 web10 hard_stop'
    expect((await run(sandbox, line, answering('[y/N] ', 'n'))).exitCode).toBe(2)
    expect(sandbox.requests).toEqual([])
    expect((await run(sandbox, line, answering('[y/N] ', 'y'))).exitCode).toBe(0)
    expect(writes(sandbox)).toHaveLength(2)
  })

  test('deletes the others where one is refused', async () => {
    const sandbox = await panel()
    sandbox.faults.next(refused, {path: '/api/client/delete/node1/db1'})
    const outcome = await run(sandbox, 'delete node1 db1 web10 --yes --wait -o json')
    expect(outcome.exitCode).toBe(9)
    expect(JSON.parse(outcome.stdout)).toEqual([
      {
        vm: 'db1',
        error: {
          code: 'REJECTED',
          exitCode: 5,
          message: expect.stringMatching(/ said: no \(code 400\); db1 is still listed$/),
        },
      },
      {vm: 'web10', changed: true},
    ])
    expect(failureOf(outcome).message).toContain('1 of 2 failed: db1: ')
  })
})

describe('changed of vm power', () => {
  test.each([
    ['db1', 'stop', 'STOPPED'],
    ['db1', 'hard_stop --yes', 'STOPPED'],
    ['web10', 'start', 'STARTED'],
    ['web10', 'resume', 'STARTED'],
  ])('is false where %s was so before a %s, which is sent all the same', async (name, action, state) => {
    const sandbox = await panel('newest')
    const outcome = await run(sandbox, `power node1 ${name} ${action} -o json`)
    expect(outcome).toEqual({
      exitCode: 0,
      stdout: '{\n  "changed": false\n}\n',
      stderr: `{"note":"${name} on node1 was ${state} already"}\n`,
    })
    expect(writes(sandbox)).toHaveLength(1)
  })

  test.each([
    ['newest', 'db1 start'],
    ['newest', 'web10 hard_stop --yes'],
    ['newest', 'web10 reset'],
    // Nothing but an agent says how it is, and that is of some time ago.
    ['seed', 'web10 start'],
  ] as const)('is true on %s for %s', async (profile, words) => {
    const outcome = await run(await panel(profile), `power node1 ${words} -o json`)
    expect(outcome).toMatchObject({exitCode: 0, stdout: '{\n  "changed": true\n}\n'})
  })

  test('is true where the state before cannot be read, which keeps nothing from being sent', async () => {
    const sandbox = await panel('newest')
    sandbox.faults.next({kind: 'status', status: 404}, {path: '/api/client/detail/node1'})
    const outcome = await run(sandbox, 'power node1 web10 start -o json')
    expect(outcome).toMatchObject({exitCode: 0, stdout: '{\n  "changed": true\n}\n'})
  })
})
