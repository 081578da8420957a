import {once} from 'node:events'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {describe, expect, onTestFinished, test} from 'vitest'
import {failureOf, paths} from '../failure.js'
import {cli, dashboardSandbox} from '../harness.js'

/** A dashboard behind what adds these headers to its answers. */
async function behind(headers: Record<string, string>) {
  const panel = await dashboardSandbox()
  const server = createServer(async (request, response) => {
    const body = request.method === 'GET' ? undefined : Buffer.concat(await request.toArray())
    const {authorization = '', 'content-type': type = 'application/json'} = request.headers
    const answer = await fetch(`${panel.url}${request.url}`, {
      method: request.method ?? 'GET',
      headers: {authorization, 'content-type': type},
      ...(body ? {body} : {}),
    })
    response.writeHead(answer.status, {'content-type': answer.headers.get('content-type') ?? '', ...headers})
    response.end(await answer.text())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const env = {...panel.environment, NEZHA_DASHBOARD_URL: url}
  const run = (line: string) => cli(`nezha ${line}`, {env})
  const writes = () => paths(panel).filter(path => !/^(GET|POST \/api\/v1\/login)/.test(path))
  return {run, writes}
}

const hits: readonly Record<string, string>[] = [
  {'cf-cache-status': 'HIT'},
  {'x-cache': 'Hit from cloudfront'},
  {'x-cache': 'TCP_MEM_HIT from a1-2'},
  {'cache-status': 'ExampleCache; hit; ttl=376'},
  {age: '23'},
]

describe('an answer out of the cache of what stands before the panel', () => {
  test.each(hits)('is told as one, and not taken for what there is now: %o', async headers => {
    const {run, writes} = await behind(headers)
    const said = /what stands before Nezha at 127\.0\.0\.1:\d+ answered GET \S+ out of a cache/
    const list = await run('server list -o id')
    expect(list.exitCode).toBe(0)
    expect(list.stderr).toMatch(new RegExp(`^warning: ${said.source}`))
    expect(list.stderr.match(/warning/g)).toHaveLength(1)
    for (const line of [
      'server show nobody',
      'service create web --type icmp --target 192.0.2.1',
      'service delete nobody --yes --if-missing skip',
    ]) {
      const outcome = await run(`${line} -o json`)
      expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
      expect(failureOf(outcome)).toMatchObject({
        code: 'BAD_RESPONSE',
        message: expect.stringMatching(said),
        hint: expect.stringContaining('keep nothing'),
      })
    }
    expect(writes()).toEqual([])
  })

  test('has its age said, and is what api shows all the same', async () => {
    const {run} = await behind({age: '23'})
    expect(await run('api GET /api/v1/server-group')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/^warning: .* out of a cache, 23 s old\n$/),
    })
  })

  test.each<Record<string, string>>([
    {},
    {age: '0'},
    {'cf-cache-status': 'DYNAMIC', 'x-cache': 'MISS, MISS'},
    {'cache-status': 'White; fwd=miss', 'x-cache': 'Miss from cloudfront'},
  ])('is none that only came past one: %o', async headers => {
    const {run, writes} = await behind(headers)
    expect(await run('server list -o id')).toMatchObject({exitCode: 0, stderr: ''})
    expect(await run('server show nobody')).toMatchObject({exitCode: 3})
    expect(await run('service create web --type icmp --target 192.0.2.1')).toMatchObject({exitCode: 0})
    expect(writes()).toHaveLength(1)
  })
})
