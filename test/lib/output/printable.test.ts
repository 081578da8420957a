import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {printable} from '../../../src/lib/output/printable.js'

const control = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u

describe('names from monitored machines', () => {
  it.each([
    ['\u001b]0;x\u0007\u001b[31mred', 'red'],
    ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001bP1;2|dcs \u0007 more\u001b\\after', 'after'],
    ['\u001b_apc\u001b\\\u001b^pm\u001b\\\u001bXsos\u001b\\after', 'after'],
    ['\u009b31mred\u009b0m', 'red'],
    ['\u009d0;title\u009cname', 'name'],
    ['\u0090q\u009cname', 'name'],
    ['a\u001b[2Jb\u001b[1;1Hc\u001b[?25ld', 'abcd'],
    ['a\u001b(Bb\u001bcc', 'abc'],
    ['\u001b]0;never ends', '0;never ends'],
    ['cut\u001b[3', 'cut3'],
    ['cut\u001b', 'cut'],
    ['a\u0000b\u007fc\u0085d', 'abcd'],
    ['\u202egnp.exe\u2066x\u2069', 'gnp.exex'],
    ['a\u2028b\u2029c', 'abc'],
    ['two\r\n\tlines', 'two lines'],
  ])('%j is shown as %j', (text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it('plain text of any script is left as it is', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme'}), text => {
        fc.pre(!control.test(text))
        expect(printable(text)).toBe(text)
      }),
    )
    const family = '服务器 🚀 👨‍👩‍👧 café é العربية'
    expect(printable(family)).toBe(family)
  })

  const hostile = fc
    .array(
      fc.oneof(
        fc.string({unit: 'binary'}),
        fc.constantFrom(
          ...'\u001b \u009b \u009d \u0090 \u009c \u0007 [ ] P ; 0 m \\ \n \u202e \u2029 x'.split(' '),
        ),
      ),
    )
    .map(parts => parts.join(''))

  it('whatever a name holds, no control character reaches the terminal', () => {
    fc.assert(
      fc.property(hostile, text => {
        expect(printable(text)).not.toMatch(control)
        expect(printable(printable(text))).toBe(printable(text))
      }),
      {numRuns: 5000},
    )
  })

  it('a name of nothing but openings of sequences is read once, not once an opening', () => {
    for (const opening of ['\u001b]', '\u009d', '\u001bP', '\u0090', '\u009b', '\u001b[', '\u001b ']) {
      expect(printable(opening.repeat(200_000))).not.toMatch(control)
    }
  })
})
