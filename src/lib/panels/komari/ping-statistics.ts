import * as z from 'zod/mini'
import {PanelctlError} from '../../errors.js'
import type {Api} from '../../http/client.js'
import {fieldOf} from '../../json-object.js'
import {askRpc} from './endpoints.js'
import {rpcFailure} from './rpc-failure.js'
import {timeOf} from './times.js'

const answers = z.tuple([
  z.looseObject({
    result: z.looseObject({
      interval_seconds: z.optional(z.number()),
      stats: z.array(
        z.looseObject({
          entity_id: z.string(),
          task_id: z.string(),
          total: z.number(),
          loss: z.number(),
          min: z.optional(z.number()),
          max: z.optional(z.number()),
        }),
      ),
    }),
  }),
  z.looseObject({
    result: z.looseObject({
      series: z.array(
        z.looseObject({
          metric_key: z.string(),
          entity_id: z.string(),
          tags: z.optional(z.record(z.string(), z.string())),
          points: z.nullable(
            z.array(
              z.looseObject({
                time: z.string(),
                value: z.nullable(z.number()),
                count: z._default(z.number(), 1),
              }),
            ),
          ),
        }),
      ),
    }),
  }),
])

/** The figures of all probes of one task from one node: milliseconds, loss in percent; null where nobody can say. */
export interface PingStatistics {
  readonly client: string
  readonly task_id: number
  readonly total: number
  readonly loss: number
  readonly min: number | null
  readonly avg: number | null
  readonly max: number | null
}

/** What is asked about: one node, one task or both, and since when. */
export interface Asked {
  readonly uuid: string | undefined
  readonly task: number | undefined
  readonly hours: number | undefined
  /** Unix milliseconds; stronger than hours. */
  readonly start: number | undefined
}

/** What the panel counts: of whole steps of that many seconds, the first of which may begin before what was asked for (7.4). */
export interface CountedPings {
  readonly step: number | undefined
  readonly statistics: readonly PingStatistics[]
}

/**
 * What the panel counts of every probe, where its records are one of each stretch of time (contracts/komari.md 1.10). Its
 * own mean and minimum take lost probes for −1 (7.2): the mean is made of the sums, of latencies in which each lost probe
 * is −1 and of lost probes; the minimum is right where no stretch has both.
 * @returns the failure where there are none: NoSuchMethod before 1.2.6
 */
export async function readPingStatistics(
  api: Api,
  {uuid, task, hours, start}: Asked,
): Promise<CountedPings | PanelctlError> {
  const span = start === undefined ? {hours} : {start: new Date(start).toISOString()}
  // Up to ten minutes this method tells probes, and none from before a restart; of a whole hour it has the steps that the other has.
  const spanOfSteps = hours === 1 ? {hours} : span
  const tags = task === undefined ? undefined : {task_id: String(task)}
  const calls = [
    {method: 'public:getPingMetricStats', params: {uuid, task_id: task, ...span}},
    {
      method: 'public:queryMetrics',
      params: {metric_keys: ['ping.latency_ms', 'ping.loss'], entity_id: uuid, tags, ...spanOfSteps},
    },
  ]
  const given = await callsOf(api, calls)
  if (given instanceof PanelctlError) return given
  const [{result: counted}, {result: measured}] = given
  const first = start === undefined ? undefined : start - (counted.interval_seconds ?? 60) * 1000
  const statistics = counted.stats.map(({entity_id: client, task_id, total, loss, min, max}) => {
    const points = (key: string) =>
      measured.series
        .filter(one => one.metric_key === key && one.entity_id === client && one.tags?.task_id === task_id)
        .flatMap(one => one.points ?? [])
        .filter(({time}) => first === undefined || Number(timeOf(time)) > first)
    const [delays, losses] = [points('ping.latency_ms'), points('ping.loss')]
    const lost = sumOf(losses)
    const valid = losses.reduce((sum, {count}) => sum + count, 0) - lost
    const isMixed = losses.some(({value}) => value !== 0 && value !== 1)
    return {
      client,
      task_id: Number(task_id),
      total,
      loss,
      min: isMixed ? null : (min ?? null),
      avg: valid > 0 ? (sumOf(delays) + lost) / valid : null,
      max: max ?? null,
    }
  })
  return {step: counted.interval_seconds, statistics}
}

function sumOf(points: ReadonlyArray<{readonly value: number | null; readonly count: number}>): number {
  return points.reduce((sum, {value, count}) => sum + (value ?? 0) * count, 0)
}

/** The answers, or the first failure: the records are there without them. */
async function callsOf(api: Api, calls: ReadonlyArray<{method: string; params: object}>) {
  const body = calls.map((call, index) => ({jsonrpc: '2.0' as const, id: index + 1, ...call}))
  try {
    const given = await api(askRpc, {body})
    const [error] = Array.isArray(given) ? given.flatMap(answer => fieldOf(answer, 'error') ?? []) : []
    if (error !== undefined) return rpcFailure(error)
    const found = answers.safeParse(given)
    return found.success
      ? found.data
      : new PanelctlError('BAD_RESPONSE', 'Komari answered with something else', {panel: 'komari'})
  } catch (error) {
    if (error instanceof PanelctlError) return error
    throw error
  }
}
