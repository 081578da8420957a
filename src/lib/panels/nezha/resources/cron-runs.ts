import * as z from 'zod/mini'
import type {Api} from '../../../http/client.js'
import {byGeneration} from '../../../http/generation.js'
import {targetOf} from '../../../resource/resource.js'
import {meant, type Named} from '../../../resource/target.js'
import {endpoint} from '../panel.js'
import {crons} from './crons.js'

const path = '/api/v1/cron/:id/manual'
const common = {path, result: z.unknown(), retry: 'never', lookWith: 'nezha cron list'} as const

/** contracts/nezha.md 3.9: since v2.0.14. */
export const runCron = endpoint({method: 'POST', generations: ['v2'], ...common})

/** The same before. */
export const runCronByGet = endpoint({method: 'GET', generations: ['v1', 'v2'], ...common})

/** Has a task run now: it is queued, also for agents that are offline or refuse commands (trap 44). */
export async function runTask(api: Api, reference: string): Promise<Named> {
  const target = targetOf(crons)
  const task = meant(await target.named(api), reference, target)
  const {id} = task
  await byGeneration([() => api(runCron, {path: {id}}), () => api(runCronByGet, {path: {id}})])
  return task
}
