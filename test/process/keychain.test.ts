import {type ChildProcess, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {writeFileSync} from 'node:fs'
import {createServer, type Socket} from 'node:net'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {binary, root, temporaryFolder} from '../harness.js'

/** Not so where libsecret is missing. */
const keytarLoads = spawnSync(process.execPath, ['-e', "require('keytar')"], {cwd: root}).status === 0

const advice =
  'to keep it in a file: panelctl nezha login --url http://127.0.0.1:9 --no-check --store file --with-token < token.txt\n'
const login = [
  ...['nezha', 'login', '--no-check', '--url', 'http://127.0.0.1:9'],
  ...['--with-token', '--store', 'keychain'],
]

/** A session bus that accepts whoever comes and never says a word. */
async function silentBus(greeted: () => void = () => {}) {
  const path = join(temporaryFolder(), 'bus')
  const callers: Socket[] = []
  const server = createServer(socket => {
    callers.push(socket)
    socket.on('error', () => {})
    socket.resume()
    greeted()
  })
  server.listen(path)
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of callers) socket.destroy()
    server.close()
  })
  return {
    env: {DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}`},
    callers,
    /** Until everyone who came has hung up. */
    abandoned: () => Promise.all(callers.map(socket => socket.closed || once(socket, 'close'))),
  }
}

/** A config folder whose context has its secret in the keychain. */
function savedContext(): string {
  const folder = temporaryFolder()
  const context = "{panel: nezha, url: 'http://127.0.0.1:9', credential: token, store: keychain}"
  writeFileSync(join(folder, 'config.yaml'), `contexts:\n  lab: ${context}\ncurrent:\n  nezha: lab\n`)
  return folder
}

describe.runIf(process.platform === 'linux')('a keychain behind a session bus that never answers', () => {
  test('is exit 4, after which no process is left', async () => {
    const bus = await silentBus()
    const outcome = await binary(login, {stdin: 'abc\n', env: bus.env})
    const [reason, hint] = keytarLoads
      ? ['it did not answer within 3 s', 'is it unlocked? cron and SSH sessions cannot read it']
      : [
          'keytar cannot be loaded, most often for want of libsecret',
          'to get it: apt-get install libsecret-1-0, or dnf install libsecret',
        ]
    expect(outcome).toEqual({
      stdout: '',
      stderr: `panelctl: the keychain cannot be used: ${reason}\nhint: ${hint}; ${advice}`,
      exitCode: 4,
      signal: null,
    })
    expect(bus.callers).toHaveLength(keytarLoads ? 1 : 0)
    await bus.abandoned()
  })

  test.runIf(keytarLoads).each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is not waited for after %s, and no process is left', async (signal, exitCode) => {
    let child: ChildProcess | undefined
    const bus = await silentBus(() => child?.kill(signal))
    const outcome = await binary(['nezha', 'server', 'list'], {
      env: {...bus.env, PANELCTL_CONFIG_DIR: savedContext()},
      started: started => {
        child = started
      },
    })
    expect(outcome).toEqual({stdout: '', stderr: '', exitCode, signal: null})
    await bus.abandoned()
  })
})
