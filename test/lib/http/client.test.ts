import {once} from 'node:events'
import {type AddressInfo, createServer} from 'node:net'
import {describe, expect, onTestFinished, test} from 'vitest'
import {DryRun} from '../../../src/lib/http/dry-run.js'
import {addItem, connected, data, failure, json, listItems, plain, token} from './panel.js'

const fine = () => data([{id: 1}])
const added = () => data({id: 2})

describe('a read', () => {
  test('gives the data without its envelope, unknown fields included', async () => {
    const {client, requests} = await connected(() => data([{id: 1, extra: {a: [null]}}]))
    expect(await client.call(listItems, {query: {}})).toEqual([{id: 1, extra: {a: [null]}}])
    expect(requests.map(({method, path, headers, body}) => ({method, path, headers, body}))).toEqual([
      {
        method: 'GET',
        path: '/items',
        headers: expect.objectContaining({
          accept: 'application/json',
          authorization: token,
          'user-agent': 'panelctl/test',
        }),
        body: '',
      },
    ])
    expect(requests[0]?.headers).not.toHaveProperty('content-type')
  })

  test.each([408, 429, 500, 502, 503, 504, 507, 522])('is repeated after HTTP %i', async status => {
    const {client, requests, faults} = await connected(fine)
    faults.next({kind: 'status', status})
    expect(await client.call(listItems, {query: {}})).toEqual([{id: 1}])
    expect(requests).toHaveLength(2)
  })

  test.each(['reset', 'half-body', 'reset-before-answer-headers'] as const)(
    'is repeated after a %s',
    async kind => {
      const {client, requests, faults} = await connected(fine)
      faults.next({kind})
      expect(await client.call(listItems, {query: {}})).toEqual([{id: 1}])
      expect(requests).toHaveLength(2)
    },
  )

  test.each(['stall', 'stall-body'] as const)('is repeated after a %s', async kind => {
    const {client, requests, faults} = await connected(fine, {timeout: 1000})
    faults.next({kind})
    expect(await client.call(listItems, {query: {}})).toEqual([{id: 1}])
    expect(requests).toHaveLength(2)
  })

  test.each([
    ['HTTP 503', {kind: 'status', status: 503}, /answered GET \/items with HTTP 503$/],
    ['HTTP 429', {kind: 'status', status: 429}, /answered GET \/items with HTTP 429$/],
    ['a reset', {kind: 'reset'}, /the connection was cut$/],
  ] as const)('is unreachable when %s stays', async (_name, fault, message) => {
    const {client, requests, faults} = await connected(fine)
    faults.next(fault, {times: 9})
    expect(await failure(client.call(listItems, {query: {}}))).toMatchObject({
      code: 'UNREACHABLE',
      exitCode: 6,
      panel: 'plain',
      message: expect.stringMatching(message),
    })
    expect(requests).toHaveLength(2)
  })

  test('does not know what to make of half a body, if it stays so', async () => {
    const {client, requests, faults} = await connected(fine)
    faults.next({kind: 'half-body'}, {times: 9})
    expect(await failure(client.call(listItems, {query: {}}))).toMatchObject({
      code: 'BAD_RESPONSE',
      exitCode: 10,
      message: expect.stringContaining('does not arrive whole'),
    })
    expect(requests).toHaveLength(2)
  })

  test.each([
    ['a refusal', json({refused: 'no'}), 'REJECTED'],
    ['a refusal with HTTP 400', json({refused: 'no'}, 400), 'REJECTED'],
    ['HTTP 400', {status: 400, body: 'bad'}, 'BAD_RESPONSE'],
    ['HTTP 401', {status: 401, body: 'who are you'}, 'AUTH'],
    ['HTTP 401 in other words', json({error: 'unauthorized'}, 401), 'AUTH'],
    ['HTTP 403', {status: 403, body: 'no'}, 'BAD_RESPONSE'],
    ['HTTP 404', {status: 404, body: 'no'}, 'BAD_RESPONSE'],
    ['HTTP 404 in other words', json({error: 'not found'}, 404), 'BAD_RESPONSE'],
    ['HTTP 407', {status: 407, body: 'proxy'}, 'AUTH'],
    ['cut JSON', json('{"data":[{"id"'), 'BAD_RESPONSE'],
  ] as const)('is not repeated after %s', async (_name, answer, code) => {
    const {client, requests} = await connected(() => answer)
    expect(await failure(client.call(listItems, {query: {}}))).toMatchObject({code})
    expect(requests).toHaveLength(1)
  })

  test('takes a bare HTTP 401 for that of a gateway, whether a credential was sent or not', async () => {
    const page = {status: 401, body: 'who are you'}
    const message = /^what stands before Plain at \S+ wants a login of its own: HTTP 401 \(who are you\)$/
    const {client} = await connected(() => page)
    expect((await failure(client.call(listItems, {query: {}}))).message).toMatch(message)
    const guest = await connected(() => page, {}, {credential: async () => undefined})
    expect((await failure(guest.client.call(listItems, {query: {}}))).message).toMatch(message)
  })

  describe('that is to wait until a date waits by the clock of who says so', () => {
    const at = (milliseconds: number) => new Date(milliseconds).toUTCString()
    test.each([
      ['two hours ahead', 2],
      ['two hours behind', -2],
    ])('%s', async (_, hours) => {
      const theirs = Date.now() + hours * 3_600_000
      const busy = (seconds: number) => ({
        status: 503,
        headers: {Date: at(theirs), 'Retry-After': at(theirs + seconds * 1000)},
        body: 'busy',
      })
      let asked = 0
      const soon = await connected(() => (asked++ === 0 ? busy(0) : fine()))
      expect(await soon.client.call(listItems, {query: {}})).toEqual([{id: 1}])
      const late = await connected(() => busy(90))
      expect(await failure(late.client.call(listItems, {query: {}}))).toMatchObject({
        code: 'UNREACHABLE',
        hint: 'it asks to be left alone for 90 s, longer than panelctl waits',
      })
      expect(late.requests).toHaveLength(1)
    })
  })

  test('is not repeated with --retries 0', async () => {
    const {client, requests, faults} = await connected(fine, {retries: 0})
    faults.next({kind: 'status', status: 503})
    expect(await failure(client.call(listItems, {query: {}}))).toMatchObject({
      code: 'UNREACHABLE',
      status: 503,
    })
    expect(requests).toHaveLength(1)
  })

  test.each([
    ['31', '31 s'],
    ['3600', '3600 s'],
    [new Date(Date.now() + 600_000).toUTCString(), ' s'],
  ])('fails at once when it is asked to wait for long: %s', async (wait, message) => {
    const {client, requests, faults} = await connected(fine, {retries: 5})
    faults.next({kind: 'status', status: 503, headers: {'Retry-After': wait}}, {times: 9})
    const error = await failure(client.call(listItems, {query: {}}))
    expect(error).toMatchObject({code: 'UNREACHABLE', exitCode: 6})
    expect(`${error.message} ${error.hint}`).toContain(message)
    expect(requests).toHaveLength(1)
  })

  test.each(['1e400', 'Infinity', '-5', 'NaN', '9'.repeat(30), 'soon', '0'])(
    'makes no figure of a Retry-After that is none, nor of no time: %s',
    async wait => {
      const {client, faults} = await connected(fine, {retries: 0})
      faults.next({kind: 'status', status: 503, headers: {'Retry-After': wait}}, {times: 9})
      const error = await failure(client.call(listItems, {query: {}}))
      expect(error).toMatchObject({code: 'UNREACHABLE', hint: 'try again later'})
    },
  )

  test('is dropped when the command is interrupted', async () => {
    const interruption = new AbortController()
    const {client, requests} = await connected(
      () => {
        interruption.abort(new Error('interrupted'))
        return 'stall'
      },
      {signal: interruption.signal},
    )
    await expect(client.call(listItems, {query: {}})).rejects.toThrow('interrupted')
    expect(requests).toHaveLength(1)
  })

  test('is sent under --dry-run', async () => {
    const {client} = await connected(fine, {dryRun: true})
    expect(await client.call(listItems, {query: {}})).toEqual([{id: 1}])
  })
})

