import {mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type NezhaOptions, startNezha} from '../../src/lib/sandbox/nezha/start.js'
import {now} from '../harness.js'
import {type Recorder, startRecorder} from './recorder.js'
import {scrub} from './scrub.js'

/** A dashboard to make the same assertions about as about any other. */
export interface Target {
  readonly name: string
  start(): Promise<RunningTarget>
}

export interface RunningTarget {
  readonly recorder: Recorder
  readonly token: string
  /** A whole Cookie header; undefined where none was given. */
  readonly cookie: string | undefined
  readonly now: () => Date
  /** A configuration folder for all its tests. */
  readonly folder: string
  close(): Promise<void>
}

async function behindRecorder(
  url: string,
  rest: Omit<RunningTarget, 'recorder' | 'folder' | 'close'>,
  finish: (recorder: Recorder) => Promise<void>,
): Promise<RunningTarget> {
  const recorder = await startRecorder(url)
  const folder = mkdtempSync(join(tmpdir(), 'panelctl-contract-'))
  return {
    ...rest,
    recorder,
    folder,
    close: async () => {
      await recorder.close()
      rmSync(folder, {recursive: true, force: true})
      await finish(recorder)
    },
  }
}

function emulated(name: string, options: NezhaOptions): Target {
  return {
    name,
    start: async () => {
      const sandbox = await startNezha({now: () => now.getTime(), ...options})
      const {url, token, cookie, state} = sandbox
      const target = {token, cookie: `${state.cookieName}=${cookie}`, now: () => now}
      return behindRecorder(url, target, async recorder => {
        await sandbox.close()
        // What a live run would write has nothing left in it: scrub throws otherwise.
        scrub(recorder.recordings, {token, cookie: target.cookie})
      })
    },
  }
}

/** The version in the footer of the page for unknown paths (contracts/nezha.md 1.1). */
export function versionOn(page: string): string | undefined {
  const words = page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
  return /Powered by (?:哪吒监控|Nezha Monitoring) v?(\d+\.\d+\.\d+)/.exec(words)?.[1]
}

function versionOf(recorder: Recorder): string {
  for (const {response} of recorder.recordings) {
    const version = response.status === 404 ? versionOn(response.raw) : undefined
    if (version !== undefined) return version
  }
  throw new Error('no answer tells the version of the dashboard')
}

/** A real dashboard; what it answers is kept in test/fixtures, scrubbed. */
function live(url: string, token: string, cookie: string | undefined): Target {
  return {
    name: 'the dashboard at PANELCTL_LIVE_NEZHA_URL',
    start: () =>
      behindRecorder(url, {token, cookie, now: () => new Date()}, async recorder => {
        const folder = join(import.meta.dirname, '..', 'fixtures', 'nezha')
        const lines = scrub(recorder.recordings, {token, cookie}).map(line => `${JSON.stringify(line)}\n`)
        mkdirSync(folder, {recursive: true})
        const file = join(folder, `live-${versionOf(recorder)}.jsonl`)
        // At once, as the replay may be reading it.
        writeFileSync(`${file}.new`, lines.join(''))
        renameSync(`${file}.new`, file)
      }),
  }
}

const {PANELCTL_LIVE_NEZHA_URL: url, PANELCTL_LIVE_NEZHA_TOKEN: token} = process.env

export const targets: readonly Target[] = [
  emulated('the sandbox', {}),
  emulated('the sandbox with a view password', {viewPassword: 'let-me-in'}),
  ...(url && token ? [live(url, token, process.env.PANELCTL_LIVE_NEZHA_COOKIE || undefined)] : []),
]
