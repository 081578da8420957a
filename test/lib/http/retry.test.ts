import fc from 'fast-check'
import {expect, test} from 'vitest'
import {LONGEST_RETRY_AFTER, retryAfter, retryDelay, retryStatuses} from '../../../src/lib/http/retry.js'

test('waits double each time, from 250 ms up to 8 s, with jitter below that', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 20].map(attempt => retryDelay(attempt, undefined, () => 1))).toEqual([
    250, 500, 1000, 2000, 4000, 8000, 8000, 8000,
  ])
  expect(retryDelay(1, undefined, () => 0)).toBe(125)
})

test('is never 0, which would mean not to repeat, and never less than what the server asks for', () => {
  fc.assert(
    fc.property(
      fc.integer({min: 1, max: 30}),
      fc.option(fc.integer({min: 0, max: LONGEST_RETRY_AFTER}), {nil: undefined}),
      fc.double({min: 0, max: 1, noNaN: true}),
      (attempt, retryAfter, random) => {
        const delay = retryDelay(attempt, retryAfter, () => random)
        expect(delay).toBeGreaterThanOrEqual(Math.max(1, retryAfter ?? 0))
        expect(delay).toBeLessThanOrEqual(LONGEST_RETRY_AFTER)
      },
    ),
  )
})

test.each([
  ['seconds', '3', 3000],
  ['none', '0', 0],
  ['a date, by the clock of who says it', 'Tue, 01 Jan 2030 12:00:03 GMT', 3000],
  ['a date that is past there', 'Tue, 01 Jan 2030 11:00:00 GMT', 0],
  ['less than none', '-5', undefined],
  ['more digits than a time has', '99999999999', undefined],
  ['no time', 'soon', undefined],
])('a Retry-After of %s', (_, header, milliseconds) => {
  const headers = {'retry-after': header, date: 'Tue, 01 Jan 2030 12:00:00 GMT'}
  expect(retryAfter(headers)).toBe(milliseconds)
})

test('statuses: timeouts, too many requests, and every 5xx', () => {
  expect(retryStatuses.filter(status => status < 500)).toEqual([408, 429])
  expect(retryStatuses.filter(status => status >= 500)).toHaveLength(100)
})
