import {number, text} from '../../../resource/kind.js'
import {rpcResource} from './rpc-resource.js'

/** How long the panel keeps what it measures: 0 days, or none, would delete it (contracts/komari.md 7.10). */
export const retention = rpcResource({
  word: 'retention',
  list: 'admin:listMetricDefinitions',
  noun: 'metric',
  many: 'metrics and how long they are kept',
  key: 'name',
  example: 'traffic.up --days 31',
  fields: {
    name: {kind: text(), summary: 'its name', fixed: true},
    retention_days: {kind: number({min: 1}), summary: 'days that it is kept', flag: 'days'},
  },
  idOf: ({name}) => name,
  update: (call, {id}, {retention_days}) => call('admin:updateMetricDefinition', {name: id, retention_days}),
})
