import {describe, expect, test} from 'vitest'
import {parseMegabytes} from '../../../src/lib/flags/megabytes.js'

describe('parseMegabytes', () => {
  test.each([
    ['4096', 4096],
    ['0', 0],
    ['512M', 512],
    ['512mb', 512],
    ['4G', 4096],
    ['4g', 4096],
    ['4GB', 4096],
    ['10GiB', 10_240],
    ['1.5G', 1536],
    ['1T', 1_048_576],
  ])('%s is %i MB', (text, megabytes) => {
    expect(parseMegabytes(text)).toBe(megabytes)
  })

  test.each([
    '',
    'G',
    '-1',
    '4K',
    '4 000',
    '4,5G',
    '1e3',
    '0x10',
    'Infinity',
    '0.1M',
    '1.5',
    '99999999999999999T',
  ])('%s is none', text => {
    expect(() => parseMegabytes(text)).toThrow(
      expect.objectContaining({code: 'USAGE', hint: expect.any(String)}),
    )
  })

  test('a size that is asked for is not 0', () => {
    expect(parseMegabytes('1M', 1)).toBe(1)
    expect(() => parseMegabytes('0G', 1)).toThrow('0G is less than 1M')
  })
})
