import {once} from 'node:events'
import http from 'node:http'
import {type AddressInfo, connect} from 'node:net'
import {onTestFinished} from 'vitest'

export interface ProxyOptions {
  /** `user:password`, without which it answers 407. */
  readonly credentials?: string
  /** The status that it refuses every tunnel with. */
  readonly refuses?: number
  /** What it answers itself to every request for an http:// address. */
  readonly answers?: {readonly status: number; readonly squidError?: string; readonly server?: string}
  /** The port of 127.0.0.1 that every request goes to, whatever host it asks for: names need not resolve. */
  readonly port: number
}

export interface Proxy {
  readonly url: string
  readonly port: number
  /** What it was asked for: `GET http://…` or `CONNECT host:port`. */
  readonly asked: string[]
}

/** A real forward proxy until the test ends: absolute addresses for http, CONNECT for https. */
export async function startProxy({credentials, refuses, answers, port}: ProxyOptions): Promise<Proxy> {
  const asked: string[] = []
  const refused = (request: http.IncomingMessage) => {
    asked.push(`${request.method} ${request.url}`)
    if (credentials === undefined) return false
    const expected = `Basic ${Buffer.from(credentials).toString('base64')}`
    return request.headers['proxy-authorization'] !== expected
  }
  const server = http.createServer((request, response) => {
    if (refused(request)) {
      response.writeHead(407, {'proxy-authenticate': 'Basic', 'content-type': 'text/html'})
      response.end('<h1>Proxy Authentication Required</h1>')
      return
    }
    if (answers) {
      const error = answers.squidError === undefined ? {} : {'x-squid-error': `${answers.squidError} 0`}
      const server = answers.server === undefined ? {} : {server: answers.server}
      response.writeHead(answers.status, {...error, ...server, 'content-type': 'text/html'})
      response.end('<title>ERROR: The requested URL could not be retrieved</title>')
      return
    }
    const {pathname, search, host} = new URL(request.url ?? '')
    const {'proxy-authorization': _, ...headers} = request.headers
    const forwarded = http.request(
      {host: '127.0.0.1', port, method: request.method, path: pathname + search, headers: {...headers, host}},
      answer => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    request.pipe(forwarded)
  })
  server.on('connect', (request, client, head) => {
    client.on('error', () => {})
    if (refused(request)) {
      client.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n',
      )
      return
    }
    if (refuses !== undefined) {
      client.end(`HTTP/1.1 ${refuses} No\r\nContent-Type: text/html\r\nContent-Length: 11\r\n\r\n<h1>No</h1>`)
      return
    }
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(client)
      client.pipe(upstream)
    })
    upstream.on('error', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address() as AddressInfo
  return {url: `http://127.0.0.1:${address.port}`, port: address.port, asked}
}
