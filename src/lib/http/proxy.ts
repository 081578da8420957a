import type http from 'node:http'
import type https from 'node:https'
import {getProxyForUrl} from 'proxy-from-env'
import {usageError} from '../errors.js'

/** The way through a proxy: the agent for got, and the proxy's host for messages. */
export interface ProxyRoute {
  readonly agent: {http?: http.Agent; https?: https.Agent}
  readonly host: string
}

/**
 * The route of a request through the proxy that `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and
 * `NO_PROXY` of this process name for an address; none where it goes straight.
 * The agents load only when there is a proxy: most runs have none, and start-up pays for every module.
 * @throws PanelctlError USAGE for a proxy that is no http(s) address
 */
export async function proxyRoute(url: URL, tls: https.AgentOptions): Promise<ProxyRoute | undefined> {
  const proxy = proxyFor(url)
  if (proxy === undefined) return undefined
  const {host} = proxy
  if (url.protocol === 'https:') {
    const {HttpsProxyAgent} = await import('https-proxy-agent')
    return {agent: {https: new HttpsProxyAgent(proxy, tls)}, host}
  }
  const {HttpProxyAgent} = await import('http-proxy-agent')
  return {agent: {http: new HttpProxyAgent(proxy)}, host}
}

/**
 * The same for a WebSocket, given as the http(s) address that it begins with: always a tunnel, as a proxy that is asked
 * for a plain `ws:` address drops the upgrade.
 */
export async function proxyTunnel(
  url: URL,
  tls: https.AgentOptions,
): Promise<{agent: http.Agent; host: string} | undefined> {
  const proxy = proxyFor(url)
  if (proxy === undefined) return undefined
  const {HttpsProxyAgent} = await import('https-proxy-agent')
  return {agent: new HttpsProxyAgent(proxy, tls), host: proxy.host}
}

function proxyFor(url: URL): URL | undefined {
  const proxy = getProxyForUrl(url.href)
  if (proxy === '') return undefined
  const variable = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  if (!URL.canParse(proxy) || !/^https?:/.test(proxy)) {
    throw usageError(
      `the proxy in ${variable} is not an http:// or https:// address`,
      `correct ${variable}, or set NO_PROXY=${url.hostname}`,
    )
  }
  return new URL(proxy)
}
