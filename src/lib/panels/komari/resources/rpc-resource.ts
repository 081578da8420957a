import * as z from 'zod/mini'
import {PanelctlError} from '../../../errors.js'
import type {Api} from '../../../http/client.js'
import {type Resource, type Row, wireOf} from '../../../resource/resource.js'
import {rpcEndpoint} from '../endpoints.js'
import {komari} from '../panel.js'
import {callOwn} from '../rpc.js'

const identifier = z.union([z.string().check(z.minLength(1)), z.number()])

/** Calls a method: its name and its parameters. */
export type CallMethod = (method: string, params: unknown) => Promise<unknown>

interface RpcResource
  extends Omit<Resource, 'panel' | 'topic' | 'read' | 'refuses' | 'create' | 'update' | 'remove'> {
  /** What its commands are called: `task`. */
  readonly word: string
  /** The method that lists them, or how they are listed. */
  readonly list: string | ((call: CallMethod, api: Api) => Promise<unknown>)
  /** The id of one, as it is listed. */
  idOf(wire: Row['wire']): unknown
  refuses?(call: CallMethod, asked: Row['wire']): Promise<void>
  create?(call: CallMethod, form: Row['wire']): Promise<unknown>
  update?(call: CallMethod, row: Row, form: Row['wire'], changed: Row['wire']): Promise<unknown>
  remove?(call: CallMethod, row: Row): Promise<unknown>
}

/** What Komari keeps behind methods of RPC2 (contracts/komari.md 2.8), or behind routes that do the same. */
export function rpcResource(definition: RpcResource): Resource {
  const {word, list, idOf, refuses, create, update, remove, ...rest} = definition
  const topic = `komari ${word}`
  const write = rpcEndpoint(rest.lookWith ?? `${topic} list`)
  const calling = (api: Api) => (method: string, params: unknown) => callOwn(api, method, params, write)
  const wires = wireOf(rest.fields)
  return {
    ...rest,
    panel: komari,
    topic,
    async read(api) {
      const call = calling(api)
      const answer = await (typeof list === 'string' ? call(list, {}) : list(call, api))
      return (listed(z.nullish(z.array(wires)), answer) ?? []).map(wire => ({
        id: listed(identifier, idOf(wire)),
        wire,
      }))
    },
    ...(refuses && {refuses: ({call}, asked) => refuses(calling(call), asked)}),
    ...(create && {create: (api, form) => create(calling(api), form)}),
    ...(update && {update: (api, row, form, changed) => update(calling(api), row, form, changed)}),
    ...(remove && {remove: (api, row) => remove(calling(api), row)}),
  }
}

/**
 * What a method has listed.
 * @throws PanelctlError BAD_RESPONSE where it is no such list
 */
export function listed<List>(schema: z.ZodMiniType<List>, answer: unknown): List {
  const {success, data} = z.safeParse(schema, answer)
  if (success) return data
  throw new PanelctlError('BAD_RESPONSE', 'Komari answered with something that is no such list', {
    panel: 'komari',
  })
}
