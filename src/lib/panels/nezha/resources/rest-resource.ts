import * as z from 'zod/mini'
import type {Api} from '../../../http/client.js'
import {byGeneration} from '../../../http/generation.js'
import type {Resource, Row} from '../../../resource/resource.js'
import {byId} from '../listing.js'
import {endpoint, nezha} from '../panel.js'

const generations = ['v1', 'v2']

/** What the panel tells of each and takes from nobody (contracts/nezha.md 3.9). */
const toldAlone = ['id', 'created_at', 'updated_at']

interface RestResource extends Omit<Resource, 'panel' | 'topic' | 'read' | 'create' | 'update' | 'remove'> {
  /** What its commands are called: `service`. */
  readonly word: string
  /** `/api/v1/service`. */
  readonly path: string
  /** Where its list is, if not there. */
  readonly list?: string
  /** What else it tells and does not take. */
  readonly told?: readonly string[]
  /** What stands in a list beside the thing itself. */
  readonly unfold?: (item: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>
  /** What its form has besides its fields. */
  readonly sends?: Readonly<Record<string, unknown>>
  /** It has no PATCH. */
  readonly fixed?: true
}

/** What v1 and v2 keep below one path, in the way that all of it is kept (contracts/nezha.md 3.9). v0 has its web page for it. */
export function restResource({
  word,
  path,
  list = path,
  told = [],
  unfold,
  sends,
  fixed,
  ...rest
}: RestResource) {
  const topic = `nezha ${word}`
  const lookWith = `${topic} list`
  const form = z.looseObject({})
  const common = {generations, body: form, result: z.unknown(), retry: 'never', lookWith} as const
  const wires = z.looseObject(
    Object.fromEntries(Object.entries(rest.fields).map(([name, {kind}]) => [name, kind.wire])),
  )
  const item = unfold ? z.looseObject({}) : z.looseObject({...wires.shape, id: z.number()})
  // A list that is empty has no data (3.0).
  const listAll = endpoint({
    method: 'GET',
    path: list,
    generations,
    result: z.nullable(z.array(item)),
    retry: 'reads',
  })
  const create = endpoint({method: 'POST', path, ...common})
  const update = endpoint({method: 'PATCH', path: `${path}/:id`, ...common})
  const remove = endpoint({
    ...common,
    method: 'POST',
    path: path.replace('/v1/', '/v1/batch-delete/'),
    body: z.array(z.number()),
  })
  const why = `v0 has its web page for ${rest.many}`
  const doing = <Result>(way: () => Promise<Result>) => byGeneration([way], why)
  const accepted = (all: Row['wire']) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => ![...toldAlone, ...told].includes(name)))
  const resource: Resource = {
    ...rest,
    panel: nezha,
    topic,
    read: api =>
      doing(async () => {
        const items = (await api(listAll, {})) ?? []
        const rows = items.map(one =>
          z.parse(z.looseObject({...wires.shape, id: z.number()}), unfold?.(one) ?? one),
        )
        return byId(rows).map(({id, ...wire}) => ({id, wire}))
      }),
    create: (api, wire) => doing(() => api(create, {body: {...wire, ...sends}})),
    ...(fixed
      ? {}
      : {
          update: (api: Api, {id}: Row, wire: Row['wire']) =>
            doing(() => api(update, {path: {id}, body: {...accepted(wire), ...sends}})),
        }),
    remove: (api, {id}) => doing(() => api(remove, {body: [Number(id)]})),
  }
  return {...resource, endpoints: {list: listAll, create, ...(fixed ? {} : {update}), remove}}
}
