import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {stringifyExactly, withBigInts} from '../../src/lib/exact-integers.js'
import {parseJson} from '../../src/lib/http/parse-json.js'

/** As a body is read, of whose arrays each element is a part where `part` is 0. */
function parseExactly(text: string, part?: number): unknown {
  return parseJson(Buffer.from(text), undefined, part)
}

const integer = fc.bigInt({min: -(2n ** 80n), max: 2n ** 80n}).map(String)

describe('integers that a double cannot hold', () => {
  test('are written as they were read, whatever stands around them', () => {
    const scalar = fc.oneof(
      integer,
      fc.string().map(text => JSON.stringify(text)),
      fc.constantFrom('1.5', '[]', 'null', '1e400', '-2.5E+999'),
    )
    const {json} = fc.letrec<{json: string}>(tie => ({
      json: fc.oneof(
        {depthSize: 'small'},
        scalar,
        fc.array(tie('json'), {maxLength: 4}).map(items => `[${items.join(',')}]`),
        fc
          .array(fc.tuple(fc.string(), tie('json')), {maxLength: 4})
          .map(
            fields =>
              `{${fields.map(([key, value], at) => `${JSON.stringify(`k${at}${key}`)}:${value}`).join(',')}}`,
          ),
      ),
    }))
    fc.assert(
      fc.property(json, text => {
        const document = `[${text}]`
        for (const part of [0, 20, undefined])
          expect(stringifyExactly(parseExactly(document, part))).toBe(document)
        expect(JSON.stringify(parseExactly(document))).toBe(JSON.stringify(JSON.parse(document)))
      }),
    )
  })

  test.each([
    '{12345678901234567890:1}',
    '[01234567890123456789]',
    '[12345678901234567890abc]',
    '[01e400]',
    '[1.e400]',
    '[12345678901234567890"a"]',
    '"12345678901234567890',
    '[1 12345678901234567890]',
  ])('make no JSON of what is none: %s', text => {
    expect(() => parseExactly(text)).toThrow(SyntaxError)
  })

  test('go along with a copy, until another number is put there', () => {
    const parsed = parseExactly('{"a":18446744073709551615,"b":{"c":-9007199254740993}}')
    if (typeof parsed !== 'object') throw new Error('it is an object')
    const copy = {x: 1, ...parsed}
    expect(stringifyExactly(copy)).toBe('{"x":1,"a":18446744073709551615,"b":{"c":-9007199254740993}}')
    expect(stringifyExactly({...copy, a: 5})).toBe('{"x":1,"a":5,"b":{"c":-9007199254740993}}')
    expect(withBigInts(copy)).toEqual({x: 1, a: 18446744073709551615n, b: {c: -9007199254740993n}})
  })

  test('stay beyond what a double holds for YAML, which has a word for that', () => {
    expect(withBigInts(parseExactly('{"a":1e400}'))).toEqual({a: Number.POSITIVE_INFINITY})
  })

  test('are told from texts that look so', () => {
    const text = '{"a":"18446744073709551615","b":18446744073709551615}'
    expect(stringifyExactly(parseExactly(text))).toBe(text)
  })

  test('are no trap where a document is cut off in a long text', () => {
    for (const end of ['', '\\', '\\"'])
      expect(() => parseExactly(`[12345678901234567890,"${'abc def'.repeat(20_000)}${end}`)).toThrow(
        SyntaxError,
      )
  })

  test('are found behind a very long text', () => {
    const text = `["${'a\\"'.repeat(2_000_000)}",9007199254740993]`
    expect(stringifyExactly(parseExactly(text)) === text).toBe(true)
  })
})
