import {PanelctlError, usageError} from '../../../errors.js'
import {hint, panelctl} from '../../../hint.js'
import {fieldOf, isObject} from '../../../json-object.js'
import {didYouMean} from '../../../nearest-names.js'
import {choice, number, text, toggle} from '../../../resource/kind.js'
import type {Fields, Row} from '../../../resource/resource.js'
import {type CallMethod, rpcResource} from './rpc-resource.js'

const key = text({
  wrong: written =>
    written === '' || written.length >= 12
      ? undefined
      : 'has less than 12 characters, so that nobody gets in with it',
})

/** What is stored whatever it names, and does nothing then (contracts/komari.md 7.9, trap 46): the methods that list what there is. */
const providers: Readonly<Record<string, string>> = {
  notification_method: 'admin:getMessageSenderProvider',
  o_auth_provider: 'admin:getOidcProvider',
}

/** @throws PanelctlError USAGE for a provider that there is not */
async function checkProviders(call: CallMethod, changed: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, method] of Object.entries(providers)) {
    const chosen = changed[name]
    if (typeof chosen !== 'string' || chosen === 'none') continue
    const known = Object.keys((await call(method, {})) ?? {})
    if (!known.includes(chosen))
      throw usageError(
        `${name}: there is no "${chosen}"`,
        didYouMean(chosen, known, `there are ${known.join(', ')}`),
      )
  }
}

/** @throws PanelctlError REJECTED where the key that would go is the one that this run comes in with: it could not look afterwards */
async function checkOwnKey(call: CallMethod): Promise<void> {
  if (fieldOf(await call('common:getMe', {}), 'uuid') !== '') return
  throw new PanelctlError('REJECTED', 'this run comes in with the API key that it would replace', {
    hint: hint`a session can do it: ${panelctl('komari login', [], {flags: {username: 'admin'}})}`,
    panel: 'komari',
  })
}

const fields: Fields = {
  sitename: {kind: text(), summary: 'what the site is called'},
  description: {kind: text(), summary: 'what is said of it'},
  theme: {kind: text(), summary: 'theme of the site'},
  private_site: {kind: toggle(), summary: 'show nothing to guests'},
  send_ip_addr_to_guest: {kind: toggle(), summary: 'show parts of addresses to guests'},
  visitor_audit_enabled: {kind: toggle(), summary: 'keep a log of visitors'},
  custom_head: {kind: text(), summary: 'HTML in the head of pages'},
  custom_body: {kind: text(), summary: 'HTML in the body of pages'},
  script_domain: {kind: text(), summary: 'address in the install command of the web page', placed: true},
  base_scripts_url: {kind: text(), summary: 'where that gets its script from'},
  cors_origin_check_enabled: {kind: toggle(), summary: 'refuse requests from pages of others', placed: true},
  cors_allowed_origins: {kind: text(), summary: 'origins that are not refused', placed: true},
  ws_origin_check_enabled: {kind: toggle(), summary: 'the same for WebSockets', placed: true},
  ws_allowed_origins: {kind: text(), summary: 'origins of WebSockets that are not refused', placed: true},
  geo_ip_enabled: {kind: toggle(), summary: 'find out the countries of nodes'},
  geo_ip_provider: {
    kind: choice({empty: 'empty', mmdb: 'mmdb', 'ip-api': 'ip-api', geojs: 'geojs', ipinfo: 'ipinfo'}),
    summary: 'by whom',
  },
  o_auth_enabled: {kind: toggle(), summary: 'log in with OAuth', placed: true},
  o_auth_provider: {kind: text(), summary: 'with which provider', placed: true},
  disable_password_login: {kind: toggle(), summary: 'refuse passwords', placed: true},
  login_notification: {kind: toggle(), summary: 'tell of logins'},
  notification_enabled: {kind: toggle(), summary: 'send notifications at all'},
  notification_method: {kind: text(), summary: 'sender of notifications, none for none'},
  notification_template: {kind: text(), summary: 'text of notifications'},
  expire_notification_enabled: {kind: toggle(), summary: 'tell of nodes that end soon'},
  expire_notification_lead_days: {kind: number(), summary: 'how many days before'},
  traffic_limit_percentage: {
    kind: number({fraction: true}),
    summary: 'tell from this percentage of traffic on, 0 never',
  },
  api_key: {kind: key, summary: 'API key, empty for none', secret: true},
  auto_discovery_key: {
    kind: key,
    summary: 'key that agents register themselves with, empty for none',
    secret: true,
  },
}

/** What locks people out (7.10). */
function lockOut({disable_password_login, api_key}: Row['wire']): string | undefined {
  const questions = [
    disable_password_login === true &&
      'Refuse passwords? Without OAuth that works, or an API key, nobody gets in any more.',
    api_key !== undefined && 'Replace the API key? Whatever uses the old one is locked out.',
  ]
  return questions.filter(Boolean).join(' ') || undefined
}

/** Settings of the panel, which stores anything (contracts/komari.md 3.3, 7.10); its database and what it keeps for itself are left alone. */
export const settings = rpcResource({
  word: 'setting',
  lookWith: 'komari setting show',
  noun: 'setting',
  many: 'settings',
  key: 'sitename',
  example: '--sitename "My servers"',
  isOne: true,
  danger: lockOut,
  fields,
  list: async call => {
    const told = await call('admin:getSettings', {})
    if (!isObject(told)) return told
    // What is of another type is nothing to the panel, and can be set anew.
    const strange = Object.entries(fields).filter(
      ([name, {kind}]) => Object.hasOwn(told, name) && !kind.wire.safeParse(told[name]).success,
    )
    return [{...told, ...Object.fromEntries(strange.map(([name]) => [name, null]))}]
  },
  idOf: () => 'setting',
  async refuses(call, asked) {
    await checkProviders(call, asked)
    if (asked.api_key !== undefined) await checkOwnKey(call)
  },
  async update(call, {wire}, _form, changed) {
    const lacking = Object.keys(changed).find(name => wire[name] === undefined)
    if (lacking !== undefined)
      throw new PanelctlError('REJECTED', `this version of Komari has no setting ${lacking}`, {
        hint: panelctl('komari version'),
        panel: 'komari',
      })
    await call('admin:editSettings', changed)
  },
})
