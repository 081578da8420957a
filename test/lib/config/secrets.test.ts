import {chmodSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {deleteContext, renameContext} from '../../../src/lib/config/contexts/change-context.js'
import {readSecret} from '../../../src/lib/config/secrets/stores.js'
import {failure} from './failure.js'
import {saveSecret} from './saved-secret.js'
import {temporaryFolder} from './temporary-folder.js'

const secret = {kind: 'token', value: 'abc'}

function newPlace(name = 'panelctl') {
  const configDir = join(temporaryFolder(), name)
  return {configDir, env: {}, file: join(configDir, 'credentials.yaml')}
}

describe('a secret in credentials.yaml', () => {
  it('is read back, renamed and deleted', async () => {
    const place = newPlace()
    expect(await readSecret(place, 'file', 'lab')).toBeUndefined()
    await saveSecret(place, 'file', 'lab', secret)
    expect(await readSecret(place, 'file', 'lab')).toEqual(secret)
    await renameContext(place, 'lab', 'home')
    expect(await readSecret(place, 'file', 'home')).toEqual(secret)
    expect(await readSecret(place, 'file', 'lab')).toBeUndefined()
    expect(await deleteContext(place, 'home')).toEqual({leftIn: undefined})
    expect(await readSecret(place, 'file', 'home')).toBeUndefined()
  })

  it.each(['12345', 'true', 'a: b # c', "it's", ' padded ', `nz_${'x'.repeat(300)}`, 'über 😀', '- *x'])(
    'may be %j',
    async value => {
      const place = newPlace()
      await saveSecret(place, 'file', 'lab', {kind: 'token', value})
      expect((await readSecret(place, 'file', 'lab'))?.value).toBe(value)
    },
  )

  it('keeps the others apart, whatever the contexts are called', async () => {
    const place = newPlace()
    for (const name of ['constructor', '123', 'true', 'toString'])
      await saveSecret(place, 'file', name, {kind: 'token', value: name})
    for (const name of ['constructor', '123', 'true', 'toString'])
      expect(await readSecret(place, 'file', name)).toEqual({kind: 'token', value: name})
    expect(await readSecret(place, 'file', 'hasOwnProperty')).toBeUndefined()
  })

  it.skipIf(process.platform === 'win32')('is for its owner only, file and folder', async () => {
    const place = newPlace()
    await saveSecret(place, 'file', 'lab', secret)
    expect(statSync(place.file).mode & 0o777).toBe(0o600)
    expect(statSync(place.configDir).mode & 0o777).toBe(0o700)
  })

  it.skipIf(process.platform === 'win32').each([0o644, 0o640, 0o602])(
    'is refused when others can use the file (mode %i in decimal), with the chmod to type',
    async mode => {
      const place = newPlace('my panelctl')
      await saveSecret(place, 'file', 'lab', secret)
      chmodSync(place.file, mode)
      const error = await failure(() => readSecret(place, 'file', 'lab'))
      expect(error).toMatchObject({exitCode: 4, hint: `chmod 600 '${place.file}'`})
      expect(error.message).toContain(`(mode 0${mode.toString(8)})`)
      // What others can write is refused by the rule for all of our files, which is this system's.
      chmodSync(place.file, mode & ~0o022)
      expect(await readSecret({...place, platform: 'win32'}, 'file', 'lab')).toEqual(secret)
    },
  )

  it('is closed to others again by the next login', async () => {
    const place = newPlace()
    await saveSecret(place, 'file', 'lab', secret)
    chmodSync(place.file, 0o644)
    await saveSecret(place, 'file', 'lab', {kind: 'token', value: 'new'})
    expect((await readSecret(place, 'file', 'lab'))?.value).toBe('new')
  })

  it.each([
    ['lab: {kind: token, value: [hunter2', 'line 1: not valid YAML'],
    ['# mine\nlab:\n  kind: token\n  value: 12345\n', 'line 4: lab.value must be text: put it in quotes'],
    ['hunter2', 'line 1: must be a map'],
    ['lab: hunter2', 'line 1: lab must be a map'],
  ])('that was broken by hand is told with its line and without its content: %j', async (text, what) => {
    const place = {configDir: temporaryFolder(), env: {}}
    const file = join(place.configDir, 'credentials.yaml')
    writeFileSync(file, text, {mode: 0o600})
    const error = await failure(() => readSecret(place, 'file', 'lab'))
    expect(error.code).toBe('USAGE')
    expect(error.message).toContain(`${file}, ${what}`)
    expect(error.message).not.toMatch(/hunter2|12345/)
  })

  it('leaves comments where they are', async () => {
    const place = {configDir: temporaryFolder(), env: {}}
    const file = join(place.configDir, 'credentials.yaml')
    writeFileSync(file, '# by ansible\nlab: { kind: token, value: abc } # do not rotate\n', {mode: 0o600})
    await saveSecret(place, 'file', 'home', secret)
    expect(readFileSync(file, 'utf8')).toBe(
      '# by ansible\nlab: { kind: token, value: abc } # do not rotate\nhome:\n  kind: token\n  value: abc\n',
    )
  })
})
