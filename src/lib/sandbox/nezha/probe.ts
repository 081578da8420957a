import {once} from 'node:events'
import {type AddressInfo, createServer, type Socket} from 'node:net'

/** The port that agents report to. */
export interface Probe {
  readonly port: number
  /** Stops listening and cuts every connection. */
  close(): Promise<void>
}

/** How every HTTP/2 connection, and so every agent's, begins. */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** What a server greets with: an empty SETTINGS frame. */
export const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])

/**
 * A port of the dashboard's kind: it takes connections and speaks plaintext HTTP/2, so that a TLS handshake is cut
 * (contracts/nezha.md 1.6, trap 24). What an agent would say there comes over HTTP instead.
 */
export async function startProbe(): Promise<Probe> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.once('data', (chunk: Buffer) => {
      const length = Math.min(chunk.length, preface.length)
      if (chunk.subarray(0, length).equals(preface.subarray(0, length))) socket.write(settings)
      else socket.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
