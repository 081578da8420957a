import {readFileSync} from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import {join} from 'node:path'

const fixtures = join(import.meta.dirname, '..', 'test', 'fixtures', 'tls')

/** The authority that the certificate is of. */
export const caFile = join(fixtures, 'ca.pem')

/** Answers over TLS as the panel at `target` does. Gives its own address, and how to end it. */
export async function behindTls(target) {
  const [cert, key] = ['server.pem', 'server.key'].map(name => readFileSync(join(fixtures, name)))
  const server = https.createServer({cert, key}, ({url, method, headers}, response) => {
    const request = http.request(new URL(url, target), {method, headers})
    request.on('response', answer => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    })
    request.end()
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return {url: `https://127.0.0.1:${server.address().port}`, close}
}
