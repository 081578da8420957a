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

/** What is to be said of the loss among points of these times (Unix milliseconds), each of which stands for many probes. */
export function ofMeans({period, width, means}: Period, times: readonly number[]): string | undefined {
  const areMeans = period !== '1d' && times.length > 0 && times.every(time => time % width === 0)
  return areMeans
    ? `the points are means of ${means}: LOSS counts those that were lost as a whole`
    : undefined
}

/** What v0 and v1 keep (1.5, 3.4). */
export const [{lasts: keptByAll}] = periods
