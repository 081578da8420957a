// What only shows after long: `npm run endurance -- --rounds 500 --updates 10000 --polls 2000 --seed 7`.
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {parseArgs} from 'node:util'

const root = join(import.meta.dirname, '..')
const {values} = parseArgs({
  options: {
    /** In which so many processes change contexts at once. */
    rounds: {type: 'string', default: '500'},
    processes: {type: 'string', default: '50'},
    /** Of --follow. */
    updates: {type: 'string', default: '10000'},
    /** Of --watch. */
    polls: {type: 'string', default: '2000'},
    seed: {type: 'string', default: String(Date.now() % 1_000_000)},
  },
})
const given = Object.entries(values).map(([name, value]) => [`ENDURANCE_${name.toUpperCase()}`, value])
const vitest = join(root, 'node_modules', '.bin', 'vitest')
// One after the other, and what they print as they print it.
const args = ['run', 'test/endurance', '--no-file-parallelism', '--disable-console-intercept']
const {status} = spawnSync(vitest, args, {
  cwd: root,
  stdio: 'inherit',
  env: {...process.env, ...Object.fromEntries(given)},
})
process.exitCode = status ?? 1
