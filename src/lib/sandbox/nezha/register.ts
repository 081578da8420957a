import type {Answer, SandboxRequest} from '../answer.js'
import {json} from '../go/answers.js'
import {clientIP} from '../go/headers.js'
import {decodeMembers, goJson} from '../go/json.js'
import type {NezhaState} from './state.js'

interface Registration {
  Name: string
  Tag: string
  Note: string
  HideForGuest: string
}

/**
 * POST /api/v1/server/register for a caller who may (contracts/nezha.md 1.6). Every call makes a
 * new server; the answer holds its secret, and not its id.
 */
export function register(request: SandboxRequest, simple: string | undefined, state: NezhaState): Answer {
  const registration = decode(request.bytes)
  // This refusal is an object in simple mode too.
  if (!registration) return json(400, goJson({code: 400, message: 'Parse JSON failed', secret: ''}))
  const bare = simple === 'true' || simple === '1'
  const answer = (code: number, message: string, secret: string) =>
    json(code, goJson(bare ? secret : {code, message, secret}))
  if (state.databaseLock !== 'none') return answer(500, 'Database error: database is locked', '')
  const {secret} = state.add({
    name: registration.Name || clientIP(request.rawHeaders, request.remoteAddress),
    tag: registration.Tag || 'AutoRegister',
    note: registration.Note,
    hidden: (registration.HideForGuest || 'on') === 'on',
  })
  return answer(200, 'Server created successfully', secret)
}

/** Go matches keys without case, leaves a null field alone and refuses any other type than a string. */
function decode(body: Buffer): Registration | undefined {
  const members = decodeMembers(body)
  if (!members) return undefined
  const registration: Registration = {Name: '', Tag: '', Note: '', HideForGuest: ''}
  const fields = Object.keys(registration) as Array<keyof Registration>
  for (const [key, value] of members) {
    const field = fields.find(candidate => candidate.toLowerCase() === key.toLowerCase())
    if (!field || value === null) continue
    if (typeof value !== 'string') return undefined
    // Through bytes and back: a lone surrogate becomes U+FFFD.
    registration[field] = Buffer.from(value).toString()
  }
  return registration
}
