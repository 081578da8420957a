import {PanelctlError} from '../../errors.js'
import {panelctl} from '../../hint.js'
import type {Api} from '../../http/client.js'
import {byGeneration} from '../../http/generation.js'
import type {Unneeded} from '../../outcome.js'
import {list} from '../../output/cell.js'
import type {Columns} from '../../output/columns.js'
import {shownAfter} from './after-write.js'
import {byId, findRow, type Noun} from './listing.js'
import {ownRow} from './not-ours.js'
import {nezha} from './panel.js'
import {newerServerNoun, type Reading} from './servers.js'
import {listServers as listServersOfV0} from './v0/endpoints.js'
import {
  createGroup,
  deleteGroups,
  listGroups,
  listGroupsOfGuests,
  listServers,
  updateGroup,
} from './v1/endpoints.js'
import type {Group as GroupOfNewer} from './v1/schemas.js'

/** A group and the ids of its servers. What v0 has is a word at each server, and no id. */
export interface Group {
  readonly id: number | null
  readonly name: string
  readonly servers: readonly number[]
}

interface Numbered extends Group {
  readonly id: number
}

export const ofNewer =
  'groups are things of their own since v1; on v0 each server has one, which its web page sets'

function groupsIn(told: readonly GroupOfNewer[] | null): Numbered[] {
  return byId((told ?? []).map(({group: {id, name = ''}, servers}) => ({id, name, servers: servers ?? []})))
}

/** Those of v1 and v2, by id. */
export async function readGroups(api: Api): Promise<Numbered[]> {
  return groupsIn(await api(listGroups, {}))
}

/** All groups, by id; those of v0 by name. */
export async function groups({api}: Pick<Reading, 'api'>): Promise<Group[]> {
  const ofV0 = async () => {
    const members = new Map<string, number[]>()
    for (const {id, tag} of byId(await api(listServersOfV0, {query: {}}))) {
      if (tag !== '') members.set(tag, [...(members.get(tag) ?? []), id])
    }
    return [...members]
      .map(([name, servers]) => ({id: null, name, servers}))
      .sort((one, other) => (one.name < other.name ? -1 : 1))
  }
  return byGeneration<Group[]>([ofV0, () => readGroups(api)])
}

/** Those that have one; of v0 none has. */
export async function groupsWithIds(run: Pick<Reading, 'api'>): Promise<Numbered[]> {
  return (await groups(run)).flatMap(group => (group.id === null ? [] : {...group, id: group.id}))
}

export const groupColumns: Columns<Group> = {
  id: group => group.id,
  name: group => group.name,
  servers: group => list(group.servers.map(String)),
}

/** Who changes groups one after the other: each write takes the place of the whole group. */
export const groupTurn = {panel: nezha, names: ['groups']}

const groupNoun: Noun<Numbered> = {noun: 'group', list: 'nezha group list'}

/** The ids of servers that are given by id or unique name, each once. */
async function idsOf(api: Api, references: readonly string[]): Promise<number[]> {
  const rows = byId(((await api(listServers, {})) ?? []).map(({id, name = ''}) => ({id, name, tag: ''})))
  return [...new Set(references.map(reference => findRow(rows, reference, newerServerNoun).id))]
}

type Warn = (text: string) => void

/** The group as the panel lists it after a write that it accepted; throws as `shownAfter`. */
async function seen(api: Api, written: Numbered, warn: Warn): Promise<Numbered> {
  const {id, name, servers} = written
  const isSo = (found: Numbered | undefined) =>
    found?.servers.length === servers.length && servers.every(server => found.servers.includes(server))
  const found = await shownAfter({
    look: async () => (await readGroups(api)).find(group => group.id === id),
    otherwise: group => (isSo(group) ? undefined : `lists the group ${name} otherwise`),
    written,
    warn,
  })
  return found ?? written
}

/** @throws PanelctlError REJECTED (reason `exists`) where there is one of that name: the panel would make another */
export async function addGroup(
  api: Api,
  {name, servers, mayExist}: {name: string; servers: readonly string[]; mayExist: boolean},
  warn: Warn,
): Promise<Group | Unneeded<Group>> {
  return byGeneration<Group | Unneeded<Group>>(
    [
      async () => {
        const twin = (await readGroups(api)).find(group => group.name === name)
        if (twin) {
          const exists = `the group ${name} exists (${twin.id})`
          if (mayExist) return {result: twin, unneeded: exists}
          throw new PanelctlError('REJECTED', exists, {
            hint: panelctl('nezha group list'),
            reason: 'exists',
            panel: 'nezha',
          })
        }
        const members = servers.length === 0 ? [] : await idsOf(api, servers)
        const id = await api(createGroup, {body: {name, servers: members}})
        return seen(api, {id, name, servers: members}, warn)
      },
    ],
    ofNewer,
  )
}

/**
 * Has a server in the group of that name, which is made where it is missing; of several the oldest is meant. A write takes
 * the place of the whole group, so that it is looked at again: other machines may join it at the same time.
 * @returns whether anything had to be changed
 * @throws PanelctlError UNCERTAIN where others write over it again and again
 */
export async function joinGroup(api: Api, name: string, server: number): Promise<boolean> {
  for (let writes = 0; writes <= 5; writes++) {
    const group = (await readGroups(api)).find(one => one.name === name)
    if (group?.servers.includes(server)) return writes > 0
    if (group)
      await api(updateGroup, {path: {id: group.id}, body: {name, servers: [...group.servers, server]}})
    else await api(createGroup, {body: {name, servers: [server]}})
  }
  throw new PanelctlError(
    'UNCERTAIN',
    `the panel took server ${server} into the group ${name}, and does not list it there`,
    {panel: 'nezha'},
  )
}

/** @throws PanelctlError as `ownRow` */
export async function removeGroup(api: Api, reference: string, warn: Warn): Promise<Group> {
  return byGeneration(
    [
      async () => {
        const group = await ownRow(api, await readGroups(api), reference, groupNoun, async () =>
          groupsIn(await api(listGroupsOfGuests, {})),
        )
        await api(deleteGroups, {body: [group.id]})
        await shownAfter({
          look: () => readGroups(api),
          otherwise: left =>
            left.some(({id}) => id === group.id) ? `still lists the group ${group.name}` : undefined,
          written: [],
          warn,
        })
        return group
      },
    ],
    ofNewer,
  )
}

/** Puts servers into a group, or takes them out of it. */
export async function changeMembers(
  api: Api,
  {group: reference, server: servers}: {readonly group: string; readonly server: readonly string[]},
  change: 'add' | 'remove',
  warn: Warn,
): Promise<Group | Unneeded<Group>> {
  return byGeneration<Group | Unneeded<Group>>(
    [
      async () => {
        const group = findRow(await readGroups(api), reference, groupNoun)
        const ids = await idsOf(api, servers)
        const moved = ids.filter(id => group.servers.includes(id) !== (change === 'add'))
        if (moved.length === 0) {
          return {
            result: group,
            unneeded: `the group ${group.name} has ${change === 'add' ? 'them' : 'none of them'} already`,
          }
        }
        const members =
          change === 'add' ? [...group.servers, ...moved] : group.servers.filter(id => !moved.includes(id))
        await api(updateGroup, {path: {id: group.id}, body: {name: group.name, servers: members}})
        return seen(api, {...group, servers: members}, warn)
      },
    ],
    ofNewer,
  )
}
