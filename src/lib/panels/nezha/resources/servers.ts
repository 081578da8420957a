import {byGeneration} from '../../../http/generation.js'
import type {Referenced} from '../../../resource/target.js'
import {listServers} from '../v1/endpoints.js'
import {limit} from './limit.js'

/** Servers, for what names them. */
export const servers: Referenced = {
  noun: 'server',
  list: 'nezha server list',
  limit,
  named: api =>
    byGeneration([async () => ((await api(listServers, {})) ?? []).map(({id, name = ''}) => ({id, name}))]),
}
