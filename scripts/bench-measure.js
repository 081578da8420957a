// How the benchmark measures: whole processes, the two of a row by turns after a warm-up, and the median of the ratios of
// the pairs, so that a machine that is busy or slow changes little.
import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/** Enough for the code cache to know both programs. */
const WARM_UPS = 3

/** A program to measure: the `file`, its `args`, and `env`, which is all of its environment. */
export function run({file, args, env, silent}, {check}) {
  const result = spawnSync(file, args, {
    env,
    stdio: ['ignore', check ? 'pipe' : 'ignore', 'pipe'],
    maxBuffer: 1 << 30,
  })
  if (result.error) throw result.error
  if (result.status !== 0 || (check && !silent && result.stdout.length === 0))
    throw new Error(`${file} ${args.join(' ')} failed (exit ${result.status}): ${result.stderr}`)
}

/**
 * Processor time of a program and all that it started, and the time from start to end. bash tells the two to the
 * millisecond, as Node tells nothing of its children.
 */
export function milliseconds({file, args, env}) {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@" > /dev/null 2> /dev/null'
  const {status, stderr} = spawnSync('bash', ['-c', script, 'bash', file, ...args], {env, encoding: 'utf8'})
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed (exit ${status})`)
  const [real, user, system] = stderr.trim().split(' ').map(Number)
  return {amount: (user + system) * 1000, real}
}
milliseconds.unit = 'ms'

/** The most that a Node ever held. */
export function mebibytes(program) {
  const report = join(program.env.HOME, 'memory')
  const hook = join(import.meta.dirname, 'bench-memory.cjs')
  const env = {...program.env, PANELCTL_BENCH_MEMORY: report}
  run({...program, args: ['--require', hook, ...program.args], env}, {check: false})
  return {amount: Number(readFileSync(report, 'utf8')) / 1024}
}
mebibytes.unit = 'MiB'

/** The most that a program or one it started ever held. Python, as neither a shell nor Node tells it of a pipe's ends. */
export function mebibytesOfTree({file, args, env}) {
  const script = `
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)`
  const {status, stdout, stderr} = spawnSync('python3', ['-c', script, file, ...args], {
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed: ${stderr}`)
  return {amount: Number(stdout) / 1024}
}
mebibytesOfTree.unit = 'MiB'

function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The medians of `pairs` pairs: amounts, their ratio, and that of the time from start to end where it was taken. */
export function compare({first, second, measure}, pairs) {
  // The first run shows that it does its work; the next ones fill the caches.
  for (let count = 0; count < WARM_UPS; count++)
    for (const one of [first, second]) run(one, {check: count === 0})
  const samples = Array.from({length: pairs}, () => [measure(first), measure(second)])
  return {
    ratio: median(samples.map(([one, other]) => one.amount / other.amount)),
    first: median(samples.map(([one]) => one.amount)),
    second: median(samples.map(([, other]) => other.amount)),
    real: measure === milliseconds ? median(samples.map(([one, other]) => one.real / other.real)) : undefined,
  }
}
