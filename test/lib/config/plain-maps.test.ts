import fc from 'fast-check'
import {expect, test} from 'vitest'
import {parse, stringify} from 'yaml'
import {plainMaps} from '../../../src/lib/config/files/plain-maps.js'

const asTheLibraryDoes = (text: string) => parse(text, {stringKeys: true})

test('what we write is read without the library, as the library reads it', () => {
  const text = `contexts:
  lab:
    panel: nezha
    url: https://nezha.example.com:8008/a-b/~me
    caFile: /etc/ssl/lab.pem
    insecure: true
    credential: token
    store: file
  constructor:
    panel: komari
    url: http://127.0.0.1:25774
current:
  nezha: lab
`
  expect(plainMaps(text)).toEqual(asTheLibraryDoes(text))
  const secrets = 'lab:\n  kind: token\n  value: 4addbaf1Zx+/-_.w==\n'
  expect(plainMaps(secrets)).toEqual(asTheLibraryDoes(secrets))
})

test.each([
  ...[
    '',
    'a: b',
    'a:\n',
    'a:\n  b: c\nd:\n',
    'a: 1\n',
    'a: 1e5\n',
    'a: 0x1f\n',
    'a: 2026-11-29\n',
    'a: null\n',
  ],
  ...[
    'a: True\n',
    'a: ~\n',
    'a: b: c\n',
    'a: b:\n',
    'a: "b"\n',
    "a: 'b'\n",
    'a: b # c\n',
    '# a\na: b\n',
    'a: *b\n',
  ],
  ...['a: &b c\n', 'a: !!str b\n', 'a: [b]\n', 'a: {b: c}\n', '- a\n', 'a: |\n  b\n', 'a:  b\n', 'a: b \n'],
  ...[
    'a: b\r\n',
    'a: b\na: c\n',
    'a:\n  b: c\n d: e\n',
    'a: b\n  c: d\n',
    ' a: b\n',
    'a:\n\n  b: c\n',
    '1: a\n',
  ],
  ...['---\na: b\n', 'a: b\n...\n', 'a:\n\tb: c\n', '\ufeffa: b\n', '__proto__: a\n', '<<: a\n', 'a: b\n\n'],
])('anything else is the library’s: %j', text => {
  expect(plainMaps(text)).toBeUndefined()
})

test('whatever stands in such a file is read as the library reads it, or left to it', () => {
  const word = fc.oneof(
    fc.stringMatching(/^[ -~]{0,12}$/),
    fc.stringMatching(/^[\w./:@%+=~-]{1,8}$/),
    fc.constantFrom(
      'true',
      'false',
      'null',
      'NaN',
      '.inf',
      '0o7',
      '1_000',
      'yes',
      '12:30',
      '1e3',
      '0xfg',
      'e1',
    ),
  )
  const {tree} = fc.letrec(tie => ({
    tree: fc.dictionary(word, fc.oneof({maxDepth: 3}, word, tie('tree'))),
  }))
  const written = tree.map(value => stringify(value))
  const lines = fc
    .array(fc.tuple(fc.constantFrom('', ' ', '  ', '    '), word, fc.constantFrom(': ', ':', ' '), word), {
      maxLength: 5,
    })
    .map(rows => rows.map(row => `${row.join('')}\n`).join(''))
  fc.assert(
    fc.property(fc.oneof(written, lines), text => {
      const value = plainMaps(text)
      if (value !== undefined) expect(value).toEqual(asTheLibraryDoes(text))
    }),
    {numRuns: 1000},
  )
})
