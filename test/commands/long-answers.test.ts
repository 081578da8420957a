import {describe, expect, test} from 'vitest'
import {failureOf} from '../failure.js'
import {cli} from '../harness.js'
import {type Answer, replayServer} from '../replay-server.js'

/** Answers that are parsed and printed in parts. */

const ROWS = 3000

function server(id: number, more = ''): string {
  return `{"id":${id},"name":"node ${id}","tag":"","last_active":1700000000,"ipv4":"","ipv6":"","valid_ip":""${more}}`
}

/** A list of servers with more fields in the one of an id, as its text. */
function listWith(id: number, more: string): string {
  const rows = Array.from({length: ROWS}, (_, at) => server(at + 1, at + 1 === id ? more : ''))
  return `{"code":0,"message":"success","result":[${rows.join(',')}]}`
}

async function listed(text: string, flags = '-o json') {
  const panel = await replayServer()
  const answer: Answer = {text, type: 'application/json'}
  Object.assign(panel.routes, {'GET /api/v1/server/list': answer})
  return cli(`nezha server list ${flags}`, {env: {NEZHA_DASHBOARD_URL: panel.url, NEZHA_TOKEN: 'token'}})
}

describe.each([1, 1501, ROWS])('in a long list the server %i', id => {
  test.each(['"secret"', '"sec\\u0072et"'])('has its %s masked', async name => {
    const {stdout, exitCode} = await listed(listWith(id, `,${name}:"hunter2"`))
    expect(exitCode).toBe(0)
    expect(stdout).not.toContain('hunter2')
    const rows = JSON.parse(stdout)
    expect(rows).toHaveLength(ROWS)
    expect(rows[id - 1]).toMatchObject({id, secret: '********'})
  })

  test('has its integers as they came, and its decimals', async () => {
    const more =
      ',"a":18446744073709551615,"b":[9007199254740993,1],"c":0.30000000000000004,"d":"18446744073709551615"'
    const {stdout} = await listed(listWith(id, more), '-o ndjson')
    expect(stdout.split('\n')[id - 1]).toBe(server(id, more))
  })

  test.each([',"a":', ',"a":"\n"', ',,', '}'])('is broken JSON with %j', async more => {
    const outcome = await listed(listWith(id, more))
    expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
    expect(failureOf(outcome).message).toContain('with broken JSON')
  })

  test('is refused where it is deep', async () => {
    const outcome = await listed(listWith(id, `,"a":${'['.repeat(260)}${']'.repeat(260)}`))
    expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
    expect(failureOf(outcome).message).toContain('with JSON of more than 256 levels')
  })
})

test('fields that panelctl knows come ahead of others, whatever order the panel has, and none is called __proto__', async () => {
  const fields =
    '"new":0,"name":"a","id":1,"tag":"","last_active":0,"ipv4":"","ipv6":"","valid_ip":"","__proto__":{"x":1}'
  const {stdout} = await listed(`{"code":0,"message":"","result":[{${fields}}]}`, '-o ndjson')
  expect(stdout).toBe(
    '{"id":1,"name":"a","tag":"","last_active":0,"ipv4":"","ipv6":"","valid_ip":"","new":0}\n',
  )
})

test('what is wrong with a long body is said of the whole of it', async () => {
  const body = `{"rows":[${'1,'.repeat(60_000)}1 2]}`
  const outcome = await cli('nezha api POST /x --input - -o json', {
    env: {NEZHA_DASHBOARD_URL: 'http://127.0.0.1:1', NEZHA_TOKEN: 'token'},
    stdin: body,
  })
  expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
  expect(outcome.stderr).toContain(`position ${body.length - 3}`)
})
