import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, openidcsSandbox} from '../../harness.js'

type Sandbox = Awaited<ReturnType<typeof openidcsSandbox>>

function vmOf({state}: Sandbox) {
  const vm = state.hosts.get('node1')?.vms.get('web01')
  if (!vm) throw new Error('the sandbox has no web01')
  return vm
}

/** The three nouns, and what somebody else adds under the same port, address or domain. */
const nouns = [
  {
    noun: 'nat',
    flags: '--port 9000 --to 10.0.0.1:1',
    list: '/api/client/natget/node1/web01',
    add: '/api/client/natadd/node1/web01',
    takenBy(sandbox: Sandbox) {
      vmOf(sandbox).nat.push({
        protocol: 'tcp',
        external_port: 9000,
        internal_port: 1,
        internal_ip: '10.6.6.6',
      })
    },
    wanted: 'port forward tcp 9000 to 10.0.0.1:1',
    other: 'port forward tcp 9000 to 10.6.6.6:1',
  },
  {
    noun: 'ip',
    flags: '--address 10.0.0.9 --netmask 255.255.255.0',
    list: '/api/client/ipaddr/detail/node1/web01',
    add: '/api/client/ipaddr/create/node1/web01',
    takenBy(sandbox: Sandbox) {
      vmOf(sandbox).addresses.push({type: 'ipv4', address: '10.0.0.9', netmask: '255.0.0.0', nic: 'nic6'})
    },
    wanted: 'address 10.0.0.9',
    other: 'address 10.0.0.9 (nic6)',
  },
  {
    noun: 'proxy',
    flags: '--domain new.example.com --to 10.0.0.1:1',
    list: '/api/client/proxys/detail/node1/web01',
    add: '/api/client/proxys/create/node1/web01',
    takenBy(sandbox: Sandbox) {
      vmOf(sandbox).proxies.push({domain: 'new.example.com', backend_ip: '10.6.6.6', backend_port: 1})
    },
    wanted: 'proxy new.example.com to 10.0.0.1:1',
    other: 'proxy new.example.com to 10.6.6.6:1',
  },
]

describe.each(nouns)('openidcs $noun add', ({noun, flags, list, add, takenBy, wanted, other}) => {
  const line = `openidcs ${noun} add node1 web01 ${flags}`
  const look = `panelctl openidcs ${noun} list node1 web01`

  /** Somebody else adds it as soon as the list was read. */
  function takenMeanwhile(sandbox: Sandbox): void {
    const change = (json: unknown) => {
      takenBy(sandbox)
      return json
    }
    sandbox.faults.next({kind: 'wrong-types', change}, {path: list})
  }

  test("does not take another's for its own where no answer came", async () => {
    const sandbox = await openidcsSandbox()
    takenMeanwhile(sandbox)
    sandbox.faults.next({kind: 'reset'}, {path: add})
    const outcome = await cli(`${line} -o json`, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    const {message, hint} = failureOf(outcome)
    expect(message).toContain(`it may have been done; the list has the ${other} (index `)
    expect(message).toMatch(/instead, which may be somebody else's$/)
    expect(hint).toBe(`look before you repeat it: ${look}`)
  })

  test("finds its own beside another's", async () => {
    const sandbox = await openidcsSandbox()
    takenMeanwhile(sandbox)
    sandbox.faults.next({kind: 'reset-before-answer-headers'}, {path: add})
    const outcome = await cli(line, {env: sandbox.environment})
    expect(outcome.exitCode).toBe(0)
    expect(outcome.stderr).toBe(
      `warning: no usable answer came, but the list has it\nadded the ${wanted} of web01\n`,
    )
  })

  test('exits with 7 where the panel says yes and does nothing', async () => {
    const sandbox = await openidcsSandbox()
    const body = JSON.stringify({code: 200, msg: 'ok', data: null})
    sandbox.faults.next({kind: 'status', status: 200, body, contentType: 'application/json'}, {path: add})
    expect(await cli(line, {env: sandbox.environment})).toEqual({
      exitCode: 7,
      stdout: '',
      stderr: `panelctl: the panel says that it added the ${wanted}, but the list of web01 does not have it\nhint: look before you repeat it: ${look}\n`,
    })
  })

  test('is done where the answer is JSON of another kind and the list shows it', async () => {
    const sandbox = await openidcsSandbox()
    sandbox.faults.next({kind: 'wrong-types', change: json => ({...Object(json), code: '200'})}, {path: add})
    const outcome = await cli(line, {env: sandbox.environment})
    expect(outcome.exitCode).toBe(0)
    expect(outcome.stderr).toContain('warning: no usable answer came, but the list has it\n')
    expect(paths(sandbox).filter(path => path.startsWith('POST'))).toEqual([`POST ${add}`])
  })

  test('exits with 7 for a page in place of an answer where the list does not show it', async () => {
    const sandbox = await openidcsSandbox()
    sandbox.faults.next({kind: 'html-200'}, {path: add})
    const outcome = await cli(`${line} -o json`, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(failureOf(outcome).hint).toBe(`look before you repeat it: ${look}`)
  })

  test('exits with 10 where this version has no such call', async () => {
    const sandbox = await openidcsSandbox()
    sandbox.faults.next({kind: 'html-404'}, {path: add})
    expect(await cli(line, {env: sandbox.environment})).toMatchObject({exitCode: 10, stdout: ''})
  })
})

test('one that somebody adds at the same time is there twice, which is said with how to delete one', async () => {
  const sandbox = await openidcsSandbox()
  const same = {protocol: 'tcp', external_port: 9000, internal_port: 1, internal_ip: '10.0.0.1'}
  sandbox.faults.next(
    {
      kind: 'wrong-types',
      change(json) {
        vmOf(sandbox).nat.push(same)
        return json
      },
    },
    {path: '/api/client/natget/node1/web01'},
  )
  const {exitCode, stderr} = await cli('openidcs nat add node1 web01 --port 9000 --to 10.0.0.1:1', {
    env: sandbox.environment,
  })
  expect(exitCode).toBe(0)
  expect(stderr).toContain(
    'warning: web01 has it 2 times now (index 4, 5), as somebody added the same at the same time: panelctl openidcs nat delete node1 web01 --index 5\n',
  )
  const line = 'openidcs nat delete node1 web01 --index 5 --yes'
  expect((await cli(line, {env: sandbox.environment})).exitCode).toBe(0)
  expect(vmOf(sandbox).nat.filter(({external_port}) => external_port === 9000)).toHaveLength(1)
})
