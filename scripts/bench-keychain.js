import {spawn, spawnSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {createInterface} from 'node:readline'

/** A service of the desktop, whose first line says that it is there. */
async function started(file, args, env, stdin) {
  const child = spawn(file, args, {env, stdio: ['pipe', 'pipe', 'ignore']})
  const failed = new Promise((_, reject) => child.once('error', reject).once('exit', reject))
  // Of one that is not there, or has ended.
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  const [line] = await Promise.race([
    createInterface({input: child.stdout})
      [Symbol.asyncIterator]()
      .next()
      .then(({value}) => [value]),
    failed,
  ])
  return {line, stop: () => child.kill()}
}

/**
 * A keychain of its own for the benchmark, on a session bus of its own, with the token of a saved context in it: `env` is what
 * panelctl needs to use it. `absent` says why there is none.
 * @param login the program that saves a context in the keychain of its `env`, with the token on its stdin
 */
export async function startKeychain(surroundings, folder, login, token) {
  const services = []
  const stop = () => {
    for (const service of services.reverse()) service.stop()
  }
  try {
    const runtime = join(folder, 'runtime')
    mkdirSync(runtime, {mode: 0o700})
    const env = {...surroundings, XDG_RUNTIME_DIR: runtime, PANELCTL_CONFIG_DIR: join(folder, 'keychain')}
    const bus = await started('dbus-daemon', ['--session', '--nofork', '--print-address'], env, '')
    services.push(bus)
    env.DBUS_SESSION_BUS_ADDRESS = bus.line
    const keyring = ['--foreground', '--unlock', '--components=secrets']
    services.push(await started('gnome-keyring-daemon', keyring, env, 'password'))
    const {status, stderr} = spawnSync(login.file, login.args, {env, input: `${token}\n`, encoding: 'utf8'})
    if (status !== 0) throw new Error(stderr)
    return {env, stop}
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : 'it ended at once'
    return {absent: `left out: no keychain (dbus-daemon, gnome-keyring-daemon, libsecret): ${reason}`, stop}
  }
}
