import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {fillPath, requestUrl} from '../../../src/lib/http/endpoint.js'

const segment = fc.string({unit: 'grapheme', minLength: 1}).filter(text => text !== '.' && text !== '..')

describe('fillPath', () => {
  test.each([
    ['/a/:host/b/:vm', {host: 'node1', vm: 7}, '/a/node1/b/7'],
    ['/a/:host', {host: 'a/b?c#d%e'}, '/a/a%2Fb%3Fc%23d%25e'],
    ['/a/:host', {host: '香 港'}, '/a/%E9%A6%99%20%E6%B8%AF'],
    ['/a/:host', {host: ':vm'}, '/a/%3Avm'],
    ['/api/v1/list', {}, '/api/v1/list'],
  ])('%s', (path, parameters, filled) => {
    expect(fillPath(path, parameters)).toBe(filled)
  })

  test('says which parameter is missing', () => {
    expect(() => fillPath('/a/:host/:vm', {host: 'x'})).toThrow(
      'path parameter vm of /a/:host/:vm is missing',
    )
  })

  test('refuses half a pair of characters, which no URL can hold', () => {
    expect(() => fillPath('/a/:host', {host: 'a\ud800'})).toThrow(
      expect.objectContaining({code: 'USAGE', message: 'host cannot be "a\ud800": no path can hold that'}),
    )
  })

  test.each(['', '.', '..'])('refuses %j, which would be another path', host => {
    expect(() => fillPath('/a/:host/:vm', {host, vm: 'x'})).toThrow(
      expect.objectContaining({code: 'USAGE', message: `host cannot be "${host}": no path can hold that`}),
    )
    expect(fillPath('/a/:host', {host: `${host}...`})).toBe(`/a/${host}...`)
  })

  test('keeps every value one segment, from which it can be read again', () => {
    fc.assert(
      fc.property(segment, segment, (host, vm) => {
        const segments = fillPath('/a/:host/b/:vm', {host, vm}).split('/')
        expect(segments).toHaveLength(5)
        expect([segments[2], segments[4]].map(segment => decodeURIComponent(segment ?? ''))).toEqual([
          host,
          vm,
        ])
      }),
    )
  })
})

describe('requestUrl', () => {
  test.each([
    ['http://h', '/a', 'http://h/a'],
    ['http://h/', '/a', 'http://h/a'],
    ['http://h//', '//a', 'http://h/a'],
    ['http://h:8008/nezha', '/api/v1', 'http://h:8008/nezha/api/v1'],
    ['http://h/nezha/', 'api', 'http://h/nezha/api'],
    ['https://[2001:db8::1]:8443', '/a', 'https://[2001:db8::1]:8443/a'],
  ])('joins %s and %s with exactly one slash', (base, path, url) => {
    expect(requestUrl(base, path).href).toBe(url)
  })

  test('leaves out what is undefined, and keeps what is empty', () => {
    expect(requestUrl('http://h', '/a', {tag: undefined, b: '', c: 0, d: false}).href).toBe(
      'http://h/a?b=&c=0&d=false',
    )
  })

  test('adds to a query that is there', () => {
    expect(requestUrl('http://h', '/a?x=1', {y: 'z'}).href).toBe('http://h/a?x=1&y=z')
  })

  test('sends what is no text as JSON', () => {
    expect(requestUrl('http://h', '/a', {list: [1, 2], none: null}).searchParams.get('list')).toBe('[1,2]')
  })

  // A panel in Go drops a pair with a raw `;` or a broken `%`, and answers as if nothing had been asked (trap 33).
  test('percent-encodes every value, whatever it holds', () => {
    const text = fc.string({unit: 'grapheme'})
    fc.assert(
      fc.property(text, text, (one, other) => {
        const url = requestUrl('http://h/x', '/a', {one, other})
        expect(Object.fromEntries(url.searchParams)).toEqual({one, other})
        expect(url.search).toMatch(
          /^\?one=[\w*.+~-]*(%[0-9A-F]{2}[\w*.+~-]*)*&other=[\w*.+~-]*(%[0-9A-F]{2}[\w*.+~-]*)*$/,
        )
        expect(url.pathname).toBe('/x/a')
      }),
    )
  })
})

test.each([
  ['/api/v1/server/list?tag=a;b', '/api/v1/server/list?tag=a%3Bb'],
  ['/list?a=1;b=2&c=50%', '/list?a=1%3Bb=2&c=50%25'],
  ['/list?tag=%zz&x=%4', '/list?tag=%25zz&x=%254'],
  ['/list?tag=a%3Bb%2f', '/list?tag=a%3Bb%2f'],
  ['/a;b/c%?d=e?f;g', '/a;b/c%25?d=e?f%3Bg'],
])('what a server would not take for a part of the query is encoded: %s', (path, asked) => {
  const url = requestUrl('http://panel.test/below/', path)
  expect(url.pathname + url.search).toBe(`/below${asked}`)
})