describe('a write', () => {
  test.each([
    ['HTTP 408', {kind: 'status', status: 408}],
    ['HTTP 500', {kind: 'status', status: 500}],
    ['HTTP 503', {kind: 'status', status: 503}],
    ['HTTP 522', {kind: 'status', status: 522}],
    ['HTTP 503 with Retry-After', {kind: 'status', status: 503, headers: {'Retry-After': '1'}}],
    ['a reset', {kind: 'reset'}],
    ['a reset before the answer', {kind: 'reset-before-answer-headers'}],
    ['half a body', {kind: 'half-body'}],
    ['a cut document', {kind: 'cut-json'}],
    ['an empty answer', {kind: 'empty-200'}],
    ['a stall', {kind: 'stall'}],
    ['a body that never comes', {kind: 'stall-body'}],
  ] as const)('is sent once, and in doubt after %s', async (_name, fault) => {
    const {client, requests, faults} = await connected(added, {timeout: 500, retries: 5})
    faults.next(fault, {times: 9})
    expect(await failure(client.call(addItem, {body: {}}))).toMatchObject({
      code: 'UNCERTAIN',
      exitCode: 7,
      panel: 'plain',
      hint: 'look before you repeat it: panelctl plain item list',
    })
    expect(requests).toHaveLength(1)
  })

  test.each([
    ['HTTP 429, which says that it was not done', {status: 429, body: ''}, 'UNREACHABLE'],
    ['a refusal', json({refused: 'no'}), 'REJECTED'],
    ['HTTP 401', {status: 401, body: ''}, 'AUTH'],
    ['a page', {status: 200, headers: {'Content-Type': 'text/html'}, body: '<p>Sign in'}, 'UNCERTAIN'],
    ['another shape', data({id: 'x'}), 'UNCERTAIN'],
  ] as const)('is sent once after %s', async (_name, answer, code) => {
    const {client, requests} = await connected(() => answer, {retries: 5})
    const error = await failure(client.call(addItem, {body: {}}))
    expect(error.code).toBe(code)
    expect(error.hint ?? '').not.toContain('run it again')
    expect(requests).toHaveLength(1)
  })

  test('was not sent when nothing listens', async () => {
    const {client} = await connected(added, {}, {url: 'http://127.0.0.1:1'})
    expect(await failure(client.call(addItem, {body: {}}))).toMatchObject({code: 'UNREACHABLE', exitCode: 6})
  })

  test('follows no redirect', async () => {
    const {client, requests, faults} = await connected(added)
    for (const status of [301, 302, 303, 307, 308]) {
      faults.next({kind: 'redirect', to: '/elsewhere', status})
      expect(await failure(client.call(addItem, {body: {}}))).toMatchObject({code: 'BAD_RESPONSE', status})
    }
    expect(requests.map(({path}) => path)).toEqual(Array(5).fill('/items'))
  })

  test('sends its body as JSON', async () => {
    const {client, requests} = await connected(added)
    await client.call(addItem, {body: {name: '香港 "x"\n'}})
    expect(requests[0]?.headers['content-type']).toBe('application/json')
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({name: '香港 "x"\n'})
  })

  test('is only planned under --dry-run', async () => {
    const {client, requests, url} = await connected(added, {dryRun: true})
    const planned = await client
      .call(addItem, {body: {name: 'a', password: 'b'}})
      .catch((error: unknown) => error)
    expect(planned).toBeInstanceOf(DryRun)
    expect(planned).toMatchObject({
      request: {
        method: 'POST',
        url: `${url}/items`,
        headers: expect.objectContaining({authorization: '********'}),
        body: {name: 'a', password: '********'},
      },
    })
    expect(requests).toEqual([])
  })
})

