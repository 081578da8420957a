import * as z from 'zod/mini'
import {endpoint, read} from '../panel.js'
import {monitor, server, serverDetails} from '../schemas.js'

const generations = ['v0']

/** contracts/nezha.md 1.3. In random order without a tag. */
export const listServers = read({
  path: '/api/v1/server/list',
  query: z.object({tag: z.optional(z.string())}),
  result: z.array(server),
  generations,
})

/** contracts/nezha.md 1.4. Never both: a tag silently beats ids (trap 4); bad and unknown ids are dropped in silence. */
export const listDetails = read({
  path: '/api/v1/server/details',
  query: z.union([z.object({id: z.optional(z.string())}), z.object({tag: z.optional(z.string())})]),
  result: z.array(serverDetails),
  generations,
})

/** contracts/nezha.md 1.5. `null` where there is no data. */
export const showMonitors = read({
  path: '/api/v1/monitor/:id',
  result: z.nullable(z.array(monitor)),
  generations,
})

/** contracts/nezha.md 1.6, since 0.20.12. Each call makes a server, also under the same name, and a token cannot delete one. */
export const registerServer = endpoint({
  method: 'POST',
  path: '/api/v1/server/register',
  body: z.object({
    Name: z.optional(z.string()),
    Tag: z.optional(z.string()),
    Note: z.optional(z.string()),
    /** A string: "on" hides, any other text shows, none hides (trap 12). */
    HideForGuest: z.optional(z.enum(['on', 'off'])),
  }),
  result: z.looseObject({secret: z.string().check(z.minLength(1))}),
  generations,
  retry: 'never',
  lookWith: 'nezha server list',
  tellsOnce: true,
})
