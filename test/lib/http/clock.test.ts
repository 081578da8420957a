import {expect, onTestFinished, test} from 'vitest'
import {clockOf} from '../../../src/lib/http/clock.js'
import {retryAfter} from '../../../src/lib/http/retry.js'

const at = '2026-11-28T20:23:11.000Z'

test.each([
  ['of today', 'Sat, 28 Nov 2026 20:23:11 GMT', at],
  ['as HTTP began with', 'Saturday, 28-Nov-26 20:23:11 GMT', at],
  ['as C prints it', 'Sat Nov 28 20:23:11 2026', at],
  ['without a zone', 'Sat, 28 Nov 2026 20:23:11', at],
  ['of another zone', 'Sun, 29 Nov 2026 04:23:11 +0800', at],
  ['that was told twice', 'Sat, 28 Nov 2026 20:23:11 GMT, Sat, 28 Nov 2026 20:23:11 GMT', at],
  ['of ISO 8601', at, at],
  ['of ISO 8601 without a zone, which no header has', '2026-11-28T20:23:11', undefined],
  ['that is a number', '0', undefined],
  ['that is none', 'yesterday', undefined],
])('a Date %s means the same wherever it is read', (_, date, moment) => {
  const {TZ} = process.env
  onTestFinished(() => {
    process.env.TZ = TZ
  })
  process.env.TZ = 'America/New_York'
  expect(clockOf({date})?.toISOString()).toBe(moment)
  const headers = {date: 'Sat, 28 Nov 2026 20:23:01 GMT', 'retry-after': date}
  expect(retryAfter(headers)).toBe(moment === undefined ? (date === '0' ? 0 : undefined) : 10_000)
})

test.each([
  ['3600', '2026-11-28T21:23:11.000Z'],
  ['3600, 7', '2026-11-28T21:23:11.000Z'],
  ['0x10', at],
  ['1e9', at],
  ['-5', at],
  ['99999999999999999999', at],
])('an Age of %s is so many seconds, where it is a number of them', (age, moment) => {
  expect(clockOf({date: 'Sat, 28 Nov 2026 20:23:11 GMT', age})?.toISOString()).toBe(moment)
})
