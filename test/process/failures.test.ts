import {describe, expect, test} from 'vitest'
import {binary, dashboardSandbox, nezhaSandbox} from '../harness.js'
import {jsonAnswer, refusedUrl, serve} from './serve.js'

const formats = ['table', 'json', 'yaml', 'csv', 'ndjson', 'id'] as const

interface Expected {
  readonly code: string
  readonly exitCode: number
  readonly message: RegExp
  readonly hint: RegExp
  readonly status?: number
}

/** Runs it in every format: the same exit code, nothing on stdout, and the error in the form of the format. */
async function expectFailure(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  {code, exitCode, message, hint, status}: Expected,
): Promise<void> {
  const outcomes = await Promise.all(
    formats.map(async format => ({format, ...(await binary([...args, '-o', format], {env}))})),
  )
  for (const {format, stdout, stderr, ...end} of outcomes) {
    expect({format, stdout, ...end}).toEqual({format, stdout: '', exitCode, signal: null})
    if (format === 'json' || format === 'ndjson') {
      expect(stderr.trimEnd()).not.toContain('\n')
      const {error} = JSON.parse(stderr)
      expect(error).toMatchObject({code, exitCode, ...(status === undefined ? {} : {status})})
      expect(error.message).toMatch(message)
      expect(error.hint).toMatch(hint)
    } else {
      const [first, second, ...more] = stderr.trimEnd().split('\n')
      expect(more).toEqual([])
      expect(first).toMatch(/^panelctl: /)
      expect(first).toMatch(message)
      expect(second).toMatch(/^hint: /)
      expect(second).toMatch(hint)
    }
  }
}

const list = ['nezha', 'server', 'list', '--retries', '0']

/** A dashboard of v2 that is asked with a token of v0. */
async function nezhaV2(): Promise<{NEZHA_DASHBOARD_URL: string; NEZHA_TOKEN: string}> {
  const {url} = await dashboardSandbox({generation: 'v2'})
  return {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: 'aTokenOfTheOldDashboard0000000001'}
}

describe('in every format the exit code is the same, stdout empty, and the error is told with a hint', () => {
  test('a wrong token, which the panel refuses with HTTP 200', async () => {
    const {environment} = await nezhaSandbox()
    await expectFailure(
      list,
      {...environment, NEZHA_TOKEN: 'wrong'},
      {
        code: 'AUTH',
        exitCode: 4,
        message: /refused the token/,
        hint: /API Token.*, and put it into NEZHA_TOKEN; /,
        status: 200,
      },
    )
  })

  test('a token of the dashboard that was there before', async () => {
    await expectFailure(list, await nezhaV2(), {
      code: 'AUTH',
      exitCode: 4,
      message: /Nezha refused the token/,
      hint: /v2: Profile → API Tokens.*; where it is right, a proxy before the panel takes it out/,
      status: 200,
    })
  })

  test.each([
    [['nezha', 'server', 'details']],
    [['nezha', 'server', 'show', '1']],
    [['nezha', 'server', 'register', '--name', 'web9']],
    [['nezha', 'monitor', 'show', '1']],
  ])('a token of before behind panelctl %j', async args => {
    const {stdout, stderr, exitCode} = await binary([...args, '--json'], {env: await nezhaV2()})
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 4})
    expect(JSON.parse(stderr).error).toMatchObject({code: 'AUTH', panel: 'nezha'})
  })

  test('a login page with HTTP 200', async () => {
    const {environment, faults} = await nezhaSandbox()
    faults.next({kind: 'html-200'}, {times: Number.POSITIVE_INFINITY})
    await expectFailure(list, environment, {
      code: 'BAD_RESPONSE',
      exitCode: 10,
      message: /GET \/api\/v1\/server\/list with HTTP 200 and a page instead of JSON \(text\/html\): Sign in/,
      hint: /check that the URL is the dashboard itself/,
      status: 200,
    })
  })

  test('a page of a proxy with HTTP 404, which is not "no such server"', async () => {
    const {environment, faults} = await nezhaSandbox()
    faults.next({kind: 'html-404'}, {times: Number.POSITIVE_INFINITY})
    await expectFailure(['nezha', 'server', 'show', '1'], environment, {
      code: 'BAD_RESPONSE',
      exitCode: 10,
      message: /with HTTP 404 and a page instead of JSON/,
      hint: /check that the URL is the dashboard itself/,
      status: 404,
    })
  })

  test('nothing listens', async () => {
    await expectFailure(
      list,
      {NEZHA_DASHBOARD_URL: refusedUrl},
      {
        code: 'UNREACHABLE',
        exitCode: 6,
        message: /cannot reach Nezha at 127\.0\.0\.1:\d+: nothing listens there/,
        hint: /check the host and port/,
      },
    )
  })

  test('--tag beside ids, before anything is asked', async () => {
    const {environment, requests} = await nezhaSandbox()
    await expectFailure(['nezha', 'server', 'details', '1', '--tag', 'Production'], environment, {
      code: 'USAGE',
      exitCode: 2,
      message: /tag/,
      hint: /./,
    })
    expect(requests).toEqual([])
  })

  test('JSON that is cut off, of other types, or not the panel’s', async () => {
    const {environment, faults} = await nezhaSandbox()
    faults.next({kind: 'cut-json'}, {times: formats.length})
    await expectFailure(list, environment, {
      code: 'BAD_RESPONSE',
      exitCode: 10,
      message: /broken JSON/,
      hint: /./,
    })
    faults.next({kind: 'wrong-types'}, {times: formats.length})
    await expectFailure(list, environment, {
      code: 'BAD_RESPONSE',
      exitCode: 10,
      message: /\/api\/v1\/server\/list in a shape that panelctl does not know: \[0\]\.id/,
      hint: /--debug/,
    })
    const {url} = await serve(jsonAnswer('{"hello":"world"}'))
    await expectFailure(
      list,
      {NEZHA_DASHBOARD_URL: url},
      {
        code: 'BAD_RESPONSE',
        exitCode: 10,
        message: /JSON that is not Nezha's/,
        hint: /address of a Nezha dashboard/,
      },
    )
  })

  test('a server that does not exist', async () => {
    const {environment} = await nezhaSandbox()
    await expectFailure(['nezha', 'server', 'show', '4711'], environment, {
      code: 'NOT_FOUND',
      exitCode: 3,
      message: /4711/,
      hint: /panelctl nezha server list/,
    })
  })
})