describe('an answer', () => {
  test.each([
    [
      'a page',
      'text/html',
      '<html><title>Sign in</title><script>x</script><b>Please sign&nbsp;in</b>',
      'text/html): Sign in Please',
    ],
    ['JSON under another type', 'text/plain', '{"data":[]}', 'text/plain): {"data":[]}'],
    ['no type at all', undefined, 'hello', 'no content type): hello'],
  ])('has to be JSON by its type: %s', async (_name, type, body, words) => {
    const {client} = await connected(() => ({
      status: 200,
      ...(type ? {headers: {'Content-Type': type}} : {}),
      body,
    }))
    expect(await failure(client.call(listItems, {query: {}}))).toMatchObject({
      code: 'BAD_RESPONSE',
      message: expect.stringContaining(words),
      status: 200,
    })
  })

  test.each([
    'application/json',
    'application/json;charset=UTF-8',
    'Application/JSON',
    'application/problem+json',
  ])('of type %s is JSON', async type => {
    const {client} = await connected(() => ({...data([]), headers: {'Content-Type': type}}))
    expect(await client.call(listItems, {query: {}})).toEqual([])
  })

  test.each([
    ['empty', '', 'with HTTP 200 and an empty body'],
    ['cut off', '{"data":[{"id":1}', 'with broken JSON (17 bytes)'],
    ['no JSON', 'hello', 'with broken JSON (5 bytes)'],
    ['a byte order mark and no more', '\ufeff', 'with broken JSON (3 bytes)'],
  ])('is a bad one when its body is %s', async (_name, body, words) => {
    const {client} = await connected(() => json(body))
    expect(await failure(client.call(listItems, {query: {}}))).toMatchObject({
      code: 'BAD_RESPONSE',
      exitCode: 10,
      message: expect.stringContaining(words),
    })
  })

  test.each([
    [{}, 'the answer: '],
    [null, 'the answer: '],
    [[{id: '1'}], '[0].id: '],
    [[{id: 1}, {id: 2, tags: ['a', 5]}], '[1].tags[1]: '],
    [[{}], '[0].id: '],
  ])('of another shape names the field: %j', async (value, field) => {
    const {client, url} = await connected(() => data(value))
    const error = await failure(client.call(listItems, {query: {}}))
    expect(error.code).toBe('BAD_RESPONSE')
    expect(error.message).toContain(`Plain at ${new URL(url).host} answered GET /items in a shape`)
    expect(error.message).toContain(`: ${field}`)
  })

  test('may be compressed', async () => {
    const {gzipSync} = await import('node:zlib')
    const {client} = await connected(() => ({
      status: 200,
      headers: {'Content-Type': 'application/json', 'Content-Encoding': 'gzip'},
      body: gzipSync('{"data":[{"id":1}]}'),
    }))
    expect(await client.call(listItems, {query: {}})).toEqual([{id: 1}])
  })

  test('may come slowly, and in pieces that cut characters', async () => {
    const {client, faults} = await connected(() => data([{id: 1, name: '香港节点'.repeat(20)}]))
    faults.next({kind: 'slow-body', pieces: 97, intervalMs: 0})
    expect(await client.call(listItems, {query: {}})).toMatchObject([{name: '香港节点'.repeat(20)}])
  })

  test('may be large', async () => {
    const rows = Array.from({length: 50_000}, (_, id) => ({id, note: 'x'.repeat(50)}))
    const {client} = await connected(() => data(rows))
    expect(await client.call(listItems, {query: {}})).toHaveLength(50_000)
  })

  test('is given whole to whom asks for it as it came', async () => {
    const {client} = await connected(() => ({
      status: 418,
      headers: {'Content-Type': 'text/plain', 'X-Extra': 'yes'},
      body: 'teapot',
    }))
    const {answer} = await client.send({panel: plain, method: 'GET', path: '/a?b=c', repeatable: true})
    expect(answer).toMatchObject({status: 418, text: 'teapot', json: undefined})
    expect(answer.headers['x-extra']).toBe('yes')
    expect(answer.date).toBeInstanceOf(Date)
  })

  /** What a read and a write say of a server that answers the first bytes with these; a later connection's with none. */
  async function ofBytes(bytes: string | Buffer) {
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(bytes))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const {port} = server.address() as AddressInfo
    const {client} = await connected(fine, {retries: 0}, {url: `http://127.0.0.1:${port}`})
    return {
      port,
      read: await failure(client.call(listItems, {query: {}})),
      write: await failure(client.call(addItem, {body: {}})),
    }
  }

  test.each([
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['HTTP/2 alone, as gRPC', Buffer.from('000006040000000000000500004000', 'hex')],
    ['a TLS alert', Buffer.from('15030100020216', 'hex')],
  ])('that is %s and not HTTP is a bad one: what speaks none has taken no write either', async (_, bytes) => {
    const {port, read, write} = await ofBytes(bytes)
    for (const [said, method] of [
      [read, 'GET'],
      [write, 'POST'],
    ] as const) {
      expect(said).toMatchObject({
        code: 'BAD_RESPONSE',
        message: `Plain at 127.0.0.1:${port} answered ${method} /items with something that is not HTTP`,
        hint: `check the port of the URL; if it serves HTTPS: https://127.0.0.1:${port}`,
      })
    }
  })

  test.each([
    ['HTTP/1.1 100 Continue\r\n\r\nnonsense', 'in a way that cannot be read: what it answers is not HTTP'],
    ['HTTP/1.1 abc\r\n\r\n', 'in a way that cannot be read: what it answers is not HTTP'],
    [
      `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
      'in a way that cannot be read: the headers of the answer are longer than 16 KiB',
    ],
    [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      'with a body that does not arrive whole (what it answers is not HTTP)',
    ],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab',
      'with a body that does not arrive whole (the connection was cut)',
    ],
  ])(
    'that is broken HTTP (%j) is none of the words of a parser, and leaves a write in doubt',
    async (bytes, words) => {
      const {read, write} = await ofBytes(bytes)
      expect(read.code).toBe('BAD_RESPONSE')
      expect(read.message.endsWith(`answered GET /items ${words}`)).toBe(true)
      expect(write).toMatchObject({
        code: 'UNCERTAIN',
        message: expect.not.stringMatching(/Parse Error|aborted/),
      })
    },
  )

  test('that is not HTTP on a connection that worked leaves a write in doubt', async () => {
    let answered = 0
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.on('data', () => {
        if (answered++ > 0) return socket.end('nonsense')
        const body = '{"data":[]}'
        return socket.write(
          `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        )
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const {port} = server.address() as AddressInfo
    const {client} = await connected(fine, {retries: 0}, {url: `http://127.0.0.1:${port}`})
    await client.call(listItems, {query: {}})
    expect(await failure(client.call(addItem, {body: {}}))).toMatchObject({code: 'UNCERTAIN'})
    expect(answered).toBe(2)
  })
})

