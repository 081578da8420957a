import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {binary, nezhaSandbox, openidcsSandbox, temporaryFolder} from '../harness.js'
import {startProxy} from '../process/start-proxy.js'
import {type Canary, canary, found} from './canary.js'
import {filesBelow} from './files-below.js'

const token = canary('the API token of Nezha')
const others = Object.fromEntries(
  ['NEZHA_HEADERS', 'KOMARI_API_KEY', 'KOMARI_HEADERS', 'OPENIDCS_TOKEN', 'PANELCTL_BESIDE'].map(name => [
    name,
    canary(name, '+/='),
  ]),
)
const all = [token, ...Object.values(others)]
const variables = {
  ...Object.fromEntries(Object.entries(others).map(([name, {text}]) => [name, text])),
  NEZHA_HEADERS: `X-Gate: ${others.NEZHA_HEADERS?.text}`,
  NEZHA_TOKEN: token.text,
}

/** A home with everything that a run may write below it. */
function home() {
  const folder = temporaryFolder()
  const [tmp, cache] = [join(folder, 'tmp'), join(folder, 'cache')]
  mkdirSync(tmp)
  const env = {
    HOME: folder,
    TMPDIR: tmp,
    XDG_CACHE_HOME: cache,
    PANELCTL_CONFIG_DIR: join(folder, 'config'),
    PANELCTL_STATE_DIR: join(folder, 'state'),
  }
  return {folder, env}
}

const inFiles = (folder: string, canaries: readonly Canary[]) =>
  filesBelow(folder).flatMap(([name, text]) => found(canaries, text).map(({place}) => `${place} in ${name}`))

/** A line of a shell that writes its environment, and what all processes were started with, into a folder. */
const look = (folder: string) =>
  `env >'${folder}/environ'; for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done >'${folder}/cmdlines' 2>/dev/null`

const seenBy = (folder: string, name: 'environ' | 'cmdlines') => readFileSync(join(folder, name), 'utf8')

const isOccupied =
  existsSync('/etc/systemd/system/nezha-agent.service') || existsSync('/opt/nezha/agent/nezha-agent')

