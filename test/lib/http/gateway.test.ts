import {brotliCompressSync, deflateRawSync, deflateSync, gzipSync} from 'node:zlib'
import {describe, expect, test} from 'vitest'
import {addItem, connected, data, failure, json, listItems} from './panel.js'

const basic = {'WWW-Authenticate': 'Basic realm="Restricted"'}
const html = {'Content-Type': 'text/html; charset=utf-8'}
const page = (title: string) =>
  `<html>\r\n<head><style>a{}</style>\n<title>\n${title}</title></head>\n<body>words of the page</body></html>`

const coded = (coding: string, body: Buffer) => ({
  status: 200,
  headers: {'Content-Type': 'application/json', 'Content-Encoding': coding},
  body,
})

/** What a read, and a write, of the panel say where everything is answered so. */
async function said(
  answer: {status: number; headers?: Record<string, string>; body?: string | Buffer},
  path = '',
) {
  const server = await connected(() => ({body: '', ...answer}), {retries: 0})
  const {client, url} =
    path === '' ? server : await connected(() => 'stall', {}, {url: `${server.url}${path}`})
  const read = await failure(client.call(listItems, {query: {}}))
  const write = await failure(client.call(addItem, {body: {}}))
  return {read, write, url: path === '' ? url : server.url, requests: server.requests}
}

