import {readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {parse} from 'yaml'
import {temporaryFolder} from '../harness.js'
import {bundleScript} from '../lib/config/bundled-script.js'
import {seededRandom} from '../lib/sandbox/seeded-random.js'
import {printTable} from './table.js'
import {type Ended, type Job, Worker} from './workers.js'

// `npm run endurance -- --rounds 500 --processes 50 --seed 7` says otherwise.
const rounds = Number(process.env.ENDURANCE_ROUNDS ?? 6)
const processes = Number(process.env.ENDURANCE_PROCESSES ?? 10)
const seed = Number(process.env.ENDURANCE_SEED ?? 1)

/** The one context of a process, as it stands in the files; each process changes its own, and they share the files. */
interface Saved {
  readonly name: string
  readonly secret: string | undefined
}

/** A change: what it makes of a context, and what a kill in the middle may leave besides that and what was before. */
interface Change {
  readonly job: Job
  readonly after: Saved | undefined
  readonly between?: Saved
}

const urlOf = (owner: number) => `https://panel${owner}.example.com`

function change(
  owner: number,
  round: number,
  before: Saved | undefined,
  pick: (limit: number) => number,
): Change {
  const login = (name: string, ...more: string[]): Job => ({
    argv: ['nezha', 'login', '--no-check', '--with-token', '--url', urlOf(owner), '--context', name, ...more],
    stdin: `secret-${owner}-${round}`,
  })
  const words = (...argv: string[]): Job => ({argv, stdin: ''})
  const secret = `secret-${owner}-${round}`
  if (before === undefined) {
    const name = `panel${owner}`
    return {job: login(name), after: {name, secret}, between: {name, secret: undefined}}
  }
  const {name} = before
  const without = {name, secret: undefined}
  const other = name.startsWith('panel') ? `renamed${owner}` : `panel${owner}`
  const changes: Change[] = [
    {job: login(name, '--replace'), after: {name, secret}, between: without},
    {job: words('context', 'rename', name, other), after: {...before, name: other}},
    {job: words('context', 'rename', name, other), after: {...before, name: other}},
    {job: words('context', 'use', name), after: before},
    {job: words('context', 'delete', name, '--yes'), after: undefined, between: without},
    {job: words('nezha', 'logout', '--context', name), after: without},
  ]
  return changes[pick(changes.length)] as Change
}

const seedConfig =
  '# mine\ncontexts:\n  seed: # at home\n    panel: nezha\n    url: https://seed.example.com\n'

function readFolder(folder: string) {
  const yaml = (name: string) => parse(readFileSync(join(folder, name), 'utf8')) ?? {}
  const {
    contexts,
    current,
  }: Record<'contexts' | 'current', Record<string, {url: string}>> = yaml('config.yaml')
  const secrets: Record<string, {value: string}> = yaml('credentials.yaml')
  return {contexts, current: Object.values(current ?? {}).map(String), secrets}
}

/** What the files have of a process, and that nothing else is in them. */
function savedOf(folder: string, owner: number): Saved | undefined {
  const {contexts, secrets} = readFolder(folder)
  const names = Object.entries(contexts).flatMap(([name, {url}]) => (url === urlOf(owner) ? [name] : []))
  expect(names.length, `contexts of process ${owner}`).toBeLessThan(2)
  const [name] = names
  return name === undefined ? undefined : {name, secret: secrets[name]?.value}
}

test.skipIf(process.platform === 'win32')(
  `${rounds} rounds of ${processes} processes that change contexts at once lose nothing, killed or not`,
  {timeout: 7_200_000},
  async () => {
    const began = performance.now()
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'config.yaml'), seedConfig, {mode: 0o600})
    writeFileSync(join(folder, 'credentials.yaml'), 'seed:\n  kind: token\n  value: of the seed\n', {
      mode: 0o600,
    })
    const script = await bundleScript(join(import.meta.dirname, 'worker.script.ts'), temporaryFolder())
    const random = seededRandom(seed)
    const pick = (limit: number) => Math.floor(random() * limit)
    const counts = {saved: 0, 'kill -9 while writing': 0, 'kill -9 while waiting': 0, busy: 0}

    let victims: {worker: Worker; after: number}[] = []
    const heard = () => {
      for (const victim of victims) if (victim.after-- === 0) victim.worker.kill()
    }
    const workers: Worker[] = []
    onTestFinished(() => {
      for (const worker of workers) worker.kill()
    })
    const raise = async () => {
      for (let owner = 0; owner < processes; owner++)
        if (!workers[owner]?.isAlive) workers[owner] = new Worker(script, folder, heard)
      await Promise.all(workers.map(({ready}) => ready))
    }

    const states: (Saved | undefined)[] = Array.from({length: processes})
    for (let round = 1; round <= rounds; round++) {
      await raise()
      // Some die at a call of their own, and some at any moment, by how much all have told until then.
      victims = workers.flatMap(worker => (pick(processes) < 2 ? [{worker, after: pick(processes * 3)}] : []))
      const changes = workers.map((_, owner) => change(owner, round, states[owner], pick))
      const ended = await Promise.all(
        workers.map((worker, owner): Promise<Ended> => {
          const {job} = changes[owner] as Change
          return worker.run({...job, fatal: pick(processes) < 3 ? 1 + pick(60) : undefined})
        }),
      )
      victims = []
      for (const [owner, end] of ended.entries()) {
        const {job, after, between} = changes[owner] as Change
        const before = states[owner]
        const found = savedOf(folder, owner)
        const told = `round ${round}, process ${owner}: ${job.argv.join(' ')}: ${JSON.stringify(end)}`
        if ('killed' in end) {
          counts[end.killed === 'waiting' ? 'kill -9 while waiting' : 'kill -9 while writing'] += 1
          expect([before, after, ...(between ? [between] : [])], told).toContainEqual(found)
        } else if (end.exitCode === 0) {
          counts.saved += 1
          expect(found, told).toEqual(after)
        } else {
          expect(end.said, told).toContain('another panelctl is changing')
          counts.busy += 1
          expect(found, told).toEqual(before)
        }
        states[owner] = found
      }

      // What was left behind goes with the next turn.
      const next = workers.find(({isAlive}) => isAlive)
      expect(await next?.run({argv: ['context', 'use', 'seed'], stdin: ''})).toMatchObject({exitCode: 0})
      const {contexts, current, secrets} = readFolder(folder)
      const all = [{name: 'seed', secret: 'of the seed'}, ...states.filter(state => state !== undefined)]
      expect(Object.keys(contexts).toSorted()).toEqual(all.map(({name}) => name).toSorted())
      expect(Object.fromEntries(Object.entries(secrets).map(([name, {value}]) => [name, value]))).toEqual(
        Object.fromEntries(all.flatMap(({name, secret}) => (secret === undefined ? [] : [[name, secret]]))),
      )
      expect(current).toEqual(['seed'])
      expect(readFileSync(join(folder, 'config.yaml'), 'utf8')).toMatch(/^# mine\n[\s\S]*# at home\n/)
      expect(readdirSync(folder).toSorted()).toEqual(['config.yaml', 'credentials.yaml'])
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    }
    const seconds = `${((performance.now() - began) / 1000).toFixed(0)} s`
    printTable([
      [
        'ROUNDS',
        'PROCESSES',
        ...Object.keys(counts).map(name => name.toUpperCase()),
        'LOST',
        'LEFT',
        'SEED',
        'TIME',
      ],
      [rounds, processes, ...Object.values(counts), 0, 0, seed, seconds],
    ])
    // A storm in which nobody dies proves nothing.
    expect(Math.min(counts.saved, counts['kill -9 while writing'])).toBeGreaterThan(rounds / 3)
  },
)
