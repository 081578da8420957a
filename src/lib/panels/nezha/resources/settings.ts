import {PanelctlError} from '../../../errors.js'
import {byGeneration} from '../../../http/generation.js'
import {fieldOf, isObject} from '../../../json-object.js'
import {number, reference, references, text, toggle} from '../../../resource/kind.js'
import {type Resource, type Row, targetOf} from '../../../resource/resource.js'
import {nezha} from '../panel.js'
import {showProfile, showSettings, updateSettings} from '../v1/endpoints.js'
import {refusal} from '../v1/token-identity.js'
import {notificationGroups} from './notification-groups.js'
import {servers} from './servers.js'

/** What the panel alone sets (contracts/nezha.md 3.10). */
const toldAlone = new Set(['admin_template', 'ignored_ip_notification_server_ids', 'oauth2_providers'])

/** What has locked out many, the command that would undo it included (contracts/nezha.md 3.10). */
function lockOut(changed: Row['wire']): string | undefined {
  const {web_real_ip_header: header} = changed
  return header
    ? `Take the address of who asks from ${header}? Wherever a request does not bring it, nothing answers any more, this command included.`
    : undefined
}

/** Settings of the dashboard, of which there is one set (contracts/nezha.md 3.10). What is not among the fields goes back as it is. */
export const settings: Resource = {
  panel: nezha,
  topic: 'nezha setting',
  lookWith: 'nezha setting show',
  noun: 'setting',
  many: 'settings',
  key: 'site_name',
  example: '--site-name "My servers"',
  isOne: true,
  danger: lockOut,
  fields: {
    site_name: {kind: text(), summary: 'what the site is called'},
    language: {
      kind: text({normal: code => code.replace('_', '-')}),
      summary: 'language of messages: en-US, zh-CN',
    },
    install_host: {kind: text(), summary: 'HOST:PORT that agents report to', placed: true},
    dashboard_host: {kind: text(), summary: 'host of the dashboard', placed: true},
    tls: {kind: toggle(), summary: 'agents report by TLS', placed: true},
    web_real_ip_header: {
      kind: text(),
      summary: 'header with the address of who asks, NZ::Use-Peer-IP without a proxy',
      placed: true,
    },
    agent_real_ip_header: {kind: text(), summary: 'the same of agents', placed: true},
    user_template: {kind: text(), summary: 'theme of the site'},
    enable_mcp: {kind: toggle(), summary: 'answer /mcp'},
    enable_plain_ip_in_notification: {kind: toggle(), summary: 'write whole addresses in messages'},
    enable_ip_change_notification: {kind: toggle(), summary: 'tell when an address changes'},
    ip_change_notification_group_id: {
      kind: reference(targetOf(notificationGroups)),
      summary: 'whom that is told',
      flag: 'ip-change-notification-group',
    },
    cover: {kind: number({max: 255}), summary: 'of which servers, as the panel counts'},
    ignored_ip_notification: {
      kind: references(servers, {as: 'text'}),
      summary: 'server that this is about or not; repeatable',
    },
    dns_servers: {kind: text(), summary: 'DNS servers for DDNS'},
    custom_code: {kind: text(), summary: 'HTML in pages of the site'},
    custom_code_dashboard: {kind: text(), summary: 'HTML in pages of the dashboard'},
  },
  read: api =>
    byGeneration(
      [
        async () => {
          const configOf = async () => {
            const told = await api(showSettings, {})
            return isObject(told.config) ? told.config : told
          }
          let config = await configOf()
          if (fieldOf(config, 'user_template') === undefined) {
            // A session that is none any more is answered as a guest; a closed route has the client make another (3.1).
            const refused = await refusal(api(showProfile, {}))
            if (!refused) config = await configOf()
            // A token that the panel knows may not see that (403); without one that it knows, another would.
            else if (refused.status !== 403) throw refused
          }
          // Members and API tokens are told of a few, and what is missing would become empty (trap 52).
          if (fieldOf(config, 'user_template') === undefined) {
            throw new PanelctlError(
              'AUTH',
              'Nezha tells the settings to the session of an administrator alone',
              {
                hint: 'give NEZHA_USERNAME and NEZHA_PASSWORD of one, and no API token',
                panel: 'nezha',
              },
            )
          }
          return [{id: 'setting', wire: config}]
        },
      ],
      'v0 has its web page for settings',
    ),
  update: (api, _row, form) =>
    api(updateSettings, {
      body: Object.fromEntries(
        Object.entries(form).filter(([name]) => !toldAlone.has(name) && !nezha.secretFields.has(name)),
      ),
    }),
}
