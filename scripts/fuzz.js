// Changed answers of emulated panels, as many as asked for: `npm run fuzz -- --runs 1000000 --seed 7`.
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {parseArgs} from 'node:util'

const root = join(import.meta.dirname, '..')
const {values} = parseArgs({
  options: {
    runs: {type: 'string', default: '100000'},
    seed: {type: 'string', default: String(Date.now() % 1_000_000)},
  },
})
process.stdout.write(`${values.runs} changed answers, seed ${values.seed}\n`)
const env = {...process.env, FUZZ_RUNS: values.runs, FUZZ_SEED: values.seed}
const {status} = spawnSync(join(root, 'node_modules', '.bin', 'vitest'), ['run', 'test/fuzz'], {
  cwd: root,
  stdio: 'inherit',
  env,
})
process.exitCode = status ?? 1
