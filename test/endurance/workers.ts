import {type ChildProcess, spawn} from 'node:child_process'
import {utimesSync} from 'node:fs'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import type {Readable} from 'node:stream'

/** A command line for a worker. */
export interface Job {
  readonly argv: readonly string[]
  readonly stdin: string
  /** The call to the file system, counted while it holds the lock, at which it dies by SIGKILL. */
  readonly fatal?: number | undefined
}

export type Ended =
  | {readonly exitCode: number; readonly said: string}
  | {readonly killed: 'holding the lock' | 'waiting'}

/** A process that changes contexts of one folder. */
export class Worker {
  readonly ready: Promise<void>
  readonly #child: ChildProcess
  #isReady: () => void = () => {}
  #ended: (ended: Ended) => void = () => {}
  #holds = false
  isAlive = true

  constructor(script: string, configDir: string, heard: () => void) {
    this.ready = new Promise(resolve => {
      this.#isReady = resolve
    })
    this.#child = spawn(process.execPath, [script, configDir], {stdio: ['pipe', 'pipe', 'inherit']})
    createInterface({input: this.#child.stdout as Readable}).on('line', line => {
      const message = JSON.parse(line)
      if (message.ready) this.#isReady()
      else if (message.lock) this.#holds = message.lock === 'held'
      else this.#ended(message)
      heard()
    })
    this.#child.stdin?.on('error', () => {})
    this.#child.once('close', () => {
      this.isAlive = false
      // As if an hour had passed: what else waits for that would wait for five seconds.
      if (this.#holds) utimesSync(join(configDir, '.lock'), 0, 0)
      this.#ended({killed: this.#holds ? 'holding the lock' : 'waiting'})
    })
  }

  run(job: Job): Promise<Ended> {
    return new Promise(resolve => {
      this.#ended = resolve
      this.#child.stdin?.write(`${JSON.stringify(job)}\n`)
    })
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
