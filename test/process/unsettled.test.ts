import {once} from 'node:events'
import {createServer} from 'node:net'
import {expect, onTestFinished, test} from 'vitest'
import {binary} from '../harness.js'

/** A server that answers everything with these bytes. */
async function answering(bytes: string): Promise<string> {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write(bytes))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n'

test('a server that switches to another protocol is no success: exit 10, and nothing on stdout', async () => {
  const env = {NEZHA_DASHBOARD_URL: await answering(upgrade), NEZHA_TOKEN: 'x'}
  const outcome = await binary(['nezha', 'server', 'list', '--retries', '0'], {env})
  expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
  expect(outcome.stderr).toContain('with another protocol')
})

test('a registration that is answered with another protocol is in doubt: exit 7', async () => {
  const env = {NEZHA_DASHBOARD_URL: await answering(upgrade), NEZHA_TOKEN: 'x'}
  expect(await binary(['nezha', 'server', 'register', '--name', 'x'], {env})).toMatchObject({
    exitCode: 7,
    stdout: '',
  })
})

test('-h behind a flag that takes a value is that value, and never prints help as a secret', async () => {
  const outcome = await binary(['nezha', 'server', 'register', '--name', '-h'])
  expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
})

test('what a server says cannot drive the terminal through an error, however it is printed', async () => {
  const body = JSON.stringify({code: 500, message: '\u001b]0;pwned\u0007\u009b31m'})
  const page = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  const env = {NEZHA_DASHBOARD_URL: await answering(page), NEZHA_TOKEN: 'x'}
  for (const flags of [[], ['--debug'], ['-o', 'json'], ['-o', 'json', '--debug']]) {
    const {stderr, exitCode} = await binary(['nezha', 'server', 'list', ...flags], {env})
    expect(exitCode).toBe(5)
    const controls = [...stderr.replaceAll('\n', '')].filter(
      letter => letter < ' ' || (letter >= '\u007f' && letter < '\u00a0'),
    )
    expect(controls).toEqual([])
  }
})