describe('who stands before the panel', () => {
  test.each([
    ['nginx', {headers: {...html, ...basic}, body: page('401 Authorization Required')}, '401 Authorization'],
    [
      'Kong, in JSON',
      {...json({message: 'Unauthorized'}), headers: {'Content-Type': 'application/json', ...basic}},
      'Unauthorized',
    ],
    [
      'one in the words of the panel',
      {...json({refused: 'no'}), headers: {'Content-Type': 'application/json', ...basic}},
      'Basic realm="Restricted"',
    ],
    ['a login service without the header', {headers: html, body: page('Sign in')}, 'Sign in'],
    ['nobody who says more', {}, 'HTTP 401'],
  ])('wants a login of its own: %s', async (_name, answer, words) => {
    const {read, write} = await said({...answer, status: 401})
    for (const error of [read, write]) {
      expect(error).toMatchObject({exitCode: 4, status: 401})
      expect(error.message).toMatch(
        /^what stands before Plain at 127\.0\.0\.1:\d+ wants a login of its own: HTTP 401/,
      )
      expect(error.message).toContain(words)
      expect(error.message).not.toContain('refused the')
      expect(error.hint).toContain('--header')
    }
  })

  test('wants a password for a proxy where none is in use', async () => {
    const {read, write} = await said({status: 407, headers: {'Proxy-Authenticate': 'Basic realm="p"'}})
    for (const error of [read, write]) {
      expect(error).toMatchObject({exitCode: 4, status: 407})
      expect(error.message).toMatch(
        /^what stands before Plain .* wants a login of its own: HTTP 407, Basic realm="p"/,
      )
    }
  })

  test('is a guest network that wants a browser first', async () => {
    const {read, write} = await said({status: 511, headers: html, body: page('Login to WiFi')})
    for (const error of [read, write]) {
      expect(error).toMatchObject({exitCode: 10, status: 511})
      expect(error.message).toMatch(
        /^what stands before Plain .* a question for a browser \(Login to WiFi\)$/,
      )
    }
  })

  test.each([
    [
      'https://team.cloudflareaccess.com/cdn-cgi/access/login/x?kid=1',
      'https://team.cloudflareaccess.com/cdn-cgi/access/login/x',
    ],
    ['https://sso.test/?rd=https://panel.test/items', 'https://sso.test/'],
    ['https://sso.test/items?rd=1', 'https://sso.test/items'],
    ['//sso.test/oauth2/start', 'http://sso.test/oauth2/start'],
  ])('sends to a login, which is not the address of the panel: %s', async (location, named) => {
    const {read, write} = await said({status: 302, headers: {Location: location}})
    for (const error of [read, write]) {
      expect(error).toMatchObject({exitCode: 10, status: 302})
      expect(error.message).toContain(`what stands before Plain`)
      expect(error.message).toContain(`with a redirect to ${named}, which`)
      expect(error.hint).not.toContain('--url')
    }
  })

  test('sends a write to a login on the same host', async () => {
    const {write} = await said({status: 302, headers: {Location: '/login'}})
    expect(write).toMatchObject({
      exitCode: 10,
      message: expect.stringContaining('with a redirect to /login,'),
    })
    expect(write.hint).not.toContain('--url')
  })

  test.each([
    ['https://other.test/items', '--url https://other.test'],
    ['https://other.test/below/items', '--url https://other.test/below'],
  ])('is not told of who keeps the path: the panel is elsewhere: %s', async (location, hint) => {
    const {write} = await said({status: 308, headers: {Location: location}})
    expect(write.hint?.endsWith(hint), write.hint).toBe(true)
  })

  test('is named with the page that a redirect led to', async () => {
    const {client} = await connected(({path}) =>
      path === '/items'
        ? {status: 302, headers: {Location: '/oauth2/sign_in?rd=secret'}, body: ''}
        : {status: 200, headers: html, body: page('Who are you?')},
    )
    const {message} = await failure(client.call(listItems, {query: {}}))
    expect(message).toMatch(
      /\(text\/html\), after a redirect to \/oauth2\/sign_in: Who are you\? words of the page$/,
    )
  })

  test.each([301, 307])('sends round in a circle (%i)', async status => {
    const server = await connected(({path}) => ({
      status,
      headers: {Location: `${server.url}${path}`},
      body: '',
    }))
    const calls = [
      () => server.client.call(listItems, {query: {}}),
      () => server.client.call(addItem, {body: {}}),
    ]
    for (const call of calls) {
      const error = await failure(call())
      expect(error).toMatchObject({
        exitCode: 10,
        message: expect.stringMatching(/with redirects that go round$/),
      })
      expect(error.hint).toContain('Full')
    }
  })

  test('sends round in a circle of two', async () => {
    const {client} = await connected(({path}) => ({
      status: 302,
      headers: {Location: path === '/items' ? '/other' : '/items'},
      body: '<a href="/items">Found</a>',
    }))
    expect(await failure(client.call(listItems, {query: {}}))).toMatchObject({
      exitCode: 10,
      message: expect.stringMatching(/with redirects that go round$/),
    })
  })

  test.each([
    [502, page('502 Bad Gateway'), true, '502 Bad Gateway'],
    [504, '<h1>504 Gateway Time-out</h1>\nThe server didn&#39;t respond', true, '504 Gateway Time-out'],
    [521, page('panel.test | 521: Web server is down'), true, '521: Web server is down'],
    [503, 'upstream connect error or disconnect', true, 'upstream connect error or disconnect'],
    [500, page('Internal Server Error'), false, 'Internal Server Error'],
  ])('answers %i, in its own words', async (status, body, isFront, words) => {
    const {read, write} = await said({status, headers: html, body})
    expect(read).toMatchObject({exitCode: 6, status})
    expect(read.message.startsWith('what stands before Plain')).toBe(isFront)
    expect(read.message).toContain(`with HTTP ${status} (`)
    expect(read.message).toContain(words)
    expect(write).toMatchObject({exitCode: 7, status})
    expect(write.message).toContain(words)
  })

  test.each([403, 503])('asks for a browser (%i)', async status => {
    const headers = {...html, 'cf-mitigated': 'challenge'}
    const {read} = await said({status, headers, body: page('Just a moment...')})
    expect(read.message).toMatch(/^what stands before Plain .* \(Just a moment\.\.\.\)$/)
    expect(read.hint).toContain('--header')
  })

  test.each([
    [400, page('400 No required SSL certificate was sent'), 'it wants a client certificate'],
    [403, page('Sign In'), "--header 'NAME: @FILE'"],
    [405, page('405 Not Allowed'), 'lets no'],
    [413, page('413 Request Entity Too Large'), 'client_max_body_size'],
    [421, page('421 Misdirected Request'), 'the name 127.0.0.1'],
    [451, page('Unavailable For Legal Reasons'), "--header 'NAME: @FILE'"],
    [403, '', "--header 'NAME: @FILE'"],
  ])('refuses with a page (%i): no panel has one', async (status, body, hint) => {
    const {read, write} = await said({status, headers: html, body})
    for (const [error, method] of [[read, 'GET'] as const, [write, 'POST'] as const]) {
      expect(error).toMatchObject({exitCode: 10, status})
      const title = /<title>\s*([^<]*)/.exec(body)?.[1]
      expect(error.message).toMatch(/^what stands before Plain at 127\.0\.0\.1:\d+ answered /)
      expect(error.message).toMatch(
        new RegExp(`${method} /items with HTTP ${status}${title ? ` \\(${title}\\)` : ''}$`),
      )
      expect(error.hint).toContain(hint)
    }
  })

  test.each([
    {message: 'IP not allowed'},
    {code: 403, msg: 'IP not allowed'},
    {error: {code: 'x', message: 'IP not allowed'}},
    {detail: 'IP not allowed'},
  ])('refuses in JSON that is not the panel’s: %j', async body => {
    const {read} = await said({...json(body), status: 403})
    expect(read).toMatchObject({exitCode: 10, status: 403})
    expect(read.message).toMatch(/^what stands before Plain .* with HTTP 403 \(IP not allowed\)$/)
  })

  test.each([300, 304])('answers %i, which leads nowhere', async status => {
    const {read} = await said({status})
    expect(read).toMatchObject({exitCode: 10, status})
    expect(read.message).toMatch(
      new RegExp(`^what stands before Plain .* with HTTP ${status}, which is no answer$`),
    )
  })

  test.each(['javascript:alert(1)', 'http://[bad'])('sends nowhere: %s', async location => {
    const {read} = await said({status: 302, headers: {Location: location}})
    expect(read).toMatchObject({exitCode: 10, status: 302})
    expect(read.message).toMatch(/with a redirect that leads nowhere$/)
  })

  test.each(['https://sso.test/login/items', 'https://login.test/items', 'https://a.test/oauth2/items'])(
    'sends to a login that keeps the path, which is not proposed: %s',
    async location => {
      const {write} = await said({status: 302, headers: {Location: location}})
      expect(write.message).toContain('what stands before Plain')
      expect(write.hint).not.toContain('--url')
    },
  )

  test('is not made up where the page is the title of the panel', async () => {
    const {read} = await said({status: 200, headers: html, body: page('Plain Monitor')})
    expect(read.message).toMatch(
      /^Plain at .* a page instead of JSON \(text\/html\): Plain Monitor words of the page$/,
    )
  })
})

