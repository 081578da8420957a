// Everything that a change has to pass, one step after the other: what CI runs and what `npm test` is.
import {spawnSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'panelctl-check-'))
const results = join(folder, 'results.json')

function run(name, command, args, options = {}) {
  process.stdout.write(`\n== ${name}\n`)
  const {status, error} = spawnSync(command, args, {cwd: root, stdio: 'inherit', ...options})
  if (error) process.stderr.write(`${error.message}\n`)
  return status === 0
}

const bin = name => join(root, 'node_modules', '.bin', name)
const steps = [
  ['format and lint', () => run('format and lint', bin('biome'), ['check', '--error-on-warnings', '.'])],
  ['types', () => run('types', bin('tsc'), [])],
  [
    'tests',
    () =>
      run('tests', bin('vitest'), [
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${results}`,
      ]),
  ],
  [
    'manifest and reference',
    () => run('manifest and reference', process.execPath, ['scripts/reference.js', '--check']),
  ],
  ['packed package', () => run('packed package', process.execPath, ['scripts/packed.js'])],
]

const failed = steps.filter(([, step]) => !step()).map(([name]) => name)
let tests = {numPassedTests: 0, numFailedTests: 0}
try {
  tests = JSON.parse(readFileSync(results, 'utf8'))
} catch {
  failed.push('test results')
}
rmSync(folder, {recursive: true, force: true})
const passed = steps.length - failed.length + tests.numPassedTests
process.stdout.write(failed.length > 0 ? `\nfailed: ${failed.join(', ')}\n` : '\neverything passed\n')
process.stdout.write(`${passed} passed, ${failed.length + tests.numFailedTests} failed\n`)
process.exitCode = failed.length > 0 ? 1 : 0
