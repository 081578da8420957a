import {expect, onTestFinished, test, vi} from 'vitest'
import {download} from '../../../src/lib/http/download.js'
import {refusedUrl, serve} from '../../process/serve.js'
import {startProxy} from '../../process/start-proxy.js'

/** The failure of a download by these proxies. */
async function failureBy(
  url: string,
  proxies: {readonly HTTP_PROXY?: string; readonly HTTPS_PROXY?: string},
) {
  for (const [variable, proxy] of Object.entries(proxies)) vi.stubEnv(variable, proxy)
  onTestFinished(() => void vi.unstubAllEnvs())
  const {signal} = new AbortController()
  return download(new URL(url), {largest: 1024, caFile: undefined, signal}).then(
    () => undefined,
    (error: unknown) => error,
  )
}

const script = 'https://scripts.invalid/install.sh'

test('a proxy that is gone is named, and not where the file is', async () => {
  const {host} = new URL(refusedUrl)
  expect(await failureBy(script, {HTTPS_PROXY: refusedUrl})).toMatchObject({
    code: 'UNREACHABLE',
    message: `cannot reach the proxy ${host} on the way to scripts.invalid: nothing listens there (connection refused)`,
    hint: 'check HTTPS_PROXY; to go around the proxy: NO_PROXY=scripts.invalid',
  })
})

test('a proxy that wants credentials is exit 4, over HTTPS and over HTTP', async () => {
  const proxy = await startProxy({port: 1, credentials: 'ann:s3cret'})
  const {host} = new URL(proxy.url)
  for (const [url, variable] of [
    [script, 'HTTPS_PROXY'],
    ['http://scripts.invalid/install.sh', 'HTTP_PROXY'],
  ] as const) {
    expect(await failureBy(url, {[variable]: proxy.url})).toMatchObject({
      code: 'AUTH',
      message: `the proxy ${host} on the way to scripts.invalid wants credentials`,
    })
  }
})

test('who failed behind a redirect is said', async () => {
  const {url} = await serve((_request, response) => {
    response.writeHead(302, {location: `${refusedUrl}/install.sh`}).end()
  })
  expect(await failureBy(`${url}/install.sh`, {})).toMatchObject({
    code: 'UNREACHABLE',
    message: `cannot download ${url}/install.sh, which redirects to ${refusedUrl}: nothing listens there (connection refused)`,
  })
})
