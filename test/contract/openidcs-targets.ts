import {readFileSync} from 'node:fs'
import {type OpenidcsOptions, startOpenidcs} from '../emulated.js'
import {now} from '../harness.js'
import {envelopeIn} from '../openidcs-recordings.js'
import type {HttpRecording, Recording} from '../recordings.js'
import {scrubOpenidcs} from './openidcs-scrub.js'
import {liveVariables, targetsOf} from './targets.js'

export type Fields = Readonly<Record<string, unknown>>

export interface OpenidcsAccess {
  readonly token: string
  /** The configuration of a VMware host that the tests add. */
  readonly hostConfig: Fields
}

/** Where an emulated hypervisor has everything that a VM is made of. */
const emulatedHost: Fields = {
  server_addr: '192.0.2.20:8697',
  server_user: 'contract',
  server_pass: 'contract-hypervisor-password',
  images_path: '/srv/openidcs/images',
  system_path: '/srv/openidcs/disks',
  i_kuai_addr: 'http://192.0.2.1',
  i_kuai_user: 'contract',
  i_kuai_pass: 'contract-router-password',
  ports_start: 20_000,
  ports_close: 20_100,
  remote_port: 6090,
  public_addr: ['127.0.0.1'],
  enable_host: true,
  system_maps: {'Debian 12': ['debian12.vmdk', 10]},
}

const emulated = (options: OpenidcsOptions) => async () => {
  const {url, close, token} = await startOpenidcs({now: () => now.getTime(), ...options})
  return {url, close, access: {token, hostConfig: emulatedHost}}
}

const live = liveVariables('openidcs', ['TOKEN', 'HOST_FILE'])

function exchanges(recordings: readonly Recording[]): HttpRecording[] {
  return recordings.filter(recording => 'request' in recording)
}

/** As far as the answers tell it (contracts/openidcs.md trap 26). */
export function versionIn(recordings: readonly Recording[]): string | undefined {
  const answers = exchanges(recordings)
  const codeOf = (path: string) => {
    const found = answers.find(({request}) => request.path.split('?')[0] === path)
    return found && envelopeIn(found)?.code
  }
  if (answers.some(({response: {raw = ''}}) => /"timestamp": ?\d{10}/.test(raw))) return 'newest'
  if (codeOf('/api/system/tquery') === 200)
    return codeOf('/api/system/logger/detail') === 500 ? 'c5ee1c9' : '7a36e7e'
  if (codeOf('/api/token/current') !== 200) return undefined
  return answers.some(({request: {path}}) => path === '/login') ? 'v0.4' : 'v0.5'
}

export const targets = targetsOf<OpenidcsAccess>({
  panel: 'openidcs',
  sandboxes: {
    'the sandbox': emulated({}),
    'the sandbox as c5ee1c9': emulated({profile: 'c5ee1c9'}),
    'the sandbox as the newest': emulated({profile: 'newest'}),
  },
  live: live && {
    url: live.URL,
    access: {token: live.TOKEN, hostConfig: JSON.parse(readFileSync(live.HOST_FILE, 'utf8'))},
  },
  scrub: scrubOpenidcs,
  versionOf: versionIn,
})
