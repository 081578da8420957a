import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, openidcsSandbox} from '../../harness.js'

type Sandbox = Awaited<ReturnType<typeof openidcsSandbox>>
type Rules = Record<string, unknown>[]

/** The three nouns whose rules the seed's server addresses by position. */
const nouns = [
  {
    noun: 'nat',
    name: 'port forward',
    flag: '--port 8443',
    other: '--port 1',
    rule: 'tcp 8443 to 192.168.1.101:443',
    index: 1,
    list: '/api/client/natget/node1/web01',
    remove: '/api/client/natdel/node1/web01',
    rules: (sandbox: Sandbox): Rules => vmOf(sandbox).nat,
    added: {protocol: 'tcp', external_port: 1, internal_port: 1, internal_ip: '10.0.0.1', description: ''},
    lost: 'tcp 2201 to 192.168.1.101:22',
  },
  {
    noun: 'ip',
    name: 'address',
    flag: '--address 192.168.1.101',
    other: '--address 10.9.9.9',
    rule: '192.168.1.101 (ethernet0)',
    index: 0,
    list: '/api/client/ipaddr/detail/node1/web01',
    remove: '/api/client/ipaddr/delete/node1/web01',
    rules: (sandbox: Sandbox): Rules => vmOf(sandbox).addresses,
    added: {type: 'ipv4', address: '10.0.0.1', netmask: '', gateway: '', nic: '', description: ''},
    lost: '2001:db8::101 (ethernet0)',
  },
  {
    noun: 'proxy',
    name: 'proxy',
    flag: '--domain WWW.example.com',
    other: '--domain nope.example.com',
    rule: 'www.example.com to 192.168.1.101:80',
    index: 0,
    list: '/api/client/proxys/detail/node1/web01',
    remove: '/api/client/proxys/delete/node1/web01',
    rules: (sandbox: Sandbox): Rules => vmOf(sandbox).proxies,
    added: {domain: 'new.example.com', backend_ip: '10.0.0.1', backend_port: 80, ssl_enabled: false},
    lost: 'api.example.com to 192.168.1.101:8000',
  },
]

function vmOf({state}: Sandbox) {
  const vm = state.hosts.get('node1')?.vms.get('web01')
  if (!vm) throw new Error('the sandbox has no web01')
  return vm
}

/** Lets somebody else change the list as soon as it was read so often. */
function afterRead({faults}: Sandbox, list: string, reads: number, change: () => void): void {
  for (let read = 1; read <= reads; read++) {
    faults.next(
      {
        kind: 'wrong-types',
        change: json => {
          if (read === reads) change()
          return json
        },
      },
      {path: list},
    )
  }
}

function deletions(sandbox: Sandbox): string[] {
  return paths(sandbox).filter(path => path.startsWith('DELETE'))
}

