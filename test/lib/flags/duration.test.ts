import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {parseDuration} from '../../../src/lib/flags/duration.js'

describe('parseDuration', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['1.5s', 1500],
    ['0.5h', 1_800_000],
    ['007s', 7000],
    ['24d', 2_073_600_000],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  test.each([
    '',
    '5',
    's',
    '5 s',
    ' 5s',
    '5s ',
    '-5s',
    '+5s',
    '5S',
    '5sec',
    '1h30m',
    '1e3s',
    '.5s',
    '5.s',
    '٥s',
    '5w',
  ])('refuses %j', text => {
    expect(() => parseDuration(text)).toThrow(`"${text}" is not a duration`)
  })

  // A timer takes 31 bits; a longer one would fire at once.
  test.each(['0s', '0ms', '0.0h', '25d', '999999999d', `${'9'.repeat(400)}d`])(
    'refuses %s, which no timer takes',
    text => {
      expect(() => parseDuration(text)).toThrow('is not a duration between 1ms and 24d')
    },
  )

  test('gives what a timer can take, or a usage error, and never anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,12}(\.\d{1,3})?(ms|s|m|h|d)$/)), text => {
        let value: number
        try {
          value = parseDuration(text)
        } catch (error) {
          expect(error).toMatchObject({code: 'USAGE'})
          return
        }
        expect(value).toBeGreaterThan(0)
        expect(value).toBeLessThan(2 ** 31)
      }),
    )
  })
})
