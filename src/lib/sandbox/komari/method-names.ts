import type {Features} from './features.js'
import {methods} from './methods.js'

function named(namespace: string, names: string): string[] {
  return names.split(/\s+/).map(name => `${namespace}:${name}`)
}

/** What the sandbox does not have of the methods since 1.2.5. */
const bridged = [
  ...named(
    'admin',
    `batchDeleteClipboard createClipboard deleteClipboard getClipboard getDatabaseSize getXtermjsSettings listClipboard
    setXtermjsSettings testGeoip updateClipboard vacuumDatabase`,
  ),
  ...named('client', 'taskResult uploadPingResult'),
]

const beforeGuides = named(
  'admin',
  'getCloudflaredStatus removeCloudflaredToken startCloudflared stopCloudflared',
)

const metric = named(
  'admin',
  `cancelMetricMigration dbExec dbQuery dbTables deletePlugin getMetricMigrationStatus getPluginConfiguration
  getPluginLogs listPlugins setPluginConfiguration setPluginEnabled startMetricMigration`,
)

/** Those of the sandbox that are younger than the namespaces they are in. */
const young = [
  ...named('admin', 'listMetricDefinitions sendNotification updateMetricDefinition'),
  ...named('public', 'getPingMetricStats listMetricDefinitions queryMetrics recordVisitorEvent'),
]

/** Every method a version knows, as `rpc.methods` lists them (contracts/komari.md 2.8); empty without RPC2. */
export function methodNames({common, bridge, metrics, guides}: Features): string[] {
  if (!common) return []
  return [
    ...[...methods.keys()].filter(name =>
      young.includes(name) ? metrics : bridge || name.startsWith('common:'),
    ),
    ...(bridge ? bridged : []),
    ...(bridge && !guides ? beforeGuides : []),
    ...(metrics ? metric : []),
  ].sort()
}
