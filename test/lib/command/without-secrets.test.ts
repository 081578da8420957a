import {describe, expect, test} from 'vitest'
import {withoutSecrets} from '../../../src/lib/command/without-secrets.js'
import {printable} from '../../../src/lib/output/printable.js'

const token = 'tok_Abcdef-123456'
const secrets = new Set([token, 'session=abc; other=def', 'short'])

describe('a secret that a panel repeats', () => {
  test.each([
    ['as it is', token],
    ['with a character of no width in it', 'tok_\u200bAbc\u2060def-1234\ufeff56'],
    ['with letters that nobody sees', 'tok\u3164_Abcdef-\u115f123456'],
    ['with Braille without dots in it', 'tok_Abc\u2800def-123456'],
    ['with a line break in it', 'tok_Abc\ndef-123456'],
    ['with blanks in it', 'tok_Abc def - 123456'],
    ['with colours in it', 'tok_\u001b[31mAbc\u001b[0mdef-123456'],
    ['with marks of direction in it', '\u202etok_Abcdef\u2066-123456\u2069'],
    ['with a soft hyphen in it', 'tok_Abcdef\u00ad-123456'],
    ['in small letters, as an address has them', token.toLowerCase()],
    ['with escapes of an address in it', '%74ok_Abc%E2%80%8Bdef-123%00456'],
    ['of several words', 'session=abc;  other=def'],
    ['cut off where the message is', 'tok_Abcdef…'],
    ['cut off, with a character of no width in it', 'tok_\u200bAbcdef…'],
  ])('%s is masked', (_, echoed) => {
    const shown = withoutSecrets(secrets, printable(`you sent "${echoed}" to us`))
    expect(shown).toMatch(/^you sent "\*{8}(…|\u2069)?" to us$/)
  })

  const odd = `p"q'r&s<t+u/v=w%x\\y`
  const html = (text: string) =>
    text.replace(/[&<"]/g, mark => ({'&': '&amp;', '<': '&#60;'})[mark] ?? '&quot;')

  test.each([
    ['in a URL', encodeURIComponent(odd)],
    ['in a URL, in small letters', encodeURIComponent(odd).toLowerCase()],
    ['in a URL that is in a URL', encodeURIComponent(encodeURIComponent(odd))],
    ['in JSON', JSON.stringify(odd).slice(1, -1)],
    ['in JSON that is in JSON', JSON.stringify(JSON.stringify(odd).slice(1, -1)).slice(1, -1)],
    [
      'in JSON with each character as a number',
      odd.replace(/./g, c => `\\u00${c.charCodeAt(0).toString(16)}`),
    ],
    ['in HTML', html(odd)],
    ['in HTML, the apostrophe by its name', html(odd).replace("'", '&apos;')],
    ['in HTML, the apostrophe as PHP has it', html(odd).replace("'", '&#039;')],
    ['in HTML that is in HTML', html(odd).replaceAll('&', '&amp;').replace('#60', 'lt')],
    [
      'in HTML with each character as a number of many digits',
      odd.replace(/./gs, c => `&#x${c.charCodeAt(0).toString(16).padStart(8, '0')};`),
    ],
    ['in HTML without semicolons', odd.replace(/./gs, c => `&#00${c.charCodeAt(0)}`)],
    ['in base64', btoa(odd).replace(/=+$/, '')],
    ['in a URL, and cut off within a character', `${encodeURIComponent(odd).slice(0, -3)}…`],
  ])('%s is masked', (_, echoed) => {
    expect(withoutSecrets(new Set([odd]), `you sent ${echoed} to us`)).toMatch(
      /^you sent \*{8}(\w|…)? to us$/,
    )
  })

  test('with half a pair of characters in it is masked', () => {
    const half = 'tok\ud800en-123456'
    expect(withoutSecrets(new Set([half]), `you sent ${half}`)).toBe('you sent ********')
  })

  test.each([
    ['nezha-dashboard=abcdefghijkl', 'session abcdefghijkl is over', 'session ******** is over'],
    ['Bearer abcdefghijkl', 'Bearer: abcdefghijkl', 'Bearer: ********'],
    [`Basic ${btoa('ann:hunter22')}`, `ann may not use hunter22`, 'ann may not use ********'],
    [`Basic ${btoa('ann:hunter22')}`, `wrong: ${btoa('ann:hunter22')}`, 'wrong: ********'],
  ])('%s is masked without what stands before it', (secret, said, shown) => {
    expect(withoutSecrets(new Set([secret]), said)).toBe(shown)
  })

  test('is masked each time, also where two of them overlap', () => {
    const both = new Set(['abcdefgh', 'efghijkl'])
    expect(withoutSecrets(both, 'abcdefghijkl and abcdefgh')).toBe('******** and ********')
  })

  test('of a few letters is a word like any other, and other text stays as it is', () => {
    const text = 'a short word, 中文 \u200b 👨‍👩‍👧 and tok_Abc…'
    expect(withoutSecrets(new Set(['short', 'tok_Abc-and-more-of-it']), text)).toBe(
      'a short word, 中文 \u200b 👨‍👩‍👧 and ********…',
    )
    expect(withoutSecrets(new Set(['short']), text)).toBe(text)
    expect(withoutSecrets(secrets, `100%, 5%ff, ${token}%E2`)).toBe('100%, 5%ff, ********%E2')
  })
})
