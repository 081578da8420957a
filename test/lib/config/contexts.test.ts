import {lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, it, vi} from 'vitest'
import {
  deleteContext,
  forgetCredential,
  renameContext,
  replaceSecret,
  saveContext,
  useContext,
} from '../../../src/lib/config/contexts/change-context.js'
import {editConfig, readConfig} from '../../../src/lib/config/contexts/config-file.js'
import type {SavedContext} from '../../../src/lib/config/contexts/saved-context.js'
import {withConfigLock} from '../../../src/lib/config/files/lock.js'
import type {Keychain} from '../../../src/lib/config/secrets/keychain.js'
import {readSecret} from '../../../src/lib/config/secrets/stores.js'
import {PanelctlError} from '../../../src/lib/errors.js'
import {failure} from './failure.js'
import {temporaryFolder} from './temporary-folder.js'

const keychain = vi.hoisted(() => ({entries: new Map<string, string>(), isBroken: false}))
vi.mock('../../../src/lib/config/secrets/keychain.js', () => ({
  openKeychain: async (): Promise<Keychain> => {
    if (keychain.isBroken) throw new PanelctlError('AUTH', 'broken')
    return {
      get: async name => keychain.entries.get(name),
      set: async (name, value) => {
        keychain.entries.set(name, value)
      },
      delete: async name => keychain.entries.delete(name),
    }
  },
}))

beforeEach(() => {
  keychain.entries.clear()
  keychain.isBroken = false
})

const lab: SavedContext = {panel: 'nezha', url: 'https://lab.example.com', store: 'file'}
const secret = {kind: 'token', value: 'abc'}

function newPlace() {
  const configDir = join(temporaryFolder(), 'panelctl')
  const file = join(configDir, 'config.yaml')
  return {configDir, env: {DBUS_SESSION_BUS_ADDRESS: 'x'}, file, text: () => readFileSync(file, 'utf8')}
}

function placeWith(text: string) {
  const place = newPlace()
  mkdirSync(place.configDir)
  writeFileSync(place.file, text)
  return place
}

