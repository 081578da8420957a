import {gzipSync} from 'node:zlib'

/** Where a fault happens, and what it has to do its work with. */
export interface Place {
  /** Writes bytes as they are, on the connection that asked. */
  write(bytes: string | Buffer): void
  /** The same, and the end of the connection. */
  end(bytes: string | Buffer): void
  /** Resets it. */
  reset(): void
  /** Writes this again and again, until the client hangs up or has taken more than any should. */
  pour(bytes: string | Buffer): void
  /** What the panel itself answers; it has done the work then. */
  answer(): Promise<{
    readonly status: number
    readonly type: string
    readonly date: string
    readonly body: Buffer
  }>
  /** The address that was asked. */
  readonly self: URL
  /** The same host on another port, where somebody else listens. */
  readonly elsewhere: URL
}

/** One way in which a network, a proxy or a panel fails. */
export interface NetworkFault {
  readonly name: string
  /** What it does in the place of the answer; `'unread'` is before it reads the request. */
  readonly happens: ((place: Place) => void | Promise<void>) | 'unread' | 'refused'
  /** The exit code of a read that meets it. */
  readonly exit: number
  /** And of a write, where that is another. */
  readonly write?: number
  /** And of any request through a proxy, which is taken for what failed. */
  readonly proxied?: number
  /** The handshake of a WebSocket is well, and this comes in the place of its first frame. */
  readonly frames?: true
  /**
   * It wants memory. How a process of its own ends where it gets as much as it takes, and the memory that it may have for
   * that, in MiB: Node itself has some 100.
   */
  readonly floods?: {
    readonly exit: number
    readonly write?: number
    readonly memory: number
    readonly waits?: true
  }
  /** What it answers, where any JSON is printed as it comes. */
  readonly body?: string
  /** Waits for the time of the client to be over. */
  readonly waits?: true
  /** What is there is the panel's answer all the same. */
  readonly harmless?: true
  /** It may be what the panel says of nothing: Go has `null` for an empty list. */
  readonly plausible?: boolean
}

const json = 'application/json; charset=utf-8'
const html = 'text/html'

function message(status: number, headers: readonly string[], body: string | Buffer = ''): Buffer {
  const head = [`HTTP/1.1 ${status} Status`, 'connection: close', ...headers].join('\r\n')
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from(body)])
}

function whole(status: number, type: string, body: string | Buffer, ...headers: string[]): Buffer {
  return message(
    status,
    [`content-type: ${type}`, `content-length: ${Buffer.byteLength(body)}`, ...headers],
    body,
  )
}

/** In the place of the panel's answer, this. */
const instead = (bytes: Buffer) => (place: Place) => place.end(bytes)

/** What each status means; of 5xx and the like, that a write may have been done. */
const statuses: readonly (readonly [status: number, exit: number, write?: number])[] = [
  [400, 10],
  [401, 4],
  [403, 10],
  [404, 10],
  [407, 4],
  [408, 6, 7],
  [413, 10],
  [429, 6],
  [500, 6, 7],
  [502, 6, 7],
  [503, 6, 7],
  [504, 6, 7],
]

