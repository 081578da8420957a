import {PanelctlError, usageError} from '../../errors.js'
import {panelctl} from '../../hint.js'
import type {Api} from '../../http/client.js'
import {didYouMean} from '../../nearest-names.js'
import {listDetails, listServers} from './endpoints.js'
import {EmptyDetails} from './panel.js'
import type {ServerDetails} from './schemas.js'

/** Ids in one request: enough for any fleet, short enough for the 8 kB that proxies take as an address. */
const IDS_A_REQUEST = 500

/** The dashboard lists in another order on every call (contracts/nezha.md 1.3, trap 7): by id, every time. */
export function byId<Row extends {id: number}>(rows: readonly Row[]): Row[] {
  return rows.toSorted((one, other) => one.id - other.id)
}

/** Details, and what is missing from them. */
interface Found {
  readonly rows: readonly ServerDetails[]
  readonly problem: PanelctlError
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({length: Math.ceil(items.length / size)}, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

function noServers(ids: readonly number[]): string {
  return `there ${ids.length === 1 ? 'is no server' : 'are no servers'} ${ids.join(', ')}`
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
    throw new PanelctlError('NOT_FOUND', noServers(missing), {
      hint: panelctl('nezha server list'),
      panel: 'nezha',
    })
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
  const details = {hint: panelctl('nezha server list'), panel: 'nezha'}
  if (rows.length === 0) throw new PanelctlError('BAD_RESPONSE', text, details)
  return {rows, problem: new PanelctlError('PARTIAL', text, details)}
}

/**
 * Details of all servers, of these ids, or of a tag.
 * @throws PanelctlError USAGE for ids and a tag together: the panel and its documentation disagree on which wins
 * (contracts/nezha.md 1.8 no. 1, trap 4)
 */
export async function serverDetails(
  api: Api,
  {ids, tag}: {ids: readonly number[]; tag: string | undefined},
): Promise<readonly ServerDetails[] | Found> {
  if (ids.length > 0) {
    if (tag !== undefined) throw usageError('ids and --tag contradict each other', 'give one of them')
    return detailsOf(api, ids)
  }
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

/** The number that a reference is, if it can be an id. */
function idIn(reference: string): number | undefined {
  const id = /^[1-9]\d*$/.test(reference) ? Number(reference) : undefined
  return id !== undefined && Number.isSafeInteger(id) ? id : undefined
}

async function idOfName(api: Api, name: string): Promise<number> {
  const servers = byId(await api(listServers, {query: {}}))
  const matches = servers.filter(server => server.name === name)
  if (matches.length > 1) {
    const candidates = matches.map(({id, tag}) => `${id}${tag === '' ? '' : ` (${tag})`}`)
    throw usageError(
      `${matches.length} servers are called "${name}": ${candidates.join(', ')}`,
      'give the id',
    )
  }
  const [match] = matches
  if (match) return match.id
  const names = servers.map(server => server.name)
  throw new PanelctlError('NOT_FOUND', `there is no server "${name}"`, {
    hint: didYouMean(name, names, panelctl('nezha server list')),
    panel: 'nezha',
  })
}

/**
 * The id of a server given by its id or its unique name. An id is taken as it is, so that it works for guests, who may not
 * list.
 * @throws PanelctlError NOT_FOUND for an unknown name, USAGE for one that several servers have
 */
export async function serverId(api: Api, reference: string): Promise<number> {
  return idIn(reference) ?? (await idOfName(api, reference))
}

/**
 * One server by its id or its unique name; an id wins over a name made of digits.
 * @throws PanelctlError NOT_FOUND, USAGE for an ambiguous name, BAD_RESPONSE for one that cannot be read (trap 39)
 */
export async function oneServer(api: Api, reference: string): Promise<ServerDetails> {
  const id = idIn(reference)
  const [byNumber] = id === undefined ? [] : await api(listDetails, {query: {id: String(id)}})
  if (byNumber) return byNumber
  const [byName] = await api(listDetails, {query: {id: String(await idOfName(api, reference))}})
  if (byName) return byName
  throw new PanelctlError('NOT_FOUND', `server "${reference}" has just been deleted`, {panel: 'nezha'})
}
