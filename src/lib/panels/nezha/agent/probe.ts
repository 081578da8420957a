import {once} from 'node:events'
import {readFile} from 'node:fs/promises'
import {connect as connectTcp, isIP, type Socket} from 'node:net'
import {join} from 'node:path'
import {connect as connectTls, rootCertificates, type TLSSocket} from 'node:tls'
import type {CheckOptions} from '../../../agent/agent-kind.js'
import {errorCode, PanelctlError} from '../../../errors.js'

const patience = 10_000
/** How long a server may take to greet back; not every proxy does before an agent has logged in. */
const greetingPatience = 1500

// The beginning of every HTTP/2 connection, gRPC's too, with an empty SETTINGS frame.
const greeting = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
])

/** Where distributions keep the certificates that an agent trusts. */
const systemStores = [
  'etc/ssl/certs/ca-certificates.crt',
  'etc/pki/tls/certs/ca-bundle.crt',
  'etc/ssl/ca-bundle.pem',
]

/** The port that agents report to. */
export interface Probe {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** Whether the TLS has to say that it is HTTP/2, as agents of today want it (grpc-go since 1.67); agent 0.20.5 does not look. */
  readonly wantsAlpn?: boolean
}

/** What to do where agents are not understood, as each generation has it. */
export interface ProbeHints {
  /** A web server answers there. */
  readonly web: string
  /** TLS is wanted, and agents were to use none. */
  readonly tls: string
}

/**
 * Looks whether agents can report where they will be told to: somebody listens, and speaks TLS if they will.
 * The own port of a dashboard of v0 never does (contracts/nezha.md 1.1, trap 24), and an agent that meets the wrong one
 * retries for ever without a word (1.6).
 * @throws PanelctlError UNREACHABLE
 */
export async function checkProbe(probe: Probe, hints: ProbeHints, options: CheckOptions): Promise<void> {
  const address = `${probe.host}:${probe.port}`
  const socket = await connected(probe, address, options.signal)
  try {
    const spoken = probe.tls ? await secured(socket, probe, address, options) : socket
    const first = await answerTo(spoken)
    // A TLS alert, or the end of the connection: stunnel resets it.
    if (!probe.tls && (first === 'ended' || first?.[0] === 0x15)) {
      throw unusable(
        `${address} cuts off what agents say without TLS`,
        `if a TLS proxy is there, ${hints.tls}; else check --probe-port`,
      )
    }
    if (first === 'ended')
      options.warn(`${address} takes TLS and then ends the connection: is anything behind it?`)
    // A web server's complaint about HTTP/2.
    if (first?.toString('latin1').startsWith('HTTP/')) {
      throw unusable(`${address} answers as a web server, and agents report over gRPC`, hints.web)
    }
  } finally {
    socket.destroy()
  }
}

function unusable(message: string, hint: string, cause?: unknown): PanelctlError {
  return new PanelctlError('UNREACHABLE', message, {hint, cause})
}

function withoutHttp2(address: string): PanelctlError {
  return unusable(
    `the TLS at ${address} offers no HTTP/2 (ALPN h2), and agents speak nothing else`,
    'switch HTTP/2 on in the proxy that is there; nothing was registered',
  )
}

async function connected({host, port}: Probe, address: string, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({host, port})
  socket.setTimeout(patience, () => socket.destroy(new Error(`no answer within ${patience / 1000} s`)))
  try {
    await once(socket, 'connect', {signal})
    return socket
  } catch (error) {
    socket.destroy()
    signal.throwIfAborted()
    const code = errorCode(error)
    const reason =
      code === 'ECONNREFUSED'
        ? 'nothing listens there (connection refused)'
        : code === 'ENOTFOUND' || code === 'EAI_AGAIN'
          ? 'the host name cannot be resolved'
          : error instanceof Error
            ? error.message
            : String(error)
    throw unusable(
      `agents cannot report to ${address}: ${reason}`,
      'check --probe-address and --probe-port; nothing was registered',
      error,
    )
  }
}

async function secured(
  socket: Socket,
  {host, wantsAlpn}: Probe,
  address: string,
  {machine, caFile, signal, warn}: CheckOptions,
): Promise<TLSSocket> {
  const stores = await Promise.all(
    [...systemStores.map(store => join(machine.root, store)), ...(caFile === undefined ? [] : [caFile])].map(
      path => readFile(path, 'utf8').catch(() => ''),
    ),
  )
  const tls = connectTls({
    socket,
    ...(isIP(host) === 0 ? {servername: host} : {}),
    host,
    ALPNProtocols: ['h2'],
    ca: [...rootCertificates, ...stores.filter(store => store !== '')],
    // Whether the agent trusts it is the agent's to say: its store is not ours.
    rejectUnauthorized: false,
  })
  try {
    await once(tls, 'secureConnect', {signal})
  } catch (error) {
    signal.throwIfAborted()
    if (errorCode(error) === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL') throw withoutHttp2(address)
    throw unusable(
      `there is no TLS at ${address}, and agents were to use it`,
      'pass --no-tls if that is the dashboard’s own port, which speaks none; --tls needs a TLS proxy before it',
      error,
    )
  }
  if (wantsAlpn && tls.alpnProtocol !== 'h2') throw withoutHttp2(address)
  if (!tls.authorized) {
    warn(
      `the certificate of ${address} is not trusted (${tls.authorizationError}): an installed agent refuses it unless this machine's store has its CA`,
    )
  }
  return tls
}

/** The first bytes that come back; undefined where nothing does for a while. */
function answerTo(socket: Socket): Promise<Buffer | 'ended' | undefined> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(undefined), greetingPatience)
    socket.once('data', (chunk: Buffer) => {
      clearTimeout(timer)
      resolve(chunk)
    })
    const ended = () => {
      clearTimeout(timer)
      resolve('ended')
    }
    socket.once('end', ended)
    socket.once('close', ended)
    socket.once('error', ended)
    socket.write(greeting)
  })
}
