import {expect, test} from 'vitest'
import {type ErrorCode, PanelctlError} from '../../../src/lib/errors.js'
import {callOf, unreadable} from '../../../src/lib/http/failure.js'
import {NotTaken} from '../../../src/lib/http/panel.js'
import {plain} from './panel.js'

const url = new URL('http://127.0.0.1:1/items')
const write = callOf({panel: plain, method: 'POST', writes: true, lookWith: undefined}, url.origin, url)

test.each([
  ['UNCERTAIN', undefined, 'UNCERTAIN'],
  ['UNCERTAIN', 502, 'UNCERTAIN'],
  ['BAD_RESPONSE', 200, 'UNCERTAIN'],
  ['BAD_RESPONSE', undefined, 'UNCERTAIN'],
  ['BAD_RESPONSE', 302, 'BAD_RESPONSE'],
  ['BAD_RESPONSE', 405, 'BAD_RESPONSE'],
  ['REJECTED', 200, 'REJECTED'],
  ['NOT_FOUND', 200, 'NOT_FOUND'],
  ['UNREACHABLE', undefined, 'UNREACHABLE'],
] as const satisfies [ErrorCode, number | undefined, ErrorCode][])(
  'a write that ended with %s (HTTP %s) is %s; a read is what it was',
  (code, status, after) => {
    const failure = new PanelctlError(code, 'x', {status})
    expect(unreadable(write, failure)).toMatchObject({code: after})
    expect(unreadable({...write, writes: false}, failure)).toBe(failure)
  },
)

test('another product, which is known, has done nothing', () => {
  const failure = new NotTaken('it is another one', {status: 200})
  expect(unreadable(write, failure)).toBe(failure)
})
