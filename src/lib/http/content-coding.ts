import zlib from 'node:zlib'
import {errorCode} from '../errors.js'
import {cutOff} from './failure.js'

// V8's longest string is about 512 MiB. A long array is parsed in parts; what it is in is one string.
export const LARGEST_BODY = 400 * 1024 * 1024

// JSON that is compressed has a tenth of its size, or a fiftieth; what was made to fill memory has a thousandth.
const LARGEST_RATIO = 200
const SMALL_BODY = 32 * 1024 * 1024

type Decoder = (body: Buffer, options: zlib.ZlibOptions) => Buffer

const decoders: Readonly<Record<string, Decoder>> = {
  identity: body => body,
  gzip: zlib.unzipSync,
  'x-gzip': zlib.unzipSync,
  // Some send it without its header (RFC 9110 8.4.1.2), which says the method in its first byte (RFC 1950 2.2).
  deflate: (body, options) =>
    ((body[0] ?? 0) % 16 === 8 ? zlib.inflateSync : zlib.inflateRawSync)(body, options),
  br: zlib.brotliDecompressSync,
}

/** What is asked for: all that can be read. */
export const acceptedCodings = 'gzip, deflate, br'

/** Why a body cannot be read, to end `answered … with`, and what to do. */
export interface Unreadable {
  readonly reason: string
  readonly hint: string
}

function unreadableAs(codings: string, largest: number, error: unknown): Unreadable {
  switch (errorCode(error)) {
    case 'Z_BUF_ERROR':
      return {reason: 'a body that does not arrive whole (unexpected end of file)', hint: cutOff}
    case 'ERR_BUFFER_TOO_LARGE':
      return {
        reason:
          largest === LARGEST_BODY
            ? `more than ${LARGEST_BODY / 1024 / 1024} MiB`
            : `a body that grows to more than ${LARGEST_RATIO} times its size`,
        hint: 'what stands before the panel has to send it as it is',
      }
    default:
      return {
        reason: `a body that is not in its Content-Encoding (${codings})`,
        hint: 'what stands before the panel labels it wrongly: it has to take Content-Encoding off, or compress the body',
      }
  }
}

/** A body without its codings, or why it cannot be read. One that is empty, as to HEAD, is in none. */
export function withoutCodings(body: Buffer, codings = ''): Buffer | Unreadable {
  if (body.length === 0) return body
  const largest = Math.min(LARGEST_BODY, Math.max(SMALL_BODY, body.length * LARGEST_RATIO))
  let decoded = body
  for (const coding of codings.toLowerCase().split(',').reverse()) {
    const name = coding.trim()
    const decode = name === '' ? decoders.identity : decoders[name]
    if (!decode) {
      return {
        reason: `the Content-Encoding ${name}, which panelctl does not read`,
        hint: 'what stands before the panel has to send it as it is, or as gzip',
      }
    }
    try {
      decoded = decode(decoded, {maxOutputLength: largest})
    } catch (error) {
      return unreadableAs(codings, largest, error)
    }
  }
  return decoded
}
