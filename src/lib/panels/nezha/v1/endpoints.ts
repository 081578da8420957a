import * as z from 'zod/mini'
import {channel, endpoint, read} from '../panel.js'
import {monitor} from '../schemas.js'
import {
  account,
  agentsReached,
  block,
  frame,
  group,
  groupForm,
  metrics,
  server,
  serviceHistory,
  settings,
} from './schemas.js'

/** v1 and v2 speak one API, but for a few routes. */
const generations = ['v1', 'v2']

// A list that is empty has no data (contracts/nezha.md 3.0).

/** contracts/nezha.md 3.3. All of them: `?id=` is not read by every version, and gives all for an unknown one (trap 6). */
export const listServers = read({path: '/api/v1/server', generations, result: z.nullable(z.array(server))})

/** contracts/nezha.md 3.3. */
export const listGroups = read({
  path: '/api/v1/server-group',
  generations,
  result: z.nullable(z.array(group)),
})

/** The same as guests are shown it: an account of v2 that is no administrator's is told of its own alone. */
export const listGroupsOfGuests = read({
  path: '/api/v1/server-group',
  generations,
  result: z.nullable(z.array(group)),
  anonymous: true,
})

/** contracts/nezha.md 3.4, of v2. Guests get one day of it. */
export const showServices = read({
  path: '/api/v1/server/:id/service',
  generations: ['v2'],
  query: z.object({period: z.enum(['1d', '7d', '30d'])}),
  result: z.nullable(z.array(monitor)),
})

/** contracts/nezha.md 3.4, of v1: the id is a server's, also in this path (trap 19). A day is kept. */
export const showServicesOfV1 = read({
  path: '/api/v1/service/:id',
  generations: ['v1'],
  result: z.nullable(z.array(monitor)),
})

/** contracts/nezha.md 3.6: of a session alone. */
export const showProfile = read({path: '/api/v1/profile', generations, result: account})

/** contracts/nezha.md 3.10, with the agents' secret of each: of administrators, with an API token too. */
export const listUsers = read({path: '/api/v1/user', generations, result: z.nullable(z.array(account))})

/** contracts/nezha.md 3.6. */
export const showSettings = read({path: '/api/v1/setting', generations, result: settings})

/** contracts/nezha.md 3.4. Without points where the dashboard keeps none (`tsdb_enabled` in its settings). */
export const showMetrics = read({
  path: '/api/v1/server/:id/metrics',
  generations: ['v2'],
  query: z.object({metric: z.string(), period: z.enum(['1d', '7d', '30d'])}),
  result: metrics,
})

/** contracts/nezha.md 3.4: the id is a service's (trap 19). */
export const showServiceHistory = read({
  path: '/api/v1/service/:id/history',
  generations: ['v2'],
  query: z.object({period: z.enum(['1d', '7d', '30d'])}),
  result: serviceHistory,
})

/** contracts/nezha.md 3.4: the services that others than their owner see. Empty, it has nothing. */
export const showOverview = read({
  path: '/api/v1/service',
  generations,
  result: z.nullable(
    z.looseObject({
      services: z.nullish(z.record(z.string(), z.looseObject({service_name: z.optional(z.string())}))),
    }),
  ),
})

/** contracts/nezha.md 3.10, of administrators. */
export const listBlocks = read({
  path: '/api/v1/waf',
  generations,
  query: z.object({limit: z.number(), offset: z.number()}),
  result: z.looseObject({value: z.nullish(z.array(block))}),
})

/** A write, which answers with nothing, or with the id of what was made (contracts/nezha.md 3.0). */
const writing = {generations, result: z.unknown(), retry: 'never'} as const

/** contracts/nezha.md 3.3: what is left out becomes empty, so that all of it goes back (trap 18). */
export const updateServer = endpoint({
  ...writing,
  method: 'PATCH',
  path: '/api/v1/server/:id',
  body: z.object({
    name: z.string(),
    note: z.string(),
    public_note: z.string(),
    display_index: z.number(),
    hide_for_guest: z.boolean(),
    enable_ddns: z.boolean(),
    ddns_profiles: z.array(z.number()),
    override_ddns_domains: z.record(z.string(), z.array(z.string())),
  }),
  lookWith: 'nezha server show :id',
})

/** contracts/nezha.md 3.3. Never an id that a list has not just shown: it stops a v1 dashboard for good (trap 40). */
export const deleteServers = endpoint({
  ...writing,
  method: 'POST',
  path: '/api/v1/batch-delete/server',
  body: z.array(z.number()),
  lookWith: 'nezha server list',
})

export const createGroup = endpoint({
  method: 'POST',
  path: '/api/v1/server-group',
  generations,
  body: groupForm,
  result: z.int(),
  retry: 'never',
  lookWith: 'nezha group list',
})

/** Takes the place of name and members (contracts/nezha.md 3.3). */
export const updateGroup = endpoint({
  ...writing,
  method: 'PATCH',
  path: '/api/v1/server-group/:id',
  body: groupForm,
  lookWith: 'nezha group list',
})

export const deleteGroups = endpoint({
  ...writing,
  method: 'POST',
  path: '/api/v1/batch-delete/server-group',
  body: z.array(z.number()),
  lookWith: 'nezha group list',
})

/** contracts/nezha.md 3.10: by address. */
export const deleteBlocks = endpoint({
  ...writing,
  method: 'POST',
  path: '/api/v1/batch-delete/waf',
  body: z.array(z.string()),
  lookWith: 'nezha waf list',
})

/** contracts/nezha.md 3.9: a text of JSON, nothing of an agent that is offline. */
export const showAgentConfig = read({
  path: '/api/v1/server/config/:id',
  generations,
  result: z.nullable(z.string()),
})

/** contracts/nezha.md 3.9: the agent merges it into what it has; nobody looks whether it is JSON. */
export const pushAgentConfig = endpoint({
  method: 'POST',
  path: '/api/v1/server/config',
  generations,
  body: z.object({servers: z.array(z.number()), config: z.string()}),
  result: agentsReached,
  retry: 'never',
  lookWith: 'nezha server list',
})

/** contracts/nezha.md 3.2. */
export const updateAgents = endpoint({
  method: 'POST',
  path: '/api/v1/force-update/server',
  generations,
  body: z.array(z.number()),
  result: agentsReached,
  retry: 'never',
  lookWith: 'nezha server list',
})

/** contracts/nezha.md 3.10: takes the place of all, but for what the panel alone sets. */
export const updateSettings = endpoint({
  ...writing,
  method: 'PATCH',
  path: '/api/v1/setting',
  body: z.looseObject({}),
  lookWith: 'nezha setting show',
})

/** contracts/nezha.md 3.5: a frame each two seconds, unasked. */
export const liveFeed = channel({
  path: '/api/v1/ws/server',
  generations,
  result: frame,
  clock: ({now}) => new Date(now),
})
