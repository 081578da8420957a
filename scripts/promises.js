// Takes away the lines that keep what SECURITY.md and README.md promise, one at a time and in a copy, and expects the test
// that test/promises/promises.yaml names for each to fail: `npm run promises -- --only redirect`.
import {execFile, execFileSync} from 'node:child_process'
import {cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs, promisify, stripVTControlCharacters} from 'node:util'
import {parse} from 'yaml'

const root = join(import.meta.dirname, '..')
const {values} = parseArgs({options: {only: {type: 'string', default: ''}}})
const list = parse(readFileSync(join(root, 'test', 'promises', 'promises.yaml'), 'utf8'))
const promises = Object.entries(list)
  .flatMap(([page, sentences]) =>
    sentences.flatMap(({says, kept = []}) => kept.map(one => ({page, says, words: says, ...one}))),
  )
  .filter(promise => JSON.stringify(promise).toLowerCase().includes(values.only.toLowerCase()))

if (promises.length === 0) {
  process.stderr.write(`no promise has ${values.only} in it\n`)
  process.exit(2)
}

/** What a program says that was not weakened but broken. */
const broken = /ReferenceError|SyntaxError|is not defined|is not a function|Cannot find (module|package)/

const copy = mkdtempSync(join(tmpdir(), 'panelctl-promises-'))
const results = join(copy, 'promises.json')
const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopped.abort())

function makeCopy() {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const file of files.split('\0').filter(Boolean)) cpSync(join(root, file), join(copy, file))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
}

/** The title of a test as a pattern of its names: `%s` and `$name` stand for anything. */
function pattern(title) {
  return title.replace(/[.*+?^{}()|[\]\\]/g, '\\$&').replace(/%[sdifjo]|\$\w+/g, '.*')
}

/** Runs these promises' tests, and gives what came of each by file; where nothing ran, as without a build, what was said. */
async function runTests(tests) {
  rmSync(results, {force: true})
  const files = [...new Set(tests.map(({file}) => file))]
  const names = tests.map(({title}) => pattern(title)).join('|')
  const {PANELCTL_BUILT: _, ...env} = process.env
  const args = ['run', ...files, `--testNamePattern=${names}`, '--reporter=json', `--outputFile=${results}`]
  const {stdout, stderr} = await promisify(execFile)(join(copy, 'node_modules', '.bin', 'vitest'), args, {
    cwd: copy,
    env,
    signal: stopped.signal,
    maxBuffer: Number.POSITIVE_INFINITY,
  }).catch(error => error)
  stopped.signal.throwIfAborted()
  try {
    return JSON.parse(readFileSync(results, 'utf8')).testResults.flatMap(({name, assertionResults}) =>
      assertionResults.map(result => ({...result, file: name.slice(copy.length + 1)})),
    )
  } catch {
    return `${stdout}${stderr}`
  }
}

/** What came of one test, of all that have its title. */
function outcomesOf({file, title}, ran) {
  const named = new RegExp(pattern(title))
  return ran.filter(
    result => result.file === file && named.test(result.fullName) && /passed|failed/.test(result.status),
  )
}

function isGreen(test, ran) {
  const outcomes = typeof ran === 'string' ? [] : outcomesOf(test, ran)
  return outcomes.length > 0 && outcomes.every(({status}) => status === 'passed')
}

/** What is wrong with a promise, or `caught` and what the test saw. */
function judge(test, ran) {
  if (typeof ran === 'string') return {outcome: 'no build', said: ran}
  const failed = outcomesOf(test, ran).filter(({status}) => status === 'failed')
  if (failed.length === 0 && outcomesOf(test, ran).length === 0)
    return {outcome: 'no test', said: ran.flatMap(result => result.failureMessages).join('\n')}
  if (failed.length === 0) return {outcome: 'UNNOTICED'}
  const said = stripVTControlCharacters(failed.flatMap(result => result.failureMessages).join('\n'))
  return {outcome: broken.test(said) ? 'broken' : 'caught', said}
}

async function withoutLine({by, line, without = ''}, work) {
  const path = join(copy, by)
  const source = readFileSync(path, 'utf8')
  const parts = source.split(line)
  if (parts.length !== 2) return {outcome: `${parts.length - 1} × in ${by}`}
  writeFileSync(path, parts.join(without))
  try {
    return await work()
  } finally {
    writeFileSync(path, source)
  }
}

const began = performance.now()
const secondsSince = from => `${((performance.now() - from) / 1000).toFixed(1)} s`
const counts = {}
function tell(outcome, from, {words, page}, {file, title}) {
  counts[outcome] = (counts[outcome] ?? 0) + 1
  process.stdout.write(`${outcome.padEnd(10)} ${secondsSince(from).padStart(7)}  ${page}: ${words}\n`)
  process.stdout.write(`${' '.repeat(20)}${file}: ${title}\n`)
}

try {
  makeCopy()
  const tests = promises.map(({test, title}) => ({file: test, title}))
  const whole = await runTests(tests)
  if (typeof whole === 'string') throw new Error(whole)
  process.stdout.write(`${promises.length} promises; with every line in place ${secondsSince(began)}\n\n`)
  for (const [index, promise] of promises.entries()) {
    const test = tests[index]
    const from = performance.now()
    // By itself where it failed among all: a busy machine lets a test's time run out.
    if (!isGreen(test, whole) && !isGreen(test, await runTests([test]))) {
      tell('no green', from, promise, test)
      continue
    }
    const {outcome, said} = await withoutLine(promise, async () => judge(test, await runTests([test])))
    tell(outcome, from, promise, test)
    if (said && (values.only !== '' || outcome !== 'caught'))
      process.stdout.write(`${said.split('\n').slice(0, 12).join('\n')}\n`)
  }
} finally {
  rmSync(copy, {recursive: true, force: true})
}
const summary = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`)
process.stdout.write(`\n${summary.join(', ')} after ${secondsSince(began)}\n`)
process.exitCode = counts.caught === promises.length && promises.length > 0 ? 0 : 1
