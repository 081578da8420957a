import {once} from 'node:events'
import {readFileSync, writeFileSync} from 'node:fs'
import {type AddressInfo, createServer} from 'node:net'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {download} from '../../src/lib/http/download.js'
import {binary, root, temporaryFolder} from '../harness.js'
import {jsonAnswer, listAnswer, serve, tlsFixtures} from './serve.js'
import {startProxy} from './start-proxy.js'

const {caFile} = tlsFixtures
const fixture = (name: string) => join(root, 'test/fixtures/tls', name)
const list = ['nezha', 'server', 'list', '--retries', '0', '-o', 'csv', '--columns', 'name']

async function tlsPanel() {
  const panel = await serve(jsonAnswer(listAnswer('web1')), 'https')
  return {...panel, env: {NEZHA_DASHBOARD_URL: panel.url, NEZHA_TOKEN: 'x'}}
}

describe('a panel whose certificate comes from an own CA', () => {
  test('is not trusted: exit 6, and the hint names --ca-file', async () => {
    const {env, requests} = await tlsPanel()
    const {stdout, stderr, exitCode} = await binary(list, {env})
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 6})
    expect(stderr).toMatch(/^panelctl: cannot reach Nezha at .*its certificate is not trusted/)
    expect(stderr).toMatch(/\nhint: .*--ca-file FILE/)
    expect(requests).toEqual([])
  })

  test('a write to it exits 6 as well: nothing was sent', async () => {
    const {env, requests} = await tlsPanel()
    const {stdout, exitCode} = await binary(['nezha', 'server', 'register'], {env})
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 6})
    expect(requests).toEqual([])
  })

  test('works with --ca-file, without a word', async () => {
    const {env} = await tlsPanel()
    expect(await binary([...list, '--ca-file', caFile], {env})).toMatchObject({
      stdout: 'name\nweb1\n',
      stderr: '',
      exitCode: 0,
    })
  })

  test('works with PANELCTL_CA_FILE, by name as by address', async () => {
    const {env, port} = await tlsPanel()
    for (const url of [env.NEZHA_DASHBOARD_URL, `https://localhost:${port}`]) {
      expect(
        await binary(list, {env: {...env, NEZHA_DASHBOARD_URL: url, PANELCTL_CA_FILE: caFile}}),
      ).toMatchObject({stdout: 'name\nweb1\n', stderr: '', exitCode: 0})
    }
  })

  test('works with what NODE_EXTRA_CA_CERTS has, also where --ca-file adds another', async () => {
    const {env} = await tlsPanel()
    const trusting = {...env, NODE_EXTRA_CA_CERTS: caFile}
    for (const flags of [[], ['--ca-file', fixture('expired.pem')]])
      expect(await binary([...list, ...flags], {env: trusting})).toMatchObject({exitCode: 0, stderr: ''})
  })

  test('works with what --use-openssl-ca finds in SSL_CERT_FILE, also where --ca-file adds another', async () => {
    const {env} = await tlsPanel()
    const trusting = {...env, NODE_OPTIONS: '--use-openssl-ca', SSL_CERT_FILE: caFile}
    for (const flags of [[], ['--ca-file', fixture('expired.pem')]])
      expect(await binary([...list, ...flags], {env: trusting})).toMatchObject({exitCode: 0, stderr: ''})
  })

  test('works with --insecure and exactly one warning, which --quiet silences', async () => {
    const {env, port} = await tlsPanel()
    expect(await binary([...list, '--insecure'], {env})).toMatchObject({
      stdout: 'name\nweb1\n',
      stderr: `warning: the certificate of 127.0.0.1:${port} is not checked (--insecure)\n`,
      exitCode: 0,
    })
    expect(await binary([...list, '--insecure', '--quiet'], {env})).toMatchObject({
      stdout: 'name\nweb1\n',
      stderr: '',
      exitCode: 0,
    })
  })

  test('accepted at login, by --ca-file or --insecure, is not warned of again', async () => {
    const {url} = await tlsPanel()
    const env = {PANELCTL_CONFIG_DIR: temporaryFolder()}
    const login = ['nezha', 'login', '--with-token', '--quiet', '--url', url]
    for (const flags of [['--ca-file', caFile], ['--insecure']]) {
      expect(await binary([...login, '--replace', ...flags], {env, stdin: 'token'})).toMatchObject({
        exitCode: 0,
      })
      expect(await binary(list, {env})).toMatchObject({stdout: 'name\nweb1\n', stderr: '', exitCode: 0})
    }
  })

  test('a CA file that is none, or not there, is a usage error', async () => {
    const {env, requests} = await tlsPanel()
    const file = join(temporaryFolder(), 'ca.pem')
    expect(await binary([...list, '--ca-file', file], {env})).toMatchObject({stdout: '', exitCode: 2})
    writeFileSync(file, 'no certificate')
    expect(await binary([...list, '--ca-file', file], {env})).toMatchObject({stdout: '', exitCode: 2})
    expect(requests).toEqual([])
  })
})

test('NODE_TLS_REJECT_UNAUTHORIZED opens neither a panel, an https:// proxy, nor the source of a script', async () => {
  const {env, port, requests, url} = await tlsPanel()
  const unchecked = {...env, NODE_TLS_REJECT_UNAUTHORIZED: '0', PANELCTL_CONFIG_DIR: temporaryFolder()}
  const proxied = {...unchecked, NEZHA_DASHBOARD_URL: 'http://panel.example', HTTP_PROXY: url}
  for (const each of [unchecked, proxied]) {
    const {stdout, stderr, exitCode} = await binary(list, {env: each})
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 6})
    expect(stderr).toContain('NODE_TLS_REJECT_UNAUTHORIZED is ignored')
  }
  expect(await binary([...list, '--ca-file', caFile], {env: proxied})).toMatchObject({exitCode: 0})
  requests.length = 0
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  onTestFinished(() => {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
  })
  const options = {largest: 1024, caFile: undefined, signal: new AbortController().signal}
  const script = download(new URL(`https://127.0.0.1:${port}/install.sh`), options)
  await expect(script).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining('not trusted'),
  })
  expect(requests).toEqual([])
})