describe('config.yaml', () => {
  it('that is not there holds no contexts', async () => {
    expect(await readConfig(newPlace().configDir)).toEqual({contexts: new Map(), current: new Map()})
  })

  it.each(['', '# only a comment\n', 'contexts:\ncurrent:\n', 'contexts: {}\n'])(
    '%j takes a first context',
    async text => {
      const place = placeWith(text)
      await saveContext(place, {name: 'lab', context: lab, secret, replace: false})
      expect(await readConfig(place.configDir)).toEqual({
        contexts: new Map([['lab', {...lab, credential: 'token'}]]),
        current: new Map([['nezha', 'lab']]),
      })
      expect(place.text()).toContain(text.startsWith('#') ? text : '')
    },
  )

  it('is written as a person would write it, for its owner only', async () => {
    const place = newPlace()
    const context = {...lab, caFile: '/ca.pem', insecure: true, acceptedPlainHttp: false}
    await saveContext(place, {name: 'lab', context, secret, replace: false})
    expect(place.text()).toBe(`contexts:
  lab:
    panel: nezha
    url: https://lab.example.com
    caFile: /ca.pem
    insecure: true
    credential: token
    store: file
current:
  nezha: lab
`)
    expect(readdirSync(place.configDir).sort()).toEqual(['config.yaml', 'credentials.yaml'])
    if (process.platform === 'win32') return
    expect(statSync(place.file).mode & 0o777).toBe(0o600)
    expect(statSync(place.configDir).mode & 0o777).toBe(0o700)
  })

  it('keeps comments, order and keys that panelctl does not know', async () => {
    const place = placeWith(`# my panels
colour: always

contexts:
  # the one in the cellar
  home: # old
    panel: nezha
    url: https://home.example.com # behind the proxy
    rack: 7

current:
  nezha: home # daily
`)
    await saveContext(place, {name: 'lab', context: {...lab, panel: 'komari'}, replace: false})
    await saveContext(place, {name: 'home', context: {...lab, url: 'https://new.example.com'}, replace: true})
    await renameContext(place, 'home', 'cellar')
    expect(place.text()).toBe(`# my panels
colour: always

contexts:
  # the one in the cellar
  cellar:
    # old
    panel: nezha
    url: https://new.example.com # behind the proxy
    rack: 7
    store: file
  lab:
    panel: komari
    url: https://lab.example.com
    store: file

current:
  komari: lab
  nezha: cellar
`)
  })

  it.each([
    ['contexts:\n  lab:\n    panel: nezha\n', 'line 2: contexts.lab.url is missing'],
    [
      'contexts:\n  lab:\n    panel: nezha\n    url: 5\n',
      'line 4: contexts.lab.url must be text: put it in quotes',
    ],
    [
      'contexts:\n  lab:\n    panel: a\n    url: b\n    store: drawer\n',
      'line 5: contexts.lab.store must be file or keychain',
    ],
    [
      'contexts:\n  lab: {panel: a, url: b, insecure: maybe}\n',
      'line 2: contexts.lab.insecure must be true or false',
    ],
    ['contexts:\n  lab: https://host\n', 'line 2: contexts.lab must be a map'],
    ['contexts: [lab]\n', 'line 1: contexts must be a map'],
    ['\n- lab\n', 'line 2: must be a map'],
    ['contexts:\n  a/b: {}\n', 'line 2: contexts.a/b is not a name'],
    ['contexts:\n  __proto__: {panel: nezha, url: x}\n', 'line 2: contexts.__proto__ is not a name'],
    ['contexts:\n  lab: {}\n  lab: {}\n', 'line 3: not valid YAML (duplicate key)'],
    ['contexts:\n\tlab: {}\n', 'line 2: not valid YAML (tab as indent)'],
    ['contexts: *mine\n', 'an alias (*name) cannot be resolved'],
  ])('broken by hand is an error with file and line: %j', async (text, what) => {
    const place = placeWith(text)
    for (const call of [() => readConfig(place.configDir), () => useContext(place, 'lab')]) {
      const error = await failure(call)
      expect(error).toMatchObject({code: 'USAGE', hint: `edit ${place.file}`})
      expect(error.message).toContain(`${place.file}, `)
      expect(error.message).toContain(what)
    }
    expect(place.text()).toBe(text)
  })

  it('that cannot be read is an error naming it', async () => {
    const place = newPlace()
    mkdirSync(place.file, {recursive: true})
    expect((await failure(() => readConfig(place.configDir))).message).toContain(
      `cannot read ${place.file}: illegal operation on a directory`,
    )
  })

  it('in a folder that cannot be made is an error naming it', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const place = {configDir: join(file, 'panelctl'), env: {}}
    const error = await failure(() => saveContext(place, {name: 'lab', context: lab, replace: false}))
    expect(error.message).toContain(`cannot create ${place.configDir}: `)
  })

  it('stays as it was when a change fails, or would make it unreadable', async () => {
    const place = newPlace()
    await saveContext(place, {name: 'lab', context: lab, replace: false})
    const before = place.text()
    const change = withConfigLock(place, lock =>
      editConfig(lock, map => {
        map().set('contexts', 'gone')
        throw new Error('no')
      }),
    )
    await expect(change).rejects.toThrow('no')
    await failure(() => withConfigLock(place, lock => editConfig(lock, map => map().set('contexts', 'gone'))))
    expect(place.text()).toBe(before)
    await useContext(place, 'lab')
  })

  it.skipIf(process.platform === 'win32').each([
    ['that exists', true],
    ['that does not exist yet', false],
  ])('as a link into dotfiles %s stays a link, and the target is written', async (_, exists) => {
    const place = newPlace()
    const target = join(temporaryFolder(), 'dotfiles.yaml')
    mkdirSync(place.configDir)
    if (exists) writeFileSync(target, '# dotfiles\n')
    symlinkSync(target, place.file)
    await saveContext(place, {name: 'lab', context: lab, replace: false})
    expect(lstatSync(place.file).isSymbolicLink()).toBe(true)
    expect(readFileSync(target, 'utf8')).toContain('lab.example.com')
    expect((await readConfig(place.configDir)).contexts.has('lab')).toBe(true)
  })
})

