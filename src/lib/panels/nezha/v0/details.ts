import {PanelctlError} from '../../../errors.js'
import type {Api} from '../../../http/client.js'
import {byId, type Found, listing, noServers} from '../listing.js'
import type {ServerDetails} from '../schemas.js'
import {listDetails, listServers} from './endpoints.js'
import {EmptyDetails} from './envelope.js'

/** Ids in one request: enough for any fleet, short enough for the 8 kB that proxies take as an address. */
const IDS_A_REQUEST = 500

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({length: Math.ceil(items.length / size)}, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

/**
 * The details of some servers. Where one of them empties the answer (trap 39), halves are asked until it is found.
 * @returns the details in the order of the ids, and the ids that cannot be read
 */
async function readDetails(
  api: Api,
  ids: readonly number[],
): Promise<{rows: ServerDetails[]; unreadable: number[]}> {
  try {
    return {rows: await api(listDetails, {query: {id: ids.join(',')}}), unreadable: []}
  } catch (error) {
    if (!(error instanceof EmptyDetails)) throw error
    if (ids.length === 1) return {rows: [], unreadable: [...ids]}
    const middle = Math.ceil(ids.length / 2)
    const first = await readDetails(api, ids.slice(0, middle))
    const second = await readDetails(api, ids.slice(middle))
    return {
      rows: [...first.rows, ...second.rows],
      unreadable: [...first.unreadable, ...second.unreadable],
    }
  }
}

/**
 * Details of the servers with these ids, each once, in their order. The panel drops unknown ids in silence (trap 5).
 * @throws PanelctlError NOT_FOUND when none of them exists, BAD_RESPONSE when none of them can be read
 */
async function detailsOf(api: Api, ids: readonly number[]): Promise<readonly ServerDetails[] | Found> {
  const asked = [...new Set(ids)]
  const rows: ServerDetails[] = []
  const unreadable: number[] = []
  for (const chunk of chunks(asked, IDS_A_REQUEST)) {
    const part = await readDetails(api, chunk)
    rows.push(...part.rows)
    unreadable.push(...part.unreadable)
  }
  const there = new Set([...rows.map(({id}) => id), ...unreadable])
  const missing = asked.filter(id => !there.has(id))
  if (missing.length === asked.length) {
    throw new PanelctlError('NOT_FOUND', noServers(missing), listing)
  }
  if (missing.length === 0 && unreadable.length === 0) return rows
  const text = [
    ...(missing.length > 0 ? [noServers(missing)] : []),
    ...(unreadable.length > 0
      ? [
          `the details of ${unreadable.join(', ')} cannot be read: the agent reports numbers that JSON cannot hold`,
        ]
      : []),
  ].join('; ')
  if (rows.length === 0) throw new PanelctlError('BAD_RESPONSE', text, listing)
  return {rows, problem: new PanelctlError('PARTIAL', text, listing)}
}

/**
 * Details of all servers of a v0 dashboard, of these ids, or of a tag; one of them, as a tag beats ids there (contracts/nezha.md
 * 1.8 no. 1, trap 4).
 */
export async function detailsOfV0(
  api: Api,
  {ids, tag}: {readonly ids: readonly number[]; readonly tag: string | undefined},
): Promise<readonly ServerDetails[] | Found> {
  if (ids.length > 0) return detailsOf(api, ids)
  try {
    return byId(await api(listDetails, {query: {tag}}))
  } catch (error) {
    if (!(error instanceof EmptyDetails)) throw error
    // One agent empties the whole answer (trap 39): ask for the servers by id, and leave that one out.
    const servers = byId(await api(listServers, {query: {tag}}))
    return servers.length === 0
      ? []
      : detailsOf(
          api,
          servers.map(({id}) => id),
        )
  }
}
