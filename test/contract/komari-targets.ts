import {type KomariOptions, startKomari} from '../emulated.js'
import {now} from '../harness.js'
import {parsed} from '../recordings.js'
import {scrubKomari} from './komari-scrub.js'
import {liveVariables, targetsOf} from './targets.js'

export interface KomariAccess {
  readonly apiKey: string
  readonly session: string
  readonly login: {readonly username: string; readonly password: string}
}

const emulated = (options: KomariOptions) => async () => {
  const {url, close, ...sandbox} = await startKomari({now: () => now.getTime(), ...options})
  const {apiKey, session, username, password} = sandbox
  return {url, close, access: {apiKey, session, login: {username, password}}}
}

const live = liveVariables('komari', ['API_KEY', 'SESSION_TOKEN', 'USERNAME', 'PASSWORD'])

export const targets = targetsOf<KomariAccess>({
  panel: 'komari',
  sandboxes: {
    'the sandbox': emulated({}),
    'the sandbox as a private site': emulated({privateSite: true}),
    'the sandbox without password login': emulated({settings: {disable_password_login: true}}),
  },
  live: live && {
    url: live.URL,
    access: {
      apiKey: live.API_KEY,
      session: live.SESSION_TOKEN,
      login: {username: live.USERNAME, password: live.PASSWORD},
    },
  },
  scrub: scrubKomari,
  versionOf: recordings => {
    for (const recording of recordings) {
      if (!('request' in recording) || recording.request.path !== '/api/version') continue
      const answer = parsed(recording.response.raw ?? '') as {data?: {version?: string}} | undefined
      if (answer?.data?.version) return answer.data.version
    }
    return undefined
  },
})
