import fc from 'fast-check'
import {describe, expect, it, test} from 'vitest'
import * as cells from '../../../src/lib/output/cell.js'
import {type Cell, moment, rawOf, textCellOf, until, worded} from '../../../src/lib/output/cell.js'
import {axisOf} from '../../../src/lib/output/series.js'

const now = new Date('2026-03-04T12:00:00Z')
/** Values of which one came each minute. */
const series = (values: readonly (number | null)[]) =>
  values.map((value, index) => ({time: now.getTime() + index * 60_000, value}))
const losses = (length: number, value = 0) =>
  Array.from({length}, (_, index) => (index < length / 2 ? value : null))
const read = (cell: Cell) => textCellOf(cell, now).text
const secondsAgo = (seconds: number) => new Date(now.getTime() - seconds * 1000)

describe('sizes and rates', () => {
  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [1023.4, '1023 B'],
    [1023.6, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [1024 ** 2 - 1, '1.0 MiB'],
    [1.2 * 1024 ** 3, '1.2 GiB'],
    [2 ** 62, '4.0 EiB'],
  ])('%s bytes read %s', (value, text) => {
    expect(read(cells.bytes(value))).toBe(text)
    expect(rawOf(cells.bytes(value))).toBe(value)
  })

  it.each([-2048, -1, 2 ** 63, 1.8e19, Infinity])('%s is a counter that has wrapped, and unknown', value => {
    for (const cell of [cells.bytes(value), cells.bytesPerSecond(value)]) {
      expect(read(cell)).toBe('-')
      expect(rawOf(cell)).toBeNull()
    }
  })

  it('loads have two decimals, temperatures their unit', () => {
    expect(read(cells.decimal(8.812942))).toBe('8.81')
    expect(read(cells.celsius(55.46))).toBe('55.5 °C')
  })

  it('a rate says per second', () => {
    expect(read(cells.bytesPerSecond(1.2 * 1024 ** 2))).toBe('1.2 MiB/s')
  })

  it('shares and delays have one decimal', () => {
    expect(read(cells.percent(17.349))).toBe('17.3 %')
    expect(read(cells.milliseconds(68.21))).toBe('68.2 ms')
  })

  it.each([
    [0, '0.0 %'],
    [0.035, '<0.1 %'],
    [0.05, '0.1 %'],
    [99.94, '99.9 %'],
    [99.97, '>99.9 %'],
    [100, '100.0 %'],
  ])('a loss of %s %% is told as none or as all only where it is', (value, text) => {
    expect(read(cells.lossPercent(value))).toBe(text)
    expect(rawOf(cells.lossPercent(value))).toBe(value)
  })

  it('a value the panel does not say is a dash, and empty for scripts', () => {
    for (const cell of [cells.bytes(null), cells.percent(undefined), cells.duration(Number.NaN), null]) {
      expect(read(cell)).toBe('-')
      expect(rawOf(cell)).toBeNull()
    }
  })

  it('no number, however large, breaks a cell', () => {
    const makers = [
      cells.bytes,
      cells.bytesPerSecond,
      cells.percent,
      cells.milliseconds,
      cells.duration,
      (n: number) => n,
    ]
    fc.assert(
      fc.property(fc.double(), value => {
        for (const make of makers) expect(read(make(value))).toMatch(/^\S+( \S+)?$/)
      }),
    )
  })

  it('numbers stand on the right, texts on the left, and what is missing where its column is', () => {
    expect(textCellOf(7, now).align).toBe('right')
    expect(textCellOf(cells.bytes(null), now).align).toBe('right')
    expect(textCellOf('7', now).align).toBe('left')
    expect(textCellOf(null, now).align).toBeUndefined()
    expect(textCellOf(cells.never, now).align).toBeUndefined()
  })
})

describe('times', () => {
  it.each([
    [0, '0s'],
    [12.9, '12s'],
    [60, '1m'],
    [723, '12m 3s'],
    [18_720, '5h 12m'],
    [273_600, '3d 4h'],
    [259_201, '3d'],
  ])('%s seconds read %s', (seconds, text) => {
    expect(read(cells.duration(seconds))).toBe(text)
    expect(rawOf(cells.duration(seconds))).toBe(seconds)
  })

  it.each([-5, 2 ** 63, 2 ** 64 - 1])('a counter that has wrapped is unknown: %s', value => {
    const made = [
      cells.duration(value),
      cells.percent(value),
      cells.percentOf(value, 1000),
      cells.percentOf(1000, value),
      cells.percentOf(value, value),
      cells.count(value),
      cells.bytes(value),
    ]
    for (const cell of made) expect([read(cell), rawOf(cell)]).toEqual(['-', null])
    expect([read(cells.count(42)), rawOf(cells.count(0))]).toEqual(['42', 0])
  })

  it('a moment reads as the time since, and as RFC 3339 for scripts', () => {
    const cell = cells.ago(secondsAgo(12))
    expect(read(cell)).toBe('12s ago')
    expect(rawOf(cell)).toBe('2026-03-04T11:59:48.000Z')
    expect(read(cells.ago(secondsAgo(273_600)))).toBe('3d 4h ago')
  })

  it.each([
    [-30, '0s ago', false],
    [-60, '0s ago', false],
    [-61, 'in 1m 1s', true],
    [-7200, 'in 2h', true],
  ])(
    'a clock that is a little ahead shows no negative age, and one that is wrong no life: %i s',
    (seconds, text, isAhead) => {
      expect(textCellOf(cells.ago(secondsAgo(seconds)), now)).toMatchObject({text, isAhead})
    },
  )

  it.each([0, -62135596800])('a zero of panels (%i) is never', seconds => {
    const cell = cells.ago(new Date(seconds * 1000))
    expect([read(cell), rawOf(cell)]).toEqual(['never', null])
  })

  it('a year that RFC 3339 has no digits for is no time', () => {
    const milliseconds = new Date(now.getTime() * 1000)
    for (const cell of [cells.ago(milliseconds), cells.until(milliseconds), cells.moment(milliseconds)])
      expect([read(cell), rawOf(cell)]).toEqual(['-', null])
  })

  it('what never happened reads never', () => {
    expect(read(cells.ago(null))).toBe('never')
    expect(rawOf(cells.ago(null))).toBeNull()
  })

  it('a time that is none reads as a dash', () => {
    expect(read(cells.ago(new Date('yesterday')))).toBe('-')
  })
})

