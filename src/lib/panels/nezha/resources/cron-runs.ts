import * as z from 'zod/mini'
import {byGeneration} from '../../../http/generation.js'
import type {Verb} from '../../../resource/verb.js'
import {endpoint} from '../panel.js'
import {crons} from './crons.js'

const path = '/api/v1/cron/:id/manual'
const common = {path, result: z.unknown(), retry: 'never', lookWith: 'nezha cron list'} as const

/** contracts/nezha.md 3.9: since v2.0.14. */
export const runCron = endpoint({method: 'POST', generations: ['v2'], ...common})

/** The same before. */
export const runCronByGet = endpoint({method: 'GET', generations: ['v1', 'v2'], ...common})

/** Has a task run now: it is queued, also for agents that are offline or refuse commands (trap 44). */
export const cronRun: Verb = {
  resource: crons,
  word: 'run',
  summary: 'run tasks now (v1, v2)',
  remark:
    'The dashboard queues them, also for agents that are offline or refuse commands. What comes of one is told to its notification group alone.',
  perform: (api, {id}) =>
    byGeneration([() => api(runCron, {path: {id}}), () => api(runCronByGet, {path: {id}})]),
  done: name => `queued the task ${name}; what comes of it is told to its notification group alone`,
}
