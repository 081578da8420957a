import fs from 'node:fs'
import promises from 'node:fs/promises'
import {createInterface} from 'node:readline'
import {PassThrough} from 'node:stream'
import type {Command} from '../../src/lib/command/command.js'
import type {Job} from './workers.js'

/*
 * Runs one command line after the other (a job a line of stdin, what came of it a line of stdout), and dies by SIGKILL at
 * the call to the file system that the job names. Every one of panelctl and its libraries goes through these two objects.
 */
const {writeSync} = fs
const tell = (message: object) => writeSync(1, `${JSON.stringify(message)}\n`)

let isHeld = false
let left = 0

/** Counts while this process holds the lock, where things get lost. */
function counted(name: string, call: (...args: unknown[]) => unknown) {
  return (...args: unknown[]): unknown => {
    const isOfLock = typeof args[0] === 'string' && args[0].endsWith('/.lock')
    if (isHeld && --left === 0) process.kill(process.pid, 'SIGKILL')
    const done = args.at(-1)
    if (isOfLock && name === 'mkdir' && typeof done === 'function') {
      const held = (error: unknown) => {
        isHeld = !error
        if (!error) tell({lock: 'held'})
        done(error)
      }
      return Reflect.apply(call, fs, [...args.slice(0, -1), held])
    }
    // Before: what is told must never be too much, or another one's lock would be taken for that of a dead one.
    if (isOfLock && name === 'rmdir' && isHeld) {
      isHeld = false
      tell({lock: 'free'})
    }
    return Reflect.apply(call, fs, args)
  }
}

for (const target of [fs, promises]) {
  for (const name of Object.keys(target)) {
    const call: unknown = Reflect.get(target, name)
    if (typeof call !== 'function' || /^[A-Z_]/.test(name)) continue
    Reflect.set(target, name, Object.assign(counted(name, call as () => unknown), call))
  }
}

const commands: Readonly<Record<string, () => Promise<{default: Command}>>> = {
  'nezha:login': () => import('../../src/commands/nezha/login.js'),
  'nezha:logout': () => import('../../src/commands/nezha/logout.js'),
  'context:use': () => import('../../src/commands/context/use.js'),
  'context:rename': () => import('../../src/commands/context/rename.js'),
  'context:delete': () => import('../../src/commands/context/delete.js'),
}

async function perform({argv, stdin}: Job, configDir: string): Promise<object> {
  // Only now: graceful-fs copies the functions when it is loaded.
  const {main} = await import('../../src/lib/command/main.js')
  const printed: string[] = []
  const stream = () =>
    Object.assign(new PassThrough(), {isTTY: false, columns: undefined, rows: undefined}).on('data', text =>
      printed.push(String(text)),
    )
  const io = {stdin: Object.assign(new PassThrough(), {isTTY: false}), stdout: stream(), stderr: stream()}
  io.stdin.end(stdin)
  const exitCode = await main(argv, {
    io,
    env: {HOME: configDir, PANELCTL_CONFIG_DIR: configDir},
    root: configDir,
    version: '0.0.0-test',
    now: () => new Date(),
    signal: new AbortController().signal,
    ids: Object.keys(commands),
    load: async id => {
      const command = await commands[id]?.()
      if (!command) throw new Error(`no command ${id}`)
      return command.default
    },
    panels: async () => (await import('../../src/lib/panels/index.js')).panels,
  })
  return {exitCode, said: printed.join('')}
}

createInterface({input: process.stdin}).on('line', async line => {
  const job: Job = JSON.parse(line)
  left = job.fatal ?? 0
  tell(await perform(job, process.argv[2] ?? ''))
})
// The first job would load it all otherwise, and none of the others have to wait for it.
void import('../../src/lib/command/main.js').then(() => tell({ready: true}))
