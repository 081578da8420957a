// Measures whole processes against the budgets of the design and prints one table: `npm run bench [-- --node24 PATH]`.
// Each row runs its two programs by turns, after a warm-up, and takes the median of the ratios of the pairs, so that
// a machine that is busy or slow changes little. Nothing is installed: what a row needs and is not there, it says.
import {spawn, spawnSync} from 'node:child_process'
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {createInterface} from 'node:readline'
import {parseArgs} from 'node:util'

const root = join(import.meta.dirname, '..')
const bin = join(root, 'bin', 'run.js')
const WARM_UPS = 3

const {values: options} = parseArgs({
  options: {node24: {type: 'string'}, pairs: {type: 'string', default: '21'}},
})
const node24 = options.node24 ?? process.env.PANELCTL_BENCH_NODE24
const pairs = Number(options.pairs)
if (!Number.isInteger(pairs) || pairs < 1) throw new Error('--pairs takes a whole number')
if (!existsSync(join(root, 'dist', 'panelctl.cjs')))
  throw new Error('there is no build: run `npm run build` first')

const folder = mkdtempSync(join(tmpdir(), 'panelctl-bench-'))

// Node 20 reads these at every start, which hides our own share of it: named above the table.
const certificates = process.env.NODE_EXTRA_CA_CERTS

/** What the measured programs see: none of the settings, caches or proxies of whoever runs this. */
const surroundings = {
  PATH: process.env.PATH,
  ...(certificates ? {NODE_EXTRA_CA_CERTS: certificates} : {}),
  HOME: folder,
  XDG_CACHE_HOME: join(folder, 'cache'),
  PANELCTL_CONFIG_DIR: join(folder, 'config'),
}

/** The example of Nezha's own documentation. */
const example = `
import os
import requests

url = os.environ["NEZHA_DASHBOARD_URL"] + "/api/v1/server/list"
headers = {
    "Authorization": os.environ["NEZHA_TOKEN"]
}

response = requests.get(url, headers=headers)
data = response.json()

for server in data['result']:
    print(f"Server Name: {server['name']}, Last Active: {server['last_active']}, IP: {server['valid_ip']}")
`

function isOnPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some(place => existsSync(join(place, name)))
}

/** The Python that has requests: the distribution's, which the budget is about, before any other. */
const python = ['/usr/bin/python3', 'python3'].find(
  file => spawnSync(file, ['-c', 'import requests'], {stdio: 'ignore'}).status === 0,
)

/** What is missing, in the words of the table. */
function missing(...needs) {
  const absent = needs.filter(([, there]) => !there).map(([name]) => name)
  return absent.length === 0 ? undefined : `not measured: ${absent.join(' and ')} missing`
}

const needs = {
  curl: ['curl', isOnPath('curl')],
  jq: ['jq', isOnPath('jq')],
  gh: ['gh', isOnPath('gh')],
  python: ['python3', isOnPath('python3')],
  requests: ['python3-requests', python !== undefined],
  node24: ['Node 24 (--node24 PATH)', isNode24()],
}

function versionOf(node) {
  return spawnSync(node, ['--version'], {encoding: 'utf8'}).stdout?.trim() ?? ''
}

function isNode24() {
  if (node24 === undefined) return false
  if (!versionOf(node24).startsWith('v24.')) throw new Error(`${node24} is not Node 24`)
  return true
}

