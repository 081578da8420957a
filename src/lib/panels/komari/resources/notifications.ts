import * as z from 'zod/mini'
import {nameOfOther, number, toggle} from '../../../resource/kind.js'
import {meant} from '../../../resource/target.js'
import {nodeTarget} from './node-target.js'
import {listed, rpcResource} from './rpc-resource.js'

const added = z.array(z.looseObject({uuid: z.string(), name: z.string()}))
const rules = z.array(z.looseObject({client: z.string()}))

/** Which nodes the panel tells of when they are offline (contracts/komari.md 7.9). */
export const notifications = rpcResource({
  word: 'notification',
  noun: 'notification',
  many: 'notifications of nodes that are offline',
  key: 'node',
  example: 'web1 --enable --grace-period 300',
  remark:
    'One for each node. Nothing is told unless the setting notification_enabled is on and notification_method names a sender.',
  fields: {
    node: {kind: nameOfOther(nodeTarget), summary: 'its node', fixed: true},
    enable: {kind: toggle(), summary: 'tell when it is offline'},
    grace_period: {kind: number({min: 1}), summary: 'seconds that it may be', initial: 180},
  },
  // Nodes that were never connected have none of their own.
  async list(call, api) {
    const [answer, nodes] = await Promise.all([
      call('admin:listOfflineNotifications', {}),
      nodeTarget.named(api),
    ])
    const known = listed(rules, answer ?? [])
    return nodes.map(({id, name}) => ({
      enable: false,
      grace_period: 180,
      ...known.find(({client}) => client === id),
      id,
      node: name,
    }))
  },
  idOf: ({id}) => id,
  // Of a node that was added meanwhile.
  async create(call, {node, ...rule}) {
    const nodes = listed(added, await call('admin:listClients', {}))
    const {uuid} = meant(
      nodes.map(({uuid, name}) => ({id: uuid, uuid, name})),
      String(node),
      nodeTarget,
    )
    await call('admin:editOfflineNotification', [{...rule, client: uuid}])
  },
  update: (call, {id}, {enable, grace_period}) =>
    call('admin:editOfflineNotification', [{client: id, enable, grace_period}]),
})
