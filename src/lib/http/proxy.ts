import type http from 'node:http'
import type https from 'node:https'
import {getProxyForUrl} from 'proxy-from-env'
import {usageError} from '../errors.js'

export interface Agents {
  http?: http.Agent
  https?: https.Agent
}

/**
 * The agent that sends a request through the proxy which `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and
 * `NO_PROXY` of this process name for an address; none where it goes straight.
 * The agents load only when there is a proxy: most runs have none, and start-up pays for every module.
 * @throws PanelctlError USAGE for a proxy that is no http(s) address
 */
export async function proxyAgents(url: URL, tls: https.AgentOptions): Promise<Agents | undefined> {
  const proxy = getProxyForUrl(url.href)
  if (proxy === '') return undefined
  const variable = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  if (!URL.canParse(proxy) || !/^https?:/.test(proxy)) {
    throw usageError(
      `the proxy in ${variable} is not an http:// or https:// address`,
      `correct ${variable}, or set NO_PROXY=${url.hostname}`,
    )
  }
  if (url.protocol === 'https:') {
    const {HttpsProxyAgent} = await import('https-proxy-agent')
    return {https: new HttpsProxyAgent(proxy, tls)}
  }
  const {HttpProxyAgent} = await import('http-proxy-agent')
  return {http: new HttpProxyAgent(proxy)}
}
