import {once} from 'node:events'
import {type AddressInfo, connect, createServer} from 'node:net'
import {onTestFinished} from 'vitest'

/** What a reverse proxy makes of the heads that pass it. */
export interface Rewriting {
  readonly request?: (head: string) => string
  readonly answer?: (head: string) => string
}

const same = (head: string) => head

/**
 * A reverse proxy before a panel, until the test ends, that lets all through, WebSockets too, and writes heads in its own
 * way; its address.
 */
export async function rewritingProxy(
  panel: string,
  {request = same, answer = same}: Rewriting,
): Promise<string> {
  const server = createServer(client => {
    const upstream = connect(Number(new URL(panel).port), '127.0.0.1')
    const pass = (rewrite: (head: string) => string) => (chunk: Buffer) => {
      const text = chunk.toString('latin1')
      return Buffer.from(/^(?:[A-Z]+ \/|HTTP\/1)/.test(text) ? rewrite(text) : text, 'latin1')
    }
    const there = pass(request)
    const back = pass(answer)
    client.on('data', chunk => upstream.write(there(chunk)))
    upstream.on('data', chunk => client.write(back(chunk)))
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('close', () => other.destroy())
      one.on('error', () => other.destroy())
    }
    onTestFinished(() => {
      client.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
