import type {Fields} from '../../json-object.js'
import {bodyOf, type Call, Refused, some} from './call.js'

const official = {author: 'nezhahq', version: 'v2.3.4'}
const templates = [
  {path: 'admin-dist', name: 'OfficialAdmin', repository: '', ...official, is_admin: true, is_official: true},
  {path: 'user-dist', name: 'Official', repository: '', ...official, is_official: true},
]

/** What everybody is told, what users are told, and what an admin is told of the settings, in their order (3.6, 3.10). */
const shownTo = {
  guest: ['language', 'site_name', 'custom_code', 'custom_code_dashboard'],
  user: ['language', 'site_name', 'install_host', 'tls', 'custom_code', 'custom_code_dashboard'],
  admin: [
    'language',
    'site_name',
    'install_host',
    'dashboard_host',
    'tls',
    'web_real_ip_header',
    'agent_real_ip_header',
    'user_template',
    'admin_template',
    'enable_plain_ip_in_notification',
    'enable_mcp',
    'reserved_hosts',
    'enable_ip_change_notification',
    'ignored_ip_notification',
    'dns_servers',
    'custom_code',
    'custom_code_dashboard',
  ],
}

/** GET /setting: a token is a guest here, an admin's too (3.10). */
export function showSetting({caller, state}: Call): unknown {
  const {features, settings, tsdb} = state
  const isAdmin = caller.kind === 'jwt' && caller.user.role === 0
  const names = shownTo[isAdmin ? 'admin' : caller.kind === 'jwt' ? 'user' : 'guest']
  const config: Fields = {
    ...Object.fromEntries(names.map(name => [name, some(settings[name])])),
    // Below v1.5.0 they stand there when they are empty, and the secrets stand beside them (3.14).
    ...(!features.nestedSettings && {
      site_name: state.setting('site_name'),
      language: state.setting('language').replace('-', features.userSecrets ? '-' : '_'),
      ...(isAdmin && {
        jwt_secret_key: 'sandboxNezhaJwtSecretKey',
        agent_secret_key: 'sandboxNezhaAgentSecret',
      }),
    }),
    ip_change_notification_group_id: settings.ip_change_notification_group_id ?? 0,
    cover: isAdmin ? (settings.cover ?? 0) : 0,
  }
  if (!features.nestedSettings) return config
  const more = isAdmin && {version: features.version, frontend_templates: templates}
  return {config, ...more, tsdb_enabled: features.periods ? tsdb : undefined}
}

/** PATCH /setting replaces everything, but for a switch of MCP that is left out (3.10). */
export function editSetting(call: Call): void {
  const {state} = call
  const form = bodyOf(call, 'object')
  const known = templates.map(({path}) => path)
  if (!known.includes(String(form.user_template))) throw new Refused('invalid user template')
  state.settings = {
    enable_mcp: state.settings.enable_mcp,
    ...form,
    admin_template: state.settings.admin_template,
    language: String(form.language ?? '').replace('_', '-'),
  }
}
