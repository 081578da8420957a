import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import type {Readable} from 'node:stream'
import {root, temporaryFolder} from '../harness.js'

/** What lived in memory after so many lines, and what the process took; bytes. */
interface Sample {
  readonly lines: number
  readonly live: number
  readonly resident: number
}

export interface Memory {
  readonly lines: number
  readonly seconds: number
  /** Bytes that stay for each line, once warm. */
  readonly slope: number
  /** The most that the process took. */
  readonly peak: number
  readonly stderr: string
  readonly exitCode: number | null
  readonly samples: readonly Sample[]
}

/** Looks at the memory so many times; in the first third pools and caches fill. */
const looks = 45

/** Without a compiler that keeps what it makes, memory is that of the program alone. It has no WebAssembly then. */
const nodeArgs = [
  ...['--lite-mode', '--no-expose-wasm', '--no-flush-bytecode'],
  ...['--expose-gc', '--require', join(root, 'test', 'endurance', 'sampler.cjs')],
]

/** The median of the slopes between any two samples, on which a single jump has no bearing. */
function slopeOf(samples: readonly Sample[]): number {
  const slopes = samples
    .flatMap((one, index) =>
      samples.slice(index + 1).map(other => (other.live - one.live) / (other.lines - one.lines)),
    )
    .toSorted((one, other) => one - other)
  return slopes[Math.floor(slopes.length / 2)] ?? Number.NaN
}

/** Runs the built program until it has printed so many lines, and then interrupts it. */
export async function measured(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  lines: number,
  each: (line: string, count: number) => void,
): Promise<Memory> {
  const began = performance.now()
  const folder = temporaryFolder()
  const child = spawn(process.execPath, [...nodeArgs, join(root, 'bin', 'run.js'), ...args], {
    cwd: folder,
    env: {PATH: process.env.PATH, HOME: folder, PANELCTL_CONFIG_DIR: folder, TZ: 'UTC', ...env},
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const samples: Sample[] = []
  const errors: string[] = []
  let [count, asked] = [0, 0]
  let isAsking = false
  child.stderr?.setEncoding('utf8').on('data', text => errors.push(text))
  createInterface({input: child.stdio[3] as Readable}).on('line', line => {
    const [live = 0, resident = 0] = line.split(' ').map(Number)
    samples.push({lines: asked, live, resident})
    isAsking = false
  })
  createInterface({input: child.stdout as Readable}).on('line', line => {
    count += 1
    if (count <= lines) each(line, count)
    if (isAsking) return
    if (count >= lines) child.kill('SIGINT')
    else if (count >= ((samples.length + 1) * lines) / looks) {
      ;[isAsking, asked] = [true, count]
      child.kill('SIGUSR2')
    }
  })
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return {
    lines: count,
    seconds: (performance.now() - began) / 1000,
    slope: slopeOf(samples.slice(samples.length / 3)),
    peak: Math.max(...samples.map(({resident}) => resident)),
    stderr: errors.join(''),
    exitCode,
    samples,
  }
}
