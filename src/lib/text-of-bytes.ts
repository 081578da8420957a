import {isUtf8} from 'node:buffer'
import {usageError} from './errors.js'

const UTF_16 = {fffe: 'utf-16le', feff: 'utf-16be'} as const

/**
 * What bytes say: UTF-8, unless they begin with the mark of UTF-16, as what PowerShell writes does.
 * @throws PanelctlError USAGE for what is neither, which would be sent with other characters in it; `where` it is from
 */
export function textOfBytes(bytes: Buffer, where: string): string {
  const mark = bytes.subarray(0, 2).toString('hex')
  if (mark === 'fffe' || mark === 'feff') return new TextDecoder(UTF_16[mark]).decode(bytes)
  if (isUtf8(bytes)) return bytes.toString()
  const line = bytes.toString().split('\uFFFD', 1)[0]?.split('\n').length
  throw usageError(`${where}:${line}: this is no text: neither UTF-8 nor UTF-16`, 'save the file as UTF-8')
}