describe('other values', () => {
  it('a state has its colour', () => {
    expect(textCellOf(cells.state('online'), now)).toEqual({text: 'online', align: 'left', tone: 'good'})
    expect(cells.state('offline').tone).toBe('bad')
  })

  it('a sparkline spans its own minimum and maximum and marks lost probes', () => {
    const cell = cells.sparkline(series([10, null, 80, 45]))
    expect(read(cell)).toBe('▁·█▅')
    expect(rawOf(cell)).toBe('10,,80,45')
  })

  it('a sparkline of equal values is flat, of losses only gaps, of nothing a dash', () => {
    expect(read(cells.sparkline(series([5, 5])))).toBe('▁▁')
    expect(read(cells.sparkline(series([null, null])))).toBe('··')
    expect(read(cells.sparkline([]))).toBe('-')
    expect(rawOf(cells.sparkline([]))).toBeNull()
  })

  it('a long series is averaged into the width, a gap only where every probe was lost', () => {
    expect(read(cells.sparkline(series([...losses(40), ...losses(40, 8)])))).toBe('▁▁▁▁▁▁····█████·····')
    expect(read(cells.sparkline(series(Array.from({length: 300_000}, (_, i) => i))))).toBe(
      '▁▁▂▂▂▃▃▄▄▄▅▅▅▆▆▇▇▇██',
    )
  })

  it('a sparkline is blank where nothing was measured, and not where that is how often it is measured', () => {
    const day = series(new Array(1440).fill(5))
    const outage = day.filter((_, index) => index < 360 || index >= 1080)
    expect(read(cells.sparkline(outage))).toBe('▁▁▁▁▁▁        ▁▁▁▁▁▁')
    const seldom = day.filter((_, index) => index % 200 === 0)
    expect(textCellOf(cells.sparkline(seldom), now, axisOf([day])).text).toBe(`${'▁'.repeat(19)} `)
    const late = day.slice(-60)
    expect(textCellOf(cells.sparkline(late), now, axisOf([day, late])).text).toBe(`${' '.repeat(18)}▁▁`)
    expect(read(cells.sparkline([{time: Number.NaN, value: 5}]))).toBe('-')
  })

  it('a list is joined, an empty one is a dash', () => {
    expect(read(cells.list(['a', 'b']))).toBe('a, b')
    expect(read(cells.list([]))).toBe('-')
    expect(rawOf(cells.list(null))).toBeNull()
  })

  it('a flag reads yes or no, and stays a boolean for scripts', () => {
    expect(read(cells.yesNo(true))).toBe('yes')
    expect(read(cells.yesNo(false))).toBe('no')
    expect(rawOf(cells.yesNo(false))).toBe(false)
    expect(read(cells.yesNo(null))).toBe('-')
  })
})

describe('until', () => {
  test.each([
    ['2026-11-24T16:00:00Z', 'in 3d 4h'],
    ['2026-11-21T12:00:00Z', 'in 0s'],
    ['2026-11-18T12:00:00Z', 'expired 3d ago'],
  ])('%s reads %s', (text, shown) => {
    const cell = until(new Date(text))
    expect(textCellOf(cell, new Date('2026-11-21T12:00:00Z')).text).toBe(shown)
    expect(rawOf(cell)).toBe(new Date(text).toISOString())
  })

  test('what is a century away is never to a reader, and a date to a script', () => {
    const cell = until(new Date('2226-01-01T00:00:00Z'))
    expect(textCellOf(cell, new Date('2026-11-21T12:00:00Z')).text).toBe('never')
    expect(rawOf(cell)).toBe('2226-01-01T00:00:00.000Z')
  })

  test('null is never, and what is no date is nothing', () => {
    expect(textCellOf(until(null), new Date()).text).toBe('never')
    expect(textCellOf(until(new Date('x')), new Date())).toMatchObject({text: '-'})
  })
})

test('moment is a time here with its zone, and worded a number in words', () => {
  const date = new Date('2026-11-21T12:00:00.5Z')
  expect(textCellOf(moment(date), date).text).toBe('2026-11-21 12:00:00Z')
  expect(rawOf(moment(date))).toBe('2026-11-21T12:00:00.500Z')
  for (const nothing of [null, new Date('x')]) expect(textCellOf(moment(nothing), date).text).toBe('-')
  expect(textCellOf(worded(-1, 'free'), date)).toMatchObject({text: 'free', align: 'right'})
  expect(rawOf(worded(-1, 'free'))).toBe(-1)
})