const shapes: Readonly<Record<string, string>> = {
  null: 'null',
  'a number': '7',
  'a text': '"text"',
  'an empty list': '[]',
  'an empty object': '{}',
  'a list of nulls': '[null,null]',
  'lists in lists': '[[[]]]',
  'an object of objects': '{"data":{"data":{"data":{}}}}',
  'data that is null': '{"code":0,"message":"success","result":null,"data":null,"status":"success"}',
  'data that is a text': '{"code":0,"message":"success","result":"x","data":"x","status":"success"}',
  'data of nulls': '{"code":200,"message":"","msg":"","result":[null],"data":[null],"status":"success"}',
  'deep lists': `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  'deep objects': `${'{"data":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
  'a prototype': '{"__proto__":{"data":[],"result":[],"code":0},"constructor":{"prototype":{}}}',
  'a field twice': '{"code":0,"code":1,"data":[],"data":{},"result":[],"result":null}',
  'huge numbers': '{"code":1e400,"data":[{"id":99999999999999999999999999}],"result":[{"id":1e999}]}',
}

const redirects: Readonly<Record<string, (place: Place) => string>> = {
  'another port': ({elsewhere}) => `${elsewhere.href}found`,
  'another host': ({elsewhere}) => `http://localhost:${elsewhere.port}/found`,
  'https on another port': ({elsewhere}) => `https://${elsewhere.host}/found`,
  'a user of another port': ({elsewhere}) => `http://user:word@${elsewhere.host}/`,
  'the same address': ({self}) => self.href,
  'no web address': () => 'javascript:alert(1)',
  'no address': () => 'http://[',
}

export const endlessBody: NetworkFault = {
  name: 'an endless body',
  floods: {exit: 10, write: 7, memory: 900},
  happens: place => {
    place.write(message(200, [`content-type: ${json}`]))
    place.pour(' '.repeat(65_536))
  },
  exit: 6,
  waits: true,
  write: 7,
}

/** A failure of the answer itself: what comes is cut off, late, or without end. */
const cut: readonly NetworkFault[] = [
  {name: 'connection refused', happens: 'refused', exit: 6},
  {name: 'reset before the request is read', happens: 'unread', exit: 6, write: 7},
  {name: 'reset after the request is read', happens: place => place.reset(), exit: 6, write: 7},
  {name: 'closed without an answer', happens: place => place.end(''), exit: 6, write: 7},
  {
    name: 'done, and reset',
    happens: async place => {
      await place.answer()
      place.reset()
    },
    exit: 6,
    write: 7,
  },
  {name: 'stall before the headers', happens: () => {}, exit: 6, waits: true, write: 7},
  {
    name: 'stall in the headers',
    happens: place => place.write('HTTP/1.1 200 OK\r\ncontent-ty'),
    exit: 6,
    waits: true,
    write: 7,
  },
  {
    name: 'stall in the body',
    happens: place => place.write(message(200, [`content-type: ${json}`, 'content-length: 100'], '{"a":')),
    exit: 6,
    waits: true,
    write: 7,
  },
  {
    name: 'half of the body',
    happens: async place => {
      const {status, body} = await place.answer()
      const half = body.subarray(0, Math.floor(body.length / 2))
      place.end(message(status, [`content-type: ${json}`, `content-length: ${body.length + 2}`], half))
    },
    exit: 10,
    write: 7,
  },
  {
    name: 'all of the body but a blank',
    happens: async place => {
      const {status, body} = await place.answer()
      place.end(message(status, [`content-type: ${json}`, `content-length: ${body.length + 1}`], body))
    },
    exit: 10,
    write: 7,
  },
  {
    name: 'all of the chunks but the last',
    happens: async place => {
      const {status, body} = await place.answer()
      const chunk = `${body.length.toString(16)}\r\n${body}\r\n`
      place.end(message(status, [`content-type: ${json}`, 'transfer-encoding: chunked'], chunk))
    },
    exit: 10,
    write: 7,
  },
  {
    name: 'half of a chunk',
    happens: place =>
      place.end(message(200, [`content-type: ${json}`, 'transfer-encoding: chunked'], '40\r\n{"code":')),
    exit: 10,
    write: 7,
  },
  {
    name: 'a length that is too short',
    happens: instead(message(200, [`content-type: ${json}`, 'content-length: 4'], '{"code":0,"data":[]}')),
    exit: 10,
    write: 7,
  },
  {
    name: 'two lengths',
    happens: instead(message(200, [`content-type: ${json}`, 'content-length: 2', 'content-length: 9'], '{}')),
    exit: 10,
    write: 7,
  },
  {
    name: 'a length that is none',
    happens: instead(message(200, [`content-type: ${json}`, 'content-length: -1'], '{}')),
    exit: 10,
    write: 7,
  },
  {name: 'no HTTP', happens: instead(Buffer.from('SSH-2.0-OpenSSH_9.6\r\n')), proxied: 6, exit: 10},
  {name: 'bytes', happens: instead(Buffer.from([0x15, 3, 1, 0, 2, 2, 40])), proxied: 6, exit: 10},
  {
    name: 'endless headers',
    floods: {exit: 10, write: 7, memory: 200},
    happens: place => {
      place.write('HTTP/1.1 200 OK\r\n')
      place.pour(`x-more: ${'x'.repeat(1000)}\r\n`)
    },
    exit: 10,
    write: 7,
    waits: true,
  },
  {
    name: 'an endless line',
    floods: {exit: 10, write: 7, memory: 200},
    happens: place => {
      place.write('HTTP/1.1 200 OK\r\nx-more: ')
      place.pour('x'.repeat(1000))
    },
    exit: 10,
    write: 7,
    waits: true,
  },
  endlessBody,
  {
    name: 'a bomb',
    floods: {exit: 10, write: 7, memory: 200},
    happens: instead(
      whole(200, json, gzipSync(Buffer.alloc(160 * 1024 * 1024, ' ')), 'content-encoding: gzip'),
    ),
    exit: 10,
    write: 7,
  },
  {
    name: 'gzip that is none',
    happens: instead(whole(200, json, '{"code":0}', 'content-encoding: gzip')),
    exit: 10,
    write: 7,
  },
  {
    name: 'informational answers for ever',
    floods: {exit: 6, write: 7, memory: 250, waits: true},
    happens: place => place.pour('HTTP/1.1 102 Processing\r\n\r\n'),
    exit: 6,
    waits: true,
    write: 7,
  },
  {
    name: 'another protocol',
    happens: instead(message(101, ['upgrade: other', 'connection: upgrade'])),
    exit: 10,
    write: 7,
  },
]

/** Whole answers that are not the panel's. */
const foreign: readonly NetworkFault[] = [
  {name: '204', happens: instead(message(204, [])), exit: 10, write: 7},
  {name: '200 without a body', happens: instead(whole(200, json, '')), exit: 10, write: 7},
  {name: '304', happens: instead(message(304, [])), exit: 10, write: 10},
  {name: 'a page, 200', happens: instead(whole(200, html, '<title>Sign in</title>')), exit: 10, write: 7},
  {
    name: 'a page that is called JSON',
    happens: instead(whole(200, json, '<html></html>')),
    exit: 10,
    write: 7,
  },
  {
    name: 'invalid UTF-8',
    happens: instead(whole(200, json, Buffer.from('7b22636f6465223a30ff80fe', 'hex'))),
    exit: 10,
    write: 7,
  },
  {
    name: 'UTF-16',
    happens: instead(whole(200, json, Buffer.from('﻿{"code":0}', 'utf16le'))),
    exit: 10,
    write: 7,
  },
  {name: 'JSON and more', happens: instead(whole(200, json, '{"code":0}{"code":0}')), exit: 10, write: 7},
  ...statuses.flatMap(([status, exit, write = exit]): NetworkFault[] => [
    {name: `${status}`, happens: instead(whole(status, 'text/plain', '')), exit, write},
    {
      name: `${status}, a page`,
      happens: instead(whole(status, html, `<title>${status}</title>`)),
      exit,
      write,
    },
    {name: `${status}, JSON`, happens: instead(whole(status, json, '{"detail":"no"}')), exit, write},
  ]),
  ...Object.entries(shapes).map(
    ([name, body]): NetworkFault => ({
      name,
      happens: instead(whole(200, json, body)),
      exit: 10,
      body,
      write: 7,
      plausible: ['data that is null', 'an empty list'].includes(name),
    }),
  ),
  ...[301, 302, 303, 307, 308].flatMap(status =>
    Object.entries(redirects).map(
      ([name, to]): NetworkFault => ({
        name: `${status} to ${name}`,
        happens: place => place.end(message(status, [`location: ${to(place)}`, 'content-length: 0'])),
        exit: 10,
      }),
    ),
  ),
  {
    name: '302 to itself with a stall in the body',
    happens: place => place.write(message(302, [`location: ${place.self}`, 'content-length: 9'])),
    exit: 10,
    // That of a POST is read, as a page may say who sends us elsewhere: it is not followed.
    waits: true,
  },
  {name: '302 to nowhere', happens: instead(message(302, ['content-length: 0'])), exit: 10},
]

/** The panel's own answer in another wrapping: the command does what it does without it. */
const harmless: readonly NetworkFault[] = (
  [
    ['informational answers before it', body => ['', body], 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'],
    ['a BOM before it', body => ['', Buffer.concat([Buffer.from('\ufeff'), body])], ''],
    ['no length', body => ['', body], ''],
    ['gzip', body => ['content-encoding: gzip\r\n', gzipSync(body)], ''],
  ] as readonly (readonly [string, (body: Buffer) => readonly [string, Buffer], string])[]
).map(([name, wrap, before]) => ({
  name,
  exit: 0,
  harmless: true,
  happens: async place => {
    // Without the clock of the panel it would not be harmless to what goes by it.
    const {status, type, date, body} = await place.answer()
    const [header, wrapped] = wrap(body)
    place.write(
      `${before}HTTP/1.1 ${status} OK\r\nconnection: close\r\ncontent-type: ${type}\r\ndate: ${date}\r\n${header}\r\n`,
    )
    place.end(wrapped)
  },
}))

export const networkFaults: readonly NetworkFault[] = [...cut, ...foreign, ...harmless]

/** What a proxy answers in the place of a tunnel. */
const ofTunnels: readonly NetworkFault[] = [
  ...cut.filter(({name}) => !/refused|^done|half of|^all of|length|body|bomb|gzip/.test(name)),
  ...foreign.filter(({name}) => /^(204|[345]\d\d(, a page)?)$/.test(name)),
  {
    name: 'stall after the tunnel',
    happens: place => place.write('HTTP/1.1 200 OK\r\n\r\n'),
    exit: 6,
    waits: true,
  },
  {
    name: 'no TLS in the tunnel',
    happens: instead(Buffer.from('HTTP/1.1 200 OK\r\n\r\nno TLS here')),
    exit: 10,
  },
]

export const tunnelFaults: readonly NetworkFault[] = ofTunnels.map(({write: _, floods, ...fault}) => ({
  ...fault,
  ...(floods ? {floods: {...floods, write: 6, exit: 6}} : {}),
  name: `CONNECT: ${fault.name}`,
  // Tinyproxy says 401 where it wants a password.
  exit: /^40[17]/.test(fault.name) ? 4 : 6,
}))

/** A frame of a server (RFC 6455 5.2), whole, of text unless it says so. */
function frame(text: string | Buffer, first = 0x81): Buffer {
  const body = Buffer.from(text)
  return Buffer.concat([Buffer.from([first, 126, body.length >> 8, body.length & 255]), body])
}

const closing = (code: number) => Buffer.from([0x88, 2, code >> 8, code & 255])

/** In the place of the first frame of a WebSocket. */
export const frameFaults: readonly NetworkFault[] = (
  [
    ['half of a frame', 6, ({end}) => end(frame('{"data":{}}').subarray(0, 8))],
    ['a reserved opcode', 6, ({write}) => write(frame('{}', 0x8b))],
    ['a reserved bit', 6, ({write}) => write(frame('{}', 0xc1))],
    ['invalid UTF-8', 6, ({write}) => write(frame(Buffer.from([0x22, 0xff, 0xfe, 0x22])))],
    ['a frame beyond the size of memory', 6, ({write}) => write(Buffer.from('817f0fffffffffffffff', 'hex'))],
    ['no JSON', 10, ({write}) => write(frame('<html></html>'))],
    ['bytes in a frame', 10, ({write}) => write(frame(Buffer.from([1, 2, 3]), 0x82))],
    ...Object.entries(shapes)
      .filter(([_, body]) => body.length < 65_536)
      .map(([name, body]) => [name, 10, ({write}: Place) => write(frame(body))] as const),
    ['closed, 1000', 6, ({end}) => end(closing(1000))],
    ['closed, 1008', 5, ({end}) => end(closing(1008))],
    ['closed, 1011', 6, ({end}) => end(closing(1011))],
    ['reset', 6, ({reset}) => reset()],
    ['stall', 6, () => {}],
    ['pings for ever', 6, ({pour}) => pour(frame('x', 0x89))],
    [
      'a part of a text for ever',
      6,
      ({write, pour}) => {
        write(frame('x', 0x01))
        pour(frame('x'.repeat(1000), 0x00))
      },
    ],
  ] as readonly (readonly [string, number, (place: Place) => void])[]
).map(([name, exit, happens]) => ({
  name: `frame: ${name}`,
  frames: true,
  exit,
  happens,
  ...(/stall|for ever/.test(name) ? {waits: true} : {}),
  ...(/for ever/.test(name)
    ? {floods: {exit, memory: 400, ...(name.startsWith('pings') ? {waits: true as const} : {})}}
    : {}),
}))
