// Measures whole processes against their budgets, a table for each Node: `npm run bench [-- --node PATH …] [--pairs N]
// [--only WORDS]`. What a row needs and is not there, it says.
import {spawn, spawnSync} from 'node:child_process'
import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {createInterface} from 'node:readline'
import {parseArgs} from 'node:util'
import {savedContexts} from './bench-contexts.js'
import {startKeychain} from './bench-keychain.js'
import {compare, mebibytes, mebibytesOfTree, milliseconds, run} from './bench-measure.js'
import {nodesToMeasure} from './bench-nodes.js'

const root = join(import.meta.dirname, '..')
const bin = join(root, 'bin', 'run.js')

const {values: options} = parseArgs({
  options: {
    node: {type: 'string', multiple: true, default: []},
    pairs: {type: 'string', default: '21'},
    only: {type: 'string', default: ''},
  },
})
const pairs = Number(options.pairs)
if (!Number.isInteger(pairs) || pairs < 1) throw new Error('--pairs takes a whole number')
if (!existsSync(join(root, 'dist', 'panelctl.cjs')))
  throw new Error('there is no build: run `npm run build` first')

const folder = mkdtempSync(join(tmpdir(), 'panelctl-bench-'))

/**
 * What the measured programs see: none of the settings, caches or proxies of whoever runs this, and no
 * NODE_EXTRA_CA_CERTS, which Node 20 reads at every start, so that our own share of it would look smaller.
 */
const surroundings = {
  PATH: process.env.PATH,
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

/** The least that a Node does to get the same answer over https. */
const floor = `
const {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: authorization, CA_FILE} = process.env
const ca = CA_FILE && require('node:fs').readFileSync(CA_FILE)
const options = {headers: {authorization}, ca, rejectUnauthorized: ca !== undefined}
require('node:https').get(url + '/api/v1/server/list', options, response => {
  let text = ''
  response.setEncoding('utf8')
  response.on('data', part => { text += part })
  response.on('end', () => process.stdout.write(JSON.parse(text).result.map(({name}) => name).join('\\n')))
})`

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
  return absent.length === 0 ? undefined : `left out: ${absent.join(' and ')} missing`
}

const curlAndJq = missing(['curl', isOnPath('curl')], ['jq', isOnPath('jq')])