test('https:// to a port that speaks plain HTTP is told: exit 6', async () => {
  const {port} = await serve(jsonAnswer(listAnswer('web1')))
  const {stderr, exitCode} = await binary(list, {env: {NEZHA_DASHBOARD_URL: `https://127.0.0.1:${port}`}})
  expect(exitCode).toBe(6)
  expect(stderr).toMatch(/it does not speak TLS\nhint: .*http:\/\//)
})

describe('a handshake that the panel ends', () => {
  const readList = ['nezha', 'server', 'list', '--retries', '0']
  const write = ['nezha', 'server', 'register', '--tag', 'a']
  const wantsCertificate = {requestCert: true, rejectUnauthorized: true}

  test.each([
    ['wants a client certificate over TLS 1.3', wantsCertificate, /: it wants a client certificate/],
    [
      'wants one over TLS 1.2',
      {...wantsCertificate, maxVersion: 'TLSv1.2'},
      /it refuses the TLS handshake: it wants a client certificate, which panelctl cannot give, or /,
    ],
    [
      'speaks TLS 1.1',
      {minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0'},
      /: it speaks only an older TLS than 1\.2\n/,
    ],
    ['shares no cipher', {maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA'}, /: it refuses the TLS handshake/],
  ] as const)('because it %s: exit 6, and no word of http://', async (_, options, said) => {
    const {port, requests} = await serve(jsonAnswer(listAnswer('web1')), 'https', options)
    const env = {
      NEZHA_DASHBOARD_URL: `https://127.0.0.1:${port}`,
      NEZHA_TOKEN: 'x',
      PANELCTL_CA_FILE: caFile,
      // What Node offers by itself, without the ciphers that are weak.
      NODE_OPTIONS: '--tls-cipher-list=ECDHE-RSA-AES256-GCM-SHA384:TLS_AES_256_GCM_SHA384',
    }
    for (const line of [readList, write]) {
      const {stdout, stderr, exitCode} = await binary(line, {env})
      expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 6})
      expect(stderr).toMatch(said)
      expect(stderr).not.toMatch(/http:\/\/|SSL routines|--debug/)
    }
    expect(requests).toEqual([])
  })
})

test('a name that is not in the certificate: the names that are, and no word of --ca-file', async () => {
  const {port} = await serve(jsonAnswer(listAnswer('web1')), 'https')
  const env = {NEZHA_DASHBOARD_URL: `https://127.0.0.2:${port}`, PANELCTL_CA_FILE: caFile}
  // The server listens on 127.0.0.1; the connection is made by the proxy.
  const proxy = await startProxy({port})
  expect(await binary(list, {env: {...env, HTTPS_PROXY: proxy.url}})).toMatchObject({
    stdout: '',
    stderr: expect.stringMatching(
      /its certificate is for another name\nhint: use a name that is in the certificate \((localhost, )?127\.0\.0\.1\)\n$/,
    ),
    exitCode: 6,
  })
})

test.each([
  ['expired', 'certificate has expired'],
  ['early', 'certificate is not yet valid'],
])('a certificate out of its dates (%s): the clock, and no word of a CA', async (name, said) => {
  const caFile = fixture(`${name}.pem`)
  const {url} = await serve(jsonAnswer(listAnswer('web1')), 'https', {cert: readFileSync(caFile)})
  const {stderr, exitCode} = await binary(list, {env: {NEZHA_DASHBOARD_URL: url, PANELCTL_CA_FILE: caFile}})
  expect(exitCode).toBe(6)
  expect(stderr).toMatch(
    /: its certificate is not trusted \((.+)\)\nhint: is it \d{4}-\d\d-\d\dT\d\d:\d\dZ, as the clock of this machine says\? then it has to be renewed, or that of its CA; else set the clock\n$/,
  )
  expect(stderr).toContain(`(${said})`)
})

describe('http:// to a port that speaks TLS', () => {
  test('which hangs up', async () => {
    const {port} = await serve(jsonAnswer(listAnswer('web1')), 'https')
    expect(await binary(list, {env: {NEZHA_DASHBOARD_URL: `http://127.0.0.1:${port}`}})).toMatchObject({
      stdout: '',
      stderr: `panelctl: cannot reach Nezha at 127.0.0.1:${port}: the connection was cut\nhint: does it serve HTTPS? try https://127.0.0.1:${port}\n`,
      exitCode: 6,
    })
  })

  test.each([
    [
      'nginx',
      'HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>',
    ],
    ['Go', 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'],
  ])('whose server says so: %s', async (_, answer) => {
    const server = createServer(socket => socket.on('error', () => {}).end(answer)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
    })
    const {port} = server.address() as AddressInfo
    expect(await binary(list, {env: {NEZHA_DASHBOARD_URL: `http://127.0.0.1:${port}`}})).toMatchObject({
      stdout: '',
      stderr: `panelctl: Nezha at 127.0.0.1:${port} answered GET /api/v1/server/list with HTTP 400: it wants HTTPS at this port\nhint: try https://127.0.0.1:${port}\n`,
      exitCode: 10,
    })
  })
})
