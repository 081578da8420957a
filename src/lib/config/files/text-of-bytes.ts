const UTF_16 = {fffe: 'utf-16le', feff: 'utf-16be'} as const

/** What bytes say: UTF-8, unless they begin with the mark of UTF-16, as what PowerShell writes does. */
export function textOfBytes(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex')
  return mark === 'fffe' || mark === 'feff' ? new TextDecoder(UTF_16[mark]).decode(bytes) : bytes.toString()
}
