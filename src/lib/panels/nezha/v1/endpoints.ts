import * as z from 'zod/mini'
import {channel, endpoint} from '../panel.js'
import {monitor} from '../schemas.js'
import {account, frame, group, server, settings} from './schemas.js'

/** v1 and v2 speak one API, but for a few routes. */
const generations = ['v1', 'v2']

// A list that is empty has no data (contracts/nezha.md 3.0).

/** contracts/nezha.md 3.3. All of them: `?id=` is not read by every version, and gives all for an unknown one (trap 6). */
export const listServers = endpoint({
  method: 'GET',
  path: '/api/v1/server',
  generations,
  result: z.nullable(z.array(server)),
  retry: 'reads',
})

/** contracts/nezha.md 3.3. */
export const listGroups = endpoint({
  method: 'GET',
  path: '/api/v1/server-group',
  generations,
  result: z.nullable(z.array(group)),
  retry: 'reads',
})

/** contracts/nezha.md 3.4, of v2. Guests get one day of it. */
export const showServices = endpoint({
  method: 'GET',
  path: '/api/v1/server/:id/service',
  generations: ['v2'],
  query: z.object({period: z.enum(['1d', '7d', '30d'])}),
  result: z.nullable(z.array(monitor)),
  retry: 'reads',
})

/** contracts/nezha.md 3.4, of v1: the id is a server's, also in this path (trap 19). A day is kept. */
export const showServicesOfV1 = endpoint({
  method: 'GET',
  path: '/api/v1/service/:id',
  generations: ['v1'],
  result: z.nullable(z.array(monitor)),
  retry: 'reads',
})

/** contracts/nezha.md 3.6: of a session alone. */
export const showProfile = endpoint({
  method: 'GET',
  path: '/api/v1/profile',
  generations,
  result: account,
  retry: 'reads',
})

/** contracts/nezha.md 3.10, with the agents' secret of each: of administrators, with an API token too. */
export const listUsers = endpoint({
  method: 'GET',
  path: '/api/v1/user',
  generations,
  result: z.nullable(z.array(account)),
  retry: 'reads',
})

/** contracts/nezha.md 3.6. */
export const showSettings = endpoint({
  method: 'GET',
  path: '/api/v1/setting',
  generations,
  result: settings,
  retry: 'reads',
})

/** contracts/nezha.md 3.5: a frame each two seconds, unasked. */
export const liveFeed = channel({path: '/api/v1/ws/server', generations, result: frame})
