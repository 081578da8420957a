const DAY = 24 * 3_600_000

/** What can be asked for of v2, whose points are means of ever more time (contracts/nezha.md 3.4). */
const periods = [
  {period: '1d', lasts: DAY},
  {period: '7d', lasts: 7 * DAY},
  {period: '30d', lasts: 30 * DAY},
] as const

/** The shortest period that holds so many milliseconds, else the longest that is kept; a day if nothing is said. */
export function periodOf(since: number | undefined): (typeof periods)[number] {
  return periods.find(({lasts}) => since === undefined || since <= lasts) ?? periods[2]
}

/** What v0 and v1 keep (1.5, 3.4). */
export const [{lasts: keptByAll}] = periods
