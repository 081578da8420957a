import * as z from 'zod/mini'
import {byGeneration} from '../../../http/generation.js'
import {references, text} from '../../../resource/kind.js'
import type {Resource} from '../../../resource/resource.js'
import {ofNewer, readGroups} from '../groups.js'
import {nezha} from '../panel.js'
import {createGroup, deleteGroups, updateGroup} from '../v1/endpoints.js'
import {groupForm} from '../v1/schemas.js'
import {servers} from './servers.js'

/** Groups of servers, as files have them; their commands know what v0 has in their place, too (contracts/nezha.md 3.3). */
export const serverGroups: Resource = {
  panel: nezha,
  topic: 'nezha group',
  noun: 'group',
  many: 'groups',
  key: 'name',
  example: 'Edge --server web1',
  fields: {
    name: {kind: text(), summary: 'its name', required: true},
    servers: {kind: references(servers), summary: 'servers in it'},
  },
  read: api =>
    byGeneration([async () => (await readGroups(api)).map(({id, ...wire}) => ({id, wire}))], ofNewer),
  create: (api, form) => api(createGroup, {body: z.parse(groupForm, form)}),
  update: (api, {id}, form) => api(updateGroup, {path: {id}, body: z.parse(groupForm, form)}),
  remove: (api, {id}) => api(deleteGroups, {body: [Number(id)]}),
}
