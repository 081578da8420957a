import {goRefusal} from '../go/json-error.js'
import {isObject, textIn} from '../json-object.js'
import {audited} from './audit.js'
import type {MethodCall, Methods} from './call.js'
import {formatTime} from './instant.js'
import {codes, RpcError} from './rpc-error.js'

/** Anything is stored, of any name and type (3.3). */
function editSettings(call: MethodCall) {
  const {params, sent, state} = call
  if (!isObject(sent ?? {})) {
    const wrong = goRefusal(sent, 'map[string]interface {}')
    throw new RpcError(codes.invalidParams, `Invalid or missing request body: ${wrong}`)
  }
  Object.assign(state.settings, params)
  const names = Object.keys(params).join(', ')
  audited(call, names === '' ? 'update settings' : `update settings: ${names}`)
}

/** An unknown one is a success. */
function deleteSession(call: MethodCall) {
  const session = textIn(call.params, 'session')
  if (session === '') throw new RpcError(codes.invalidParams, 'session is required')
  call.state.sessions.delete(session)
  audited(call, 'delete session')
}

function deleteAllSessions(call: MethodCall) {
  call.state.sessions.clear()
  audited(call, 'delete all sessions', 'warn')
}

function sessions({caller, state}: MethodCall) {
  const data = [...state.sessions.values()].map(session => {
    const shown = Object.entries({...session, uuid: state.user.uuid}).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? formatTime(value, state.time) : value,
    ])
    return Object.fromEntries(shown)
  })
  return {current: caller.kind === 'session' ? caller.session.session : '', data}
}

/** Limit and page are texts; anything else counts as left out (2.8). */
function logs({params, state}: MethodCall) {
  const number = (name: string, otherwise: number) => {
    const value = textIn(params, name)
    if (value === '') return otherwise
    if (/^\d+$/.test(value) && Number(value) > 0) return Number(value)
    throw new RpcError(codes.invalidParams, `Invalid ${name}: ${value}`)
  }
  const [limit, page] = [number('limit', 100), number('page', 1)]
  const wanted = textIn(params, 'msg_type')
  const all = state.logs.flatMap(({message, type, uuid, ip, at}, index) => {
    if (wanted !== '' && wanted !== type) return []
    return [{id: index + 1, ip, uuid, message, msg_type: type, time: formatTime(at, state.time)}]
  })
  return {logs: all.reverse().slice((page - 1) * limit, page * limit), total: all.length}
}
export const administrationMethods: Methods = [
  ['admin:getSettings', ({state}) => Object.fromEntries(Object.entries(state.settings).sort())],
  ['admin:editSettings', editSettings],
  ['admin:getSessions', sessions],
  ['admin:deleteSession', deleteSession],
  ['admin:deleteAllSessions', deleteAllSessions],
  ['admin:getLogs', logs],
]
