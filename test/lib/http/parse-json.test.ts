import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {parseJson} from '../../../src/lib/http/parse-json.js'

/** What a text means, or that it means nothing. */
function meaning(parse: () => unknown): unknown {
  try {
    return {value: parse()}
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError)
    return 'broken'
  }
}

function expectSame(text: string): void {
  // As a body is read: what is no UTF-8 is replaced.
  const body = Buffer.from(text)
  const whole = meaning(() => JSON.parse(body.toString()))
  for (const part of [0, 3, 20])
    expect(
      // A clone leaves out what is remembered of numbers beyond a double, which a changed text may have.
      meaning(() => structuredClone(parseJson(body, undefined, part))),
      text,
    ).toEqual(whole)
}

describe('a document that is parsed in parts', () => {
  test('means what it means as a whole', () => {
    fc.assert(
      fc.property(fc.json({maxDepth: 5}), fc.constantFrom(0, 1, 2), (text, indent) => {
        expectSame(text)
        expectSame(JSON.stringify(JSON.parse(text), null, indent))
      }),
    )
  })

  test.each([
    '[]',
    ' [ ] ',
    '{}',
    '1',
    '"a]b"',
    '{"a":[1,2,{"b":[3]}],"c":[]}',
    '{"0":[1],"b":{"1":[2],"0":[3]}}',
    '["a\\"],[\\\\","\\u0000","ü,]"]',
    '{"__proto__":[1],"a":{"__proto__":"x"}}',
    '[{"__proto__":"x"},{"__proto__":"x"}]',
    '{"a":[1],"a":[2]}',
    '[[0],[1,[2,[3]]]]',
    '{" ":-3.5e323}',
  ])('%s', text => expectSame(text))

  test.each([
    '',
    '[',
    '[1',
    '[1,',
    '[1,]',
    '[1,2,3,4,5,6,]',
    '[,1]',
    '[1,,2]',
    '[1}',
    '{"a":[1}}',
    '[1]]',
    '[1] 2',
    '{"a":[1,2,3],}',
    '["a',
    '["a\\',
    '{"a":[{"b":1}',
    'null]',
    '<html>[1]</html>',
  ])('is broken where the whole is: %s', text => expectSame(text))

  test('is broken wherever it is cut or changed, as the whole is', () => {
    fc.assert(
      fc.property(
        fc.json({maxDepth: 4}),
        fc.nat(),
        fc.constantFrom('', ',', ']', '[', '}', '"', '\\', '0'),
        (text, at, put) => {
          const place = at % (text.length + 1)
          expectSame(text.slice(0, place) + put + text.slice(place + 1))
          expectSame(text.slice(0, place))
        },
      ),
    )
  })

  test('is every one that is large', () => {
    const rows = Array.from({length: 60_000}, (_, id) => ({
      id,
      name: `node ${id % 7}`,
      text: 'x'.repeat(600),
    }))
    const value = {status: 'success', data: {count: rows.length, rows}, after: true}
    expect(parseJson(Buffer.from(JSON.stringify(value)))).toEqual(value)
    expect(parseJson(Buffer.from('{"a":[1]}'))).toEqual({a: [1]})
  })
})
