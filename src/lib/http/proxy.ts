import type http from 'node:http'
import type https from 'node:https'
import {getProxyForUrl} from 'proxy-from-env'
import {usageError} from '../errors.js'
import {isInDomains, isInNetworks} from './networks.js'
import {TunnelRefused, tunnelAgents} from './tunnel.js'

/** The way through a proxy: the agent for got, and what messages say of the proxy. */
export interface ProxyRoute {
  readonly agent: {http?: http.Agent; https?: https.Agent}
  readonly host: string
  /** The variable that names it, as it is spelt. */
  readonly variable: string
  /** Whether that variable has a name and a password for it. */
  readonly hasCredentials: boolean
  /** The HTTP status with which it refused the last tunnel; undefined where it refused none. */
  refusal(): number | undefined
  /** Whether a connection that failed was that to the proxy, and none through it. */
  isMissed(): boolean
  /** Of the way to an http:// address: the one to where a redirect leads, from there to https. */
  readonly encrypted?: ProxyRoute | undefined
}

/** The proxy on the way to where redirects led a request. */
export function proxyTo(proxy: ProxyRoute | undefined, from: URL, to: URL): ProxyRoute | undefined {
  return to.protocol === from.protocol ? proxy : proxy?.encrypted
}

/** The proxy that was asked for an address by itself, whose own answer would come as if it were from there: by plain HTTP alone. */
export function forwarderOf(proxy: ProxyRoute | undefined, to: URL): ProxyRoute | undefined {
  return to.protocol === 'http:' ? proxy : undefined
}

/**
 * Whether what came through a proxy is its own answer for certain, of a request that it sent to nobody: it wants credentials,
 * or is Squid or Tinyproxy and says so. All else may be that of the panel or of what stands before it.
 */
export function isOfProxy({
  statusCode,
  headers,
}: {
  readonly statusCode: number
  readonly headers: http.IncomingHttpHeaders
}): boolean {
  const squidError = String(headers['x-squid-error'] ?? '')
  // Tinyproxy's own pages name it, and what it passes on does not; a wrong password is 401 to it, a panel that is gone 500 (1.11.1).
  const isTinyproxys =
    /^tinyproxy\b/i.test(String(headers.server ?? '')) && [401, 403, 500].includes(statusCode)
  return statusCode === 407 || isTinyproxys || /^ERR_(ACCESS_DENIED|CONNECT_FAIL|DNS_FAIL)\b/.test(squidError)
}

/** The variable that `getProxyForUrl` reads for an address, and its value. */
function proxySetting(url: URL): {variable: string; value: string} {
  const names = [`${url.protocol.slice(0, -1)}_proxy`, 'all_proxy'].flatMap(name => [
    name,
    name.toUpperCase(),
  ])
  const variable = names.find(name => process.env[name]) ?? ''
  return {variable, value: process.env[variable] ?? ''}
}

interface Proxy extends Pick<ProxyRoute, 'host' | 'variable' | 'hasCredentials'> {
  readonly address: string
}

/**
 * The proxy that `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` of this process name for an address.
 * @throws PanelctlError USAGE for a proxy that is no http(s) address
 */
function proxyFor(url: URL): Proxy | undefined {
  if (getProxyForUrl(url.href) === '') return undefined
  const around = process.env.no_proxy || process.env.NO_PROXY || ''
  if (isInNetworks(url, around) || isInDomains(url, around)) return undefined
  const {variable, value} = proxySetting(url)
  // curl takes host:port for http://, whatever the panel speaks; `getProxyForUrl` would give it the panel's scheme.
  const address = value.includes('://') ? value : `http://${value}`
  if (!URL.canParse(address) || !/^https?:/.test(address)) {
    throw usageError(
      `the proxy in ${variable} is not an http:// or https:// address`,
      `correct ${variable}, or set NO_PROXY=${url.hostname}`,
    )
  }
  const {host, username, password} = new URL(address)
  if (/%(?![0-9a-f]{2})/i.test(username + password)) {
    throw usageError(
      `the user name or the password of the proxy in ${variable} has a % that stands for nothing`,
      `write it as %25 in ${variable}`,
    )
  }
  return {address, host, variable, hasCredentials: username !== ''}
}

/** Agents that ask the proxy for a tunnel, and how that went. */
async function tunnelThrough(
  {address, ...proxy}: Proxy,
  tlsOptions: https.AgentOptions,
  timeout: number,
): Promise<ProxyRoute> {
  let failure: Error | undefined
  const agent = await tunnelAgents(address, tlsOptions, timeout, failed => {
    failure = failed
  })
  return {
    ...proxy,
    agent,
    refusal: () => (failure instanceof TunnelRefused ? failure.status : undefined),
    isMissed: () => failure !== undefined,
  }
}

/** An agent that asks the proxy for whole addresses. */
async function forwardingAgent(address: string, tlsOptions: https.AgentOptions): Promise<http.Agent> {
  const [{HttpProxyAgent}, net, tls] = await Promise.all([
    import('http-proxy-agent'),
    import('node:net'),
    import('node:tls'),
  ])
  const agent = new HttpProxyAgent(address, tlsOptions)
  const isEncrypted = address.startsWith('https:')
  // Its own makes the headers anew when the body is already there, and Node sends them a second time, behind it:
  // to a proxy that is another request (http-proxy-agent 9.1.0).
  agent.connect = async () => (isEncrypted ? tls.connect(agent.connectOpts) : net.connect(agent.connectOpts))
  return agent
}

/**
 * The route of a request through the proxy that the environment names for an address; none where it goes straight.
 * The agents load only when there is a proxy: most runs have none, and start-up pays for every module. `timeout` is in
 * milliseconds, for the answer of the proxy.
 * @throws PanelctlError USAGE for a proxy that is no http(s) address
 */
export async function proxyRoute(
  url: URL,
  tlsOptions: https.AgentOptions,
  timeout: number,
): Promise<ProxyRoute | undefined> {
  const proxy = proxyFor(url)
  if (proxy === undefined) return undefined
  if (url.protocol === 'https:') return tunnelThrough(proxy, tlsOptions, timeout)
  // Where a redirect to https may lead, the way through its proxy.
  const encrypted = new URL(url)
  encrypted.protocol = 'https:'
  const upgraded = await proxyRoute(encrypted, tlsOptions, timeout)
  const {address, ...named} = proxy
  const agent = {...upgraded?.agent, http: await forwardingAgent(address, tlsOptions)}
  return {...named, agent, refusal: () => undefined, isMissed: () => true, encrypted: upgraded}
}

/**
 * The same for a WebSocket, given as the http(s) address that it begins with: always a tunnel, as a proxy that is asked
 * for a plain `ws:` address drops the upgrade.
 * @throws PanelctlError USAGE for a proxy that is no http(s) address
 */
export async function proxyTunnel(
  url: URL,
  tlsOptions: https.AgentOptions,
  timeout: number,
): Promise<ProxyRoute | undefined> {
  const proxy = proxyFor(url)
  return proxy && tunnelThrough(proxy, tlsOptions, timeout)
}
