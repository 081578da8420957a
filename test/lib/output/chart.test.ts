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
      '',
    ])
  })

  test('draws what never changes at its foot, beside the one label there is, and says where there is nothing', () => {
    expect(renderCurves([curve([5, 5, 5])], 40).split('\n')).toEqual([
      'cpu',
      ...new Array<string>(7).fill('      │'),
      `5.0 % │${'⣀'.repeat(33)}`,
      '       2026-11-21 11:00           11:02Z',
      '',
    ])
    expect(renderCurves([curve([0.01, 0.02, 0.03])], 40).match(/0\.0 %/g)).toHaveLength(1)
    expect(renderCurves([curve([null, null], 'dns'), curve([])], 40)).toBe(
      'dns\n  no values\n\ncpu\n  no values\n',
    )
    expect(renderCurves([curve([])], 40)).toBe('cpu\n  no values\n')
  })

  test('interrupts the line where a value was lost, and marks it where it has a name', () => {
    const lossy = curve([1, 1, null, 1, 1])
    const foot = '1.0 % │⣀⣀⣀⣀⣀⣀⣀⣀⡀               ⢀⣀⣀⣀⣀⣀⣀⣀⣀'
    const axis = '       2026-11-21 11:00           11:04Z'
    const [, ...rows] = renderCurves([lossy], 40).split('\n')
    expect(rows.slice(7)).toEqual([foot, axis, ''])
    const marked = renderCurves([{...lossy, withoutValue: 'lost'}], 40).split('\n')
    expect(marked.slice(8)).toEqual([foot, ' lost │                ×', axis, ''])
    const all = [{...curve([null, null, null], 'dns'), withoutValue: 'lost'}]
    expect(renderCurves(all, 40).split('\n').slice(0, 2)).toEqual(['dns', '  all lost'])
    const some = {
      ...curve(Array.from({length: 2000}, (_, index) => (index === 1000 ? null : 1))),
      withoutValue: 'lost',
    }
    expect(renderCurves([some], 40)).toMatch(/ lost │ {15,16}×\n/)
  })

  test('breaks where points are missing, however far apart they usually are', () => {
    const minutes = (...times: number[]): Curve => ({
      title: 'cpu',
      cell: percent,
      points: times.map(time => ({time: start + time * 60_000, value: 1})),
    })
    const foot = (...times: number[]) =>
      renderCurves([minutes(...times)], 40)
        .split('\n')[8]
        ?.slice(7)
    const hole = /^⣀+⡀? {8,}⣀+$/
    expect(foot(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)).toBe('⣀'.repeat(33))
    expect(foot(0, 1, 2, 3, 20, 21, 22, 23, 24)).toMatch(hole)
    expect(foot(0, 15, 30, 45, 60, 61, 62, 63, 64, 65)).toBe('⣀'.repeat(33))
    expect(foot(0, 15, 30, 45, 120, 135, 150)).toMatch(hole)
    expect(foot(0, 90)).toBe('⣀'.repeat(33))
    expect(foot(0, 0, 10, 10, 20, 20, 30, 30)).toBe('⣀'.repeat(33))
  })

  test('draws several curves over one axis, whenever each has its points', () => {
    const late = {
      ...curve([100, 100], 'memory'),
      points: [13, 14].map(at => ({time: start + at * 60_000, value: 100})),
    }
    expect(renderCurves([curve([1, 1, 1]), late], 40).split('\n')).toEqual([
      'cpu',
      ...new Array<string>(7).fill('        │'),
      '  1.0 % │⣀⣀⣀⣀⣀',
      '',
      'memory',
      ...new Array<string>(7).fill('        │'),
      '100.0 % │                            ⢀⣀⣀',
      '         2026-11-21 11:00         11:14Z',
      '',
    ])
    const moment = renderCurves([curve([1])], 40).split('\n')
    expect(moment.at(-2)).toBe('       2026-11-21 11:00Z')
  })

  test('takes no time for one that is none', () => {
    const odd = {...curve([1, 1]), points: [{time: NaN, value: 7}, ...curve([1, 2]).points]}
    expect(renderCurves([odd], 40)).toBe(renderCurves([curve([1, 2])], 40))
    const beyondDates = {...curve([1, 1]), points: [{time: 9e15, value: 7}, ...curve([1, 2]).points]}
    expect(renderCurves([beyondDates], 40)).toBe(renderCurves([curve([1, 2])], 40))
  })

  test.each([-1e15, 1e15])('ends where a point between the others is of another age (%d)', time => {
    const [first, second] = curve([1, 2]).points
    const odd = {...curve([]), points: [first, {time, value: 3}, second].filter(point => point !== undefined)}
    const sorted = odd.points.toSorted((one, other) => one.time - other.time)
    expect(renderCurves([odd], 40)).toBe(renderCurves([{...odd, points: sorted}], 40))
  })

  test('writes the day twice where there are two', () => {
    const text = renderCurves([curve([1, 2], 'cpu', 24 * 3600 * 1000)], 60)
    expect(text).toMatch(/2026-11-21 11:00 +2026-11-22 11:00Z\n$/)
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
