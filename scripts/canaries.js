// Each command with its credential from each place, in each format, before a panel that echoes in each way: `npm run canaries`.
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'

const root = join(import.meta.dirname, '..')
const {status} = spawnSync(join(root, 'node_modules', '.bin', 'vitest'), ['run', 'test/canaries'], {
  cwd: root,
  stdio: 'inherit',
  env: {...process.env, CANARIES: 'whole'},
})
process.exitCode = status ?? 1
