import {readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {expect, onTestFinished, test} from 'vitest'
import {exitCodes} from '../../src/lib/errors.js'
import {startKomari} from '../../src/lib/sandbox/komari/start.js'
import {startNezha} from '../../src/lib/sandbox/nezha/start.js'
import {startDashboard} from '../../src/lib/sandbox/nezha/v1/start.js'
import {startOpenidcs} from '../../src/lib/sandbox/openidcs/start.js'
import type {PanelOptions} from '../../src/lib/sandbox/panel.js'
import {exampleLines, withFlags} from '../example-lines.js'
import {cli, now, type Outcome, temporaryFolder} from '../harness.js'
import {checkStdout, checkWords, printing, takePrinted} from '../printed.js'
import {fixtureFolder, type HttpRecording, readRecordings} from '../recordings.js'
import {Changing} from './changed.js'
import {mutations} from './mutation.js'

// Of all panels together; `npm run fuzz -- --runs 100000 --seed 7` says otherwise.
const runs = Number(process.env.FUZZ_RUNS ?? 10_000)
const seed = Number(process.env.FUZZ_SEED ?? 1)

/** The panels that people run, of each the versions whose answers differ. */
export const emulated = {
  'nezha v0': (options: PanelOptions) => startNezha(options),
  'nezha v1': (options: PanelOptions) => startDashboard({...options, generation: 'v1'}),
  'nezha v2': (options: PanelOptions) => startDashboard(options),
  komari: (options: PanelOptions) => startKomari(options),
  'openidcs seed': (options: PanelOptions) => startOpenidcs(options),
  'openidcs newest': (options: PanelOptions) => startOpenidcs({...options, profile: 'newest'}),
}

/** An example, and for how many answers it asks. */
interface Target {
  readonly line: string
  readonly answers: number
}

const formats = fc.constantFrom('table', 'json', 'csv', 'yaml', 'ndjson', 'id')

/** Half of them of what real panels answered. */
const changes = fc.record({
  /** Of as many as there are: each example is tried as often as the others, however much it asks for. */
  answer: fc.nat({max: 10_000}),
  mutation: mutations,
  recorded: fc.option(fc.nat({max: 1000}), {nil: undefined, freq: 2}),
})

const documented = Object.values(exitCodes).filter(code => code !== exitCodes.UNEXPECTED)

function check({stdout, stderr, exitCode}: Outcome, format: string): void {
  expect([0, ...documented], stderr).toContain(exitCode)
  if (exitCode !== 0 && !printing.includes(exitCode)) expect(stdout).toBe('')
  if (exitCode !== 0) expect(stderr).toMatch(/^\{"error":|^panelctl: \S/m)
  expect(`${stdout}\n${stderr}`).not.toMatch(/\bundefined\b|\[object \w+\]|\n\s+at \S+ \(/)
  // In a pipe csv has a text as it came.
  if (format !== 'csv') expect(stdout).not.toContain('\u001b[31m')
}

/** How many of one test: what it started ends before the next, so that a million need no more memory than some thousand. */
const batch = 5000

/** Each in a file of its own, as files run side by side; `test/rules/fuzz.test.ts` looks that none is missing. */
export function fuzz(version: keyof typeof emulated): void {
  const start = emulated[version]
  const [panel = ''] = version.split(' ')
  const all = Math.ceil(runs / Object.keys(emulated).length)
  const batches = Array.from({length: Math.ceil(all / batch)}, (_, at) => ({
    numRuns: Math.min(batch, all - at * batch),
    seed: seed + at,
  }))
  const recordings = readdirSync(fixtureFolder(panel))
    .flatMap(file => readRecordings(panel, file))
    .filter((one): one is HttpRecording => 'request' in one && one.response.status >= 200)
  test.each(batches)(
    `whatever ${version} answers, the command ends as documented ($numRuns answers, seed $seed)`,
    {timeout: 3_600_000},
    async ({numRuns, seed}) => {
      const between = new Changing(recordings)
      const options = {now: () => now.getTime(), between}
      let sandbox = await start(options)
      onTestFinished(() => sandbox.close())
      async function anew(): Promise<void> {
        await sandbox.close()
        sandbox = await start(options)
      }
      const home = temporaryFolder()
      // One place is enough to see that a stack is printed, and finding all of them took a twentieth of the time.
      const {stackTraceLimit} = Error
      Error.stackTraceLimit = 1
      onTestFinished(() => {
        Error.stackTraceLimit = stackTraceLimit
      })
      async function run(line: string, format: string): Promise<Outcome> {
        // Empty again before the next: a million homes in one folder make each new one wait for the disk.
        for (const left of readdirSync(home)) rmSync(join(home, left), {recursive: true})
        const env = {
          HOME: home,
          PANELCTL_CONFIG_DIR: home,
          PANELCTL_STATE_DIR: home,
          ...sandbox.environment,
        }
        const given = withFlags(line, `-o ${format} --retries 0 --timeout 2s`)
        const outcome = await cli(given, {env, stdin: '{"cpu_usage": 7}'})
        check(outcome, format)
        // Now, as there may be a million.
        const printed = takePrinted()
        checkStdout(printed)
        checkWords(printed)
        return outcome
      }

      const examples = await exampleLines(panel)
      const targets: Target[] = []
      for (const {id, line: example} of examples) {
        if (/:(login|logout|auto-register)$/.test(id)) continue
        // More hours are more of the same records: a quarter of all the time went into those of a day.
        const line = example.replace(/\b(?<k>hours[ =])24\b/, '$<k>2')
        between.next(undefined)
        const {exitCode} = await run(line, 'json')
        // What this version has not, another one is asked for.
        if (exitCode === exitCodes.REJECTED) continue
        if (between.answers === 0) continue
        targets.push({line, answers: between.answers})
        await anew()
      }
      expect(targets.length).toBeGreaterThan(15)
      let done = 0
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...targets),
          formats,
          changes,
          async ({line, answers}, format, change) => {
            // What was deleted is there again.
            if (done++ % 25 === 0) await anew()
            between.next({...change, answer: change.answer % answers})
            await run(line, format)
          },
        ),
        {numRuns, seed},
      )
    },
  )
}