describe('the path of the URL', () => {
  test.each(['/admin', '/api/items/', '/a/b'])(
    'is in the message, and the hint is the URL without %s',
    async path => {
      const {read, write, url} = await said({status: 404, headers: html, body: page('not here')}, path)
      const asked = `${path.replace(/\/$/, '')}/items`
      expect(read.message).toContain(` answered GET ${asked} with HTTP 404`)
      expect(write.message).toContain(` answered POST ${asked} with HTTP 404`)
      for (const {hint} of [read, write]) expect(hint).toMatch(new RegExp(` it is ${url}$`))
    },
  )

  test('is doubted where the JSON is not the panel’s too, not where the panel refuses', async () => {
    const {read} = await said({...json({hello: 'world'})}, '/admin')
    expect(read.hint).toContain('without /admin it is http://')
    const refused = await said({...json({refused: 'no'})}, '/admin')
    expect(refused.read).toMatchObject({exitCode: 5, hint: undefined})
  })

  test('that only lacks its last slash is the hint', async () => {
    const {client} = await connected(({path}) => ({status: 307, headers: {Location: `${path}/`}, body: ''}))
    expect(await failure(client.call(addItem, {body: {}}))).toMatchObject({
      exitCode: 10,
      message: expect.stringMatching(/answered POST \/items with a redirect to \/items\/$/),
      hint: 'the path is /items/',
    })
  })
})

