const HOUR = 3_600_000
const DAY = 24 * HOUR

/** What can be asked for of v2, whose points are means of ever more time where it has a TSDB (contracts/nezha.md 3.4). */
const periods = [
  {period: '1d', lasts: DAY, width: HOUR / 120, means: '30 seconds'},
  {period: '7d', lasts: 7 * DAY, width: HOUR / 2, means: '30 minutes'},
  {period: '30d', lasts: 30 * DAY, width: 2 * HOUR, means: '2 hours'},
] as const

type Period = (typeof periods)[number]

/** The shortest period that holds so many milliseconds, else the longest that is kept; a day if nothing is said. */
export function periodOf(since: number | undefined): Period {
  return periods.find(({lasts}) => since === undefined || since <= lasts) ?? periods[2]
}

const meansOf = (means: string, lost: string) =>
  `the points are means of ${means}: LOSS counts those ${lost}, and a lost probe of another is 0 ms to AVG`

/** What is to be said where each point stands for a few probes, as of v0, of v1 and of v2 without TSDB (1.5). */
export const ofFew = meansOf(
  'some probes each, two where nobody set another number',
  'that were lost as a whole',
)

/**
 * What is to be said of the loss among points of these times (Unix milliseconds, oldest first), each of which stands for
 * many probes: of a day those alone that follow each other as closely as they can, as there may be more than one in each.
 * @param lost which of them count as lost
 */
export function ofMeans(
  {period, width, means}: Period,
  series: readonly (readonly number[])[],
  lost: 'that were lost as a whole' | 'of which half or more was lost',
): string | undefined {
  const times = series.flat()
  const isClose = (time: number, at: number, all: readonly number[]) => all[at + 1] === time + width
  const areMeans =
    times.length > 0 &&
    times.every(time => time % width === 0) &&
    (period !== '1d' || series.some(each => each.some(isClose)))
  return areMeans ? meansOf(means, lost) : undefined
}

/** What v0 and v1 keep (1.5, 3.4). */
export const [{lasts: keptByAll}] = periods
