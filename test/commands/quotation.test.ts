import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {failureOf} from '../failure.js'
import {cli, komariSandbox, nezhaSandbox, temporaryFolder} from '../harness.js'
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

  test('the folder of contexts are named: its contexts would not be found', async () => {
    expect(await cli('context list', {env: {PANELCTL_CONFIG_DIR: '"/etc/panelctl"'}})).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(
        'panelctl: PANELCTL_CONFIG_DIR: the value has quotation marks (") around it\n',
      ),
    })
  })
})

// A file of variables where a secret is to be, what `kubectl get secret -o json` prints, a header out of a script with curl.
describe('what stands around a secret', () => {
  test.each([
    ['NAME=SECRET', 'the token has its name before it (NAME=)'],
    ['export NAME=SECRET', 'the token has its name before it (export NAME=)'],
    ['API_TOKEN=SECRET', 'the token has its name before it (API_TOKEN=)'],
    ['token: SECRET', 'the token has its name before it (token: )'],
    ['{"token":"SECRET"}', 'it is JSON with the token in it'],
  ])('%s is named before anything is sent', async (around, words) => {
    const nezha = await nezhaSandbox()
    const komari = await komariSandbox()
    for (const [url, name, list, secret] of [
      [nezha.environment.NEZHA_DASHBOARD_URL, 'NEZHA_TOKEN', 'nezha server list', nezha.token],
      [komari.environment.KOMARI_URL, 'KOMARI_API_KEY', 'komari node list', komari.apiKey],
    ] as const) {
      const stdin = around.replace('NAME', name).replace('SECRET', secret)
      const file = join(temporaryFolder(), 'secret')
      writeFileSync(file, `${stdin}\n`)
      const [panel = ''] = list.split(' ')
      for (const [where, outcome] of [
        [name, await cli(`${list} --url ${url} -o json`, {env: {[name]: stdin}})],
        [`${name}_FILE`, await cli(`${list} --url ${url} -o json`, {env: {[`${name}_FILE`]: file}})],
        ['stdin', await cli(`${panel} login --url ${url} --with-token -o json`, {stdin})],
      ] as const) {
        const message = `${where}: ${words.replace('NAME', name)}`
        expect(failureOf(outcome)).toMatchObject({exitCode: 2, message})
        expect(outcome.stderr).not.toContain(secret)
      }
    }
    expect([...nezha.requests, ...komari.requests]).toEqual([])
  })

  test.each(['Authorization: ', 'authorization:'])('%sis no part of it', async header => {
    const nezha = await nezhaSandbox()
    const komari = await komariSandbox()
    for (const [line, env] of [
      ['nezha server list', {...nezha.environment, NEZHA_TOKEN: `${header}${nezha.token}`}],
      ['komari node list', {...komari.environment, KOMARI_API_KEY: `${header}${komari.apiKey}`}],
      ['komari node list', {...komari.environment, KOMARI_API_KEY: `${header}Bearer ${komari.apiKey}`}],
    ] as const)
      expect(await cli(line, {env})).toMatchObject({exitCode: 0})
  })

  test.each(['x=y=z-123456789', 'correct horse: battery', '{braces} of mine', 'YWJjZF9LRVk=='])(
    'is not seen in an API key that may be one: %s',
    async apiKey => {
      const {environment} = await komariSandbox({apiKey})
      expect(await cli('komari node list', {env: environment})).toMatchObject({exitCode: 0})
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
