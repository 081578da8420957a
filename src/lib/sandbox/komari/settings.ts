import {textIn} from '../json-object.js'
import type {Features} from './features.js'

/** The panel's settings by its own names; it stores whatever it is sent (contracts/komari.md 3.3). */
export type Settings = Record<string, unknown>

/** What a new panel of a version has set: every row, whether anything here looks at it or not (3.3). */
export function defaultSettings({
  cors,
  bridge,
  metrics,
  guides,
  hiddenNodes,
  version,
  hash,
}: Features): Settings {
  return {
    api_key: '',
    auto_discovery_key: '',
    base_scripts_url: '',
    custom_body: '',
    custom_head: '',
    description: 'A simple server monitor tool.',
    disable_password_login: false,
    eula_accepted: false,
    expire_notification_enabled: true,
    expire_notification_lead_days: 7,
    geo_ip_enabled: true,
    geo_ip_provider: 'ipinfo',
    login_notification: true,
    notification_enabled: true,
    notification_method: 'none',
    notification_template:
      '{{emoji}}{{emoji}}{{emoji}}\nEvent: {{event}}\nClients: {{client}}\nMessage: {{message}}\nTime: {{time}}',
    o_auth_enabled: false,
    o_auth_provider: 'github',
    private_site: false,
    script_domain: '',
    send_ip_addr_to_guest: false,
    sitename: 'Komari',
    traffic_limit_percentage: 80,
    ...(hiddenNodes && {theme: 'default'}),
    ...(cors
      ? {
          cors_allowed_origins: '',
          cors_origin_check_enabled: true,
          ws_allowed_origins: '',
          ws_origin_check_enabled: true,
        }
      : {allow_cors: false}),
    ...(bridge && !guides && {cloudflare_tunnel_token: ''}),
    ...(metrics
      ? {
          internal_timestamp_utc_migrated: true,
          metric_db_driver: 'sqlite',
          metric_db_dsn: './data/metrics.db',
          metric_max_idle_conns: 5,
          metric_max_open_conns: 25,
          metric_rollup_five_minute_retention_minutes: 3000,
          metric_rollup_hour_retention_hours: 600,
          metric_rollup_minute_retention_minutes: 600,
          metric_table_prefix: 'metric_',
          migration_legacy_monitoring_to_metric_store_done: false,
          system_version: `${version}-${hash}`,
          visitor_audit_enabled: false,
        }
      : {
          nezha_compat_enabled: false,
          nezha_compat_listen: '',
          ping_record_preserve_time: 24,
          record_enabled: true,
          record_preserve_time: 720,
        }),
  }
}

interface Published {
  readonly settings: Settings
  readonly features: Features
  readonly retentionHours: number
  readonly recordsAll: boolean
}

/** What `/api/public` shows of the settings (contracts/komari.md 1.2). */
export function publicSettings({settings, features, retentionHours, recordsAll}: Published): Settings {
  const {cors, hiddenNodes, metrics} = features
  return {
    ...(cors
      ? {cors_origin_check_enabled: settings.cors_origin_check_enabled !== false}
      : {allow_cors: settings.allow_cors === true}),
    custom_body: textIn(settings, 'custom_body'),
    custom_head: textIn(settings, 'custom_head'),
    description: textIn(settings, 'description'),
    disable_password_login: settings.disable_password_login === true,
    oauth_enable: settings.o_auth_enabled === true,
    oauth_provider: textIn(settings, 'o_auth_provider'),
    ping_record_preserve_time: metrics ? retentionHours : settings.ping_record_preserve_time,
    private_site: settings.private_site === true,
    record_enabled: metrics ? recordsAll : settings.record_enabled,
    record_preserve_time: metrics ? retentionHours : settings.record_preserve_time,
    sitename: textIn(settings, 'sitename'),
    ...(hiddenNodes && {theme: textIn(settings, 'theme'), theme_settings: {}}),
    ...(metrics && {visitor_audit_enabled: settings.visitor_audit_enabled === true}),
  }
}
