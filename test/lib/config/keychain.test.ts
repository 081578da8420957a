import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {chooseStore} from '../../../src/lib/config/choose-store.js'
import {keychainHung} from '../../../src/lib/config/keychain.js'
import {deleteSecret, readSecret, renameSecret, writeSecret} from '../../../src/lib/config/secrets.js'
import {failure} from './failure.js'
import {temporaryFolder} from './temporary-folder.js'

const entries = new Map<string, string>()
const keytar = vi.hoisted(() => ({
  getPassword: vi.fn(),
  setPassword: vi.fn(),
  deletePassword: vi.fn(),
}))
vi.mock('keytar', () => ({default: keytar}))

const advice = 'cron and SSH sessions cannot read the keychain: log in again with --store file'
const env = {DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/bus'}
const place = () => ({configDir: temporaryFolder(), env, platform: 'linux' as const})
const secret = {kind: 'token', value: 'abc'}

beforeEach(() => {
  entries.clear()
  keytar.getPassword.mockImplementation(
    async (service, account) => entries.get(`${service}/${account}`) ?? null,
  )
  keytar.setPassword.mockImplementation(async (service, account, password) => {
    entries.set(`${service}/${account}`, password)
  })
  keytar.deletePassword.mockImplementation(async (service, account) =>
    entries.delete(`${service}/${account}`),
  )
})

afterEach(() => {
  vi.useRealTimers()
  vi.clearAllMocks()
})

/** Lets the 3 s of a keychain call pass at once. */
async function hanging<T>(call: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']})
  const outcome = call()
  outcome.catch(() => {})
  await vi.waitUntil(() => vi.getTimerCount() > 0, {interval: 1})
  await vi.advanceTimersByTimeAsync(3000)
  return outcome
}

describe('a secret in the keychain', () => {
  it('is read back, renamed and deleted, under the name of its context', async () => {
    const here = place()
    await writeSecret(here, 'keychain', 'lab', secret)
    expect([...entries.keys()]).toEqual(['panelctl/lab'])
    expect(await readSecret(place(), 'keychain', 'lab')).toEqual(secret)
    expect(await renameSecret(here, 'keychain', 'lab', 'home')).toBe(true)
    expect(await readSecret(here, 'keychain', 'lab')).toBeNull()
    expect(await readSecret(here, 'keychain', 'home')).toEqual(secret)
    expect(await deleteSecret(here, 'keychain', 'home')).toBe(true)
    expect(await deleteSecret(here, 'keychain', 'home')).toBe(false)
  })

  it('that another program wrote is told, not used', async () => {
    entries.set('panelctl/lab', 'bare')
    expect(await failure(() => readSecret(place(), 'keychain', 'lab'))).toMatchObject({
      code: 'AUTH',
      message: "the keychain's entry panelctl/lab was not written by panelctl",
    })
  })

  it('cannot be reached under cron: exit 4 with what to do, without asking the keychain', async () => {
    const here = {...place(), env: {XDG_RUNTIME_DIR: temporaryFolder()}}
    for (const call of [
      () => readSecret(here, 'keychain', 'lab'),
      () => writeSecret(here, 'keychain', 'lab', secret),
    ]) {
      const error = await failure(call)
      expect(error).toMatchObject({exitCode: 4, hint: advice})
      expect(error.message).toBe('the keychain cannot be used: there is no session bus')
    }
    expect(keytar.getPassword).not.toHaveBeenCalled()
    expect(keytar.setPassword).not.toHaveBeenCalled()
  })

  it('is reached through the bus in XDG_RUNTIME_DIR', async () => {
    const runtime = temporaryFolder()
    mkdirSync(runtime, {recursive: true})
    writeFileSync(join(runtime, 'bus'), '')
    expect(await readSecret({...place(), env: {XDG_RUNTIME_DIR: runtime}}, 'keychain', 'lab')).toBeNull()
  })

  it('needs no session bus on macOS', async () => {
    expect(await readSecret({...place(), env: {}, platform: 'darwin'}, 'keychain', 'lab')).toBeNull()
  })

  it('that the keychain refuses is exit 4 with its reason', async () => {
    keytar.getPassword.mockRejectedValue(new Error('The name org.freedesktop.secrets was not provided'))
    const error = await failure(() => readSecret(place(), 'keychain', 'lab'))
    expect(error).toMatchObject({code: 'AUTH', hint: advice})
    expect(error.message).toContain('org.freedesktop.secrets was not provided')
  })

  it('that hangs is given up after 3 s, and the caller can learn that Node will not end by itself', async () => {
    let answer: (value: null) => void = () => {}
    keytar.getPassword.mockReturnValue(
      new Promise(resolve => {
        answer = resolve
      }),
    )
    const here = place()
    const error = await failure(() => hanging(() => readSecret(here, 'keychain', 'lab')))
    expect(error).toMatchObject({code: 'AUTH', hint: advice})
    expect(error.message).toBe('the keychain cannot be used: it did not answer within 3 s')
    expect(keychainHung()).toBe(true)
    answer(null)
    await vi.waitUntil(() => !keychainHung(), {interval: 1})
  })
})

describe('where login puts a secret', () => {
  const wish = {stdinIsTTY: true, env, platform: 'linux' as const}

  it('is the keychain for a person at a terminal with one that works', async () => {
    expect(await chooseStore(wish)).toBe('keychain')
  })

  it.each([
    ['--store says file', {...wish, requested: 'file' as const}],
    ['the token comes through a pipe', {...wish, stdinIsTTY: false}],
    ['there is no session bus', {...wish, env: {}}],
  ])('is the file when %s, without asking the keychain', async (_, given) => {
    expect(await chooseStore(given)).toBe('file')
    expect(keytar.getPassword).not.toHaveBeenCalled()
  })

  it('is the keychain when --store says so, even in a pipe', async () => {
    expect(await chooseStore({...wish, stdinIsTTY: false, requested: 'keychain'})).toBe('keychain')
  })

  it('is the file when the keychain answers with an error or not at all', async () => {
    keytar.getPassword.mockRejectedValueOnce(new Error('locked'))
    expect(await chooseStore(wish)).toBe('file')
    keytar.getPassword.mockReturnValueOnce(new Promise(() => {}))
    expect(await hanging(() => chooseStore(wish))).toBe('file')
  })
})
