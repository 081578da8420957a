import {once} from 'node:events'
import {readFileSync, statSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {binary, nezhaSandbox, temporaryFolder} from '../harness.js'

test('twenty logins at once leave twenty contexts, each with its token', {timeout: 60_000}, async () => {
  const {url, token} = await nezhaSandbox()
  const env = {PANELCTL_CONFIG_DIR: temporaryFolder()}
  const names = Array.from({length: 20}, (_, index) => `c${String(index).padStart(2, '0')}`)
  const logins = await Promise.all(
    names.map(name =>
      binary(['nezha', 'login', '--no-check', '--with-token', '--context', name, '--url', url, '--quiet'], {
        env,
        stdin: `${token}-${name}`,
      }),
    ),
  )
  for (const {exitCode, stderr} of logins) expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''})
  const {stdout} = await binary(['context', 'list', '-o', 'json'], {env})
  expect(
    JSON.parse(stdout)
      .map(({name}: {name: string}) => name)
      .sort(),
  ).toEqual(names)
  const secrets = readFileSync(join(env.PANELCTL_CONFIG_DIR, 'credentials.yaml'), 'utf8')
  expect(names.filter(name => !secrets.includes(`${token}-${name}`))).toEqual([])
})

test('a login through a pipe writes a file that only its owner reads, and no keychain is touched', async () => {
  const {url, token, requests} = await nezhaSandbox()
  const home = temporaryFolder()
  const configDir = join(home, 'config')
  // A session bus that notes whoever comes, and a look at each module that is loaded.
  let visitors = 0
  const bus = createServer(() => {
    visitors += 1
  }).listen(join(home, 'bus'))
  await once(bus, 'listening')
  onTestFinished(() => {
    bus.close()
  })
  const log = join(home, 'log')
  const spy = join(home, 'spy.cjs')
  writeFileSync(
    spy,
    `const Module = require('node:module')
    const load = Module._load
    Module._load = function (name) {
      if (!Module.isBuiltin(name)) require('node:fs').appendFileSync(process.env.SPY_LOG, name + '\\n')
      return load.apply(this, arguments)
    }`,
  )
  const env = {
    PANELCTL_CONFIG_DIR: configDir,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(home, 'bus')}`,
    SPY_LOG: log,
  }
  const nodeArgs = ['--require', spy]
  const login = await binary(['nezha', 'login', '--with-token', '--url', url], {
    env,
    nodeArgs,
    stdin: `${token}\n`,
  })
  expect(login).toMatchObject({stdout: '', exitCode: 0})
  expect(login.stderr).toContain(join(configDir, 'credentials.yaml'))
  expect(login.stderr).not.toContain(token)
  expect(requests.map(({headers}) => headers.authorization)).toEqual([token])
  expect(await binary(['nezha', 'server', 'list', '-o', 'id'], {env, nodeArgs})).toMatchObject({
    stdout: '1\n2\n3\n4\n5\n',
    stderr: '',
  })

  expect(visitors).toBe(0)
  expect(readFileSync(log, 'utf8')).not.toContain('keytar')
  expect(statSync(join(configDir, 'credentials.yaml')).mode & 0o777).toBe(0o600)
  expect(statSync(join(configDir, 'config.yaml')).mode & 0o777).toBe(0o600)
  expect(statSync(configDir).mode & 0o777).toBe(0o700)
  expect(readFileSync(join(configDir, 'credentials.yaml'), 'utf8')).toContain(token)
  expect(readFileSync(join(configDir, 'config.yaml'), 'utf8')).not.toContain(token)
})

test('a login that the panel refuses saves nothing', async () => {
  const {url} = await nezhaSandbox()
  const env = {PANELCTL_CONFIG_DIR: temporaryFolder()}
  const login = await binary(['nezha', 'login', '--with-token', '--url', url], {env, stdin: 'wrong'})
  expect(login).toMatchObject({stdout: '', exitCode: 4})
  expect((await binary(['context', 'list', '-o', 'json'], {env})).stdout).toBe('[]\n')
})
