import {mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {now} from '../harness.js'
import {fixtureFolder, type Recording} from '../recordings.js'
import {type Recorder, startRecorder} from './recorder.js'

/** A panel to make the same assertions about as about any other; `Access` is what its tests need besides. */
export interface Target<Access> {
  readonly name: string
  start(): Promise<RunningTarget & Access>
}

export interface RunningTarget {
  readonly recorder: Recorder
  readonly now: () => Date
  /** A configuration folder for all its tests. */
  readonly folder: string
  close(): Promise<void>
}

/** What it takes to run the contract suite of a panel: emulated, and real where the environment says so. */
export interface PanelTargets<Access> {
  /** The folder below test/fixtures. */
  readonly panel: string
  /** By what sets each apart. */
  readonly sandboxes: Readonly<
    Record<string, () => Promise<{readonly url: string; readonly access: Access; close(): Promise<void>}>>
  >
  /** `PANELCTL_LIVE_<PANEL>_URL` begins the names of its variables. */
  readonly live: {readonly url: string; readonly access: Access} | undefined
  /** Recordings without what belongs to the panel's owner. Throws when something of it would be left. */
  readonly scrub: (recordings: readonly Recording[], access: Access) => readonly Recording[]
  readonly versionOf: (recordings: readonly Recording[]) => string | undefined
}

async function behindRecorder<Access>(
  url: string,
  access: Access,
  time: () => Date,
  finish: (recorder: Recorder) => Promise<void>,
): Promise<RunningTarget & Access> {
  const recorder = await startRecorder(url)
  const folder = mkdtempSync(join(tmpdir(), 'panelctl-contract-'))
  return {
    ...access,
    recorder,
    now: time,
    folder,
    close: async () => {
      await recorder.close()
      rmSync(folder, {recursive: true, force: true})
      await finish(recorder)
    },
  }
}

/** Without those that say what an earlier one said: most commands ask for the list of nodes first. */
function distinct(recordings: readonly Recording[]): Recording[] {
  const seen = new Set<string>()
  return recordings.filter(({id: _, ...said}) => {
    const key = JSON.stringify(said)
    return !seen.has(key) && seen.add(key)
  })
}

/** The sandboxes of a panel, and the real one, whose answers are kept in test/fixtures. */
export function targetsOf<Access>(suite: PanelTargets<Access>): Target<Access>[] {
  const {panel, sandboxes, live, scrub, versionOf} = suite
  const targets = Object.entries(sandboxes).map(
    ([name, start]): Target<Access> => ({
      name,
      start: async () => {
        const sandbox = await start()
        return behindRecorder(
          sandbox.url,
          sandbox.access,
          () => now,
          async ({recordings}) => {
            await sandbox.close()
            // What a live run would write has nothing left in it: scrub throws otherwise.
            scrub(recordings, sandbox.access)
          },
        )
      },
    }),
  )
  if (!live) return targets
  const {url, access} = live
  const real: Target<Access> = {
    name: `the panel at PANELCTL_LIVE_${panel.toUpperCase()}_URL`,
    start: () =>
      behindRecorder(
        url,
        access,
        () => new Date(),
        async ({recordings}) => {
          const version = versionOf(recordings)
          if (version === undefined) throw new Error('no answer tells the version of the panel')
          const lines = distinct(scrub(recordings, access)).map(line => `${JSON.stringify(line)}\n`)
          mkdirSync(fixtureFolder(panel), {recursive: true})
          const file = join(fixtureFolder(panel), `live-${version}.jsonl`)
          // At once, as the replay may be reading it.
          writeFileSync(`${file}.new`, lines.join(''))
          renameSync(`${file}.new`, file)
        },
      ),
  }
  return [...targets, real]
}

/**
 * The variables of a live run; undefined where its URL is not set.
 * @throws Error naming those that are missing beside the URL
 */
export function liveVariables<Name extends string>(
  panel: string,
  names: readonly Name[],
): Record<Name | 'URL', string> | undefined {
  const variable = (name: string) => `PANELCTL_LIVE_${panel.toUpperCase()}_${name}`
  const url = process.env[variable('URL')]
  if (!url) return undefined
  const missing = names.filter(name => !process.env[variable(name)]).map(variable)
  if (missing.length > 0) throw new Error(`${variable('URL')} needs ${missing.join(' and ')} beside it`)
  const values = ['URL', ...names].map(name => [name, process.env[variable(name)] ?? ''])
  return Object.fromEntries(values) as Record<Name | 'URL', string>
}
