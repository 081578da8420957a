import {PanelctlError} from '../../errors.js'
import type {Client} from '../../http/client.js'
import {judge} from '../../http/judge.js'
import type {Answer} from '../../http/panel.js'
import {envelopeOf} from './envelope.js'
import {MissingRoute, openidcs} from './panel.js'

/** The versions that a client can tell from each other, by their last known commit or tag; the oldest first. */
const versions = {
  c5ee1c9: 'c5ee1c9 (8 December 2025)',
  '7a36e7e': '7a36e7e (10 December 2025)',
  v04: 'v0.4 or one like it (December 2025 to February 2026)',
  v05: 'v0.5 or one like it (February to April 2026)',
  newest: 'of April 2026 or later',
} as const

export type Version = keyof typeof versions

/** How a version fails at what it cannot do: anything else is a failure like any other. */
type Way = 'refuses' | 'crashes'

interface Limit {
  readonly versions: Readonly<Partial<Record<Version, Way>>>
  /** What cannot be done, as a message begins. */
  readonly what: string
  /** What to do instead. */
  readonly hint: string
}

const update = 'a newer version of OpenIDCS does it'

/** What versions cannot do although they know the call; each line cites contracts/openidcs.md. */
const limits = {
  /** 2.1 no. 8: always `code 500`. */
  logs: {versions: {c5ee1c9: 'refuses'}, what: 'tell its logs', hint: update},
  /** 2.1 no. 9: always `code 500`. */
  tasks: {versions: {c5ee1c9: 'refuses'}, what: 'tell its tasks', hint: update},
  /** 2.3 no. 19: always HTTP 500 in 7a36e7e; 0.2: broken in v0.5. */
  createOnVmware: {
    versions: {'7a36e7e': 'crashes', v05: 'refuses'},
    what: 'create virtual machines on VMware hosts',
    hint: update,
  },
  /** 2.3 no. 20: always HTTP 500, and nothing is changed. */
  updateOnVmware: {
    versions: {'7a36e7e': 'crashes'},
    what: 'change virtual machines on VMware hosts',
    hint: update,
  },
  /** 2.3 no. 24: refused in v0.4 and v0.5. */
  scanOnVmware: {
    versions: {v04: 'refuses', v05: 'refuses'},
    what: 'import virtual machines of VMware hosts',
    hint: update,
  },
  /** 2.3 no. 22: sends `reset`, which VMware does not know. */
  resetOnVmware: {
    versions: {c5ee1c9: 'refuses'},
    what: 'reset virtual machines on VMware hosts',
    hint: 'stop it (hard_stop) and start it',
  },
} as const satisfies Readonly<Record<string, Limit>>

export type Feature = keyof typeof limits

/**
 * The version of a panel, found by what it knows (trap 26). Only reads, and to be asked only where it matters: after a
 * failure, or before waiting for what some versions never tell.
 * @throws PanelctlError where the answers are none of a version: a panel that fails or refuses is not an older one
 */
export async function versionOf(client: Client): Promise<Version> {
  const get = async (path: string): Promise<Known> => {
    const {answer, call} = await client.send({panel: openidcs, method: 'GET', path, repeatable: true})
    try {
      judge(call, answer)
      return {answer, failure: undefined}
    } catch (error) {
      if (!(error instanceof PanelctlError)) throw error
      return {answer, failure: error}
    }
  }

  const current = await get('/api/token/current')
  if (!current.failure) {
    if (envelopeOf(current.answer.json)?.timestamp !== undefined) return 'newest'
    const unknown = await get('/api/system/no-such-call')
    if (!(unknown.failure instanceof MissingRoute)) throw unknown.failure ?? unclear(unknown.answer)
    // What an unknown path answers is a page before 2026-02-05, and JSON since (0.2).
    return unknown.answer.json === undefined ? 'v04' : 'v05'
  }
  if (!(current.failure instanceof MissingRoute)) throw current.failure
  // Tasks without a host: always 500 there, and since then the refusal that they are (2.1 no. 9).
  const tasks = await get('/api/system/tasker')
  const code = tasks.answer.status === 200 ? envelopeOf(tasks.answer.json)?.code : undefined
  if (code === 500) return 'c5ee1c9'
  if (code === 400) return '7a36e7e'
  throw tasks.failure ?? unclear(tasks.answer)
}

interface Known {
  readonly answer: Answer
  readonly failure: PanelctlError | undefined
}

function unclear({url, method, status}: Answer): PanelctlError {
  return new PanelctlError(
    'BAD_RESPONSE',
    `${method} ${url.pathname} of ${url.host} does not tell which version of OpenIDCS that is`,
    {panel: openidcs.name, status},
  )
}

/** The way in which a call failed; undefined where it is not one of a version that cannot do it. */
function wayOf(error: unknown): Way | undefined {
  if (!(error instanceof PanelctlError) || error.code === 'AUTH') return undefined
  if (error.code === 'REJECTED') return 'refuses'
  return error.status === 500 ? 'crashes' : undefined
}

/**
 * Does what some versions cannot: where it fails, and the version is one of those, says so.
 * @throws PanelctlError REJECTED naming the version, else whatever it failed with
 */
export async function unlessVersion<Result>(
  client: Client,
  feature: Feature,
  perform: () => Promise<Result>,
): Promise<Result> {
  try {
    return await perform()
  } catch (error) {
    const {versions: unable, what, hint}: Limit = limits[feature]
    const way = wayOf(error)
    if (way === undefined || !Object.values(unable).includes(way)) throw error
    // Where even that cannot be found out, the first failure is the one to tell.
    const version = await versionOf(client).catch(() => undefined)
    if (version === undefined || unable[version] !== way) throw error
    throw new PanelctlError('REJECTED', `this version of OpenIDCS, ${versions[version]}, cannot ${what}`, {
      hint,
      panel: openidcs.name,
      status: error instanceof PanelctlError ? error.status : undefined,
      cause: error,
    })
  }
}

/** What a version never tells, so that nobody can wait for it: `tells no power of web01`. Nothing was sent yet. */
export async function untold(client: Client, what: string): Promise<PanelctlError> {
  const version = await versionOf(client).catch(() => undefined)
  const named = version === undefined ? 'this server' : `this version of OpenIDCS, ${versions[version]},`
  return new PanelctlError('REJECTED', `${named} ${what}: there is nothing to wait for; nothing was sent`, {
    hint: 'leave out --wait, or go on in any case with --wait-if-told',
    reason: 'untold',
    panel: openidcs.name,
  })
}
