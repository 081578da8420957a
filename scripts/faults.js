// Everything that can fail between a command and its panel, or a part of it:
// `npm run faults -- --panel komari --command 'node list' --fault 'half of the body' --way tunnel --part 1000 --seed 7`.
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {parseArgs} from 'node:util'

const root = join(import.meta.dirname, '..')
const {values} = parseArgs({
  options: {
    /** nezha, nezha-v2, komari or openidcs. */
    panel: {type: 'string', default: ''},
    /** What its name or that of the fault has in it. */
    command: {type: 'string', default: ''},
    fault: {type: 'string', default: ''},
    /** direct, proxy or tunnel. */
    way: {type: 'string', default: ''},
    /** How many runs, where not all. */
    part: {type: 'string', default: 'Infinity'},
    seed: {type: 'string', default: '1'},
  },
})
const given = Object.entries(values).map(([name, value]) => [`FAULTS_${name.toUpperCase()}`, value])
const {status} = spawnSync(
  join(root, 'node_modules', '.bin', 'vitest'),
  ['run', 'test/matrix', '--disable-console-intercept'],
  {cwd: root, stdio: 'inherit', env: {...process.env, ...Object.fromEntries(given), FAULTS_TABLE: '1'}},
)
process.exitCode = status ?? 1
