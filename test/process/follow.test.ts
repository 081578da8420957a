import {describe, expect, test} from 'vitest'
import {web1, web1Uuid} from '../commands/komari/world.js'
import {binary, komariSandbox} from '../harness.js'
import {encrypted, tlsFixtures} from './serve.js'
import {shell} from './shell.js'
import {startProxy} from './start-proxy.js'

const oneNode = () => komariSandbox({nodes: [web1]})

const follow = ['komari', 'node', 'status', '--follow', '-o', 'ndjson', '--interval', '1ms']

function whole(stdout: string): void {
  expect(stdout.endsWith('\n')).toBe(true)
  for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject([{name: 'web1'}])
}

describe('node status --follow', () => {
  test('ends with 0 where the reader has had enough', async () => {
    const {environment} = await oneNode()
    const script = 'set -o pipefail; panelctl komari node status --follow -o ndjson --interval 1ms | head -3'
    const outcome = await shell(script, environment, 'bash')
    expect(outcome).toMatchObject({exitCode: 0, stderr: ''})
    expect(outcome.stdout.split('\n')).toHaveLength(4)
    whole(outcome.stdout)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends at %s with %i and whole lines only', async (signal, exitCode) => {
    const {environment} = await oneNode()
    const outcome = await binary(follow, {
      env: environment,
      started: child =>
        child.stdout?.on('data', () => {
          if (!child.killed) child.kill(signal)
        }),
    })
    expect(outcome).toMatchObject({exitCode, signal: null, stderr: ''})
    whole(outcome.stdout)
  })

  test('ends at a signal while the panel is away', async () => {
    const sandbox = await oneNode()
    const outcome = await binary(follow, {
      env: sandbox.environment,
      started: child => {
        child.stdout?.once('data', () => sandbox.stop())
        child.stderr?.once('data', () => child.kill('SIGTERM'))
      },
    })
    expect(outcome).toMatchObject({exitCode: 143, signal: null})
    whole(outcome.stdout)
    await sandbox.resume()
  })

  test('works through a proxy, encrypted, with a CA of its own', async () => {
    const sandbox = await oneNode()
    const port = await encrypted(sandbox.port)
    const proxy = await startProxy({port})
    const outcome = await binary([...follow, '--ca-file', tlsFixtures.caFile], {
      env: {KOMARI_URL: `https://localhost:${port}`, HTTPS_PROXY: proxy.url},
      started: child =>
        child.stdout?.on('data', () => {
          if (!child.killed) child.kill('SIGINT')
        }),
    })
    expect(outcome).toMatchObject({exitCode: 130, stderr: ''})
    whole(outcome.stdout)
    // One tunnel for the list of nodes, one for the WebSocket.
    expect(proxy.asked).toEqual(Array(2).fill(`CONNECT localhost:${port}`))
    expect(sandbox.requests[1]?.headers.origin).toBe(`https://localhost:${port}`)
  })

  test('one snapshot leaves nothing open', async () => {
    const {environment} = await oneNode()
    const outcome = await binary(['komari', 'node', 'status', '-o', 'id'], {env: environment})
    expect(outcome).toEqual({exitCode: 0, signal: null, stderr: '', stdout: `${web1Uuid}\n`})
  })
})