describe('saving a context', () => {
  it.each(['constructor', '123', 'true', 'null', 'a.b-c_d', '1e5'])('works under the name %s', async name => {
    const place = newPlace()
    await saveContext(place, {name, context: lab, secret, replace: false})
    await renameContext(place, name, 'x')
    await renameContext(place, 'x', name)
    const config = await readConfig(place.configDir)
    expect([...config.contexts.keys()]).toEqual([name])
    expect(config.current.get('nezha')).toBe(name)
    expect(await readSecret(place, 'file', name)).toEqual(secret)
    await deleteContext(place, name)
    expect((await readConfig(place.configDir)).contexts.size).toBe(0)
  })

  it.each(['__proto__', '', '-x', 'a b', 'a/b', '../x', 'ä', 'a\n'])('refuses the name %j', async name => {
    const place = newPlace()
    const error = await failure(() => saveContext(place, {name, context: lab, replace: false}))
    expect(error.code).toBe('USAGE')
    expect(error.message).toBe(`${JSON.stringify(name)} cannot be the name of a context`)
  })

  it('under a taken name asks for --replace', async () => {
    const place = newPlace()
    await saveContext(place, {name: 'lab', context: lab, replace: false})
    expect(
      await failure(() => saveContext(place, {name: 'lab', context: lab, replace: false})),
    ).toMatchObject({
      code: 'USAGE',
      message: 'the context lab exists (nezha, https://lab.example.com)',
      hint: 'pass --replace',
    })
  })

  it('makes it current for its panel, and leaves the other panels alone', async () => {
    const place = newPlace()
    await saveContext(place, {name: 'lab', context: lab, replace: false})
    await saveContext(place, {name: 'k', context: {...lab, panel: 'komari'}, replace: false})
    await saveContext(place, {name: 'lab2', context: lab, replace: false})
    expect((await readConfig(place.configDir)).current).toEqual(
      new Map([
        ['nezha', 'lab2'],
        ['komari', 'k'],
      ]),
    )
  })

  it('in place of another forgets its secret, its TLS options and what it was current for', async () => {
    const place = newPlace()
    await saveContext(place, {name: 'x', context: {...lab, insecure: true}, secret, replace: false})
    await saveContext(place, {name: 'x', context: {...lab, panel: 'komari'}, replace: true})
    const config = await readConfig(place.configDir)
    expect(config.contexts.get('x')).toEqual({...lab, panel: 'komari'})
    expect(config.current).toEqual(new Map([['komari', 'x']]))
    expect(await readSecret(place, 'file', 'x')).toBeUndefined()
  })

  it('moves its secret from the keychain to the file, even when the keychain is out of reach', async () => {
    const place = newPlace()
    await saveContext(place, {name: 'x', context: {...lab, store: 'keychain'}, secret, replace: false})
    expect(keychain.entries.size).toBe(1)
    keychain.isBroken = true
    await saveContext(place, {name: 'x', context: lab, secret, replace: true})
    expect(await readSecret(place, 'file', 'x')).toEqual(secret)
  })

  it('never takes up a secret that an interrupted login left under its name', async () => {
    const place = newPlace()
    mkdirSync(place.configDir)
    const left = join(place.configDir, 'credentials.yaml')
    writeFileSync(left, 'lab: {kind: token, value: abc}\n', {mode: 0o600})
    expect(await readSecret(place, 'file', 'lab')).toEqual(secret)
    await saveContext(place, {name: 'lab', context: lab, replace: false})
    expect(await readSecret(place, 'file', 'lab')).toBeUndefined()
  })

  it('whose secret cannot be stored leaves the contexts as they were', async () => {
    const place = newPlace()
    keychain.isBroken = true
    const saving = {name: 'x', context: {...lab, store: 'keychain' as const}, secret, replace: false}
    expect((await failure(() => saveContext(place, saving))).code).toBe('AUTH')
    expect((await readConfig(place.configDir)).contexts.size).toBe(0)
  })
})

