/** What was measured at a time. */
export interface Point {
  /** Unix milliseconds. */
  readonly time: number
  /** Null where there is none: a lost probe. */
  readonly value: number | null
}

/** The times from left to right that all series of a drawing have in common, and how many places it has for them. */
export interface Axis {
  readonly from: number
  readonly to: number
  readonly places: number
}

/** The farthest from 1970 that a date can be, in milliseconds. */
export const LATEST = 8.64e15

/** The points that can be put at a place, oldest first. */
export function timed(points: readonly Point[]): readonly Point[] {
  // A panel may give them in another order, and what asks for the first and the last would have a place without end.
  return points.filter(({time}) => Math.abs(time) <= LATEST).toSorted((one, other) => one.time - other.time)
}

/** The columns of a sparkline. */
const WIDTH = 20

/** The times of all series, with a place for each point of the longest one, or as many as a sparkline has. */
export function axisOf(all: readonly (readonly Point[])[]): Axis {
  const ends = all
    .map(timed)
    .flatMap(points => [points[0], points.at(-1)])
    .flatMap(end => end?.time ?? [])
  const places = Math.min(WIDTH, Math.max(0, ...all.map(({length}) => length)))
  return {from: Math.min(...ends), to: Math.max(...ends), places}
}

/** The points at one place from left to right. */
export interface AxisPlace {
  /** Where in the points the first of them stands. */
  readonly first: number
  count: number
  /** How many of them have a value, and the mean of those. */
  known: number
  mean: number
}

/** The places of the axis, of points oldest first; undefined where there are no points. */
export function placesOf(
  points: readonly Point[],
  {from, to, places: count}: Axis,
): (AxisPlace | undefined)[] {
  const places = new Array<AxisPlace | undefined>(count).fill(undefined)
  for (const [index, {time, value}] of points.entries()) {
    // Panels cut times, so that they repeat: where all are one, the order alone tells points apart.
    const x =
      to === from ? Math.min(index, count - 1) : Math.round(((time - from) / (to - from)) * (count - 1))
    places[x] ??= {first: index, count: 0, known: 0, mean: 0}
    const place = places[x]
    place.count += 1
    if (value === null) continue
    place.known += 1
    place.mean += (value - place.mean) / place.known
  }
  return places
}

/** How many steps on either side say how far apart points usually are. */
const NEIGHBOURS = 4

/** Whether points are missing after this one: the next comes much later than is usual on either side. */
export function isHole(points: readonly Point[], index: number): boolean {
  const steps = (from: number, to: number) => {
    const near = points.slice(Math.max(0, from), to + 1).map(({time}) => time)
    return near.slice(1).map((time, at) => time - (near[at] ?? time))
  }
  const median = (values: number[]) => values.toSorted((one, other) => one - other)[values.length >> 1]
  const sides = [steps(index - NEIGHBOURS, index), steps(index + 1, index + 1 + NEIGHBOURS)]
  const usual = sides.map(side => median(side.filter(step => step > 0))).filter(step => step !== undefined)
  return usual.length > 0 && (steps(index, index + 1)[0] ?? 0) > 2.5 * Math.max(...usual)
}
