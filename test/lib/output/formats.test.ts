import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parse} from 'yaml'
import {jsonParts, toCsv, toIds, toJson, toNdjson, toYaml} from '../../../src/lib/output/formats.js'

/** What a terminal obeys, bidirectional overrides among it. */
const unsafe = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u

describe('json', () => {
  it('is indented by two and ends with a newline', () => {
    expect(toJson([{id: 1, name: 'a'}])).toBe('[\n  {\n    "id": 1,\n    "name": "a"\n  }\n]\n')
    expect(toJson([])).toBe('[]\n')
    expect(toJson({})).toBe('{}\n')
  })

  it('of nothing is null, and other empty results are themselves', () => {
    expect(toJson(undefined)).toBe('null\n')
    expect([null, 0, false, ''].map(toJson)).toEqual(['null\n', '0\n', 'false\n', '""\n'])
  })

  it('holds no control character that a terminal would obey, and still means the same', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), text => {
        const json = toJson({text})
        expect(json.replaceAll('\n', '')).not.toMatch(unsafe)
        expect(JSON.parse(json)).toEqual({text})
      }),
    )
    expect(toJson('a\u007f')).toBe('"a\\u007f"\n')
    expect(toJson('\u009b31m')).toBe('"\\u009b31m"\n')
    expect(toNdjson(['a\u202eb\u2066'])).toBe('"a\\u202eb\\u2066"\n')
  })
})

describe('ndjson', () => {
  it('has one compact line a row', () => {
    expect(toNdjson([{id: 1}, {id: 2, tags: ['a\nb']}])).toBe('{"id":1}\n{"id":2,"tags":["a\\nb"]}\n')
    expect(toNdjson([])).toBe('')
    expect(toNdjson({id: 1})).toBe('{"id":1}\n')
    expect(toNdjson(undefined)).toBe('null\n')
  })
})

describe('yaml', () => {
  it('reads as people write it', async () => {
    expect(await toYaml([{id: 1, name: 'web 01', tags: []}])).toBe('- id: 1\n  name: web 01\n  tags: []\n')
    expect(await toYaml(undefined)).toBe('null\n')
  })

  it('keeps texts that look like something else texts, for YAML 1.1 readers too', async () => {
    const texts = ['yes', 'No', 'on', '1e3', 'null', '~', '', '0x1F', '012', '1:30', '- a', '#', '\u001b[31m']
    const yaml = await toYaml(texts)
    expect(parse(yaml)).toEqual(texts)
    expect(parse(yaml, {version: '1.1'})).toEqual(texts)
  })

  it('gives back whatever went in', async () => {
    const text = fc.oneof(
      fc.string({unit: 'grapheme'}),
      fc.string({unit: 'binary'}),
      fc.string({
        unit: fc.constantFrom('\n', ' ', '\r', '\t', 'a', ':', '#', '-', '\u0085', '\u2028', '\u202e', '"'),
      }),
    )
    const value = fc.oneof(text, fc.array(text), fc.dictionary(text, text, {noNullPrototype: true}))
    await fc.assert(
      fc.asyncProperty(value, async data => {
        const yaml = await toYaml({data})
        expect(parse(yaml)).toEqual({data})
        expect(yaml.replaceAll(/[\n\t]/g, '')).not.toMatch(unsafe)
      }),
      {numRuns: 2000},
    )
  })

  it('escapes what turns the direction of a text around', async () => {
    expect(await toYaml([{name: 'a\u202eb', tag: 'x'}])).toBe('- "name": "a\\u202eb"\n  "tag": "x"\n')
  })

  it('repeats what is the same object twice', async () => {
    const shared = {a: 1}
    expect(await toYaml([shared, shared])).toBe('- a: 1\n- a: 1\n')
  })
})

describe('csv', () => {
  it('quotes what has to be quoted and nothing else', () => {
    expect(
      toCsv(
        ['id', 'note'],
        [
          [1.8e19, 'plain text'],
          [2, 'a,b'],
          [3, 'say "hi"'],
          [4, 'two\nlines'],
          [5, null],
          [true, '=1+1'],
        ],
        true,
      ),
    ).toBe(
      'id,note\n18000000000000000000,plain text\n2,"a,b"\n3,"say ""hi"""\n4,"two\nlines"\n5,\ntrue,=1+1\n',
    )
  })

  it('without header is the rows alone, and nothing for none', () => {
    expect(toCsv(['id'], [[1]], false)).toBe('1\n')
    expect(toCsv(['id'], [], false)).toBe('')
    expect(toCsv(['tag'], [[null], ['a']], true)).toBe('tag\n""\na\n')
    expect(toCsv(['a', 'b'], [[null, null]], false)).toBe(',\n')
    expect(toCsv(['id'], [], true)).toBe('id\n')
  })
})

describe('id', () => {
  it('is one identifier a line, and a hostile one cannot pass for two', () => {
    expect(toIds([1, 'node-a', 'x\nprod'])).toBe('1\nnode-a\nx prod\n')
    expect(toIds([])).toBe('')
  })
})

describe('JSON in parts', () => {
  const long = Array.from({length: 9001}, (_, id) => ({id, name: `a\u009b[${id}`, nested: [id, {x: []}]}))

  it.each([
    ['an array', long],
    [
      'an object',
      {count: 9001, rows: long, tasks: [{id: 1}], 'odd "key"\u009b': long, none: undefined, last: null},
    ],
    ['a long array alone', {rows: long}],
    ['whole parts', Array.from({length: 8000}, (_, id) => id)],
    ['just one part', Array.from({length: 50}, (_, id) => id)],
    ['one part and one element', Array.from({length: 51}, (_, id) => id)],
    [
      'elements of very different lengths',
      Array.from({length: 500}, (_, id) => 'x'.repeat(id % 60 === 0 ? 100_000 : 1)),
    ],
    ['arrays in arrays', Array.from({length: 4001}, (_, id) => [id, [id]])],
    ['a short one', {a: [1, 2], b: 'x'}],
    ['nothing', null],
    ['an empty array', []],
    ['an empty object', {}],
    ['undefined', undefined],
  ])('is the text of the whole: %s', (_name, value) => {
    const parts = [...jsonParts(value)]
    expect(parts.join('')).toBe(toJson(value))
    if (value === long) expect(parts.length).toBeGreaterThan(3)
  })
})
