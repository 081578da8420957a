import type {Features} from './features.js'
import {methods} from './methods.js'

function named(namespace: string, names: string): string[] {
  return names.split(/\s+/).map(name => `${namespace}:${name}`)
}

/** What the sandbox does not have of the methods since 1.2.5. */
const bridged = [
  ...named(
    'admin',
    `addLoadNotification batchDeleteClipboard clearAllRecords clearRecords createClipboard deleteClipboard
    deleteLoadNotification disableOfflineNotification disableTrafficReportNotifications editLoadNotification
    editOfflineNotification editTrafficReportNotifications enableOfflineNotification
    enableTrafficReportNotifications exec getAllLoadNotifications getClipboard getDatabaseSize
    getMessageSenderProvider getOidcProvider getSpecificTaskResult getTaskById getTaskResultsByTaskId getTasks
    getTasksByClientId getXtermjsSettings listClipboard listOfflineNotifications listTrafficReportNotifications
    setMessageSenderProvider setOidcProvider setXtermjsSettings testGeoip testSendMessage updateClipboard
    vacuumDatabase`,
  ),
  ...named('client', 'taskResult uploadPingResult'),
]

const beforeGuides = named(
  'admin',
  'getCloudflaredStatus removeCloudflaredToken startCloudflared stopCloudflared',
)

const metric = [
  ...named(
    'admin',
    `cancelMetricMigration dbExec dbQuery dbTables deletePlugin getMetricMigrationStatus getPluginConfiguration
    getPluginLogs listMetricDefinitions listPlugins sendNotification setPluginConfiguration setPluginEnabled
    startMetricMigration updateMetricDefinition`,
  ),
  ...named('public', 'listMetricDefinitions'),
]

/** Those of the sandbox that are younger than the namespaces they are in. */
const young = ['public:getPingMetricStats', 'public:queryMetrics', 'public:recordVisitorEvent']

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