describe('a redirect of a read', () => {
  test('on the same host is followed, with the credentials', async () => {
    const {client, requests, faults, url} = await connected(fine)
    for (const to of ['/moved', `${url}/absolute`]) faults.next({kind: 'redirect', to})
    faults.next({kind: 'redirect', to: '/last', status: 308})
    expect(await client.call(listItems, {query: {}})).toEqual([{id: 1}])
    expect(requests.map(({path}) => path)).toEqual(['/items', '/moved', '/absolute', '/last'])
    expect(requests.map(({headers}) => headers.authorization)).toEqual(Array(4).fill(token))
  })

  test.each([
    'http://localhost:1/x',
    '//example.invalid/x',
    'https://user:pw@127.0.0.1/x',
    'ftp://127.0.0.1/x',
    'javascript:alert(1)',
  ])('to %s is not followed', async to => {
    const {client, requests, faults} = await connected(fine)
    faults.next({kind: 'redirect', to})
    const error = await failure(client.call(listItems, {query: {}}))
    expect(error).toMatchObject({code: 'BAD_RESPONSE', status: 302})
    expect(`${error.message} ${error.hint}`).not.toContain('pw')
    expect(requests).toHaveLength(1)
  })

  test('without a goal or in a circle ends', async () => {
    const {client, requests, faults} = await connected(fine)
    faults.next({kind: 'status', status: 302})
    expect(await failure(client.call(listItems, {query: {}}))).toMatchObject({code: 'BAD_RESPONSE'})
    requests.length = 0
    faults.next({kind: 'redirect', to: '/items'}, {times: Number.POSITIVE_INFINITY})
    expect((await failure(client.call(listItems, {query: {}}))).exitCode).toBe(10)
    expect(requests.length).toBeLessThan(10)
  })
})

