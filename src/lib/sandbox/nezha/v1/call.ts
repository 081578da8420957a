import type {Answer, SandboxRequest} from '../../answer.js'
import {json} from '../../go/answers.js'
import {goJson} from '../../go/json.js'
import {jsonSyntaxError} from '../../go/json-error.js'
import type {Target} from '../../go/query.js'
import type {Conversation} from '../../websocket.js'
import type {NezhaServer} from '../fleet.js'
import type {DashboardState, Pat, User} from './state.js'

/** Who asks: a guest, somebody with a JWT, or somebody's token. */
export type Caller =
  | {readonly kind: 'guest'; readonly isRevoked?: boolean}
  | {readonly kind: 'jwt'; readonly user: User}
  | {readonly kind: 'pat'; readonly user: User; readonly pat: Pat}

/** One request, with who asks. */
export interface Call {
  readonly request: SandboxRequest
  readonly target: Target
  /** The parts of the path that the route names. */
  readonly path: Readonly<Record<string, string>>
  readonly state: DashboardState
  readonly caller: Caller
  /** The caller's address; unknown unless the dashboard is told where to look for it. */
  readonly address: string | undefined
  /** Whether the request asks for a WebSocket. */
  readonly upgrades: boolean
}

export type Outcome = Answer | Conversation | 'stall'

/** Answers a call with data: what the envelope holds, or an error that is thrown. */
export type Handle = (call: Call) => unknown

/** An error that the handler says, with HTTP 200 (contracts/nezha.md 3.0). */
export class Refused extends Error {}

/** Another answer than an envelope, out of the middle of a handler. */
export class Instead extends Error {
  constructor(readonly outcome: Outcome) {
    super()
  }
}

export function failure(error: string, status = 200): Answer {
  return json(status, goJson({error}))
}

export function forbidden(why: string): Answer {
  return failure(`ApiErrorForbidden: ${why}`, 403)
}

/** The envelope: data that is nothing has no key. */
export function success(data?: unknown): Answer {
  return json(200, goJson({success: true, data: some(data)}))
}

/** A value, or nothing for what Go leaves out: nothing, zero, or a list without items. */
export function some<Value>(value: Value): Value | undefined {
  return !value || (Array.isArray(value) && value.length === 0) ? undefined : value
}

/** The body as JSON of a kind, in the words of the panel's decoder where it is none. */
export function bodyOf(call: Call, kind: 'object'): Readonly<Record<string, unknown>>
export function bodyOf(call: Call, kind: 'array'): readonly unknown[]
export function bodyOf({request: {body}}: Call, kind: 'object' | 'array'): unknown {
  if (body.trim() === '') throw new Refused('EOF')
  const problem = jsonSyntaxError(body)
  if (problem) throw new Refused(problem.startsWith('unexpected end') ? 'unexpected EOF' : problem)
  const value: unknown = JSON.parse(body)
  const found = Array.isArray(value) ? 'array' : typeof value
  if (found === kind) return value
  if (kind === 'object')
    throw new Refused(`invalid character '${body.trim()[0]}' looking for beginning of value`)
  throw new Refused(`json: cannot unmarshal ${found} into Go value of type []uint64`)
}

/** The numbers of a body that is a list of them. */
export function idsOf(call: Call): number[] {
  const ids = bodyOf(call, 'array')
  return ids.map(id => {
    if (typeof id !== 'number')
      throw new Refused('json: cannot unmarshal number " into Go value of type uint64')
    return id
  })
}

/** The number that a part of the path is. */
export function idIn({path}: Call, name = 'id'): number {
  const text = path[name] ?? ''
  if (/^\d+$/.test(text)) return Number(text)
  throw new Refused(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
}

/** Who asks, behind a gate that lets no guest through. */
export function callerOf({caller}: Pick<Call, 'caller'>): User {
  if (caller.kind === 'guest') throw new Error('a guest came through')
  return caller.user
}

/** False where a caller has a token that is for other servers. */
export function isFor(caller: Caller, {id}: Pick<NezhaServer, 'id'>): boolean {
  return caller.kind !== 'pat' || !caller.pat.serverIds?.length || caller.pat.serverIds.includes(id)
}

/** Whether a caller has this server for its own; a token may be for some servers only. */
export function owns(caller: Caller, {id, ownerId}: Pick<NezhaServer, 'id' | 'ownerId'>): boolean {
  if (caller.kind === 'guest' || !isFor(caller, {id})) return false
  return caller.user.role === 0 || caller.user.id === ownerId
}

/** Go's time in JSON. */
export function timeAt(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.?0+Z$/, 'Z')
}

/** Of what never was. */
export const zeroTime = '0001-01-01T00:00:00Z'