describe.skipIf(process.platform !== 'linux')('no canary leaves a process', () => {
  test('for its cache, and whatever else it writes', async () => {
    const {url, requests} = await nezhaSandbox({token: token.text})
    const {folder, env} = home()
    const args = ['nezha', 'server', 'list', '--debug', '-o', 'json']
    const outcome = await binary(args, {env: {...env, ...variables, NEZHA_DASHBOARD_URL: url}})
    expect(outcome.exitCode).toBe(0)
    expect(found(all, JSON.stringify(requests)).length).toBe(2)
    expect(found(all, outcome.stdout + outcome.stderr)).toEqual([])
    expect(inFiles(folder, all)).toEqual([])
    expect(filesBelow(join(folder, 'cache'))).not.toEqual([])
  })

  test.skipIf(isOccupied)('for an install script, but for the secret that this one takes', async () => {
    const began = Date.now()
    const nezha = await nezhaSandbox({token: token.text, now: () => began + (Date.now() - began) * 20})
    const {folder, env} = home()
    const elsewhere = temporaryFolder()
    const body = `#!/bin/sh\n${look(elsewhere)}\nmkdir agent && : >agent/nezha-agent\n`
    nezha.faults.next({kind: 'status', status: 200, body}, {path: '/install.sh', method: 'GET'})
    const args = ['nezha', 'node', 'auto-register', '--name', 'web1', '--no-tls', '--wait', '1s', '--debug']
    const outcome = await binary([...args, '--workdir', join(folder, 'work')], {
      env: {...variables, ...env, ...nezha.environment},
      stdin: 'closed',
    })
    const [secret = ''] = [...nezha.state.servers.values()].flatMap(({name, secret}) =>
      name === 'web1' ? [secret] : [],
    )
    const agent: Canary = {place: 'the secret of the agent', text: secret}
    expect(found([agent], seenBy(elsewhere, 'cmdlines'))).toEqual([agent])
    expect(found(all, seenBy(elsewhere, 'cmdlines'))).toEqual([])
    expect(seenBy(elsewhere, 'environ')).toMatch(/^PATH=/m)
    expect(found([...all, agent], seenBy(elsewhere, 'environ'))).toEqual([])
    expect(found([...all, agent], outcome.stdout + outcome.stderr)).toEqual([])
    expect(inFiles(folder, all)).toEqual([])
    // It has not reported yet: what goes on with it needs its secret.
    expect(inFiles(folder, [agent]).every(where => where.includes(' in state/registrations/'))).toBe(true)
  })

  test('for a command that prints the secret', async () => {
    const {url, requests} = await nezhaSandbox({token: token.text})
    const {folder, env} = home()
    const elsewhere = temporaryFolder()
    writeFileSync(join(elsewhere, 'token'), token.text)
    const printing = `${look(elsewhere)}; cat '${elsewhere}/token'`
    const login = ['nezha', 'login', '--url', url, '--token-command', printing, '--debug']
    const outcome = await binary(login, {env})
    expect(outcome.exitCode).toBe(0)
    expect(found([token], JSON.stringify(requests))).toEqual([token])
    expect(seenBy(elsewhere, 'cmdlines')).toContain('--token-command')
    expect(found([token], seenBy(elsewhere, 'cmdlines') + outcome.stdout + outcome.stderr)).toEqual([])
    expect(inFiles(folder, [token])).toEqual([])
  })

  test('for a browser', async () => {
    // Not the one that any sandbox has: all processes of this machine are looked at.
    const own = canary('the token of OpenIDCS', '')
    const {environment} = await openidcsSandbox({token: own.text})
    const {folder, env} = home()
    const elsewhere = temporaryFolder()
    // A pipe: its reader is told when all of it is there.
    writeFileSync(
      join(elsewhere, 'xdg-open'),
      `#!/bin/sh\n${look(elsewhere)}\nmv '${elsewhere}/environ' '${elsewhere}/done'\n`,
      {mode: 0o755},
    )
    const outcome = await binary(['openidcs', 'vm', 'console', 'node1', 'web01', '--open'], {
      env: {...variables, ...env, ...environment, PATH: `${elsewhere}:${process.env.PATH}`},
    })
    expect(outcome).toMatchObject({exitCode: 0, stderr: ''})
    await expect.poll(() => existsSync(join(elsewhere, 'done')), {timeout: 20_000}).toBe(true)
    const mine = [...all, own]
    const environ = readFileSync(join(elsewhere, 'done'), 'utf8')
    expect(environ).toContain(`HOME=${folder}`)
    // What begins as our variables do is not all known by its name.
    const known = mine.filter(({place}) => place !== 'PANELCTL_BESIDE')
    expect(found(known, environ)).toEqual([])
    expect(found(mine, seenBy(elsewhere, 'cmdlines'))).toEqual([])
  })

  test('for a command in a sandbox, nor its folder', async () => {
    const {folder, env} = home()
    const script = 'env; cat "$(command -v panelctl)"; panelctl nezha server list -o id; grep -r . "$TMPDIR"'
    const outcome = await binary(['sandbox', '--', 'sh', '-c', script], {env: {...env, ...variables}})
    expect(outcome.stdout).toContain('exec ')
    expect(outcome.stdout).toContain('\n1\n2\n3\n4\n5\n')
    const mine = all.filter(({place}) => place !== 'PANELCTL_BESIDE')
    expect(found(mine, outcome.stdout + outcome.stderr)).toEqual([])
    expect(inFiles(folder, all)).toEqual([])
  })

  test('with the password of a proxy', async () => {
    const password = canary('the password of a proxy', '+!')
    const {port} = await nezhaSandbox({token: token.text})
    const proxy = await startProxy({port, credentials: `user:${password.text}`})
    const list = ['nezha', 'server', 'list', '--debug', '--retries', '0', '-o', 'json']
    const run = (at: string) =>
      binary(list, {
        env: {NEZHA_DASHBOARD_URL: 'http://panel.invalid', NEZHA_TOKEN: token.text, HTTP_PROXY: at},
      })
    const known = `user:${encodeURIComponent(password.text)}`
    const outcomes = [
      await run(`http://${known}@127.0.0.1:${proxy.port}`),
      await run(`http://${known}x@127.0.0.1:${proxy.port}`),
      await run(`http://${known}@127.0.0.1:1`),
      await run(`http://${known}@127.0.0.1:x`),
      await run(`ftp://${known}@127.0.0.1`),
    ]
    expect(outcomes.map(({exitCode}) => exitCode)).toEqual([0, 4, 6, 2, 2])
    expect(proxy.asked).toHaveLength(2)
    for (const {stdout, stderr} of outcomes) expect(found([password, token], stdout + stderr)).toEqual([])
  })
})
