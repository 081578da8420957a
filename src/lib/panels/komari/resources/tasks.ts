import {isHostPort} from '../../../resource/host-port.js'
import {choice, number, references, text, toggle} from '../../../resource/kind.js'
import {nodeTarget} from './node-target.js'
import {rpcResource} from './rpc-resource.js'

/** Pings that nodes send (contracts/komari.md 7.6). */
export const tasks = rpcResource({
  word: 'task',
  list: 'admin:getAllPingTasks',
  noun: 'task',
  many: 'ping tasks',
  key: 'name',
  example: 'cloudflare --type icmp --target 1.1.1.1 --node web1',
  loss: 'its history',
  fields: {
    name: {kind: text(), summary: 'its name', required: true},
    type: {
      kind: choice({icmp: 'icmp', tcp: 'tcp', http: 'http'}),
      summary: 'how it is pinged',
      required: true,
    },
    target: {kind: text(), summary: 'host, host:port, or URL', required: true},
    interval: {kind: number({min: 1}), summary: 'seconds from one ping to the next', initial: 60},
    clients: {kind: references(nodeTarget), summary: 'node that pings; repeatable', flag: 'node'},
    default_on: {kind: toggle(), summary: 'nodes that are added later ping too', aside: true},
  },
  check({type, target, clients, default_on}) {
    const written = String(target)
    if (type === 'tcp' && !isHostPort(written)) return 'target: a task of type tcp has HOST:PORT'
    if (type === 'http' && !/^https?:\/\/[^/]/.test(written)) return 'target: a task of type http has a URL'
    if (type === 'icmp' && /[/\s]/.test(written)) return 'target: a task of type icmp has a host'
    const isIdle = default_on !== true && Array.isArray(clients) && clients.length === 0
    return isIdle ? 'clients: a task needs a node that pings, or to be on by default' : undefined
  },
  idOf: ({id}) => id,
  create: (call, form) => call('admin:addPingTask', form),
  // All of it is overwritten (7.6).
  update: (call, {id}, form) => call('admin:editPingTask', {tasks: [{...form, id}]}),
  remove: (call, {id}) => call('admin:deletePingTask', {id: [id]}),
})
