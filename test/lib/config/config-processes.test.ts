import {mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {saveContext, useContext} from '../../../src/lib/config/contexts/change-context.js'
import {readConfig} from '../../../src/lib/config/contexts/config-file.js'
import {withConfigLock} from '../../../src/lib/config/files/lock.js'
import {readSecret} from '../../../src/lib/config/secrets/stores.js'
import {bundleScript, ending, startNode} from './bundled-script.js'
import {failure} from './failure.js'
import {temporaryFolder} from './temporary-folder.js'

/** As if the lock's owner had been killed a while ago. */
function age(configDir: string): void {
  try {
    utimesSync(join(configDir, '.lock'), new Date(0), new Date(0))
  } catch {
    // it died before it took the lock, or after it gave it back
  }
}

async function addAtOnce(configDir: string, names: string[]): Promise<void> {
  const script = await bundleScript('add-context.script.ts', temporaryFolder())
  const children = names.map(name => startNode(script, [configDir, name]))
  const endings = children.map(ending)
  for (const child of children) child.stdin?.end()
  for (const end of await Promise.all(endings)) expect(end).toEqual({code: 0, signal: null, stderr: ''})
}

async function expectAll(configDir: string, names: string[]): Promise<void> {
  const {contexts} = await readConfig(configDir)
  expect([...contexts.keys()].sort()).toEqual([...names].sort())
  for (const name of names)
    expect(await readSecret({configDir, env: {}}, 'file', name)).toEqual({
      kind: 'token',
      value: `secret of ${name}`,
    })
}

const twenty = Array.from({length: 20}, (_, index) => `c${index}`)

it('twenty logins at once leave twenty contexts and twenty secrets', {timeout: 60_000}, async () => {
  const configDir = join(temporaryFolder(), 'panelctl')
  await addAtOnce(configDir, twenty)
  await expectAll(configDir, twenty)
})

it('twenty logins at once after one was killed lose nothing either', {timeout: 60_000}, async () => {
  const configDir = temporaryFolder()
  mkdirSync(join(configDir, '.lock'))
  age(configDir)
  await addAtOnce(configDir, twenty)
  await expectAll(configDir, twenty)
})

it('a login killed at any moment leaves readable files, and the next one works', {
  timeout: 600_000,
}, async () => {
  const script = await bundleScript('killed-at.script.ts', temporaryFolder())
  const place = {configDir: temporaryFolder(), env: {}}
  const config =
    '# mine\ncontexts:\n  first: # at home\n    panel: nezha\n    url: https://first.example.com\n'
  const credentials = 'first:\n  kind: token\n  value: first\n'
  const states = new Set<string>()
  let isFinished = false
  for (let call = 1; !isFinished; call++) {
    writeFileSync(join(place.configDir, 'config.yaml'), config, {mode: 0o600})
    writeFileSync(join(place.configDir, 'credentials.yaml'), credentials, {mode: 0o600})
    const end = await ending(startNode(script, [place.configDir, String(call)]))
    isFinished = end.code === 0
    if (!isFinished) expect(end).toEqual({code: null, signal: 'SIGKILL', stderr: ''})

    const {contexts} = await readConfig(place.configDir)
    expect(contexts.get('first')?.url).toBe('https://first.example.com')
    expect(readFileSync(join(place.configDir, 'config.yaml'), 'utf8')).toContain('# mine')
    expect(await readSecret(place, 'file', 'first')).toMatchObject({value: 'first'})
    const secret = await readSecret(place, 'file', 'added')
    states.add(`${contexts.has('added')} ${secret !== undefined}`)

    age(place.configDir)
    const next = {panel: 'komari', url: 'https://next.example.com', store: 'file'} as const
    await saveContext(place, {name: 'next', context: next, replace: false})
    expect((await readConfig(place.configDir)).contexts.has('next')).toBe(true)
  }
  // killed before, between and after the two writes; a secret never stands there without its context
  expect([...states].sort()).toEqual(['false false', 'true false', 'true true'])
})

it('a rename killed at any moment leaves the context its secret, and the next turn no other', {
  timeout: 600_000,
}, async () => {
  const script = await bundleScript('killed-at.script.ts', temporaryFolder())
  const place = {configDir: temporaryFolder(), env: {}}
  const file = (name: string) => join(place.configDir, name)
  const states = new Set<string>()
  let isFinished = false
  for (let call = 1; !isFinished; call++) {
    const url = 'https://first.example.com'
    writeFileSync(file('config.yaml'), `contexts:\n  first:\n    panel: nezha\n    url: ${url}\n`, {
      mode: 0o600,
    })
    writeFileSync(file('credentials.yaml'), 'first:\n  kind: token\n  value: abc\n', {mode: 0o600})
    const end = await ending(startNode(script, [place.configDir, String(call), 'rename']))
    isFinished = end.code === 0
    if (!isFinished) expect(end).toEqual({code: null, signal: 'SIGKILL', stderr: ''})

    const [name = '', ...others] = (await readConfig(place.configDir)).contexts.keys()
    expect(others).toEqual([])
    expect(await readSecret(place, 'file', name)).toEqual({kind: 'token', value: 'abc'})
    const spare = name === 'first' ? 'renamed' : 'first'
    states.add(`${name} ${(await readSecret(place, 'file', spare)) !== undefined}`)

    age(place.configDir)
    await useContext(place, name)
    expect(await readSecret(place, 'file', spare)).toBeUndefined()
    expect(await readSecret(place, 'file', name)).toEqual({kind: 'token', value: 'abc'})
    expect(readdirSync(place.configDir).toSorted()).toEqual(['config.yaml', 'credentials.yaml'])
  }
  expect([...states].sort()).toEqual(['first false', 'first true', 'renamed false', 'renamed true'])
})

it('a config that stays locked is an error that says which lock to remove', async () => {
  const configDir = temporaryFolder()
  const error = await withConfigLock({configDir}, () =>
    failure(() => withConfigLock({configDir}, async () => {}, {patience: 0})),
  )
  expect(error).toMatchObject({
    code: 'USAGE',
    message: `another panelctl is changing ${configDir}`,
    hint: `try again; if no panelctl runs, remove the folder ${join(configDir, '.lock')}`,
  })
})

it('a config that stays locked for a while says what is waited for', async () => {
  const configDir = temporaryFolder()
  const notes: string[] = []
  const patient = {patience: 60_000, noteAfter: 0}
  let waiter: Promise<string> | undefined
  await withConfigLock({configDir}, async () => {
    waiter = withConfigLock({configDir, note: text => notes.push(text)}, async () => 'done', patient)
    await expect.poll(() => notes).toEqual([`another panelctl is changing ${configDir}: waiting for it`])
  })
  expect(await waiter).toBe('done')
})
