import {type NezhaOptions, startNezha} from '../emulated.js'
import {now} from '../harness.js'
import type {HttpRecording, Recording} from '../recordings.js'
import {scrubNezha} from './nezha-scrub.js'
import {liveVariables, targetsOf} from './targets.js'

export interface NezhaAccess {
  readonly token: string
  /** A whole Cookie header. */
  readonly cookie: string
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

const live = liveVariables('nezha', ['TOKEN', 'COOKIE'])

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