describe('the saved contexts', () => {
  it('are used by name, and a slip is answered with the nearest names', async () => {
    const place = newPlace()
    for (const name of ['lab', 'prod']) await saveContext(place, {name, context: lab, replace: false})
    expect(await useContext(place, 'lab')).toEqual({context: lab, wasCurrent: false})
    expect(await useContext(place, 'lab')).toEqual({context: lab, wasCurrent: true})
    expect((await readConfig(place.configDir)).current.get('nezha')).toBe('lab')
    expect(await failure(() => useContext(place, 'labb'))).toMatchObject({
      code: 'USAGE',
      message: 'no context "labb"',
      hint: 'did you mean "lab"?',
    })
    expect(await failure(() => deleteContext(place, 'constructor'))).toMatchObject({
      hint: 'panelctl context list',
    })
  })

  it.each(['file', 'keychain'] as const)(
    'are renamed with their secret in the %s, and stay current',
    async store => {
      const place = newPlace()
      await saveContext(place, {name: 'lab', context: {...lab, store}, secret, replace: false})
      await renameContext(place, 'lab', 'home')
      const config = await readConfig(place.configDir)
      expect([...config.contexts.keys()]).toEqual(['home'])
      expect(config.current.get('nezha')).toBe('home')
      expect(await readSecret(place, store, 'home')).toEqual(secret)
      expect(await readSecret(place, store, 'lab')).toBeUndefined()
    },
  )

  it('are not renamed over one another, nor without their secret', async () => {
    const place = newPlace()
    await saveContext(place, {name: 'a', context: {...lab, store: 'keychain'}, secret, replace: false})
    await saveContext(place, {name: 'b', context: lab, replace: false})
    expect((await failure(() => renameContext(place, 'a', 'b'))).message).toBe('the context b exists')
    keychain.isBroken = true
    expect((await failure(() => renameContext(place, 'a', 'c'))).code).toBe('AUTH')
    expect([...(await readConfig(place.configDir)).contexts.keys()]).toEqual(['a', 'b'])
  })

  it.each(['file', 'keychain'] as const)(
    'are deleted with their secret in the %s; none is current then',
    async store => {
      const place = newPlace()
      await saveContext(place, {name: 'lab', context: {...lab, store}, secret, replace: false})
      expect(await deleteContext(place, 'lab')).toEqual({leftIn: undefined})
      expect(await readConfig(place.configDir)).toEqual({contexts: new Map(), current: new Map()})
      expect(await readSecret(place, store, 'lab')).toBeUndefined()
    },
  )

  it('are deleted over SSH too, and the secret that stays in the keychain is told', async () => {
    const place = newPlace()
    await saveContext(place, {name: 'lab', context: {...lab, store: 'keychain'}, secret, replace: false})
    keychain.isBroken = true
    expect(await deleteContext(place, 'lab')).toEqual({leftIn: 'keychain'})
    expect((await readConfig(place.configDir)).contexts.size).toBe(0)
  })

  it('outlive a logout, which takes the secret alone', async () => {
    const place = newPlace()
    await saveContext(place, {name: 'lab', context: lab, secret, replace: false})
    await forgetCredential(place, 'lab')
    expect((await readConfig(place.configDir)).contexts.get('lab')).toEqual(lab)
    expect(await readSecret(place, 'file', 'lab')).toBeUndefined()
  })

  it('with a tokenCommand keep its kind, and have nothing to log out of', async () => {
    const place = newPlace()
    const context = {...lab, tokenCommand: 'pass show nezha', credential: 'cookie'}
    await saveContext(place, {name: 'lab', context, replace: false})
    expect((await readConfig(place.configDir)).contexts.get('lab')).toEqual(context)
    expect((await failure(() => forgetCredential(place, 'lab'))).message).toContain(
      'its tokenCommand prints it',
    )
  })
})

describe('a secret that the panel has changed', () => {
  const changed = {name: 'lab', url: 'https://lab.example.com', secret: {kind: 'token', value: 'new'}}

  it.each(['file', 'keychain'] as const)('takes the place of the old one in the %s', async store => {
    const place = newPlace()
    await saveContext(place, {name: 'lab', context: {...lab, store}, secret, replace: false})
    const before = place.text()
    expect(await replaceSecret(place, changed)).toEqual({store})
    expect(await readSecret(place, store, 'lab')).toEqual(changed.secret)
    expect(place.text()).toBe(before)
  })

  it('is kept by a context that did not say that it has one', async () => {
    const place = newPlace()
    await saveContext(place, {name: 'lab', context: lab, replace: false})
    await replaceSecret(place, changed)
    expect((await readConfig(place.configDir)).contexts.get('lab')?.credential).toBe('token')
  })

  it('never goes to a context of another panel', async () => {
    const place = newPlace()
    await saveContext(place, {name: 'lab', context: lab, secret, replace: false})
    const elsewhere = {...changed, url: 'https://other.example.com'}
    expect((await failure(() => replaceSecret(place, elsewhere))).code).toBe('USAGE')
    expect(await readSecret(place, 'file', 'lab')).toEqual(secret)
  })

  it('does not get into a context whose command prints it', async () => {
    const place = newPlace()
    const context = {...lab, tokenCommand: 'pass show lab', credential: 'token'}
    await saveContext(place, {name: 'lab', context, replace: false})
    expect((await failure(() => replaceSecret(place, changed))).message).toContain(
      'its tokenCommand prints it',
    )
    expect(await readSecret(place, 'file', 'lab')).toBeUndefined()
  })

  it('leaves the old one where its keychain cannot be reached', async () => {
    const place = newPlace()
    await saveContext(place, {name: 'lab', context: {...lab, store: 'keychain'}, secret, replace: false})
    keychain.isBroken = true
    expect((await failure(() => replaceSecret(place, changed))).code).toBe('AUTH')
    keychain.isBroken = false
    expect(await readSecret(place, 'keychain', 'lab')).toEqual(secret)
  })
})
