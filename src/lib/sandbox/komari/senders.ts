import {goMismatch, goRefusal} from '../go/json-error.js'
import {type Fields, isObject, objectIn, textIn} from '../json-object.js'
import type {MethodCall, Methods} from './call.js'
import {codes, Panic, RpcError} from './rpc-error.js'
import type {KomariState} from './state.js'

/**
 * The fields of each message sender (contracts/komari.md 7.9): `!` for a required one, a type that is no text, what an
 * option may be, a default.
 */
const senders = {
  telegram: 'bot_token! chat_id! message_thread_id endpoint!=https://api.telegram.org/bot',
  email: 'host! port!:int=587 username password sender receiver use_ssl:bool=false use_login_auth:bool=false',
  webhook:
    'url! method:option(POST,GET)=GET content_type=application/json headers body={"message":"{{message}}","title":"{{title}}"} username password',
  bark: 'server_url!=https://api.day.app device_key! icon level:option(active,timeSensitive,passive,critical)=timeSensitive',
  'Server酱³': 'api_url! tags',
  Server酱Turbo: 'api_url! channel noip openid',
  Javascript: 'script!:richtext',
  empty: '',
}

const oidcProviders = {
  generic: 'client_id! client_secret! auth_url! token_url! user_info_url! scope user_id_field!',
  github: 'client_id! client_secret!',
  qq: 'aggregation_url!=https://login.qjqq.cn app_id! app_key! login_type!',
}

const notation = /^(\w+)(!?)(?::(\w+))?(?:\((.*)\))?(?:=(.*))?$/

/** The fields of a provider as the panel describes them, without its help. */
function described(written: string) {
  return written.split(' ').flatMap(one => {
    const [, name = '', required, type = 'string', options = '', otherwise = ''] = notation.exec(one) ?? []
    return name ? [{name, required: required === '!', type, options, default: otherwise, help: ''}] : []
  })
}

const zeros: Readonly<Record<string, unknown>> = {int: 0, bool: false}

/** What is stored of a provider that nobody set: all its fields, empty. */
function unset(written: string): string {
  return JSON.stringify(
    Object.fromEntries(described(written).map(({name, type}) => [name, zeros[type] ?? ''])),
  )
}

/** Methods for providers of a kind: what is set of them is a text that nobody reads before it is used. */
function providerMethods(
  kind: string,
  model: string,
  written: Readonly<Record<string, string>>,
  storedIn: (state: KomariState) => Map<string, string>,
  done: string,
): Methods {
  const get = ({params, state}: MethodCall) => {
    const name = textIn(params, 'provider')
    if (name === '') {
      const all = Object.entries(written).map(([one, fields]) => [one, fields ? described(fields) : null])
      return Object.fromEntries(all)
    }
    const addition = storedIn(state).get(name) ?? (name in written ? unset(written[name] ?? '') : undefined)
    if (addition === undefined) throw new RpcError(codes.notFound, 'Provider not found: record not found')
    return {name, addition}
  }
  const set = ({params, state}: MethodCall) => {
    const wrong = goMismatch(params, `models.${model}`, {name: 'string', addition: 'string'})
    if (wrong) throw new RpcError(codes.invalidParams, `Invalid configuration: ${wrong}`)
    const name = textIn(params, 'name')
    if (name === '') throw new RpcError(codes.invalidParams, 'Provider name is required')
    if (!(name in written)) throw new RpcError(codes.notFound, `Provider not found: ${name}`)
    storedIn(state).set(name, textIn(params, 'addition'))
    return {message: done}
  }
  return [
    [`admin:get${kind}Provider`, get],
    [`admin:set${kind}Provider`, set],
  ]
}

const noSender = 'you are using an empty message sender, please check your configuration'

/** Why the chosen sender sends nothing; `undefined` for one that does. Nothing leaves the sandbox. */
function failureOf({settings, senders: stored, senderFailure}: KomariState): string | undefined {
  const name = textIn(settings, 'notification_method')
  const written = name in senders ? senders[name as keyof typeof senders] : ''
  const configured = objectIn(stored.get(name) ?? unset(written))
  if (written === '' || !configured) return noSender
  if (senderFailure !== undefined) return senderFailure
  const isMissing = described(written).some(field => field.required && !configured[field.name])
  if (isMissing && name === 'Javascript') return 'JavaScript script is empty'
  return isMissing ? 'failed to send message: Post "": unsupported protocol scheme ""' : undefined
}

/** Sends the message of an event, and gives why not. With notifications off that is done without a word (trap 45). */
export function deliver(state: KomariState, event: unknown): string | undefined {
  if (state.settings.notification_enabled !== true) return undefined
  const failure = failureOf(state)
  if (failure === undefined) state.log(`Event message sent: ${event}`, 'info')
  else state.log(`Failed to send event message after 3 attempts: ${failure},${event}`, 'error')
  return failure
}

/** The same for who waits for it; a setting that is no boolean ends in a panic (1.4.3). */
function send(state: KomariState, event: unknown, refusal: string): void {
  if (typeof state.settings.notification_enabled !== 'boolean') throw new Panic()
  const failure = deliver(state, event)
  if (failure !== undefined) throw new RpcError(codes.internal, `${refusal}: ${failure}`)
}

function sendNotification({params, state}: MethodCall): void {
  const wrong = (value: unknown, field: string, type: string) =>
    new RpcError(
      codes.invalidParams,
      `Invalid request data: ${goRefusal(value, `models.${type}`, `Go struct field ${field}`)}`,
    )
  const event = params.event ?? {}
  if (!isObject(event)) throw wrong(event, '.event', 'EventMessage')
  const clients: unknown[] = Array.isArray(event.clients) ? event.clients : []
  const text = clients.find(client => !isObject(client))
  if (text !== undefined) throw wrong(text, 'EventMessage.event.clients', 'Client')
  const isKnown = (client: unknown) => state.nodes.has(textIn(client as Fields, 'uuid'))
  if (clients.length > 0 && !clients.some(isKnown)) {
    throw new RpcError(codes.internal, 'Failed to send notification: none of the specified clients exist')
  }
  send(state, event.event ?? '<nil>', 'Failed to send notification')
}

export const senderMethods: Methods = [
  ...providerMethods(
    'MessageSender',
    'MessageSenderProvider',
    senders,
    state => state.senders,
    'Message sender provider set successfully',
  ),
  ...providerMethods(
    'Oidc',
    'OidcProvider',
    oidcProviders,
    state => state.oidcProviders,
    'OIDC provider set successfully',
  ),
  ['admin:testSendMessage', ({state}) => send(state, 'Test', 'Failed to send message')],
  ['admin:sendNotification', sendNotification],
]
