import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import http, {type IncomingMessage, type RequestListener} from 'node:http'
import https from 'node:https'
import {type AddressInfo, connect} from 'node:net'
import {join} from 'node:path'
import {pipeline} from 'node:stream'
import tls from 'node:tls'
import {onTestFinished} from 'vitest'
import {root} from '../harness.js'

/** A certificate for localhost and 127.0.0.1 by a CA of its own, valid from 2020 to 2120 (test/fixtures/tls). */
export const tlsFixtures = {
  caFile: join(root, 'test/fixtures/tls/ca.pem'),
  certFile: join(root, 'test/fixtures/tls/server.pem'),
  keyFile: join(root, 'test/fixtures/tls/server.key'),
}

export interface Served {
  readonly url: string
  readonly port: number
  /** What arrived, oldest first. */
  readonly requests: IncomingMessage[]
}

/** The answer of a Nezha v0 dashboard to `server list`. */
export function listAnswer(...names: readonly string[]): string {
  const result = names.map((name, index) => ({
    id: index + 1,
    name,
    tag: '',
    last_active: 1_700_000_000,
    ipv4: '',
    ipv6: '',
    valid_ip: '',
  }))
  return JSON.stringify({code: 0, message: 'success', result})
}

/** A server that gives each request the same JSON. */
export function jsonAnswer(body: string): RequestListener {
  return (_request, response) => {
    response.setHeader('content-type', 'application/json; charset=utf-8')
    response.end(body)
  }
}

/** A real server on a free port of 127.0.0.1 until the test ends; with `https` it has the certificate of the fixtures. */
export async function serve(
  answer: RequestListener,
  protocol: 'http' | 'https' = 'http',
  options: https.ServerOptions = {},
): Promise<Served & {readonly server: http.Server}> {
  const requests: IncomingMessage[] = []
  const listener: RequestListener = (request, response) => {
    requests.push(request)
    answer(request, response)
  }
  const server =
    protocol === 'http'
      ? http.createServer(listener)
      : https.createServer(
          {cert: readFileSync(tlsFixtures.certFile), key: readFileSync(tlsFixtures.keyFile), ...options},
          listener,
        )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const {port} = server.address() as AddressInfo
  return {server, url: `${protocol}://127.0.0.1:${port}`, port, requests}
}

/** An address where nothing listens, nor will while a test runs: no free port is below 1024. */
export const refusedUrl = 'http://127.0.0.1:1'

/** TLS before a port of 127.0.0.1, as a reverse proxy has it, until the test ends; gives its own port. */
export async function encrypted(port: number, more: tls.TlsOptions = {}): Promise<number> {
  const {certFile, keyFile} = tlsFixtures
  const options = {cert: readFileSync(certFile), key: readFileSync(keyFile), ...more}
  const server = tls.createServer(options, client => {
    const panel = connect(port, '127.0.0.1')
    // Whoever goes first takes the other along.
    pipeline(client, panel, client, () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return (server.address() as AddressInfo).port
}
