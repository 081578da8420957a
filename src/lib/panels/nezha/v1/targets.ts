import type {Client} from '../../../http/client.js'
import {byGeneration} from '../../../http/generation.js'
import {byId, findRow} from '../listing.js'
import {newerServerNoun} from '../servers.js'
import {listServers} from './endpoints.js'
import {type Calling, requireToken} from './mcp.js'
import {isOnline, seconds} from './nodes.js'

/** A server that a command or a file is for. */
export interface NamedServer {
  readonly id: number
  /** Its id where it has none. */
  readonly name: string
}

async function listed(client: Client) {
  const rows = byId((await client.call(listServers, {})) ?? [])
  return rows.map(({id, name = '', last_active}) => ({id, name, tag: '', last_active}))
}

/**
 * The servers of these ids or unique names, each once: to a tool of `/mcp` an unknown one is offline (contracts/nezha.md trap 49).
 * @throws PanelctlError as `findRow`, AUTH without an API token, REJECTED where this version has no such tools
 */
export function targets({client}: Calling, references: readonly string[]): Promise<NamedServer[]> {
  return byGeneration(
    [
      async () => {
        const rows = await listed(client)
        const found = references.map(reference => findRow(rows, reference, newerServerNoun))
        await requireToken(client)
        return [...new Set(found)].map(({id, name}) => ({id, name: name || String(id)}))
      },
    ],
    'commands and files need Nezha 2.1',
  )
}

/** Whether its agent reports, as far as the panel tells. */
export async function isReporting({client, now}: Calling, {id}: NamedServer): Promise<boolean> {
  const row = (await listed(client)).find(server => server.id === id)
  return row !== undefined && isOnline(seconds(row.last_active), now())
}
