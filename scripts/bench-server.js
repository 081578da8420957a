// The emulated panels for the benchmark, in a process of their own so that they share no loop with what is measured:
// a small world and one with 10,000 servers, both at one and the same moment for ever, and an old Komari with a million
// ping records, which sends each of them (contracts/komari.md part 4). Prints where they are.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import http from 'node:http'
import {createRequire} from 'node:module'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {behindTls, caFile} from './behind-tls.js'

const {startSandbox} = createRequire(import.meta.url)('../dist/sandbox.cjs')
const now = () => Date.UTC(2026, 10, 21, 12)

const folder = mkdtempSync(join(tmpdir(), 'panelctl-bench-seed-'))
const seedFile = join(folder, 'seed.yaml')
writeFileSync(seedFile, 'nezha:\n  generate: 10000\n')
const small = await startSandbox({now})
const big = await startSandbox({now, seedFile})
rmSync(folder, {recursive: true})

const RECORDS = 1_000_000
const uuid = '4addbaf1-7ffb-474c-98ee-4ffd476755ff'
const node = {
  uuid,
  name: 'web1',
  weight: 0,
  group: '',
  tags: '',
  region: '',
  os: '',
  arch: '',
  virtualization: '',
  cpu_name: '',
  cpu_cores: 1,
  gpu_name: '',
  mem_total: 0,
  swap_total: 0,
  disk_total: 0,
  price: 0,
  billing_cycle: 0,
  currency: '$',
  expired_at: null,
  created_at: null,
  updated_at: null,
}

/** Ten tasks, one probe every 30 s each: newest first, one of a hundred lost. */
function pingHistory() {
  const records = Array.from({length: RECORDS}, (_, index) => {
    const time = new Date(now() - Math.floor(index / 10) * 30_000).toISOString().replace('.000Z', '+00:00')
    const value = index % 100 === 7 ? -1 : 10 + (index % 37)
    return `{"client":"${uuid}","task_id":${(index % 10) + 1},"time":"${time}","value":${value}}`
  })
  const tasks = Array.from({length: 10}, (_, index) => ({
    id: index + 1,
    name: `task ${index + 1}`,
    interval: 30,
  }))
  return `{"status":"success","message":"","data":{"count":${RECORDS},"records":[${records.join(',')}],"tasks":${JSON.stringify(tasks)}}}`
}

const answers = {
  '/api/nodes': Buffer.from(JSON.stringify({status: 'success', message: '', data: [node]})),
  '/api/records/ping': Buffer.from(pingHistory()),
}
const komari = http.createServer((request, response) => {
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.end(answers[new URL(request.url, 'http://panel').pathname])
})
await new Promise(resolve => komari.listen(0, '127.0.0.1', resolve))
const records = {KOMARI_URL: `http://127.0.0.1:${komari.address().port}`}

/** The small world behind TLS. */
const secure = {
  NEZHA_DASHBOARD_URL: (await behindTls(small.environment.NEZHA_DASHBOARD_URL)).url,
  NEZHA_TOKEN: small.environment.NEZHA_TOKEN,
  caFile,
}

process.stdout.write(`${JSON.stringify({small: small.environment, secure, big: big.environment, records})}\n`)
// Gone with the benchmark, however that ends.
process.stdin.resume().once('end', () => process.exit())
