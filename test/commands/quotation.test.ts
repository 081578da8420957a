import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {failureOf} from '../failure.js'
import {cli, nezhaSandbox, temporaryFolder} from '../harness.js'
import {replayServer} from '../replay-server.js'

// What docker --env-file and many a unit file hand on with the value.

describe('quotation marks around', () => {
  test.each(['"', "'"])('a token, %s, are named before it is sent, and it is not repeated', async mark => {
    const {environment, requests, token} = await nezhaSandbox()
    const file = join(temporaryFolder(), 'token')
    writeFileSync(file, `${mark}${token}${mark}\n`)
    for (const env of [
      {...environment, NEZHA_TOKEN: `${mark}${token}${mark}`},
      {...environment, NEZHA_TOKEN: undefined, NEZHA_TOKEN_FILE: file},
    ]) {
      const outcome = await cli('nezha server list -o json', {env})
      const {exitCode, message} = failureOf(outcome)
      expect(exitCode).toBe(2)
      expect(message).toMatch(/^NEZHA_TOKEN.*: the value has quotation marks/)
      expect(outcome.stderr).not.toContain(token)
    }
    const login = await cli(`nezha login --url ${environment.NEZHA_DASHBOARD_URL} --with-token`, {
      stdin: `${mark}${token}${mark}`,
    })
    expect(login).toMatchObject({exitCode: 2, stderr: expect.stringContaining('quotation marks')})
    expect(requests).toEqual([])
  })

  test.each(['NEZHA_DASHBOARD_URL', 'KOMARI_URL', 'OPENIDCS_URL'])(
    'an address, in %s, are named',
    async name => {
      const [panel = ''] = name.toLowerCase().split('_')
      const command = {nezha: 'server list', komari: 'node list', openidcs: 'host list'}[panel]
      const outcome = await cli(`${panel} ${command}`, {env: {[name]: '"https://panel.example.com"'}})
      expect(outcome).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining(`panelctl: ${name}: the value has quotation marks (") around it\n`),
      })
    },
  )
})

describe('a message of megabytes is cut off', () => {
  const long = 'x'.repeat(3_000_000)

  test.each([
    ['nezha server list', 'GET /api/v1/server/list', {json: {code: 403, message: long}}],
    ['nezha server list', 'GET /api/v1/server/list', {json: {code: 1, message: long}}],
    ['nezha monitor show 3', 'GET /api/v1/monitor/3', {json: {code: 404, message: long}}],
    ['komari node list', 'GET /api/nodes', {status: 401, json: {status: 'error', message: long}}],
    ['komari node list', 'GET /api/nodes', {status: 400, json: {status: 'error', message: long}}],
    [
      'komari rpc x:y',
      'POST /api/rpc2',
      {json: {jsonrpc: '2.0', id: 1, error: {code: -32000, message: long}}},
    ],
  ])('%s of %s', async (line, route, answer) => {
    const server = await replayServer()
    server.routes[route] = answer
    const env = {NEZHA_DASHBOARD_URL: server.url, KOMARI_URL: server.url}
    const {stderr} = await cli(line, {env})
    expect(stderr).toContain(`${'x'.repeat(300)}…`)
    expect(stderr.length).toBeLessThan(1000)
  })
})
