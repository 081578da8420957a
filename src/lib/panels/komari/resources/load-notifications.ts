import {choice, number, references, text} from '../../../resource/kind.js'
import {nodeTarget} from './node-target.js'
import {rpcResource} from './rpc-resource.js'

const metrics = {
  cpu: 'cpu',
  ram: 'ram',
  swap: 'swap',
  load: 'load',
  disk: 'disk',
  net_in: 'net_in',
  net_out: 'net_out',
  temp: 'temp',
  gpu: 'gpu',
} as const

const inPercent = new Set(['cpu', 'ram', 'swap', 'disk'])

/** When the panel tells of a load (contracts/komari.md 3.6): it stores any metric, and in an edit any bounds. */
export const loadNotifications = rpcResource({
  word: 'load-notification',
  list: 'admin:getAllLoadNotifications',
  noun: 'load notification',
  many: 'load notifications',
  key: 'name',
  example: 'busy --metric cpu --threshold 90 --node web1',
  remark:
    'Nothing is told unless the setting notification_enabled is on and notification_method names a sender.',
  fields: {
    name: {kind: text(), summary: 'its name', required: true},
    metric: {kind: choice(metrics), summary: 'what is looked at', required: true},
    threshold: {
      kind: number({fraction: true}),
      summary: 'from which value on, in percent of cpu, ram, swap and disk',
      required: true,
    },
    ratio: {kind: number({fraction: true, max: 1}), summary: 'in which part of the time', initial: 0.8},
    interval: {kind: number({min: 1, max: 240}), summary: 'minutes that it is looked at', initial: 15},
    clients: {
      kind: references(nodeTarget),
      summary: 'node that it is about; repeatable',
      flag: 'node',
      required: true,
    },
  },
  check({metric, threshold, ratio}) {
    // Nothing of it may be zero: in an edit the panel leaves out what is.
    if (threshold === 0 || ratio === 0) return `${threshold === 0 ? 'threshold' : 'ratio'}: more than 0`
    if (inPercent.has(String(metric)) && Number(threshold) > 100)
      return `threshold: ${String(metric)} is in percent, and never has ${Number(threshold)}`
    return undefined
  },
  // The panel has such a field and nothing in it (1.9).
  idle: ({metric}) => (metric === 'temp' ? 'tells nobody, as no agent reports a temperature' : undefined),
  idOf: ({id}) => id,
  create: (call, form) => call('admin:addLoadNotification', form),
  update: (call, {id}, form) => call('admin:editLoadNotification', {notifications: [{...form, id}]}),
  remove: (call, {id}) => call('admin:deleteLoadNotification', {id: [id]}),
})
