import {textIn} from '../json-object.js'
import type {Features} from './features.js'

/** The panel's settings by its own names; it stores whatever it is sent (contracts/komari.md 3.3). */
export type Settings = Record<string, unknown>

/** What a new panel of a version has set, as far as anything here looks at it. */
export function defaultSettings({cors, metrics, hiddenNodes}: Features): Settings {
  return {
    api_key: '',
    auto_discovery_key: '',
    custom_body: '',
    custom_head: '',
    description: 'A simple server monitor tool.',
    disable_password_login: false,
    o_auth_enabled: false,
    o_auth_provider: 'github',
    private_site: false,
    send_ip_addr_to_guest: false,
    sitename: 'Komari',
    ...(hiddenNodes && {theme: 'default'}),
    ...(cors
      ? {
          cors_allowed_origins: '',
          cors_origin_check_enabled: true,
          ws_allowed_origins: '',
          ws_origin_check_enabled: true,
        }
      : {allow_cors: false}),
    ...(metrics
      ? {visitor_audit_enabled: false}
      : {ping_record_preserve_time: 24, record_enabled: true, record_preserve_time: 720}),
  }
}

/** What `/api/public` shows of the settings (contracts/komari.md 1.2). */
export function publicSettings(
  settings: Settings,
  {cors, hiddenNodes, metrics}: Features,
  retentionHours: number,
): Settings {
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
    record_enabled: metrics ? retentionHours > 0 : settings.record_enabled,
    record_preserve_time: metrics ? retentionHours : settings.record_preserve_time,
    sitename: textIn(settings, 'sitename'),
    ...(hiddenNodes && {theme: textIn(settings, 'theme'), theme_settings: {}}),
    ...(metrics && {visitor_audit_enabled: settings.visitor_audit_enabled === true}),
  }
}