describe('an answer', () => {
  test('without content is nobody’s success', async () => {
    const {read, write} = await said({status: 204})
    expect(read).toMatchObject({exitCode: 10, status: 204})
    expect(write).toMatchObject({
      exitCode: 7,
      status: 204,
      hint: 'look before you repeat it: panelctl plain item list',
    })
  })

  test('of a part of the document is none', async () => {
    const part = {...data([{id: 1}]), status: 206}
    const {read, write} = await said({...part, headers: {...part.headers, 'Content-Range': 'bytes 0-9/100'}})
    expect(read).toMatchObject({exitCode: 10, status: 206})
    expect(write).toMatchObject({exitCode: 7, status: 206})
  })

  test.each([
    [{hello: 'world'}, ''],
    [{status: 'ok', message: 'accepted'}, ' (accepted)'],
  ])('in JSON of another program (%j) asks whether the address is right', async (body, words) => {
    const {read, write} = await said(json(body))
    expect(read).toMatchObject({exitCode: 10, hint: 'is this the address of a Plain panel?'})
    expect(read.message.endsWith(` with JSON that is not Plain's${words}`)).toBe(true)
    expect(write).toMatchObject({exitCode: 7, hint: 'look before you repeat it: panelctl plain item list'})
    expect(write.message.endsWith(`with JSON that is not Plain's${words}; it may have been done`)).toBe(true)
  })

  test.each([
    ['text/html', 'text/html'],
    ['application/octet-stream', 'application/octet-stream'],
    [undefined, 'no content type'],
  ])('that is JSON of the type %s is no page', async (type, named) => {
    const {read} = await said({
      status: 200,
      ...(type === undefined ? {} : {headers: {'Content-Type': type}}),
      body: '{"data":[]}',
    })
    expect(read.message.endsWith(`with HTTP 200 and JSON under another type (${named}): {"data":[]}`)).toBe(
      true,
    )
    expect(read.hint).toContain('change its content type')
  })

  test('that is a page without words ends in none', async () => {
    const {read} = await said({status: 200, headers: html, body: '<html><meta http-equiv="refresh"></html>'})
    expect(read.message).toMatch(/with HTTP 200 and a page instead of JSON \(text\/html\)$/)
  })

  // "No such site", as a host in China has it.
  const gbk = Buffer.from('c3bbd3d0d5d2b5bdd5beb5e3', 'hex')
  test.each([
    ['its server', 'text/html; charset=gbk', ''],
    ['itself', 'text/html', '<meta charset="gb2312">'],
    ['itself, as was usual', 'text/html', '<meta http-equiv="Content-Type" content="textml;charset=GBK" />'],
  ])('that is a page in another charset, as %s says, can be read', async (_, type, meta) => {
    const {read} = await said({
      status: 403,
      headers: {'Content-Type': type},
      body: Buffer.concat([Buffer.from(`<html><head>${meta}<title>`), gbk, Buffer.from('</title></html>')]),
    })
    expect(read.message).toMatch(/ with HTTP 403 \(没有找到站点\)$/)
  })

  const document = Buffer.from('{"data":[{"id":1}]}')
  test.each([
    ['gzip', gzipSync(document)],
    ['x-gzip', gzipSync(document)],
    ['X-GZIP', gzipSync(document)],
    ['br', brotliCompressSync(document)],
    ['deflate', deflateSync(document)],
    ['deflate', deflateRawSync(document)],
    ['gzip, br', brotliCompressSync(gzipSync(document))],
    ['identity', document],
    ['deflate, gzip', gzipSync(deflateSync(document))],
  ])('that is coded as %s is read', async (coding, body) => {
    const {client} = await connected(() => coded(coding, body))
    expect(await client.call(listItems, {query: {}})).toEqual([{id: 1}])
  })

  test.each([
    ['compress', 'with the Content-Encoding compress, which panelctl does not read'],
    ...['gzip', 'deflate', 'br', 'gzip, br'].map(coding => [
      coding,
      `with a body that is not in its Content-Encoding (${coding})`,
    ]),
  ] as [string, string][])('that is coded as %s and cannot be read says so', async (coding, words) => {
    const {read, write} = await said(coded(coding, document))
    expect(read).toMatchObject({exitCode: 10, message: expect.stringMatching(/^Plain at /)})
    expect(read.message.endsWith(words)).toBe(true)
    expect(read.hint).toMatch(/^what stands before the panel /)
    expect(write).toMatchObject({exitCode: 7})
  })

  test('that is labelled wrongly: the hint is where the label comes from', async () => {
    const {read} = await said(coded('gzip', document))
    expect(read.hint).toBe(
      'what stands before the panel labels it wrongly: it has to take Content-Encoding off, or compress the body',
    )
  })

  test.each([
    ['gzip', gzipSync(document)],
    ['br', brotliCompressSync(document)],
    ['deflate', deflateSync(document)],
  ])('that is coded as %s and ends too soon does not arrive whole', async (coding, body) => {
    const {read} = await said(coded(coding, body.subarray(0, -6)))
    expect(read).toMatchObject({
      exitCode: 10,
      message: expect.stringContaining('with a body that does not arrive whole ('),
      hint: expect.stringContaining('does a proxy before the panel cut answers off?'),
    })
  })

  test('with a status that says enough is told by it, whatever its coding', async () => {
    const {read} = await said({...coded('gzip', document), status: 503})
    expect(read).toMatchObject({exitCode: 6, message: expect.stringContaining('with HTTP 503')})
  })

  test('without a body has no coding', async () => {
    const {read} = await said({...coded('gzip', Buffer.alloc(0)), status: 403})
    expect(read.message).toContain('HTTP 403')
  })

  test('with a byte order mark is JSON', async () => {
    const body = `\ufeff${JSON.stringify({data: [{id: 1}]})}`
    const {client} = await connected(() => ({...data([]), body}))
    expect(await client.call(listItems, {query: {}})).toEqual([{id: 1}])
  })
})
