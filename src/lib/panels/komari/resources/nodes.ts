import {randomInt} from 'node:crypto'
import {PanelctlError} from '../../../errors.js'
import {type Hint, hint, panelctl} from '../../../hint.js'
import {DryRun} from '../../../http/dry-run.js'
import {choice, number, text, time, toggle} from '../../../resource/kind.js'
import type {Resource, Row} from '../../../resource/resource.js'
import {tagsOf} from '../columns.js'
import {addNode, editNode, listAllNodes, removeNode, showMe} from '../endpoints.js'
import {komari} from '../panel.js'
import {paidUntil} from '../renewal.js'

const anyNumber = {min: Number.MIN_SAFE_INTEGER}

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** One as the panel makes them (contracts/komari.md 7.5). */
function newToken(): string {
  return Array.from({length: 22}, () => letters[randomInt(letters.length)]).join('')
}

/** The request that would be sent. */
async function requestOf(send: () => Promise<unknown>): Promise<object | undefined> {
  try {
    await send()
    return undefined
  } catch (error) {
    if (error instanceof DryRun) return error.request
    throw error
  }
}

/** The line that gives a new node what it was made with. */
function givenAgain(uuid: string, body: Row['wire']): Hint {
  const flags = Object.entries(body).flatMap(([name, value]): [string, string | true][] => {
    const {initial, secret} = nodes.fields[name] ?? {}
    if (!value || value === initial) return []
    const dashed = name.replaceAll('_', '-')
    return [secret ? [`${dashed}-file`, 'FILE'] : [dashed, value === true || String(value)]]
  })
  if (flags.length === 0) return panelctl('komari node show', [uuid])
  return panelctl('komari node edit', [uuid], {flags: Object.fromEntries(flags)})
}

/** Nodes as an administrator keeps them; types are checked here, as the panel stores any and breaks on them (contracts/komari.md 3.1, 7.5). */
export const nodes: Resource = {
  panel: komari,
  topic: 'komari node',
  idColumn: 'uuid',
  noun: 'node',
  many: 'nodes',
  key: 'name',
  example: 'web2 --group prod --price 5 --currency "$"',
  loss: 'its history',
  fields: {
    name: {kind: text(), summary: 'its name', required: true},
    group: {kind: text(), summary: 'its group'},
    tags: {kind: text({cell: tagsOf}), summary: 'tags, as in "edge<Red>;backup"'},
    hidden: {kind: toggle(), summary: 'hide it from guests'},
    weight: {kind: number(anyNumber), summary: 'the smaller, the further up'},
    price: {kind: number({min: -1, fraction: true}), summary: 'price, -1 for free', aside: true},
    currency: {kind: text(), summary: 'currency of the price', initial: '$', aside: true},
    billing_cycle: {kind: number(anyNumber), summary: 'days that the price is for', aside: true},
    auto_renewal: {kind: toggle(), summary: 'goes on by itself', aside: true},
    expired_at: {kind: time({zero: null}), summary: 'when it ends, with its zone, or never'},
    traffic_limit: {kind: number(), summary: 'bytes, 0 for no limit', aside: true},
    traffic_limit_type: {
      kind: choice({sum: 'sum', max: 'max', min: 'min', up: 'up', down: 'down'}),
      summary: 'which traffic counts',
      initial: 'max',
      aside: true,
    },
    region: {kind: text(), summary: 'flag of its country', aside: true},
    remark: {kind: text(), summary: 'remark for administrators', aside: true},
    public_remark: {kind: text(), summary: 'remark for everybody', aside: true},
    // A second one is refused as a failure of the database (7.5).
    token: {kind: text(), summary: 'token of its agent', secret: true, unique: true},
  },
  selectors: {
    'in-group': {summary: 'all nodes of a group', has: ({group}, given) => group === given},
    'with-tag': {
      summary: 'all nodes that have a tag',
      has: ({tags}, given) =>
        String(tags)
          .split(';')
          .some(tag => tag.replace(/<[^<>]*>$/, '').trim() === given),
    },
  },
  derived: {
    paid: {
      summary: 'paid for another billing cycle: it ends one later; each call adds one',
      field: 'expired_at',
      from: paidUntil,
    },
    'new-token': {
      summary: 'another token, without which its agent gets in no more: see komari node install-command',
      field: 'token',
      danger: 'Give all of them another token? Their agents get in no more until each is told its own.',
      from: newToken,
    },
  },
  check: ({token}) =>
    typeof token === 'string' && !/^([0-9A-Za-z]{22,})?$/.test(token)
      ? 'token: 22 letters and digits at least'
      : undefined,
  async read(api) {
    const listed = await api(listAllNodes, {})
    // An empty list without an envelope may be anybody's.
    if (listed.length === 0) await api(showMe, {})
    return listed.map(({uuid, ...wire}): Row => ({id: uuid, wire}))
  },
  async create(api, {name, token, ...form}) {
    const body = token === '' ? form : {...form, token}
    const {uuid} = await api(addNode, {body: {name: String(name)}}).catch(async (error: unknown) => {
      if (!(error instanceof DryRun)) throw error
      const next = await requestOf(() => api(editNode, {path: {uuid: 'UUID'}, body}))
      throw new DryRun(error.request, {...error.plan, next})
    })
    await api(editNode, {path: {uuid}, body}).catch((error: unknown) => {
      if (!(error instanceof PanelctlError)) throw error
      const again = givenAgain(uuid, body)
      // What a look would show is told here; a refusal says what to do first.
      const first = error.code === 'UNCERTAIN' ? undefined : error.hint
      throw new PanelctlError(
        'UNCERTAIN',
        `the node ${String(name)} was added, but not all of it: ${error.message}`,
        {
          hint: first === undefined ? again : hint`${first}; then ${again}`,
          panel: 'komari',
          cause: error,
        },
      )
    })
  },
  update: (api, {id}, _form, changed) => api(editNode, {path: {uuid: id}, body: changed}),
  // A success also where there is none (3.1).
  remove: (api, {id}) => api(removeNode, {path: {uuid: id}}),
}
