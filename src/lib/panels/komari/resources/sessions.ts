import {createHash} from 'node:crypto'
import * as z from 'zod/mini'
import {hint, panelctl} from '../../../hint.js'
import {text, time, toggle} from '../../../resource/kind.js'
import {listed, rpcResource} from './rpc-resource.js'

const answered = z.looseObject({
  current: z.nullish(z.string()),
  data: z.array(z.looseObject({session: z.string()})),
})

/** Who is logged in (contracts/komari.md 7.10). A session is called by the beginning of a hash: its own name is what its cookie holds. */
export const sessions = rpcResource({
  word: 'session',
  noun: 'session',
  many: 'sessions',
  key: 'ip',
  isCalledById: true,
  example: '5f2c1a9e',
  async list(call) {
    const {current, data} = listed(answered, await call('admin:getSessions', {}))
    return data.map(one => ({...one, current: one.session === current}))
  },
  idOf: ({session}) => createHash('sha256').update(String(session)).digest('hex').slice(0, 8),
  fields: {
    current: {kind: toggle(), summary: 'whether this run comes in with it', told: true},
    ip: {kind: text(), summary: 'from where', told: true},
    login_method: {kind: text(), summary: 'how', told: true},
    user_agent: {kind: text(), summary: 'with what', told: true},
    created_at: {kind: time(), summary: 'since when', told: true},
    latest_online: {kind: time(), summary: 'when it was used last', told: true},
    expires: {kind: time(), summary: 'until when', told: true},
  },
  // Nothing could be looked at afterwards.
  spared: ({current}) =>
    current === true
      ? {why: 'this run comes in with it', instead: hint`to end it: ${panelctl('komari logout')}`}
      : undefined,
  remove: (call, {wire}) => call('admin:deleteSession', {session: wire.session}),
})
