import {once} from 'node:events'
import {type AddressInfo, createServer} from 'node:net'
import {describe, expect, onTestFinished, test} from 'vitest'
import {binary, nezhaSandbox} from '../harness.js'
import {jsonAnswer, listAnswer, refusedUrl, serve, tlsFixtures} from './serve.js'
import {startProxy} from './start-proxy.js'

const list = ['nezha', 'server', 'list', '-o', 'id', '--quiet', '--retries', '0']

describe('HTTP_PROXY', () => {
  // a name that only the proxy knows
  const url = 'http://panel.invalid:8008'

  test.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])(
    '%s carries the requests to an http:// panel',
    async name => {
      const {port, token, requests} = await nezhaSandbox()
      const proxy = await startProxy({port})
      const env = {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: token, [name]: proxy.url}
      expect(await binary(list, {env})).toMatchObject({stdout: '1\n2\n3\n4\n5\n', stderr: '', exitCode: 0})
      expect(proxy.asked).toEqual([`GET ${url}/api/v1/server/list`])
      expect(requests.map(({headers}) => headers.host)).toEqual(['panel.invalid:8008'])
    },
  )

  test.each(['127.0.0.1', '.invalid,127.0.0.1', '*', '127.0.0.0/8'])(
    'NO_PROXY=%s goes around it',
    async noProxy => {
      const {port, environment} = await nezhaSandbox()
      const proxy = await startProxy({port})
      const env = {...environment, HTTP_PROXY: proxy.url, NO_PROXY: noProxy}
      expect(await binary(list, {env})).toMatchObject({stdout: '1\n2\n3\n4\n5\n', exitCode: 0})
      expect(proxy.asked).toEqual([])
    },
  )

  test('NO_PROXY with a domain goes around it for what is below it', async () => {
    const {port, token} = await nezhaSandbox()
    const proxy = await startProxy({port})
    const env = {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: token, HTTP_PROXY: proxy.url, NO_PROXY: 'invalid'}
    // Nobody resolves that name but the proxy.
    expect(await binary([...list, '--retries', '0'], {env})).toMatchObject({stdout: '', exitCode: 6})
    expect(proxy.asked).toEqual([])
  })

  test('a write with a body comes to it once, and nothing behind it', async () => {
    let bytes = ''
    const proxy = createServer(client => {
      client.on('error', () => {})
      client.on('data', more => {
        bytes += more.toString()
      })
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void proxy.close())
    await once(proxy, 'listening')
    const {port} = proxy.address() as AddressInfo
    const env = {KOMARI_URL: url, KOMARI_API_KEY: 'x', HTTP_PROXY: `http://127.0.0.1:${port}`}
    const args = ['komari', 'rpc', 'admin:x', '--timeout', '1s', '--retries', '0']
    expect(await binary(args, {env})).toMatchObject({stdout: '', exitCode: 7})
    const [, , ...behind] = bytes.split('POST ')
    expect(bytes).toMatch(/^POST http:\/\/panel\.invalid:8008\/api\/rpc2 HTTP\/1\.1\r\n/)
    expect(behind).toEqual([])
  })

  test('a proxy that wants a password: exit 4, said of the proxy and not of the panel', async () => {
    const {port, token, requests} = await nezhaSandbox()
    const proxy = await startProxy({port, credentials: 'ann:s3cret'})
    const env = {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: token, HTTP_PROXY: proxy.url}
    for (const args of [list, ['nezha', 'server', 'register']]) {
      const {stdout, stderr, exitCode} = await binary(args, {env})
      expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 4})
      expect(stderr).toMatch(
        /^panelctl: the proxy .*wants credentials\nhint: .*http:\/\/USER:PASSWORD@HOST:PORT\n$/m,
      )
    }
    expect(requests).toEqual([])
  })

  const register = ['nezha', 'server', 'register', '--quiet', '--retries', '0']

  /** What a proxy that answers by itself makes of a command. */
  async function answeredBy(
    answers: {status: number; squidError?: string; server?: string},
    args: readonly string[],
  ) {
    const {port, token, requests} = await nezhaSandbox()
    const proxy = await startProxy({port, answers})
    const env = {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: token, HTTP_PROXY: proxy.url}
    const outcome = await binary(args, {env})
    expect(requests).toEqual([])
    return {...outcome, host: `127.0.0.1:${proxy.port}`}
  }

  test.each([
    [403, 'ERR_ACCESS_DENIED'],
    [503, 'ERR_CONNECT_FAIL'],
    [503, 'ERR_DNS_FAIL'],
  ])(
    'Squid, that asks nobody (HTTP %i, %s), is named as over HTTPS, and a write exits 6 too',
    async (status, squidError) => {
      for (const args of [list, register]) {
        const {stdout, stderr, exitCode, host} = await answeredBy({status, squidError}, args)
        expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 6})
        expect(stderr).toBe(
          `panelctl: the proxy ${host} on the way to Nezha at panel.invalid:8008 refused to connect there (HTTP ${status})\n` +
            'hint: check the host and port of the URL; to go around the proxy of HTTP_PROXY: NO_PROXY=panel.invalid\n',
        )
      }
    },
  )

  test.each([
    [401, 4, /^panelctl: the proxy \S+ on the way to Nezha at \S+ wants credentials\n/],
    [403, 6, /^panelctl: the proxy \S+ on the way to Nezha at \S+ refused to connect there \(HTTP 403\)\n/],
    [500, 6, /^panelctl: the proxy \S+ on the way to Nezha at \S+ refused to connect there \(HTTP 500\)\n/],
  ])(
    'Tinyproxy, whose pages name it, asked nobody with HTTP %i: exit %i, also for a write',
    async (status, exitCode, said) => {
      for (const args of [list, register]) {
        const outcome = await answeredBy({status, server: 'tinyproxy/1.11.1'}, args)
        expect(outcome).toMatchObject({stdout: '', exitCode, stderr: expect.stringMatching(said)})
      }
    },
  )

  test.each([
    ['a read', list, 403, 10],
    ['a read', list, 502, 6],
    ['a write', register, 403, 10],
    // It may have been on its way.
    ['a write', register, 504, 7],
  ] as const)(
    'a page in the answer to %s may be the proxy’s: %j, HTTP %i',
    async (_, args, status, exitCode) => {
      const {stdout, stderr, ...ended} = await answeredBy({status}, args)
      expect({stdout, exitCode: ended.exitCode}).toEqual({stdout: '', exitCode})
      expect(stderr).toContain(`the proxy ${ended.host} or what stands before Nezha at panel.invalid:8008`)
      if (exitCode !== 7)
        expect(stderr).toMatch(/; to go around the proxy of HTTP_PROXY: NO_PROXY=panel\.invalid\n$/)
    },
  )

  test('and who wants a login with HTTP 401 is no proxy: that says 407', async () => {
    const {stderr, exitCode} = await answeredBy({status: 401}, list)
    expect(exitCode).toBe(4)
    expect(stderr).toMatch(
      /^panelctl: what stands before Nezha at panel\.invalid:8008 wants a login of its own/,
    )
  })

  test('Squid, that gave a write up on the way: it may have been done', async () => {
    const {stderr, exitCode, host} = await answeredBy(
      {status: 502, squidError: 'ERR_ZERO_SIZE_OBJECT'},
      register,
    )
    expect(exitCode).toBe(7)
    expect(stderr).toContain(`the proxy ${host} `)
    expect(stderr).toContain('it may have been done')
  })

  test('a wrong password in its address is refused, and said to be', async () => {
    const {port, token} = await nezhaSandbox()
    const proxy = await startProxy({port, credentials: 'ann:s3cret'})
    const env = {
      NEZHA_DASHBOARD_URL: url,
      NEZHA_TOKEN: token,
      HTTP_PROXY: proxy.url.replace('//', '//ann:wrong@'),
    }
    const {stderr, exitCode} = await binary(list, {env})
    expect(exitCode).toBe(4)
    expect(stderr).toMatch(/^panelctl: the proxy .* refused its credentials\n/)
    expect(stderr).not.toContain('wrong')
  })

  test('credentials in its address are used, and not printed by --debug', async () => {
    const {port, token} = await nezhaSandbox()
    const proxy = await startProxy({port, credentials: 'ann:s3cret'})
    const env = {
      NEZHA_DASHBOARD_URL: url,
      NEZHA_TOKEN: token,
      HTTP_PROXY: proxy.url.replace('//', '//ann:s3cret@'),
    }
    const {stdout, stderr, exitCode} = await binary([...list, '--debug'], {env})
    expect({stdout, exitCode}).toEqual({stdout: '1\n2\n3\n4\n5\n', exitCode: 0})
    expect(stderr).not.toContain('s3cret')
    expect(stderr).not.toContain(Buffer.from('ann:s3cret').toString('base64'))
  })

  test('one that does not listen is named, with its variable: exit 6, for a write as well', async () => {
    const env = {NEZHA_DASHBOARD_URL: url, http_proxy: refusedUrl}
    for (const args of [list, ['nezha', 'server', 'register']]) {
      expect(await binary(args, {env})).toMatchObject({
        stdout: '',
        stderr:
          'panelctl: cannot reach the proxy 127.0.0.1:1 on the way to Nezha at panel.invalid:8008: nothing listens there (connection refused)\n' +
          'hint: check http_proxy; to go around the proxy: NO_PROXY=panel.invalid\n',
        exitCode: 6,
      })
    }
  })

  test('behind a redirect to https the proxy for that is the one that is told of', async () => {
    // A port that http and https share: a name alone would do, but for 80 and 443.
    const plain = await serve((request, response) => {
      response.writeHead(301, {location: `https://${request.headers.host}${request.url}`}).end()
    })
    const HTTP_PROXY = (await startProxy({port: plain.port})).url
    for (const [HTTPS_PROXY, exitCode, said] of [
      [refusedUrl, 6, 'cannot reach the proxy 127.0.0.1:1 on the way to Nezha at panel.invalid:8008: '],
      [
        (await startProxy({port: 1, credentials: 'ann:x'})).url,
        4,
        'wants credentials\nhint: put them into HTTPS_PROXY: ',
      ],
      [(await startProxy({port: 1, refuses: 403})).url, 6, 'refused to connect there (HTTP 403)\n'],
    ] as const) {
      const outcome = await binary(list, {env: {NEZHA_DASHBOARD_URL: url, HTTP_PROXY, HTTPS_PROXY}})
      expect(outcome).toMatchObject({stdout: '', stderr: expect.stringContaining(said), exitCode})
    }
  })

  test('TLS that fails with the proxy is told of it, and its hint does not lead to a panel without TLS', async () => {
    const plain = new URL((await startProxy({port: 1})).url)
    const untrusted = new URL((await serve(jsonAnswer(listAnswer('web1')), 'https')).url)
    for (const [{host}, hint] of [
      [plain, `hint: if it is a proxy by plain HTTP: VARIABLE=http://${plain.host}; `],
      [untrusted, 'hint: if it has a CA of its own: --ca-file FILE'],
    ] as const) {
      for (const [panel, variable] of [
        [url, 'HTTP_PROXY'],
        ['https://panel.invalid', 'HTTPS_PROXY'],
      ] as const) {
        const env = {NEZHA_DASHBOARD_URL: panel, [variable]: `https://${host}`}
        const {stdout, stderr, exitCode} = await binary(list, {env})
        expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 6})
        expect(stderr).toContain(
          `panelctl: cannot reach the proxy ${host} on the way to Nezha at panel.invalid`,
        )
        expect(stderr).toContain(hint.replace('VARIABLE', variable))
      }
    }
  })

  test.each(['100%', '%zz', 'a%2'])(
    'a password with a bare percent sign says how that is written (%s)',
    async password => {
      for (const panel of [url, 'https://panel.invalid']) {
        const proxy = `http://ann:${password}@127.0.0.1:1`
        const env = {NEZHA_DASHBOARD_URL: panel, HTTP_PROXY: proxy, HTTPS_PROXY: proxy}
        const {stdout, stderr, exitCode} = await binary(list, {env})
        expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
        expect(stderr).toMatch(/ in HTTPS?_PROXY has a % .*\nhint: write it as %25 in HTTPS?_PROXY\n$/)
      }
    },
  )

  test('one that is no address is a usage error', async () => {
    const {environment} = await nezhaSandbox()
    const {stdout, stderr, exitCode} = await binary(list, {env: {...environment, HTTP_PROXY: 'socks5://x:1'}})
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
    expect(stderr).toContain('HTTP_PROXY')
  })
})