describe.each(nouns)('openidcs $noun delete', given => {
  const {noun, name, flag, rule, index, list, remove, rules, added, lost} = given
  const command = `openidcs ${noun} delete node1 web01`
  const look = `panelctl openidcs ${noun} list node1 web01`
  const yes = `${command} ${flag} --yes`

  test('deletes the one that is meant, once, and says what is left', async () => {
    const sandbox = await openidcsSandbox()
    const before = rules(sandbox).length
    const outcome = await cli(`${yes} -o json`, {env: sandbox.environment})
    expect(outcome.exitCode).toBe(0)
    const {deleted, left} = JSON.parse(outcome.stdout)
    expect(deleted.index).toBe(index)
    expect(left).toHaveLength(before - 1)
    expect(left).not.toContainEqual(deleted)
    expect(JSON.parse(outcome.stderr).note).toMatch(
      new RegExp(`^deleted the ${name} ${rule.replace(/[()]/g, '\\$&')} of web01; left: .`),
    )
    expect(paths(sandbox)).toEqual([`GET ${list}`, `GET ${list}`, `DELETE ${remove}/${index}`, `GET ${list}`])
    expect(rules(sandbox)).toHaveLength(before - 1)
  })

  test('exits with 3 for what is not there, and with 2 for nothing said', async () => {
    const sandbox = await openidcsSandbox()
    for (const flags of [given.other, '--index 99', `${flag} --index 99`]) {
      const outcome = await cli(`${command} ${flags} --yes -o json`, {env: sandbox.environment})
      expect(outcome).toMatchObject({exitCode: 3, stdout: ''})
      expect(failureOf(outcome).hint).toBe(look)
    }
    const outcome = await cli(`${command} --yes`, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 2, stderr: expect.stringContaining('or --index\n')})
    expect(deletions(sandbox)).toEqual([])
  })

  test('exits with 3 for another VM', async () => {
    const sandbox = await openidcsSandbox()
    const outcome = await cli(yes.replace('web01', 'nope'), {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 3, stdout: ''})
    expect(outcome.stderr).toContain('hint: panelctl openidcs vm list node1')
  })

  test('exits with 2 before any request without a terminal and without --yes', async () => {
    const sandbox = await openidcsSandbox()
    expect(await cli(`${command} ${flag}`, {env: sandbox.environment, stdin: 'y\n'})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: ${command.split(' ', 3).join(' ')} asks before it does anything. There is no terminal to ask on
hint: add --yes to go on without asking
`,
    })
    expect(sandbox.requests).toEqual([])
  })

  test.each([
    ['y\n', 0],
    ['n\n', 2],
  ])('asks on a terminal what it found; %j exits with %i', async (stdin, exitCode) => {
    const sandbox = await openidcsSandbox()
    const tty = {stdin: true, stderr: true} as const
    const outcome = await cli(`${command} --index ${index}`, {env: sandbox.environment, tty, stdin})
    expect(outcome.exitCode).toBe(exitCode)
    expect(outcome.stderr).toContain(`Delete the ${name} ${rule} (index ${index}) of web01? [y/N] `)
    expect(deletions(sandbox)).toHaveLength(exitCode === 0 ? 1 : 0)
  })

  test('takes the position that the rule has when it is deleted', async () => {
    const sandbox = await openidcsSandbox()
    afterRead(sandbox, list, 1, () => rules(sandbox).unshift(added))
    const outcome = await cli(yes, {env: sandbox.environment})
    expect(outcome.exitCode).toBe(0)
    expect(deletions(sandbox)).toEqual([`DELETE ${remove}/${index + 1}`])
    expect(rules(sandbox)).toContainEqual(added)
  })

  test('sends nothing where the rule changed after it was shown', async () => {
    const sandbox = await openidcsSandbox()
    afterRead(sandbox, list, 1, () =>
      rules(sandbox).splice(index, 1, {...rules(sandbox)[index], description: 'another'}),
    )
    const outcome = await cli(`${command} --index ${index} --yes`, {env: sandbox.environment})
    expect(outcome).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: `panelctl: the ${name} ${rule} of web01 is not there any more as it was, and nothing was sent
hint: ${look}
`,
    })
    expect(deletions(sandbox)).toEqual([])
  })

  test.each(['reset-before-answer-headers', 'half-body'] as const)(
    'is done where the answer is lost (%s) and the list shows it',
    async kind => {
      const sandbox = await openidcsSandbox()
      sandbox.faults.next({kind}, {method: 'DELETE'})
      const outcome = await cli(yes, {env: sandbox.environment})
      expect(outcome).toMatchObject({exitCode: 0, stdout: ''})
      expect(outcome.stderr).toMatch(
        /^warning: no usable answer came, but the .* is gone from the list\ndeleted /,
      )
      expect(deletions(sandbox)).toEqual([`DELETE ${remove}/${index}`])
    },
  )

  test('exits with 7 where the connection is reset and the rule is still there', async () => {
    const sandbox = await openidcsSandbox()
    sandbox.faults.next({kind: 'reset'}, {method: 'DELETE'})
    const outcome = await cli(`${yes} -o json`, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({
      code: 'UNCERTAIN',
      message: expect.stringMatching(/it may have been done; the list still has it$/),
      hint: `look before you repeat it: ${look}`,
    })
    expect(deletions(sandbox)).toEqual([`DELETE ${remove}/${index}`])
  })

  test('exits with 7 where the connection is reset and the list cannot be read', async () => {
    const sandbox = await openidcsSandbox()
    afterRead(sandbox, list, 2, () => sandbox.faults.next({kind: 'html-200'}, {path: list}))
    sandbox.faults.next({kind: 'reset-before-answer-headers'}, {method: 'DELETE'})
    const outcome = await cli(`${yes} -o json`, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(failureOf(outcome).hint).toBe(`look before you repeat it: ${look}`)
    expect(deletions(sandbox)).toHaveLength(1)
  })

  test('is done where the panel said so and the list cannot be read again', async () => {
    const sandbox = await openidcsSandbox()
    afterRead(sandbox, list, 2, () => sandbox.faults.next({kind: 'html-200'}, {path: list}))
    const outcome = await cli(`${yes} -o json`, {env: sandbox.environment})
    expect(outcome.exitCode).toBe(0)
    expect(JSON.parse(outcome.stdout)).toMatchObject({deleted: {index}, left: null})
    expect(outcome.stderr).toContain('it was done, but cannot be looked at: ')
  })

  test.each(['', 'lost'])('tells loudly which rule went in its place %s', async answer => {
    const sandbox = await openidcsSandbox()
    // Somebody else deletes it first, so that the next one has its position.
    afterRead(sandbox, list, 2, () => rules(sandbox).splice(index, 1))
    if (answer === 'lost') sandbox.faults.next({kind: 'reset-before-answer-headers'}, {method: 'DELETE'})
    const outcome = await cli(`${yes} -o json`, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({
      message: `web01 lost what was not to be deleted: ${lost}. Somebody changed the list at the same time; the ${name} ${rule} of web01 is gone as well`,
      hint: look,
    })
  })

  test('tells loudly that another rule went and this one is still there', async () => {
    const sandbox = await openidcsSandbox()
    // Added before it: what had the position before it goes.
    const [first] = rules(sandbox)
    afterRead(sandbox, list, 2, () => rules(sandbox).reverse())
    const line = `openidcs ${noun} delete node1 web01 --index 0 --yes -o json`
    const outcome = await cli(line, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(failureOf(outcome).message).toMatch(/ is still there$/)
    expect(rules(sandbox)).toContainEqual(first)
  })

  test('does not take another rule that came for one that went', async () => {
    const sandbox = await openidcsSandbox()
    afterRead(sandbox, list, 2, () => rules(sandbox).push(added))
    const outcome = await cli(yes, {env: sandbox.environment})
    expect(outcome.exitCode).toBe(0)
    expect(rules(sandbox)).toContainEqual(added)
  })

  test('exits with 7 where the panel says yes and does nothing', async () => {
    const sandbox = await openidcsSandbox()
    const body = JSON.stringify({code: 200, msg: 'ok', data: null})
    const fault = {kind: 'status', status: 200, body, contentType: 'application/json'} as const
    sandbox.faults.next(fault, {method: 'DELETE'})
    const outcome = await cli(yes, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(outcome.stderr).toContain(
      `the panel says that it deleted the ${name} ${rule} of web01, but the list still has it`,
    )
  })

  test.each([
    [500, 5],
    [404, 3],
  ])('exits for a refusal (code %i) with %i', async (code, exitCode) => {
    const sandbox = await openidcsSandbox()
    const body = JSON.stringify({code, msg: '失败', data: null})
    const fault = {kind: 'status', status: 200, body, contentType: 'application/json'} as const
    sandbox.faults.next(fault, {method: 'DELETE'})
    const outcome = await cli(yes, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode, stdout: ''})
    expect(deletions(sandbox)).toHaveLength(1)
  })

  test.each([500, 404])(
    'tells of another rule that went although the panel refused (code %i)',
    async code => {
      const sandbox = await openidcsSandbox()
      // Read twice before the write, which is refused.
      afterRead(sandbox, list, 2, () => rules(sandbox).splice(index + 1, 1))
      const body = JSON.stringify({code, msg: '失败', data: null})
      const fault = {kind: 'status', status: 200, body, contentType: 'application/json'} as const
      sandbox.faults.next(fault, {method: 'DELETE'})
      const outcome = await cli(`${yes} -o json`, {env: sandbox.environment})
      expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
      expect(failureOf(outcome).message).toMatch(
        /said: 失败.*; web01 lost what was not to be deleted: .* still there$/,
      )
      expect(deletions(sandbox)).toHaveLength(1)
    },
  )

  test('is done where the answer is JSON of another kind and the list shows it', async () => {
    const sandbox = await openidcsSandbox()
    sandbox.faults.next(
      {kind: 'wrong-types', change: json => ({...Object(json), code: '200'})},
      {method: 'DELETE'},
    )
    const outcome = await cli(yes, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 0, stdout: ''})
    expect(outcome.stderr).toMatch(
      /^warning: no usable answer came, but the .* is gone from the list\ndeleted /,
    )
    expect(deletions(sandbox)).toHaveLength(1)
  })

  test('exits with 7 for a page in place of an answer where the list still has it', async () => {
    const sandbox = await openidcsSandbox()
    sandbox.faults.next({kind: 'html-200'}, {method: 'DELETE'})
    const outcome = await cli(`${yes} -o json`, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({
      message: expect.stringMatching(
        /a page instead of JSON .*; it may have been done; the list still has it$/,
      ),
      hint: `look before you repeat it: ${look}`,
    })
  })

  test('exits with 10 where this version has no such call', async () => {
    const sandbox = await openidcsSandbox()
    sandbox.faults.next({kind: 'html-404'}, {method: 'DELETE'})
    expect(await cli(yes, {env: sandbox.environment})).toMatchObject({exitCode: 10, stdout: ''})
  })

  test('shows the request with --dry-run, and sends none', async () => {
    const sandbox = await openidcsSandbox()
    const {stdout, exitCode} = await cli(`${command} ${flag} --dry-run`, {env: sandbox.environment})
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      method: 'DELETE',
      url: `${sandbox.url}${remove}/${index}`,
      headers: {authorization: '********'},
      // The position alone says nothing to who looks.
      rule: {...rules(sandbox)[index], index},
    })
    expect(deletions(sandbox)).toEqual([])
  })

  test('tells twins apart by their position alone, and deletes one of them', async () => {
    const sandbox = await openidcsSandbox()
    rules(sandbox).push({...rules(sandbox)[index]})
    const outcome = await cli(yes, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 2, stderr: expect.stringContaining('add --index to say which')})
    const last = rules(sandbox).length - 1
    const one = await cli(`${command} --index ${last} --yes`, {env: sandbox.environment})
    expect(one.exitCode).toBe(0)
    expect(deletions(sandbox)).toEqual([`DELETE ${remove}/${last}`])
  })
})
