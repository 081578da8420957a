import {createHmac} from 'node:crypto'

const step = 30_000
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The six digits that an authenticator shows for a Base32 secret at a moment (RFC 6238). */
export function totp(secret: string, now: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(now / step)))
  const digest = createHmac('sha1', fromBase32(secret)).update(counter).digest()
  const offset = (digest.at(-1) ?? 0) & 15
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Whether a code is right: blanks are forgiven, and so is one step of the clock (contracts/komari.md 1.4). */
export function isRightCode(secret: string, code: string, now: number): boolean {
  return [0, -step, step].some(skew => totp(secret, now + skew) === code.trim())
}

function fromBase32(text: string): Buffer {
  let [bits, value] = [0, 0]
  const bytes: number[] = []
  for (const letter of text.replaceAll('=', '').toUpperCase()) {
    value = ((value << 5) | alphabet.indexOf(letter)) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((value >>> bits) & 255)
  }
  return Buffer.from(bytes)
}
