// Everything that a change has to pass, one step after the other: what CI runs and what `npm test` is.
import {spawnSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'panelctl-check-'))
const results = join(folder, 'results.json')

const bin = name => join(root, 'node_modules', '.bin', name)
const script = name => [process.execPath, join(root, 'scripts', name)]
const steps = {
  build: script('build.js'),
  'format and lint': [bin('biome'), 'check', '--error-on-warnings', '.'],
  types: [bin('tsc')],
  tests: [bin('vitest'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`],
  'manifest and reference': [...script('reference.js'), '--check'],
  'packed package': script('packed.js'),
}
const names = Object.keys(steps)

/** Whether it went well. What comes after the build need not build again. */
function run(name) {
  const [command, ...args] = steps[name]
  const began = performance.now()
  const step = `[${names.indexOf(name) + 1}/${names.length}] ${name}`
  process.stdout.write(`\n== ${step}\n`)
  const env = {...process.env, ...(name === 'build' ? {} : {PANELCTL_BUILT: '1'})}
  const {status, error} = spawnSync(command, args, {cwd: root, stdio: 'inherit', env})
  if (error) process.stderr.write(`${error.message}\n`)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stdout.write(`== ${step}: ${status === 0 ? 'passed' : 'failed'} after ${seconds} s\n`)
  return status === 0
}

// What was not built would be tested as it was before.
const failed = run('build') ? names.slice(1).filter(name => !run(name)) : ['build']
let tests = {numPassedTests: 0, numFailedTests: 0}
try {
  tests = JSON.parse(readFileSync(results, 'utf8'))
} catch {
  if (!failed.includes('build')) failed.push('test results')
}
rmSync(folder, {recursive: true, force: true})
const passed = (failed.includes('build') ? 0 : names.length - failed.length) + tests.numPassedTests
process.stdout.write(failed.length > 0 ? `\nfailed: ${failed.join(', ')}\n` : '\neverything passed\n')
process.stdout.write(`${passed} passed, ${failed.length + tests.numFailedTests} failed\n`)
process.exitCode = failed.length > 0 ? 1 : 0