describe('warnings', () => {
  test.each([
    [
      'http://panel.example.invalid',
      {},
      ['the Plain credentials go to panel.example.invalid unencrypted: use https:// if it can'],
    ],
    ['http://panel.example.invalid', {plainHttp: true}, []],
    ['http://127.0.0.1:1', {}, []],
    ['https://127.0.0.1:1', {}, []],
  ])('about plain HTTP to %s, risks accepted: %j', async (url, accepted, expected) => {
    const {client, warnings} = await connected(
      fine,
      {retries: 0},
      {url, acceptedRisks: {insecure: false, plainHttp: false, ...accepted}},
    )
    await failure(client.call(listItems, {query: {}}))
    await failure(client.call(listItems, {query: {}}))
    expect(warnings).toEqual(expected)
  })

  test('about unchecked certificates come once, and not of what was accepted', async () => {
    for (const insecure of [true, false]) {
      const {client, warnings} = await connected(
        fine,
        {retries: 0},
        {url: 'https://127.0.0.1:1', insecure: true, acceptedRisks: {insecure, plainHttp: false}},
      )
      await failure(client.call(listItems, {query: {}}))
      await failure(client.call(listItems, {query: {}}))
      expect(warnings).toEqual(insecure ? [] : ['the certificate of 127.0.0.1:1 is not checked (--insecure)'])
    }
  })

  test('there are none where no credential is sent', async () => {
    const {client, warnings} = await connected(
      fine,
      {retries: 0},
      {url: 'http://panel.example.invalid', credential: async () => undefined},
    )
    await failure(client.call(listItems, {query: {}}))
    expect(warnings).toEqual([])
  })
})