async function startServer() {
  const child = spawn(process.execPath, [join(root, 'scripts', 'bench-server.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({input: child.stdout})) {
    return {...JSON.parse(line), stop: () => child.stdin.end()}
  }
  throw new Error('the server of the benchmark did not start')
}

/** A program to measure. */
function program(file, args, env = {}) {
  return {file, args, env: {...surroundings, ...env}}
}

function run({file, args, env}, {check}) {
  const result = spawnSync(file, args, {
    env,
    stdio: ['ignore', check ? 'pipe' : 'ignore', 'pipe'],
    maxBuffer: 1 << 30,
  })
  if (result.error) throw result.error
  if (result.status !== 0 || (check && !args.includes('0') && result.stdout.length === 0)) {
    throw new Error(`${file} ${args.join(' ')} failed (exit ${result.status}): ${result.stderr}`)
  }
}

function milliseconds(measured) {
  const start = performance.now()
  run(measured, {check: false})
  return performance.now() - start
}

function mebibytes(measured) {
  const report = join(folder, 'memory')
  const hook = join(root, 'scripts', 'bench-memory.cjs')
  const env = {...measured.env, PANELCTL_BENCH_MEMORY: report}
  run({...measured, args: ['--require', hook, ...measured.args], env}, {check: false})
  return Number(readFileSync(report, 'utf8')) / 1024
}

/** The most that a program or one it started ever held. Python, as neither a shell nor Node tells it of a pipe's ends. */
function mebibytesOfTree({file, args, env}) {
  const script = `
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)`
  const {status, stdout, stderr} = spawnSync('python3', ['-c', script, file, ...args], {
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed: ${stderr}`)
  return Number(stdout) / 1024
}

function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function compare({first, second, measure = milliseconds, share = 1}) {
  // The first run shows that it does its work; the next ones fill the caches.
  for (let count = 0; count < WARM_UPS; count++)
    for (const one of [first, second]) run(one, {check: count === 0})
  const samples = []
  for (let count = 0; count < Math.max(1, Math.round(pairs * share)); count++)
    samples.push([measure(first), measure(second)])
  return {
    ratio: median(samples.map(([one, other]) => one / other)),
    first: median(samples.map(([one]) => one)),
    second: median(samples.map(([, other]) => other)),
  }
}

function rowsAgainst({small, big, records}) {
  const node = process.execPath
  const nothing = program(node, ['-e', '0'])
  const list = node => program(node, [bin, 'nezha', 'server', 'list'], small)
  const pythonList = program(python ?? '', ['-c', example], small)
  const details = (...flags) => program(node, [bin, 'nezha', 'server', 'details', ...flags], big)
  const pings = program(node, [bin, 'komari', 'records', 'ping', 'web1', '-o', 'json'], records)
  const curlPings = program('sh', ['-c', 'curl -s "$KOMARI_URL/api/records/ping?uuid=x" | jq .'], records)
  const curl = 'curl -s -H "Authorization: $NEZHA_TOKEN" "$NEZHA_DASHBOARD_URL/api/v1/server/details" | jq .'
  return [
    {
      row: 'version',
      what: '--version / node -e 0',
      budget: 1.2,
      first: program(node, [bin, '--version']),
      second: nothing,
    },
    {
      row: 'list',
      what: 'nezha server list / node -e 0',
      budget: 1.9,
      aim: 1.5,
      first: list(node),
      second: nothing,
    },
    {
      row: 'list, Python',
      what: 'nezha server list / the example in Python',
      budget: 1.3,
      absent: missing(needs.requests),
      first: list(node),
      second: pythonList,
    },
    {
      row: 'list, Python, Node 24',
      what: 'nezha server list / the example in Python',
      budget: 0.8,
      absent: missing(needs.node24, needs.requests),
      first: list(node24),
      second: pythonList,
    },
    {
      row: 'version, Node 24',
      what: '--version / gh --version',
      budget: 0.8,
      absent: missing(needs.node24, needs.gh),
      first: program(node24, [bin, '--version']),
      second: program('gh', ['--version']),
    },
    {
      row: '10,000 servers, JSON',
      what: 'nezha server details -o json / curl | jq .',
      budget: 1.0,
      absent: missing(needs.curl, needs.jq),
      share: 1 / 3,
      first: details('-o', 'json'),
      second: program('sh', ['-c', curl], big),
    },
    {
      row: '10,000 servers, table',
      what: 'nezha server details / the same as JSON',
      budget: 1.5,
      share: 1 / 3,
      first: details(),
      second: details('-o', 'json'),
    },
    {
      row: '1,000,000 pings',
      what: 'komari records ping -o json / curl | jq .',
      budget: 0.7,
      absent: missing(needs.curl, needs.jq),
      share: 1 / 7,
      first: pings,
      second: curlPings,
    },
    {
      row: '1,000,000 pings, memory',
      what: 'komari records ping -o json / curl | jq .',
      budget: 0.7,
      absent: missing(needs.curl, needs.jq, needs.python),
      measure: mebibytesOfTree,
      unit: 'MiB',
      share: 1 / 7,
      first: pings,
      second: curlPings,
    },
    {
      row: 'memory',
      what: 'nezha server list / node -e 0',
      budget: 1.7,
      measure: mebibytes,
      unit: 'MiB',
      share: 1 / 3,
      first: list(node),
      second: nothing,
    },
  ]
}

function cellsOf({row, what, budget, aim, absent, unit = 'ms', ...measurement}) {
  const limit = budget.toFixed(1) + (aim === undefined ? '' : `, aim ${aim.toFixed(1)}`)
  if (absent) return [row, what, '', '', '', limit, absent]
  process.stderr.write(`measuring ${row}: ${what}\n`)
  const {ratio, first, second} = compare(measurement)
  const amount = number => `${Math.round(number)} ${unit}`
  return [row, what, amount(first), amount(second), ratio.toFixed(2), limit, ratio <= budget ? 'yes' : 'NO']
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)))
  return rows
    .map(
      row =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

const server = await startServer()
try {
  const rows = rowsAgainst(server).map(cellsOf)
  const nodes = [process.version, ...(needs.node24[1] ? [versionOf(node24)] : [])].join(' and ')
  const note = certificates
    ? 'NODE_EXTRA_CA_CERTS is set, which makes each start of Node 20 slower: unset it for ratios to a bare start'
    : 'NODE_EXTRA_CA_CERTS is not set'
  process.stdout.write(`\nNode ${nodes}; ${pairs} pairs a row; ${note}\n\n`)
  process.stdout.write(table([['ROW', 'WHAT', 'FIRST', 'SECOND', 'RATIO', 'AT MOST', 'HOLDS'], ...rows]))
} finally {
  server.stop()
  rmSync(folder, {recursive: true, force: true})
}
