import {isDeepStrictEqual} from 'node:util'
import * as z from 'zod/mini'
import {PanelctlError} from '../../../errors.js'
import type {Api} from '../../../http/client.js'
import {byGeneration} from '../../../http/generation.js'
import {
  type Field,
  type PanelAsked,
  type Resource,
  type Row,
  wireOf,
  withArticle,
} from '../../../resource/resource.js'
import {byId} from '../listing.js'
import {whyMissing} from '../not-ours.js'
import {endpoint, nezha} from '../panel.js'
import {whyNone} from '../servers.js'
import {type Limits, lackedOf} from '../v1/versions.js'
import {limit} from './limit.js'
import {servers} from './servers.js'

const generations = ['v1', 'v2']

/** What the panel tells of each and takes from nobody (contracts/nezha.md 3.9). */
const toldAlone = ['id', 'created_at', 'updated_at']

/** A field that not all versions have. */
interface RestField extends Field, Limits {
  /** What it is on the wire where it is not: nothing, else. */
  readonly without?: unknown
  /** Versions that have it tell it of each row, which tells them from those before. */
  readonly alwaysTold?: true
}

interface RestResource
  extends Omit<Resource, 'panel' | 'topic' | 'fields' | 'read' | 'create' | 'update' | 'remove'> {
  readonly fields: Readonly<Record<string, RestField>>
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
  /** Those that others than their owner are shown, too. */
  readonly elsewhere?: (api: Api) => Promise<readonly {readonly id: number; readonly name?: string}[]>
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
  elsewhere,
  fixed,
  refuses,
  ...rest
}: RestResource) {
  const topic = `nezha ${word}`
  const lookWith = `${topic} list`
  const form = z.looseObject({})
  const hides = Object.keys(rest.fields).filter(name => rest.fields[name]?.secret)
  const common = {generations, body: form, result: z.unknown(), retry: 'never', lookWith, hides} as const
  const numbered = z.looseObject({...wireOf(rest.fields).shape, id: z.number()})
  const item = unfold ? z.looseObject({}) : numbered
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
  const isTold = (name: string) => [...toldAlone, ...told].includes(name) || rest.fields[name]?.told
  const accepted = (all: Row['wire']) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !isTold(name)))
  const limited = Object.entries(rest.fields)
    .filter(([, {since, until}]) => since ?? until)
    .map(([name, field]) => ({name, without: field.kind.zero, ...field}))
  const without = Object.fromEntries(limited.map(({name, without}) => [name, without]))
  const mark = limited.find(({alwaysTold}) => alwaysTold)
  /** The fields that the dashboard which told this has not. */
  const lackedBy = (told: Row['wire']) =>
    limited
      .filter(({since, until}) => mark && (mark.name in told ? until : since) === mark.since)
      .map(({name}) => name)
  async function refusesBesides(panel: PanelAsked, asked: Row['wire']): Promise<void> {
    await refuses?.(panel, asked)
    const lacked = await lackedOf(
      panel.call,
      limited.filter(({name, without}) => name in asked && !isDeepStrictEqual(asked[name], without)),
    )
    if (!lacked) return
    const {thing, why} = lacked
    throw new PanelctlError(
      'REJECTED',
      `this Nezha has no ${thing.name} of ${withArticle(rest.noun)}: ${why}`,
      {
        panel: 'nezha',
      },
    )
  }
  const resource: Resource = {
    ...rest,
    panel: nezha,
    topic,
    refuses: refusesBesides,
    limit,
    whyNone,
    whyMissing: api =>
      whyMissing(
        api,
        rest.noun,
        elsewhere && (() => elsewhere(api)),
        Object.values(rest.fields).some(({kind}) => kind.targets.includes(servers)),
      ),
    read: api =>
      doing(async () => {
        const items = (await api(listAll, {})) ?? []
        const rows = z.safeParse(z.array(numbered), unfold ? items.map(unfold) : items)
        if (!rows.success)
          throw new PanelctlError(
            'BAD_RESPONSE',
            `Nezha answered with something that is no list of ${rest.many}`,
            {
              panel: 'nezha',
            },
          )
        return byId(rows.data).map(({id, ...wire}) => ({
          id,
          wire: {...without, ...wire},
          lacks: lackedBy(wire),
        }))
      }),
    create: (api, wire) => doing(() => api(create, {body: {...sends, ...wire}})),
    ...(fixed
      ? {}
      : {
          update: (api: Api, {id}: Row, wire: Row['wire']) =>
            doing(() => api(update, {path: {id}, body: {...sends, ...accepted(wire)}})),
        }),
    remove: (api, {id}) => doing(() => api(remove, {body: [Number(id)]})),
  }
  return {...resource, endpoints: {list: listAll, create, ...(fixed ? {} : {update}), remove}}
}
