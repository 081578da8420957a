import {createServer, type IncomingHttpHeaders, type IncomingMessage} from 'node:http'
import {type AddressInfo, connect} from 'node:net'
import {buffer} from 'node:stream/consumers'
import {onTestFinished} from 'vitest'

/** An answer in the place of the panel's, made of everything that came. */
export type Echo = (received: string) => {
  readonly status: number
  readonly type: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

const passedOn = ['authorization', 'cookie', 'content-type', 'origin']

function only(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    passedOn.flatMap(name => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )
}

/** Somebody before a panel who notes all that is sent to it and what it answers, and who may answer by himself. */
export async function between(url: string) {
  let echo: Echo | undefined
  /** Since the last `take`. */
  let [sent, answered]: [string[], string[]] = [[], []]
  const receivedOf = ({method, url, rawHeaders}: IncomingMessage, body: string) =>
    `${method} ${url} ${rawHeaders.join(' ')} ${body}`
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    const received = receivedOf(request, body.toString())
    sent.push(received)
    if (echo) {
      const {status, type, headers, body: text} = echo(received)
      answered.push(text)
      response.writeHead(status, {'content-type': type, ...headers}).end(text)
      return
    }
    const {method = 'GET', headers} = request
    const answer = await fetch(`${url}${request.url}`, {
      method,
      redirect: 'manual',
      headers: only(headers),
      ...(body.length === 0 ? {} : {body}),
    })
    const text = await answer.text()
    answered.push(`${[...answer.headers].flat().join(' ')} ${text}`)
    for (const name of ['content-type', 'date', 'location']) {
      const value = answer.headers.get(name)
      if (value !== null) response.setHeader(name, value)
    }
    response.setHeader('set-cookie', answer.headers.getSetCookie())
    response.writeHead(answer.status).end(text)
  })
  server.on('upgrade', (request, socket) => {
    sent.push(receivedOf(request, ''))
    socket.on('error', () => {})
    if (echo) {
      const {status, type, body} = echo(sent.at(-1) ?? '')
      const length = Buffer.byteLength(body)
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n${body}`)
      return
    }
    const {hostname, port} = new URL(url)
    const onwards = connect(Number(port), hostname, () => {
      const lines = request.rawHeaders.map((text, at) => text + (at % 2 === 0 ? ': ' : '\r\n')).join('')
      onwards.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines}\r\n`)
      onwards.pipe(socket).pipe(onwards)
    })
    onwards.on('error', () => socket.destroy())
    socket.once('close', () => onwards.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerWith: (next: Echo | undefined) => {
      echo = next
    },
    take: () => {
      const taken = {sent: sent.join('\n'), answered: answered.join('\n')}
      ;[sent, answered] = [[], []]
      return taken
    },
  }
}
