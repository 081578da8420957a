// Runs many commands by the one file and by the program that it holds, on the same Node, and compares to the byte what
// they print, where, and the exit code.
import {spawn} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {behindTls, caFile} from '../behind-tls.js'

const root = join(import.meta.dirname, '..', '..')

/** Interrupts what goes on for ever, once it has printed. */
const until = signal =>
  `& pid=$!; tries=0; until [ -s out ] || [ $tries = 100 ]; do sleep 0.1; tries=$((tries + 1)); done; kill -${signal} $pid; wait $pid; echo $?; head -c 12 out`

/** Lines of sh, one for each way in which a file may be told from a folder: enough for each run of the tests. */
export const essential = [
  'panelctl --version',
  'panelctl --help',
  'panelctl version --jq .platform',
  'panelctl completion bash',
  'panelctl __complete bash "panelctl nez"; echo $?',
  'panelctl __complete bash "panelctl nezha server show h"; echo $?',
  'panelctl sandbox -- sh -c "panelctl komari node list --columns name --no-header; exit 7"',
  'NODE_EXTRA_CA_CERTS=/dev/null panelctl nezha server list -o id',
  'panelctl nezha server list -o id <&-',
]

/** What they print must not depend on the moment. */
const lines = [
  ...essential,
  'panelctl',
  'panelctl nezha server list --help',
  'panelctl help exit-codes',
  'panelctl nezha server list --columns id,name,tag,ip',
  'panelctl openidcs vm list node1 -o yaml',
  'panelctl nezha server list -o csv --columns name,id --sort name',
  'panelctl nezha server list --debug 2>&1 | grep -c "GET "',
  'panelctl nezha server show hub1 -o json | head -n 3',
  'panelctl nezha server show nobody',
  'panelctl nezha server list --nothing -o json',
  'panelctl nezha sevrer list',
  'panelctl -e 1',
  'panelctl nezha server list --url http://127.0.0.1:1 --retries 1',
  'NEZHA_DASHBOARD_URL=$TLS_URL panelctl nezha server list --ca-file "$TLS_CA" -o id',
  'NEZHA_DASHBOARD_URL=$TLS_URL panelctl nezha server list --retries 0 -o id',
  'panelctl nezha server list -o json | head -c 1',
  'panelctl komari node delete db1 --dry-run',
  'panelctl komari node list -o ndjson | cut -c 1-60',
  'panelctl komari rpc common:getVersion',
  `panelctl komari node status --follow -o ndjson >out ${until('INT')}`,
  `panelctl nezha server status --follow -o json >out ${until('TERM')}`,
  `panelctl sandbox >out ${until('TERM')}`,
  'panelctl openidcs host list',
  'panelctl openidcs vm list --help',
  'panelctl context list',
  'echo "$NEZHA_TOKEN" | panelctl nezha login --url "$NEZHA_DASHBOARD_URL" --with-token; panelctl context list -o yaml',
  'echo "$NEZHA_TOKEN" | panelctl nezha login --url "$NEZHA_DASHBOARD_URL" --with-token --store keychain',
  'panelctl completion fish | wc -c',
  'SHELL=/bin/bash panelctl completion install; ls -R .local .config .bashrc 2>/dev/null',
  'panelctl sandbox -- panelctl nezha server list -o id',
  'panelctl sandbox -- nothing-such',
  'panelctl sandbox -- panelctl nezha node auto-register --name new --no-tls --dry-run',
  'panelctl sandbox -- panelctl komari node auto-register --name new --dry-run -o json',
  // Where an agent is already, this says so.
  'panelctl sandbox -- panelctl nezha node auto-register --name new --no-tls --skip-preflight --workdir "$HOME/agent" --wait 20s 2>/dev/null',
  'NODE_OPTIONS=--no-deprecation panelctl nezha server list -o id',
  'env -u HOME panelctl nezha server list -o id',
  'PANELCTL_OUTPUT=json panelctl version',
  'panelctl nezha server list >&-',
  'panelctl nezha server list -o json >/dev/full',
]

/** What a line does where `panelctl` is the given program: what it prints, and how it ends. */
async function run(line, program, folder, env) {
  const home = join(folder, 'home')
  const bin = join(folder, 'bin')
  for (const place of [home, bin]) {
    rmSync(place, {recursive: true, force: true})
    mkdirSync(place)
  }
  writeFileSync(
    join(bin, 'panelctl'),
    `#!/bin/sh\nexec ${program.map(word => `'${word}'`).join(' ')} "$@"\n`,
    {mode: 0o755},
  )
  const child = spawn('sh', ['-c', line], {
    cwd: home,
    env: {PATH: `${bin}:${process.env.PATH}`, HOME: home, TMPDIR: folder, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = {stdout: '', stderr: ''}
  for (const name of Object.keys(printed)) child[name].on('data', text => (printed[name] += text))
  const exitCode = await new Promise(resolve => child.once('close', resolve))
  return JSON.stringify({...printed, exitCode}).replaceAll(/127\.0\.0\.1[: ]\d{4,}/g, '127.0.0.1:PORT')
}

/**
 * @param file the one file
 * @param node the Node that is in it
 * @throws Error with the lines whose outcome differs
 */
export async function compare(file, node, chosen = lines) {
  const folder = mkdtempSync(join(tmpdir(), 'panelctl-smoke-'))
  const {startSandbox} = createRequire(import.meta.url)(join(root, 'dist', 'sandbox.cjs'))
  const sandbox = await startSandbox({})
  const secure = await behindTls(sandbox.environment.NEZHA_DASHBOARD_URL)
  const env = {...sandbox.environment, TLS_URL: secure.url, TLS_CA: caFile}
  const different = []
  try {
    for (const line of chosen) {
      const ours = await run(line, [file], folder, env)
      const theirs = await run(line, [node, join(root, 'bin', 'run.js')], folder, env)
      if (ours !== theirs) different.push(`${line}\n  one file: ${ours}\n  package:  ${theirs}`)
    }
  } finally {
    secure.close()
    await sandbox.close()
    rmSync(folder, {recursive: true, force: true})
  }
  if (different.length > 0)
    throw new Error(`the one file does otherwise than the package:\n${different.join('\n')}`)
  return chosen.length
}
