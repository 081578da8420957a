import type http from 'node:http'
import type https from 'node:https'
import type {Socket} from 'node:net'
import {retryStatuses, TUNNEL_BUSY} from './retry.js'

/** The proxy made no tunnel: the status of its answer, NaN where that is not HTTP, or longer than HTTP's. */
export class TunnelRefused extends Error {
  readonly code: string | undefined

  constructor(readonly status: number) {
    super(`HTTP ${status} of the proxy`)
    this.code = retryStatuses.includes(status) ? TUNNEL_BUSY : undefined
  }
}

/**
 * A tunnel through a proxy (RFC 9110 9.3.6). Node's own parser reads the answer, so that it ends at 16 KiB.
 * @param timeout milliseconds until it stands: a proxy may say nothing, or go on for ever
 * @throws TunnelRefused; Error with the `code` of Node, ETIMEDOUT at the end of that time
 */
async function openTunnel(
  proxy: URL,
  {host, port}: http.ClientRequestArgs,
  tlsOptions: https.AgentOptions,
  timeout: number,
): Promise<Socket> {
  const {request} = proxy.protocol === 'https:' ? await import('node:https') : await import('node:http')
  const to = `${host?.includes(':') ? `[${host}]` : host}:${port}`
  const credentials = [proxy.username, proxy.password].map(decodeURIComponent).join(':')
  const asking = request({
    ...tlsOptions,
    agent: false,
    method: 'CONNECT',
    host: proxy.hostname.replaceAll(/[[\]]/g, ''),
    port: proxy.port,
    path: to,
    headers: {
      host: to,
      'proxy-connection': 'close',
      ...(credentials === ':'
        ? {}
        : {'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}`}),
    },
  })
  asking.removeHeader('connection')
  const late = Object.assign(new Error(`for ${timeout}ms`), {code: 'ETIMEDOUT'})
  const timer = setTimeout(() => asking.destroy(late), timeout)
  try {
    return await new Promise((resolve, reject) => {
      asking.once('connect', ({statusCode = 0}, socket, head) => {
        if (statusCode === 200) {
          if (head.length > 0) socket.unshift(head)
          resolve(socket)
          return
        }
        // Nothing of the request goes to a proxy that refused to pass it on.
        socket.destroy()
        reject(new TunnelRefused(statusCode))
      })
      asking.once('error', (error: NodeJS.ErrnoException) => {
        reject(error.code?.startsWith('HPE_') ? new TunnelRefused(Number.NaN) : error)
      })
      asking.end()
    })
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Agents each of whose connections is a tunnel through a proxy, encrypted within for `https`.
 * @param opened is told of each tunnel: why there is none, and undefined once one stands
 */
export async function tunnelAgents(
  address: string,
  tlsOptions: https.AgentOptions,
  timeout: number,
  opened: (failure: Error | undefined) => void,
): Promise<{http: http.Agent; https: https.Agent}> {
  const [plain, encrypted, tls] = await Promise.all([
    import('node:http'),
    import('node:https'),
    import('node:tls'),
  ])
  const agents = {http: new plain.Agent(), https: new encrypted.Agent(tlsOptions)}
  for (const agent of [agents.http, agents.https]) {
    agent.createConnection = (options, done) => {
      const {host, port, path: _, ...others} = options
      // The name that the certificate has to be for is the panel's, though the socket leads to the proxy.
      const secured = (socket: Socket) =>
        tls.connect({...others, host: host ?? '', port: Number(port), socket})
      openTunnel(new URL(address), options, tlsOptions, timeout)
        .then(socket => (agent === agents.https ? secured(socket) : socket))
        .then(
          socket => {
            opened(undefined)
            done?.(null, socket)
          },
          error => {
            opened(error)
            const failed = done as ((error: Error) => void) | undefined
            failed?.(error)
          },
        )
      return undefined
    }
  }
  return agents
}
