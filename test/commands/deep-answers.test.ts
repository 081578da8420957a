import {describe, expect, test} from 'vitest'
import {cli, nezhaSandbox, openidcsSandbox} from '../harness.js'

function nested(levels: number): string {
  return `${'['.repeat(levels)}${']'.repeat(levels)}`
}

function answer(body: string) {
  return {kind: 'status', status: 200, contentType: 'application/json', body} as const
}

const deep = answer(`{"code": 200, "msg": "", "data": ${nested(6000)}}`)
const add = 'openidcs nat add node1 web01 --port 9000 --to 10.0.0.1:1'

describe('an answer of 6,000 levels', () => {
  test.each(['table', 'json', 'yaml', 'csv'])('is refused where it answers a read: %s', async format => {
    const {environment: env, faults} = await openidcsSandbox()
    faults.next(deep)
    const outcome = await cli(`openidcs nat list node1 web01 -o ${format}`, {env})
    expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
    expect(outcome.stderr).toContain('JSON of more than 256 levels')
  })

  test('to a write is in doubt, which a look ends', async () => {
    const sandbox = await openidcsSandbox()
    sandbox.faults.next(deep, {method: 'POST'})
    const outcome = await cli(`${add} -o json`, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(outcome.stderr).toContain('with JSON of more than 256 levels')
  })

  test('to the look behind a write leaves it done', async () => {
    const sandbox = await openidcsSandbox()
    const {environment: env, faults} = sandbox
    const list = '/api/client/natget/node1/web01'
    faults.next({kind: 'slow-body', pieces: 1}, {path: list})
    faults.next(deep, {path: list})
    const outcome = await cli(`${add} -o json`, {env})
    expect(outcome.exitCode).toBe(0)
    expect(JSON.parse(outcome.stdout)).toMatchObject({external_port: 9000, changed: true})
    expect(outcome.stderr).toContain('it was done, but cannot be looked at')
  })

  test.each(['json', 'yaml', 'ndjson', 'table'])('is passed on at 200: %s', async format => {
    const {environment: env, faults} = await openidcsSandbox()
    faults.next(answer(`{"code": 200, "msg": "", "data": [{"protocol": ${nested(200)}}]}`))
    expect(await cli(`openidcs nat list node1 web01 -o ${format}`, {env})).toMatchObject({exitCode: 0})
  })
})

describe('nezha server register', () => {
  test.each(['{"toString": 1}', nested(200), '7', 'null'])(
    'keeps the secret beside a message %s',
    async message => {
      const {environment: env, faults} = await nezhaSandbox()
      faults.next(answer(`{"code": 200, "message": ${message}, "secret": "s3cretOfTheServer"}`))
      expect(await cli('nezha server register --name web1', {env})).toMatchObject({
        exitCode: 0,
        stdout: 's3cretOfTheServer\n',
      })
    },
  )
})

test.each([
  [`nezha api POST /api/v1/server/register --input -`, nested(6000), 'stdin has more than 256 levels'],
  ['nezha api POST /x --input -', `{"a": ${nested(300)}}`, 'stdin has more than 256 levels'],
  ['komari rpc --input -', nested(6000), 'stdin has more than 256 levels'],
  ['openidcs vm create node1 --name x --file -', nested(6000), 'it is nested too deeply'],
  ['openidcs host create x --type y --file -', `a: ${nested(1500)}`, 'it is nested too deeply'],
])('what a person gives is refused before anything is sent: %s', async (line, stdin, message) => {
  const refused = 'http://127.0.0.1:1'
  const env = {NEZHA_DASHBOARD_URL: refused, KOMARI_URL: refused, OPENIDCS_URL: refused}
  const outcome = await cli(`${line} -o json`, {env, stdin})
  expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
  expect(outcome.stderr).toContain(message)
})
