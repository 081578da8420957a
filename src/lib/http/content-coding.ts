import zlib from 'node:zlib'

// V8's longest string is about 512 MiB. A long array is parsed in parts; what it is in is one string.
export const LARGEST_BODY = 400 * 1024 * 1024

const decoders: Readonly<Record<string, (body: Buffer, options: zlib.ZlibOptions) => Buffer>> = {
  identity: body => body,
  gzip: zlib.unzipSync,
  'x-gzip': zlib.unzipSync,
  deflate: zlib.unzipSync,
  br: zlib.brotliDecompressSync,
}

/**
 * A body without the codings that are left on it: got takes off a single one that it asked for, and no other.
 * @returns the reason, for a message, where it cannot be read
 */
export function withoutCodings(body: Buffer, codings = ''): Buffer | string {
  let decoded = body
  for (const coding of codings.toLowerCase().split(',').reverse()) {
    const name = coding.trim()
    const decode = name === '' ? decoders.identity : decoders[name]
    if (!decode) return `the Content-Encoding ${name}, which panelctl does not read`
    try {
      decoded = decode(decoded, {maxOutputLength: LARGEST_BODY})
    } catch {
      return `a body that is not in its Content-Encoding (${codings})`
    }
  }
  return decoded
}