describe('HTTPS_PROXY', () => {
  const url = 'https://localhost:8443'

  async function tlsPanel() {
    const {port, requests} = await serve(jsonAnswer(listAnswer('web1')), 'https')
    return {
      port,
      requests,
      env: {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: 'x', PANELCTL_CA_FILE: tlsFixtures.caFile},
    }
  }

  test.each(['HTTPS_PROXY', 'https_proxy'])(
    '%s tunnels to an https:// panel, whose certificate is checked',
    async name => {
      const {port, env, requests} = await tlsPanel()
      const proxy = await startProxy({port})
      expect(await binary(list, {env: {...env, [name]: proxy.url}})).toMatchObject({
        stdout: '1\n',
        stderr: '',
        exitCode: 0,
      })
      expect(proxy.asked).toEqual(['CONNECT localhost:8443'])
      expect(requests).toHaveLength(1)
      const {stderr, exitCode} = await binary(list, {env: {...env, [name]: proxy.url, PANELCTL_CA_FILE: ''}})
      expect(exitCode).toBe(6)
      expect(stderr).toContain('--ca-file')
    },
  )

  test('--insecure holds behind it as well', async () => {
    const {port, env} = await tlsPanel()
    const proxy = await startProxy({port})
    expect(
      await binary([...list, '--insecure'], {env: {...env, HTTPS_PROXY: proxy.url, PANELCTL_CA_FILE: ''}}),
    ).toMatchObject({stdout: '1\n', exitCode: 0})
  })

  test('an http:// panel does not go through it, nor one that NO_PROXY names', async () => {
    const {environment} = await nezhaSandbox()
    const {port, env} = await tlsPanel()
    const proxy = await startProxy({port})
    expect(await binary(list, {env: {...environment, HTTPS_PROXY: proxy.url}})).toMatchObject({exitCode: 0})
    expect(
      await binary(list, {
        env: {
          ...env,
          NEZHA_DASHBOARD_URL: `https://localhost:${port}`,
          HTTPS_PROXY: proxy.url,
          NO_PROXY: 'localhost',
        },
      }),
    ).toMatchObject({stdout: '1\n', exitCode: 0})
    expect(proxy.asked).toEqual([])
  })

  test('a proxy that wants a password: exit 4, also for a write', async () => {
    const {port, env, requests} = await tlsPanel()
    const proxy = await startProxy({port, credentials: 'ann:s3cret'})
    for (const args of [list, ['nezha', 'server', 'register']]) {
      const {stdout, stderr, exitCode} = await binary(args, {env: {...env, HTTPS_PROXY: proxy.url}})
      expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 4})
      expect(stderr).toContain('the proxy')
    }
    expect(requests).toEqual([])
  })

  test('a proxy that says 401 to a wrong password, as Tinyproxy does: exit 4, and where to put the right one', async () => {
    const {port, env} = await tlsPanel()
    const proxy = await startProxy({port, refuses: 401})
    const HTTPS_PROXY = proxy.url.replace('//', '//ann:wrong@')
    const {stdout, stderr, exitCode} = await binary(list, {env: {...env, HTTPS_PROXY}})
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 4})
    expect(stderr).toMatch(/ refused its credentials\nhint: put them into HTTPS_PROXY: /)
  })

  test('without a scheme it is an http:// proxy, as for curl', async () => {
    const {port, env} = await tlsPanel()
    const proxy = await startProxy({port})
    const HTTPS_PROXY = `127.0.0.1:${proxy.port}`
    expect(await binary(list, {env: {...env, HTTPS_PROXY}})).toMatchObject({stdout: '1\n', exitCode: 0})
    expect(proxy.asked).toEqual(['CONNECT localhost:8443'])
  })

  test.each([403, 502])('a proxy that refuses with %i is named, and a write exits 6 too', async status => {
    const {port, env, requests} = await tlsPanel()
    const proxy = await startProxy({port, refuses: status})
    for (const args of [list, ['nezha', 'server', 'register']]) {
      expect(await binary(args, {env: {...env, HTTPS_PROXY: proxy.url}})).toMatchObject({
        stdout: '',
        stderr:
          `panelctl: the proxy 127.0.0.1:${proxy.port} on the way to Nezha at localhost:8443 refused to connect there (HTTP ${status})\n` +
          'hint: check the host and port of the URL; to go around the proxy of HTTPS_PROXY: NO_PROXY=localhost\n',
        exitCode: 6,
      })
    }
    expect(requests).toEqual([])
    proxy.asked.length = 0
    await binary(['nezha', 'server', 'list', '--retries', '1'], {env: {...env, HTTPS_PROXY: proxy.url}})
    // One that is busy is asked again.
    expect(proxy.asked).toHaveLength(status === 502 ? 2 : 1)
  })

  test('credentials in its address are used', async () => {
    const {port, env} = await tlsPanel()
    const proxy = await startProxy({port, credentials: 'ann:s3cret'})
    const HTTPS_PROXY = proxy.url.replace('//', '//ann:s3cret@')
    expect(await binary(list, {env: {...env, HTTPS_PROXY}})).toMatchObject({stdout: '1\n', exitCode: 0})
  })
})
