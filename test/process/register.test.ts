import {describe, expect, test} from 'vitest'
import {binary, nezhaSandbox} from '../harness.js'
import {refusedUrl} from './serve.js'

const register = ['nezha', 'server', 'register', '--name', 'web9']

describe('register is sent once; without a usable answer it exits 7 and names the command to look with', () => {
  test.each([
    ['HTTP 503', {kind: 'status', status: 503}],
    ['HTTP 500', {kind: 'status', status: 500}],
    ['a reset after the request', {kind: 'reset'}],
    ['a reset after the work', {kind: 'reset-before-answer-headers'}],
    ['a stall past --timeout', {kind: 'stall'}],
    ['a body that never comes', {kind: 'stall-body'}],
    ['half a body', {kind: 'half-body'}],
    ['JSON that ends in the middle', {kind: 'cut-json'}],
    ['an empty answer', {kind: 'empty-200'}],
  ] as const)('%s', async (_, fault) => {
    const {environment, requests, faults} = await nezhaSandbox()
    faults.next(fault, {times: Number.POSITIVE_INFINITY})
    const [table, json] = await Promise.all([
      binary([...register, '--timeout', '300ms'], {env: environment}),
      binary([...register, '--timeout', '300ms', '-o', 'json', '--retries', '5'], {env: environment}),
    ])
    expect(table).toMatchObject({stdout: '', exitCode: 7})
    expect(table.stderr).toMatch(
      /^panelctl: (POST \/api\/v1\/server\/register was sent to Nezha at |Nezha at \S+ answered POST \/api\/v1\/server\/register with broken JSON).*it may have been done\nhint: .*panelctl nezha server list\n$/,
    )
    expect(json).toMatchObject({stdout: '', exitCode: 7})
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: {code: 'UNCERTAIN', exitCode: 7, hint: expect.stringContaining('panelctl nezha server list')},
    })
    expect(requests.map(({method, path}) => `${method} ${path}`)).toEqual([
      'POST /api/v1/server/register',
      'POST /api/v1/server/register',
    ])
  })
})

test('register where nothing listens exits 6: nothing was sent', async () => {
  const env = {NEZHA_DASHBOARD_URL: refusedUrl, NEZHA_TOKEN: 'x'}
  const {stdout, stderr, exitCode} = await binary([...register, '-o', 'json'], {env})
  expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 6})
  expect(JSON.parse(stderr)).toMatchObject({error: {code: 'UNREACHABLE', exitCode: 6}})
})

test('register prints the secret, and the server is there', async () => {
  const {environment} = await nezhaSandbox()
  const {stdout, stderr, exitCode} = await binary(register, {env: environment})
  expect({stderr, exitCode}).toEqual({stderr: 'registered web9\n', exitCode: 0})
  expect(stdout).toMatch(/^[A-Za-z0-9]{18}\n$/)
  const list = await binary(['nezha', 'server', 'list', '-o', 'json'], {env: environment})
  expect(JSON.parse(list.stdout).map(({name}: {name: string}) => name)).toContain('web9')
})