async function startServer() {
  const child = spawn(process.execPath, [join(root, 'scripts', 'bench-server.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({input: child.stdout})) {
    return {...JSON.parse(line), stop: () => child.stdin.end()}
  }
  throw new Error('the server of the benchmark did not start')
}

/** What may be measured with one Node against the servers. `env` adds to the surroundings. */
function programs(node) {
  const program = (file, args, env) => ({file, args, env: {...surroundings, ...env}})
  return {
    panelctl: (line, env) => program(node, [bin, ...line.split(' ')], env),
    node: (script, env) => ({...program(node, ['-e', script], env), silent: script === '0'}),
    python: (script, env) => program(python ?? '', ['-c', script], env),
    shell: (line, env) => program('sh', ['-c', line], env),
  }
}

/** Why rows are missed, as profiles showed it: CONTRIBUTING.md has the figures. */
const reasons = {
  version: 'a file to find and read, and stdout to open, which -e 0 does without',
  start: 'the bundle and its code, 1.8 MB, are read, and V8 takes the code out of them',
  request: 'the code is read and taken out by V8, and got, zod, table and parser run once, interpreted',
  authorities: 'as without --ca-file, and 120 certificates of Node to parse beside that of the file',
  servers:
    'a third is the start and the request, another what V8 takes to parse and print; bytes and types are looked at besides',
  table:
    'JSON became a third quicker, a table a tenth: cells, widths and padding of each row are made besides',
  records: 'V8 parses, keeps and prints each of them, and their bytes are looked at once',
  memory:
    'what came is there twice when it is whole, in the pieces it came in and as one, and its records beside it',
  page: 'two files to find and read, and stdout to open, which -e 0 does without',
}

/**
 * A row is `first` / `second`, at most `limit` times; `why` it is missed where it is. `before` runs once ahead of it; `share` of
 * the pairs for what is long.
 */
function rowsOf({path, version}, {small, secure, big, records}, keychain) {
  const {panelctl, node, python: inPython, shell} = programs(path)
  const nothing = node('0')
  const list = 'nezha server list'
  const details = 'nezha server details'
  const pingsLine = 'komari records ping web1 -o json'
  const pings = panelctl(pingsLine, records)
  const curlPings = shell('curl -s "$KOMARI_URL/api/records/ping?uuid=x" | jq .', records)
  const curlServers = shell(
    'curl -s -H "Authorization: $NEZHA_TOKEN" "$NEZHA_DASHBOARD_URL/api/v1/server/details" | jq .',
    big,
  )
  const contexts = count => ({
    PANELCTL_CONFIG_DIR: savedContexts(join(folder, `contexts-${count}`), count, small),
  })
  const cache = name => ({XDG_CACHE_HOME: join(folder, `cache-${name}-${version}`)})
  const {caFile, ...https} = secure
  return [
    {
      what: '--version / node -e 0',
      limit: 1.15,
      why: reasons.version,
      first: panelctl('--version'),
      second: nothing,
    },
    {
      what: `${list}, a table of 5 rows / node -e 0`,
      limit: 2.2,
      why: reasons.request,
      first: panelctl(list, small),
      second: nothing,
    },
    {
      what: `${list} / the same, its memory against node -e 0`,
      limit: 1.7,
      measure: mebibytes,
      share: 1 / 3,
      first: panelctl(list, small),
      second: nothing,
    },
    {
      what: `${list} over https / https.get and JSON.parse`,
      limit: 1.4,
      why: reasons.request,
      first: panelctl(`${list} --insecure`, https),
      second: node(floor, https),
    },
    {
      what: `${list} over https with --ca-file / the same`,
      limit: 1.4,
      why: reasons.authorities,
      first: panelctl(`${list} --ca-file ${caFile}`, https),
      second: node(floor, {...https, CA_FILE: caFile}),
    },
    {
      what: `${list} / the example in Python`,
      limit: 0.55,
      why: reasons.request,
      absent: missing(['python3-requests', python !== undefined]),
      first: panelctl(list, small),
      second: inPython(example, small),
    },
    {
      what: `${list}, 100 contexts / 1 context`,
      limit: 1.15,
      first: panelctl(list, contexts(100)),
      second: panelctl(list, contexts(1)),
    },
    {
      what: `${list} after a command of 1,000,000 records / before`,
      limit: 1.05,
      before: [
        panelctl(list, {...small, ...cache('long')}),
        panelctl(pingsLine, {...records, ...cache('long')}),
      ],
      first: panelctl(list, {...small, ...cache('long')}),
      second: panelctl(list, {...small, ...cache('short')}),
    },
    {
      what: `${list} --help / node -e 0`,
      limit: 1.6,
      why: reasons.page,
      first: panelctl(`${list} --help`),
      second: nothing,
    },
    {
      what: 'context list / node -e 0',
      limit: 1.6,
      why: reasons.start,
      first: panelctl('context list'),
      second: nothing,
    },
    {
      what: '10,000 servers as JSON / curl | jq .',
      limit: 0.6,
      why: reasons.servers,
      absent: curlAndJq,
      share: 1 / 3,
      first: panelctl(`${details} -o json`, big),
      second: curlServers,
    },
    {
      what: '10,000 servers as a table / as JSON',
      limit: 1.5,
      why: reasons.table,
      share: 1 / 3,
      first: panelctl(details, big),
      second: panelctl(`${details} -o json`, big),
    },
    {
      what: '1,000,000 ping records / curl | jq .',
      limit: 0.34,
      why: reasons.records,
      absent: curlAndJq,
      share: 1 / 7,
      first: pings,
      second: curlPings,
    },
    {
      what: 'the same, memory',
      limit: 0.6,
      why: reasons.memory,
      absent: curlAndJq ?? missing(['python3', isOnPath('python3')]),
      measure: mebibytesOfTree,
      share: 1 / 7,
      first: pings,
      second: curlPings,
    },
    {
      what: `${list}, token in the keychain / in a file`,
      absent: keychain.absent,
      share: 1 / 3,
      first: panelctl(list, keychain.env),
      second: panelctl(list, contexts(1)),
    },
  ]
}

function cellsOf({what, limit, absent, why, before = [], measure = milliseconds, share = 1, first, second}) {
  const atMost = limit === undefined ? '' : limit.toFixed(2)
  if (absent) return [what, '', '', '', '', atMost, absent]
  process.stderr.write(`measuring ${what}\n`)
  for (const program of before) run(program, {check: true})
  const found = compare({first, second, measure}, Math.max(3, Math.round(pairs * share)))
  const amount = number => `${Math.round(number)} ${measure.unit}`
  const verdict =
    limit === undefined ? 'said' : found.ratio <= limit ? 'held' : `missed: ${why ?? 'a new miss'}`
  return [
    what,
    amount(found.first),
    amount(found.second),
    found.ratio.toFixed(2),
    found.real?.toFixed(2) ?? '',
    atMost,
    verdict,
  ]
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)))
  const lineOf = row => row.map((cell, column) => cell.padEnd(widths[column])).join('  ')
  return rows.map(row => `${lineOf(row).trimEnd()}\n`).join('')
}

const HEAD = ['MEDIANS OF PAIRS', 'FIRST', 'SECOND', 'RATIO', 'OF TIME', 'AT MOST', '']

const server = await startServer()
const {nodes, absent} = nodesToMeasure(options.node, folder)
const login = `nezha login --url ${server.small.NEZHA_DASHBOARD_URL} --no-check --with-token --store keychain`
const keychain = await startKeychain(
  surroundings,
  folder,
  {file: process.execPath, args: [bin, ...login.split(' ')]},
  server.small.NEZHA_TOKEN,
)
try {
  for (const node of nodes) {
    process.stderr.write(`Node ${node.version}\n`)
    const rows = rowsOf(node, server, keychain).filter(({what}) => what.includes(options.only))
    process.stdout.write(`\nNode ${node.version}, NODE_EXTRA_CA_CERTS removed, ${pairs} pairs a row\n\n`)
    process.stdout.write(table([HEAD, ...rows.map(cellsOf)]))
  }
  for (const line of absent) process.stdout.write(`\n${line}\n`)
} finally {
  keychain.stop()
  server.stop()
  rmSync(folder, {recursive: true, force: true})
}
