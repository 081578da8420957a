import {mkdirSync, readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {expect, onTestFinished, test} from 'vitest'
import {exitCodes} from '../../src/lib/errors.js'
import type {Panel} from '../../src/lib/http/panel.js'
import {panels} from '../../src/lib/panels/index.js'
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

/** The panels that people run, of each the version whose answers differ. */
const sandboxes = {
  nezha: {
    v0: (options: PanelOptions) => startNezha(options),
    v1: (options: PanelOptions) => startDashboard({...options, generation: 'v1'}),
    v2: (options: PanelOptions) => startDashboard(options),
  },
  komari: {current: (options: PanelOptions) => startKomari(options)},
  openidcs: {
    seed: (options: PanelOptions) => startOpenidcs(options),
    newest: (options: PanelOptions) => startOpenidcs({...options, profile: 'newest'}),
  },
}

/** One of the answers that an example asks for. */
interface Target {
  readonly line: string
  readonly answer: number
}

const formats = fc.constantFrom('table', 'json', 'csv', 'yaml', 'ndjson', 'id')

/** Half of them of what real panels answered. */
const changes = fc.record({
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

/** Each panel in a file of its own, as files run side by side; `test/rules/fuzz.test.ts` looks that none is missing. */
export function fuzz(panel: Panel): void {
  const versions = Object.entries(sandboxes[panel.name as keyof typeof sandboxes])
  const all = Math.ceil(runs / panels.length / versions.length)
  const batches = versions.flatMap(([version, start]) =>
    Array.from({length: Math.ceil(all / batch)}, (_, at) => ({
      version,
      start,
      numRuns: Math.min(batch, all - at * batch),
      seed: seed + at,
    })),
  )
  const recordings = readdirSync(fixtureFolder(panel.name))
    .flatMap(file => readRecordings(panel.name, file))
    .filter((one): one is HttpRecording => 'request' in one && one.response.status >= 200)
  test.each(batches)(
    `whatever ${panel.title} answers, the command ends as documented ($version, $numRuns answers, seed $seed)`,
    {timeout: 3_600_000},
    async ({start, numRuns, seed}) => {
      const between = new Changing(recordings)
      const options = {now: () => now.getTime(), between}
      let sandbox = await start(options)
      onTestFinished(() => sandbox.close())
      async function anew(): Promise<void> {
        await sandbox.close()
        sandbox = await start(options)
      }
      const home = join(temporaryFolder(), 'home')
      async function run(line: string, format: string): Promise<Outcome> {
        // Gone before the next: a million homes in one folder make each new one wait for the disk.
        rmSync(home, {recursive: true, force: true})
        mkdirSync(home, {mode: 0o700})
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

      const examples = await exampleLines(panel.name)
      const targets: Target[] = []
      for (const {id, line} of examples) {
        if (/:(login|logout|auto-register)$/.test(id)) continue
        between.next(undefined)
        const {exitCode} = await run(line, 'json')
        // What this version has not, another one is asked for.
        if (exitCode === exitCodes.REJECTED) continue
        for (let answer = 0; answer < between.answers; answer++) targets.push({line, answer})
        if (between.answers > 0) await anew()
      }
      expect(targets.length).toBeGreaterThan(20)
      let done = 0
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...targets),
          formats,
          changes,
          async ({line, answer}, format, change) => {
            // What was deleted is there again.
            if (done++ % 25 === 0) await anew()
            between.next({...change, answer})
            await run(line, format)
          },
        ),
        {numRuns, seed},
      )
    },
  )
}
