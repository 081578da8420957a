import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {deleteContext, renameContext} from '../../../src/lib/config/contexts/change-context.js'
import {chooseStore, readSecret} from '../../../src/lib/config/secrets/stores.js'
import {failure} from './failure.js'
import {fakeKeytar} from './fake-keytar.js'
import {saveSecret} from './saved-secret.js'
import {temporaryFolder} from './temporary-folder.js'

const locked = 'is it unlocked? cron and SSH sessions cannot read it'
const env = {DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/bus'}
const secret = {kind: 'token', value: 'abc'}
/** Tells its process and then blocks it: no timer of it runs, and no signal but SIGKILL ends it. */
const hanging = `
require('node:fs').writeFileSync(require('node:path').join(__dirname, 'pid'), String(process.pid))
process.on('SIGTERM', () => {})
const getPassword = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
module.exports = {getPassword}`

function placeOf({access}: ReturnType<typeof fakeKeytar>) {
  return {configDir: temporaryFolder(), env, platform: 'linux' as const, ...access}
}

describe('a secret in the keychain', () => {
  it('is read back, renamed and deleted, under the name of its context', async () => {
    const keychain = fakeKeytar()
    const here = placeOf(keychain)
    await saveSecret(here, 'keychain', 'lab', secret)
    expect(Object.keys(keychain.entries())).toEqual(['panelctl/lab'])
    expect(await readSecret(placeOf(keychain), 'keychain', 'lab')).toEqual(secret)
    await renameContext(here, 'lab', 'home')
    expect(await readSecret(here, 'keychain', 'lab')).toBeUndefined()
    expect(await readSecret(here, 'keychain', 'home')).toEqual(secret)
    expect(await deleteContext(here, 'home')).toEqual({leftIn: undefined})
    expect(keychain.entries()).toEqual({})
  })

  it('that another program wrote is told, not used', async () => {
    const keychain = fakeKeytar()
    keychain.setEntries({'panelctl/lab': 'bare'})
    expect(await failure(() => readSecret(placeOf(keychain), 'keychain', 'lab'))).toMatchObject({
      code: 'AUTH',
      message: "the keychain's entry panelctl/lab was not written by panelctl",
    })
  })

  it('may be long and hold any character', async () => {
    const here = placeOf(fakeKeytar())
    const long = {kind: 'cookie', value: `a=\n"'\\\u2028密\ud83d\ude00${'x'.repeat(2_000_000)}`}
    await saveSecret(here, 'keychain', 'lab', long)
    expect(await readSecret(here, 'keychain', 'lab')).toEqual(long)
  })

  it('takes one process to read, in which it is neither an argument nor in the environment', async () => {
    const keychain = fakeKeytar()
    const here = placeOf(keychain)
    await saveSecret(here, 'keychain', 'lab', {kind: 'token', value: 'visible-to-none'})
    expect(keychain.calls()).toHaveLength(1)
    await readSecret({...here, env: {...env, NEZHA_TOKEN: 'visible-to-none'}}, 'keychain', 'lab')
    expect(keychain.calls()).toHaveLength(2)
    for (const call of keychain.calls()) expect(call).not.toContain('visible-to-none')
  })

  it('is read without the options that are meant for other Node programs', async () => {
    const here = placeOf(fakeKeytar())
    const options = {NODE_OPTIONS: '--require ./not-there.cjs'}
    expect(await readSecret({...here, env: {...env, ...options}}, 'keychain', 'lab')).toBeUndefined()
  })

  it('cannot be reached under cron: exit 4 with what to do, without starting anything', async () => {
    const keychain = fakeKeytar()
    const here = {...placeOf(keychain), env: {XDG_RUNTIME_DIR: temporaryFolder()}}
    for (const call of [
      () => readSecret(here, 'keychain', 'lab'),
      () => saveSecret(here, 'keychain', 'lab', secret),
    ]) {
      const error = await failure(call)
      expect(error).toMatchObject({exitCode: 4, hint: 'cron and SSH sessions cannot read the keychain'})
      expect(error.message).toBe('the keychain cannot be used: there is no session bus')
    }
    expect(keychain.calls()).toEqual([])
  })

  it('is reached through the bus in XDG_RUNTIME_DIR', async () => {
    const runtime = temporaryFolder()
    mkdirSync(runtime, {recursive: true})
    writeFileSync(join(runtime, 'bus'), '')
    const here = {...placeOf(fakeKeytar()), env: {XDG_RUNTIME_DIR: runtime}}
    expect(await readSecret(here, 'keychain', 'lab')).toBeUndefined()
  })

  it('needs no session bus on macOS', async () => {
    const here = {...placeOf(fakeKeytar()), env: {}, platform: 'darwin' as const}
    expect(await readSecret(here, 'keychain', 'lab')).toBeUndefined()
  })

  it.each([
    [
      'the keychain refuses it',
      "module.exports = {getPassword: async () => { throw new Error('The name org.freedesktop.secrets was not provided') }}",
      'The name org.freedesktop.secrets was not provided',
    ],
    [
      'keytar refuses it before it asks',
      "module.exports = {getPassword() { throw new Error('Account is required.') }}",
      'Account is required.',
    ],
    ['keytar crashes', "process.kill(process.pid, 'SIGABRT')", 'its process was ended by SIGABRT'],
    ['keytar ends its process', 'process.exit(7)', 'its process failed with exit 7'],
    ['keytar ends its process as if all were well', 'process.exit()', 'its process gave no answer'],
  ])('that cannot be read is exit 4 with the reason: %s', async (_, source, reason) => {
    const error = await failure(() => readSecret(placeOf(fakeKeytar(source)), 'keychain', 'lab'))
    expect(error).toMatchObject({exitCode: 4, hint: locked})
    expect(error.message).toBe(`the keychain cannot be used: ${reason}`)
  })

  it('that lacks something says how to get it', async () => {
    const without = {...placeOf(fakeKeytar()), keytar: 'keytar-that-nobody-installs'}
    expect(await failure(() => readSecret(without, 'keychain', 'lab'))).toMatchObject({
      code: 'AUTH',
      message: 'the keychain cannot be used: keytar is not installed',
      hint: 'to get it beside panelctl as npm installs it: npm install --global keytar@npm:@github/keytar',
    })
    const unloadable = fakeKeytar("throw new Error('Failed to load keytar native addon')")
    expect(await failure(() => readSecret(placeOf(unloadable), 'keychain', 'lab'))).toMatchObject({
      code: 'AUTH',
      message: 'the keychain cannot be used: keytar cannot be loaded, most often for want of libsecret',
      hint: 'to get it: apt-get install libsecret-1-0, or dnf install libsecret',
    })
  })

  it('that hangs is given up when its time is over, and nothing of it goes on', async () => {
    const keychain = fakeKeytar(hanging)
    const here = {...placeOf(keychain), keychainLimit: 2000}
    expect(await failure(() => readSecret(here, 'keychain', 'lab'))).toMatchObject({
      code: 'AUTH',
      message: 'the keychain cannot be used: it did not answer within 2 s',
      hint: locked,
    })
    const pid = Number(keychain.textOf('pid'))
    expect(pid).toBeGreaterThan(0)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

describe('where login puts a secret', () => {
  const wish = (keychain: ReturnType<typeof fakeKeytar>) => ({
    stdinIsTTY: true,
    env,
    platform: 'linux' as const,
    ...keychain.access,
  })

  it('is the keychain for a person at a terminal with one that works', async () => {
    const keychain = fakeKeytar()
    expect(await chooseStore(wish(keychain))).toBe('keychain')
    expect(keychain.calls()).toHaveLength(1)
  })

  it.each([
    ['--store says file', {requested: 'file' as const}],
    ['the token comes through a pipe', {stdinIsTTY: false}],
    ['there is no session bus', {env: {}}],
  ])('is the file when %s, without asking the keychain', async (_, given) => {
    const keychain = fakeKeytar()
    expect(await chooseStore({...wish(keychain), ...given})).toBe('file')
    expect(keychain.calls()).toEqual([])
  })

  it('is the keychain when --store says so, even in a pipe', async () => {
    const given = {...wish(fakeKeytar()), stdinIsTTY: false, requested: 'keychain' as const}
    expect(await chooseStore(given)).toBe('keychain')
  })

  it('is the file when the keychain answers with an error or not at all', async () => {
    const locked = fakeKeytar("module.exports = {getPassword: async () => { throw new Error('locked') }}")
    expect(await chooseStore(wish(locked))).toBe('file')
    expect(await chooseStore({...wish(fakeKeytar(hanging)), keychainLimit: 200})).toBe('file')
  })
})
