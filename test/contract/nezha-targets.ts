import {type NezhaOptions, startDashboard, startNezha} from '../emulated.js'
import {now} from '../harness.js'
import type {HttpRecording, Recording} from '../recordings.js'
import {scrubNewer} from './nezha-newer-scrub.js'
import {scrubNezha} from './nezha-scrub.js'
import {liveVariables, targetsOf} from './targets.js'

export interface NezhaAccess {
  readonly token: string
  /** A whole Cookie header. */
  readonly cookie: string
}

/** What it takes of v1 and v2. */
export interface NewerAccess {
  readonly generation: 'v1' | 'v2'
  /** Empty on v1, which has none. */
  readonly token: string
  readonly username: string
  readonly password: string
  /** The name of a server that may be changed, and deleted in the end. */
  readonly spare: string
}

const emulated = (options: NezhaOptions) => async () => {
  const {url, token, cookie, state, close} = await startNezha({now: () => now.getTime(), ...options})
  return {url, close, access: {token, cookie: `${state.cookieName}=${cookie}`}}
}

/** The version in the footer of the page for unknown paths (contracts/nezha.md 1.1). */
export function versionOn(page: string): string | undefined {
  const words = page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
  return /Powered by (?:哪吒监控|Nezha Monitoring) v?(\d+\.\d+\.\d+)/.exec(words)?.[1]
}

const exchangesOf = (recordings: readonly Recording[]): HttpRecording[] =>
  recordings.filter(recording => 'request' in recording)

const liveGeneration = process.env.PANELCTL_LIVE_NEZHA_GENERATION ?? 'v0'
const live = liveGeneration === 'v0' ? liveVariables('nezha', ['TOKEN', 'COOKIE']) : undefined

export const targets = targetsOf<NezhaAccess>({
  panel: 'nezha',
  sandboxes: {
    'the sandbox': emulated({}),
    'the sandbox with a view password': emulated({viewPassword: 'let-me-in'}),
  },
  live: live && {
    url: live.URL,
    access: {token: live.TOKEN, cookie: live.COOKIE},
  },
  scrub: (recordings, access) => scrubNezha(exchangesOf(recordings), access),
  versionOf: recordings =>
    exchangesOf(recordings)
      .map(({response}) => (response.status === 404 ? versionOn(response.raw ?? '') : undefined))
      .find(version => version !== undefined),
})

const emulatedNewer = (options: NezhaOptions & Pick<NewerAccess, 'generation'>) => async () => {
  const {url, username, password, pat, state, close} = await startDashboard({
    now: () => now.getTime(),
    ...options,
  })
  state.feedEveryMs = 5
  const {name: spare} = state.add({name: 'contract-spare'})
  const {generation} = options
  return {url, close, access: {generation, token: generation === 'v2' ? pat : '', username, password, spare}}
}

function liveNewer() {
  if (liveGeneration !== 'v1' && liveGeneration !== 'v2') return undefined
  const names = ['USERNAME', 'PASSWORD', 'SPARE', ...(liveGeneration === 'v2' ? ['TOKEN'] : [])]
  const found: Readonly<Record<string, string>> | undefined = liveVariables('nezha', names)
  const {URL: url = '', TOKEN: token = '', USERNAME: username = '', PASSWORD: password = ''} = found ?? {}
  const {SPARE: spare = ''} = found ?? {}
  return found && {url, access: {generation: liveGeneration, token, username, password, spare} as const}
}

export const newerTargets = targetsOf<NewerAccess>({
  panel: 'nezha',
  sandboxes: {
    'the sandbox of v1': emulatedNewer({generation: 'v1'}),
    'the sandbox of v1 that shows guests nothing': emulatedNewer({generation: 'v1', forceAuth: true}),
    'the sandbox of v2': emulatedNewer({generation: 'v2'}),
    'the sandbox of v2 with /mcp': emulatedNewer({generation: 'v2', mcp: true}),
  },
  live: liveNewer(),
  scrub: scrubNewer,
  // Administrators with a session are told it (contracts/nezha.md 3.6).
  versionOf: recordings =>
    exchangesOf(recordings)
      .filter(({request}) => request.path === '/api/v1/setting')
      .map(({response}) => /"version":"(\d+\.\d+\.\d+)"/.exec(response.raw ?? '')?.[1])
      .find(version => version !== undefined),
})
