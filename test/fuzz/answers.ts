import {mkdirSync, rmSync} from 'node:fs'
import {createServer, type IncomingMessage} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {buffer} from 'node:stream/consumers'
import fc from 'fast-check'
import {expect, onTestFinished, test} from 'vitest'
import {exitCodes} from '../../src/lib/errors.js'
import type {Panel} from '../../src/lib/http/panel.js'
import {panels} from '../../src/lib/panels/index.js'
import {exampleLines, withFlags} from '../example-lines.js'
import {cli, komariSandbox, nezhaSandbox, type Outcome, openidcsSandbox, temporaryFolder} from '../harness.js'
import {checkStdout, checkWords, printing, takePrinted} from '../printed.js'
import {type Mutation, mutated, mutations} from './mutation.js'

// Of all panels together; `npm run fuzz -- --runs 100000 --seed 7` says otherwise.
const runs = Number(process.env.FUZZ_RUNS ?? 10_000)
const seed = Number(process.env.FUZZ_SEED ?? 1)

const sandboxes = {nezha: nezhaSandbox, komari: komariSandbox, openidcs: openidcsSandbox}

/** The panel behind somebody who changes one of its answers. */
async function between(url: () => string) {
  let plan: {left: number; mutation: Mutation} | undefined
  const forward = async (request: IncomingMessage) => {
    const {method = 'GET', headers} = request
    const body = await buffer(request)
    const answer = await fetch(`${url()}${request.url}`, {
      method,
      redirect: 'manual',
      headers: Object.fromEntries(
        ['authorization', 'cookie', 'content-type'].flatMap(name => {
          const value = headers[name]
          return typeof value === 'string' ? [[name, value]] : []
        }),
      ),
      ...(body.length === 0 ? {} : {body}),
    })
    return {status: answer.status, headers: answer.headers, text: await answer.text()}
  }
  const server = createServer(async (request, response) => {
    const {status, headers, text} = await forward(request)
    const isHit = plan !== undefined && plan.left-- === 0
    for (const name of ['content-type', 'date', 'location']) {
      const value = headers.get(name)
      if (value !== null) response.setHeader(name, value)
    }
    response.writeHead(status).end(isHit && plan ? mutated(text, plan.mutation) : text)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    plan: (answer: number, mutation: Mutation) => {
      plan = {left: answer, mutation}
    },
  }
}

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
  const all = Math.ceil(runs / panels.length)
  const batches = Array.from({length: Math.ceil(all / batch)}, (_, at) => ({
    numRuns: Math.min(batch, all - at * batch),
    seed: seed + at,
  }))
  test.each(batches)(
    `whatever ${panel.title} answers, the command ends as documented ($numRuns answers, seed $seed)`,
    {timeout: 3_600_000},
    ({numRuns, seed}) => changed(panel, {numRuns, seed}),
  )
}

async function changed(panel: Panel, parameters: {numRuns: number; seed: number}): Promise<void> {
  const lines = (await exampleLines(panel.name))
    .filter(({id}) => !/:(login|logout|auto-register)$/.test(id))
    .map(({line}) => line)
  expect(lines.length).toBeGreaterThan(5)
  const start = sandboxes[panel.name as keyof typeof sandboxes]
  let sandbox = await start()
  let done = 0
  const proxy = await between(() => sandbox.url)
  const home = join(temporaryFolder(), 'home')
  await fc.assert(
    fc.asyncProperty(
      fc.nat({max: lines.length - 1}),
      fc.constantFrom('table', 'json', 'csv', 'yaml', 'ndjson', 'id'),
      fc.nat({max: 3}),
      mutations,
      async (at, format, answer, mutation) => {
        // What was deleted is there again.
        if (done++ % 25 === 0) sandbox = await start()
        proxy.plan(answer, mutation)
        // Gone before the next: a million homes in one folder make each new one wait for the disk.
        rmSync(home, {recursive: true, force: true})
        mkdirSync(home, {mode: 0o700})
        const env = {
          HOME: home,
          PANELCTL_CONFIG_DIR: home,
          PANELCTL_STATE_DIR: home,
          ...sandbox.environment,
          [panel.urlVariable]: proxy.url,
        }
        const line = withFlags(lines[at] ?? '', `-o ${format} --retries 0 --timeout 2s`)
        check(await cli(line, {env, stdin: '{"cpu_usage": 7}'}), format)
        // Now, as there may be a million.
        const printed = takePrinted()
        checkStdout(printed)
        checkWords(printed)
      },
    ),
    parameters,
  )
}
