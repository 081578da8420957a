// The emulated panels for the benchmark, in a process of their own so that they share no loop with what is measured:
// a small world and one with 10,000 servers, both at one and the same moment for ever. Prints where they are.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

const {startSandbox} = createRequire(import.meta.url)('../dist/sandbox.cjs')
const now = () => Date.UTC(2026, 10, 21, 12)

const folder = mkdtempSync(join(tmpdir(), 'panelctl-bench-seed-'))
const seedFile = join(folder, 'seed.yaml')
writeFileSync(seedFile, 'nezha:\n  generate: 10000\n')
const small = await startSandbox({now})
const big = await startSandbox({now, seedFile})
rmSync(folder, {recursive: true})

process.stdout.write(`${JSON.stringify({small: small.environment, big: big.environment})}\n`)
// Gone with the benchmark, however that ends.
process.stdin.resume().once('end', () => process.exit())
