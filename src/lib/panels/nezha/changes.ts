import {PanelctlError, usageError} from '../../errors.js'
import type {Client} from '../../http/client.js'
import {byGeneration} from '../../http/generation.js'
import type {Panel} from '../../http/panel.js'
import type {Unneeded} from '../../outcome.js'
import {shownAfter} from './after-write.js'
import {byId, findRow} from './listing.js'
import {ownRow} from './not-ours.js'
import {nezha} from './panel.js'
import type {ServerDetails} from './schemas.js'
import {newerServerNoun, type Reading, shownServers} from './servers.js'
import {deleteServers, listServers, updateServer} from './v1/endpoints.js'
import {readNodes} from './v1/nodes.js'

/** What a person changes of a server. */
export interface ServerChanges {
  readonly name: string | undefined
  readonly note: string | undefined
  readonly 'public-note': string | undefined
  readonly hide: boolean | undefined
  readonly order: number | undefined
}

const ofNewer = 'an API token of v0 changes no server; its web page does'

/** Who changes servers one after the other: a write takes the place of all that is told of one, by whatever name it was called. */
export const serverTurn = {panel: nezha, names: ['servers']}

async function oneNode({api, now}: Reading, reference: string): Promise<ServerDetails> {
  return findRow(byId(await readNodes(api, now)), reference, newerServerNoun)
}

/** What was asked for, as the panel has it. */
function wanted(changes: ServerChanges) {
  const all = {
    name: changes.name,
    note: changes.note,
    public_note: changes['public-note'],
    hide_for_guest: changes.hide,
    display_index: changes.order,
  }
  return Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : {name, value}))
}

/** Changes a server: reads it, merges, and writes all of it, as what is left out would become empty (contracts/nezha.md 3.3, trap 18). */
export async function editServer(
  run: Reading,
  reference: string,
  changes: ServerChanges,
  warn: (text: string) => void,
): Promise<ServerDetails | Unneeded<ServerDetails>> {
  const asked = wanted(changes)
  if (asked.length === 0)
    throw usageError('nothing to change was given', 'give --name, --note, --public-note, --hide or --order')
  return byGeneration<ServerDetails | Unneeded<ServerDetails>>(
    [
      async () => {
        const before = await oneNode(run, reference)
        const {id} = before
        const differs = (node: ServerDetails) => asked.filter(({name, value}) => node[name] !== value)
        if (differs(before).length === 0) return {result: before, unneeded: `server ${id} is so already`}
        const server = (await run.api(listServers, {}))?.find(one => one.id === id)
        if (!server)
          throw new PanelctlError('NOT_FOUND', `server "${reference}" has just been deleted`, {
            panel: 'nezha',
          })
        const {name = '', note = '', public_note = '', display_index = 0, hide_for_guest = false} = server
        const {enable_ddns = false, ddns_profiles, override_ddns_domains} = server
        const domains = Object.entries(override_ddns_domains ?? {}).map(([profile, names]) => [
          profile,
          names ?? [],
        ])
        const form = {name, note, public_note, display_index, hide_for_guest}
        const given = Object.fromEntries(asked.map(({name, value}) => [name, value]))
        await run.api(updateServer, {
          path: {id},
          body: {
            ...form,
            ...given,
            enable_ddns,
            ddns_profiles: ddns_profiles ?? [],
            override_ddns_domains: Object.fromEntries(domains),
          },
        })
        return shownAfter({
          look: () => oneNode(run, String(id)),
          otherwise: after => {
            const left = differs(after).map(({name}) => name)
            return left.length === 0 ? undefined : `shows another ${left.join(', ')} of server ${id}`
          },
          written: {...before, ...given},
          warn,
        })
      },
    ],
    ofNewer,
  )
}

/**
 * Deletes a server that the panel has just listed: one that is not there stops a v1 dashboard for good (contracts/nezha.md 3.3,
 * trap 40).
 * @throws PanelctlError as `ownRow`
 */
export async function removeServer(
  run: Reading & {client(panel: Panel): Client},
  reference: string,
  warn: (text: string) => void,
): Promise<{readonly id: number; readonly name: string}> {
  return byGeneration(
    [
      async () => {
        const nodes = () => readNodes(run.api, run.now)
        const {id, name, online} = await ownRow(
          run.api,
          byId(await nodes()),
          reference,
          newerServerNoun,
          () => shownServers(run.client(nezha)),
        )
        if (online)
          warn(`the agent of ${name} is online: while it runs, the server comes back under a new id and name`)
        await run.api(deleteServers, {body: [id]})
        await shownAfter({
          look: nodes,
          otherwise: left => (left.some(node => node.id === id) ? `still lists server ${id}` : undefined),
          written: [],
          warn,
        })
        return {id, name}
      },
    ],
    ofNewer,
  )
}