describe('the debug log', () => {
  test('tells each attempt, without secrets', async () => {
    const {client, debugged, faults, url} = await connected(added, {timeout: 5000})
    await client.call(addItem, {body: {name: 'a', password: 'hunter2'}})
    faults.next({kind: 'status', status: 503})
    await client.send({panel: plain, method: 'GET', path: '/items?token=hunter2&tag=b', repeatable: true})
    const log = debugged.join('\n')
    expect(log).not.toContain('hunter2')
    expect(log).not.toContain(token)
    const times = debugged.map(line => line.replace(/in \d+ ms$/, 'in N ms'))
    expect(times).toEqual([
      expect.stringContaining('"authorization":"********"'),
      'body {"name":"a","password":"********"}',
      `POST ${url}/items → HTTP 200, 17 bytes in N ms`,
      expect.stringContaining('"authorization":"********"'),
      `GET ${url}/items?token=********&tag=b → HTTP 503, retry 1 in N ms`,
      `GET ${url}/items?token=********&tag=b → HTTP 200, 17 bytes in N ms`,
    ])
  })
})

test('target and credential are asked for once, and only when a request leaves', async () => {
  let asked = 0
  const {client} = await connected(
    fine,
    {},
    {
      credential: async () => {
        asked += 1
        return undefined
      },
    },
  )
  expect(asked).toBe(0)
  await Promise.all([client.call(listItems, {query: {}}), client.call(listItems, {query: {}})])
  expect(asked).toBe(1)
})
