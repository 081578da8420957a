import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {percent} from '../../../src/lib/output/cell.js'
import {type Curve, renderCurves} from '../../../src/lib/output/chart.js'
import {textWidth} from '../../../src/lib/output/width.js'

const start = Date.UTC(2026, 10, 21, 11)

function curve(values: readonly (number | null)[], title = 'cpu', step = 60_000): Curve {
  return {title, cell: percent, points: values.map((value, index) => ({time: start + index * step, value}))}
}

describe('a chart', () => {
  test('has a title, a scale and times', () => {
    expect(renderCurves([curve([0, 10, 10, 0])], 24).split('\n')).toEqual([
      'cpu',
      '10.0 % │    ⣸⠉⠉⠉⠉⠉⢹⡀',
      '       │   ⢠⠇      ⢧',
      '       │   ⡞       ⠘⡆',
      '       │  ⣸⠁        ⢹⡀',
      ' 5.0 % │ ⢀⡇          ⣇',
      '       │ ⡼           ⠸⡄',
      '       │⢰⠃            ⢳',
      ' 0.0 % │⡏             ⠈⣇',
      '        2026-11-21 11:0…',
      '',
    ])
  })

  test('draws what never changes at its foot, and says where there is nothing', () => {
    expect(renderCurves([curve([5, 5, 5])], 40)).toContain('⣀⣀⣀')
    expect(renderCurves([curve([null, null], 'dns'), curve([])], 40)).toBe(
      'dns\n  no values\n\ncpu\n  no values\n',
    )
  })

  test('interrupts the line where a value was lost', () => {
    const [, ...rows] = renderCurves([curve([1, 1, null, 1, 1])], 40).split('\n')
    expect(rows[7]).toMatch(/│⣀+⡀ +⢀⣀+$/)
  })

  test('writes the day twice where there are two', () => {
    const text = renderCurves([curve([1, 2], 'cpu', 24 * 3600 * 1000)], 60)
    expect(text).toMatch(/2026-11-21 11:00 +2026-11-22 11:00\n$/)
  })

  test('is never wider than it may be, whatever the values and the title', () => {
    const value = fc.oneof(fc.constant(null), fc.double({noNaN: true, min: -1e12, max: 1e12}))
    fc.assert(
      fc.property(
        fc.array(value, {maxLength: 300}),
        fc.string(),
        fc.integer({min: 1, max: 200}),
        (values, title, width) => {
          const lines = renderCurves([curve(values, title)], width).split('\n')
          for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width)
          expect(lines.join('')).not.toMatch(/\p{Cc}/u)
        },
      ),
    )
  })
})
