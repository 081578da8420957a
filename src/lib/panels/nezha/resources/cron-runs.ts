import * as z from 'zod/mini'
import {PanelctlError} from '../../../errors.js'
import {byGeneration} from '../../../http/generation.js'
import type {Row} from '../../../resource/resource.js'
import type {Verb} from '../../../resource/verb.js'
import {endpoint} from '../panel.js'
import {listServers} from '../v1/endpoints.js'
import {isOnline, seconds} from '../v1/nodes.js'
import {crons} from './crons.js'

const path = '/api/v1/cron/:id/manual'
const common = {path, result: z.unknown(), retry: 'never', lookWith: 'nezha cron list'} as const

/** contracts/nezha.md 3.9: since v2.0.14. */
export const runCron = endpoint({method: 'POST', generations: ['v2'], ...common})

/** The same before. */
export const runCronByGet = endpoint({method: 'GET', generations: ['v1', 'v2'], ...common})

/** Which servers a task is sent to: those listed, or all but them (contracts/nezha.md trap 45); of alerts, none is known. */
function isSentTo(id: number, {cover, servers}: Row['wire']): boolean {
  const isListed = Array.isArray(servers) && servers.includes(id)
  return (cover === 0 && isListed) || (cover === 1 && !isListed)
}

/** Why a task that is run by hand is sent to none, whatever the dashboard answers. */
function toNone({cover, servers}: Row['wire']): string | undefined {
  if (cover === 2) return 'is run on the server whose alert triggers it, and by hand on none'
  return cover === 0 && [servers ?? []].flat().length === 0 ? 'is for no server' : undefined
}

/** Has a task run now: it is sent, also to agents that refuse commands, and not kept for those that are offline (trap 44). */
export const cronRun: Verb = {
  resource: crons,
  word: 'run',
  summary: 'run tasks now (v1, v2)',
  remark:
    'The dashboard sends them to the agents, also to those that refuse commands; for a server that is offline it keeps none, and a warning names it. What comes of one is told to its notification group alone, if it has one.',
  async perform(api, {id, wire}) {
    const why = toNone(wire)
    if (why) throw new PanelctlError('REJECTED', `the task ${wire.name} ${why}`, {panel: 'nezha'})
    return byGeneration([() => api(runCron, {path: {id}}), () => api(runCronByGet, {path: {id}})])
  },
  async missed({api, now}, {wire}, name) {
    const servers = (await api(listServers, {})) ?? []
    const offline = servers.filter(
      ({id, last_active}) => isSentTo(id, wire) && !isOnline(seconds(last_active), now()),
    )
    if (offline.length === 0) return undefined
    const names = offline.map(server => server.name || server.id).join(', ')
    return `the task ${name} is not run on servers that are offline: ${names}`
  },
  done: name => `sent the task ${name}; what comes of it is not told here`,
}
