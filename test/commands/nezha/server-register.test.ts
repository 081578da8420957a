import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, nezhaSandbox} from '../../harness.js'

/** The newest server's secret. */
function secretOf({state}: {state: {servers: ReadonlyMap<number, {secret: string}>}}): string {
  return [...state.servers.values()].at(-1)?.secret ?? ''
}

const odd = (json: unknown) => ({kind: 'wrong-types', change: () => json}) as const

describe('nezha server register', () => {
  test('prints the bare secret, alone on stdout', async () => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    const outcome = await cli('nezha server register --name web1', {env: sandbox.environment})
    expect(outcome).toEqual({
      exitCode: 0,
      stdout: `${secretOf(sandbox)}\n`,
      stderr: 'registered web1\n',
    })
    expect(outcome.stdout).toMatch(/^[0-9A-Za-z]{18}\n$/)
    expect(outcome.stderr).not.toContain(secretOf(sandbox))
  })

  test.each([
    ['', {}],
    ['--name web1', {Name: 'web1'}],
    [
      '--name web1 --tag Production --note "for Ann" --hide-for-guest',
      {Name: 'web1', Tag: 'Production', Note: 'for Ann', HideForGuest: 'on'},
    ],
    ['--no-hide-for-guest', {HideForGuest: 'off'}],
    [`--name 'say "hi" ${'\\'} 香港'`, {Name: 'say "hi" \\ 香港'}],
  ])('sends what was said and nothing else: %s', async (flags, body) => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    const {stdout, exitCode} = await cli(`nezha server register -o json ${flags}`, {env: sandbox.environment})
    expect(exitCode).toBe(0)
    expect(paths(sandbox)).toEqual(['POST /api/v1/server/register'])
    expect(JSON.parse(sandbox.requests[0]?.body ?? '')).toEqual(body)
    expect(sandbox.requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: sandbox.token,
    })
    expect(JSON.parse(stdout)).toEqual({secret: secretOf(sandbox), ...body})
  })

  test('makes a server that is in the list at once', async () => {
    const {environment: env} = await nezhaSandbox({world: 'empty'})
    await cli('nezha server register --name web1 --tag Edge', {env})
    expect((await cli('nezha server list', {env})).stdout).toBe(
      'ID  NAME  TAG   LAST ACTIVE  IP\n 1  web1  Edge  never        -\n',
    )
  })

  test.each(['table', 'json', 'yaml', 'ndjson', 'csv', 'id'])(
    'prints the bare secret with --simple, whatever the format: %s',
    async format => {
      const sandbox = await nezhaSandbox({world: 'empty'})
      const outcome = await cli(`nezha server register --simple -o ${format}`, {env: sandbox.environment})
      expect(outcome).toMatchObject({exitCode: 0, stdout: `${secretOf(sandbox)}\n`})
    },
  )

  test.each(['csv', 'id'])('has no rows for -o %s, and registers nothing', async format => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    const outcome = await cli(`nezha server register -o ${format}`, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(paths(sandbox)).toEqual([])
  })

  test('shows the secret in every format, because it is what the command is for', async () => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    const {stdout, stderr} = await cli('nezha server register --name a -o yaml', {env: sandbox.environment})
    expect(stdout).toBe(`secret: ${secretOf(sandbox)}\nName: a\n`)
    expect(stderr).toBe('registered a\n')
    const line = await cli('nezha server register --name a -o ndjson', {env: sandbox.environment})
    expect(line.stdout).toBe(`{"secret":"${secretOf(sandbox)}","Name":"a"}\n`)
    expect(line.stderr).toBe('{"note":"registered a"}\n')
  })

  test('says nothing on stderr with --quiet', async () => {
    const {environment: env} = await nezhaSandbox({world: 'empty'})
    expect(await cli('nezha server register --name a --quiet', {env})).toMatchObject({stderr: ''})
  })

  test.each(['', '-o json'])('sends nothing with --dry-run, and shows no secret: %s', async format => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    const outcome = await cli(`nezha server register --name web1 --dry-run ${format}`, {
      env: sandbox.environment,
    })
    expect(outcome).toMatchObject({exitCode: 0, stderr: ''})
    expect(JSON.parse(outcome.stdout)).toEqual({
      method: 'POST',
      url: `${sandbox.url}/api/v1/server/register`,
      headers: {
        accept: 'application/json',
        authorization: '********',
        'content-type': 'application/json',
        'user-agent': 'panelctl/0.0.0-test',
      },
      body: {Name: 'web1'},
    })
    expect(paths(sandbox)).toEqual([])
    expect(sandbox.state.servers.size).toBe(0)
  })

  test.each([
    ['503', {kind: 'status', status: 503}, 'HTTP 503'],
    ['500 of a locked database', {kind: 'status', status: 500}, 'HTTP 500'],
    ['a reset after the request', {kind: 'reset'}, 'the connection was cut'],
    ['a reset after the work', {kind: 'reset-before-answer-headers'}, 'the connection was cut'],
    ['half an answer', {kind: 'half-body'}, ''],
    ['cut JSON', {kind: 'cut-json'}, 'with broken JSON'],
    ['an empty answer', {kind: 'empty-200'}, 'the answer was empty'],
    ['a page', {kind: 'html-200'}, 'a page instead of JSON'],
    ['null', odd(null), "JSON that is not Nezha's"],
    ['a list', odd([]), "JSON that is not Nezha's"],
    ['an object of nothing', odd({}), "JSON that is not Nezha's"],
    ['true', odd(true), "JSON that is not Nezha's"],
    ['success without a secret', odd({code: 0}), "with JSON that is not Nezha's"],
    ['a stall past --timeout', {kind: 'stall'}, 'no answer within 0.5 s'],
    ['headers and no body', {kind: 'stall-body'}, 'no answer within 0.5 s'],
  ] as const)('is sent once and exits with 7 on %s', async (_name, fault, reason) => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    sandbox.faults.next(fault, {times: 5})
    const outcome = await cli('nezha server register --name a -o json --timeout 500ms --retries 3', {
      env: sandbox.environment,
    })
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({
      code: 'UNCERTAIN',
      panel: 'nezha',
      hint: 'look before you repeat it: panelctl nezha server list',
      message: expect.stringContaining(reason),
    })
    expect(sandbox.requests).toHaveLength(1)
  })

  test('is in doubt about an answer in words that no dashboard has for this', async () => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    sandbox.faults.next(odd({success: true, data: {secret: 'x'}}))
    const outcome = await cli('nezha server register -o json', {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(failureOf(outcome).message).toContain("with JSON that is not Nezha's")
  })

  test('exits with 6 when nothing listens: it cannot have been done', async () => {
    const env = {NEZHA_DASHBOARD_URL: 'http://127.0.0.1:1', NEZHA_TOKEN: 'x'}
    expect(await cli('nezha server register', {env})).toEqual({
      exitCode: 6,
      stdout: '',
      stderr:
        'panelctl: cannot reach Nezha at 127.0.0.1:1: nothing listens there (connection refused)\nhint: check the host and port of the URL\n',
    })
  })

  test.each(['--name', '--tag'])('refuses an empty %s, which is a variable that is not set', async name => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    const outcome = await cli(['nezha', 'server', 'register', name, ''], {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(paths(sandbox)).toEqual([])
  })

  test('exits with 4 for a wrong token, with or without --simple', async () => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    const env = {...sandbox.environment, NEZHA_TOKEN: 'wrong'}
    for (const flags of ['', '--simple']) {
      expect(await cli(`nezha server register ${flags}`, {env})).toMatchObject({exitCode: 4, stdout: ''})
    }
    expect(sandbox.state.servers.size).toBe(0)
  })

  test('says that an older dashboard cannot, and what to do', async () => {
    const {environment: env} = await nezhaSandbox({profile: 'old'})
    const outcome = await cli('nezha server register -o json', {env})
    expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({
      code: 'BAD_RESPONSE',
      message: expect.stringContaining('Nezha v0 (0.20.10)'),
      hint: expect.stringContaining('0.20.12'),
    })
  })
})
