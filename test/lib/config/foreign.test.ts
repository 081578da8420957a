import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {refuseForeign} from '../../../src/lib/config/files/foreign.js'
import {replaceTextFile} from '../../../src/lib/config/files/text-file.js'
import {failureOf} from '../../failure.js'
import {cli, nezhaSandbox, temporaryFolder} from '../../harness.js'

/** A config with one context, in a folder of its own below another one. */
async function saved() {
  const {url, token} = await nezhaSandbox()
  const outer = join(temporaryFolder(), 'outer')
  const folder = join(outer, 'panelctl')
  const env = {PANELCTL_CONFIG_DIR: folder}
  const login = await cli(`nezha login --url ${url} --with-token`, {stdin: token, env})
  expect(login.exitCode).toBe(0)
  const run = (line: string) => cli(`${line} -o json`, {env, stdin: token})
  return {
    outer,
    folder,
    url,
    run,
    config: join(folder, 'config.yaml'),
    secrets: join(folder, 'credentials.yaml'),
  }
}

describe('what others can write is not believed: exit 4 with the command that mends it', () => {
  test.each([
    ['the file of the contexts', 0o666, 'config'],
    ['the file of the contexts, for the group', 0o664, 'config'],
    ['the folder', 0o777, 'folder'],
    ['a folder around it', 0o757, 'outer'],
  ] as const)('%s', async (_, mode, which) => {
    const world = await saved()
    const {run, [which]: path} = world
    expect((await run('nezha server list')).exitCode).toBe(0)
    // A group of one's own, by its number, is oneself.
    const isOwnGroup = mode === 0o664
    chmodSync(path, mode)
    const read = await run('nezha server list')
    if (isOwnGroup) return expect(read.exitCode).toBe(0)
    expect(read).toMatchObject({exitCode: 4, stdout: ''})
    expect(failureOf(read)).toMatchObject({
      code: 'AUTH',
      message: `others can write ${path} (mode ${(0o7777 & mode).toString(8).padStart(4, '0')}), and with it what is believed here`,
      hint: `look at what is in it, and then: chmod go-w ${path}`,
    })
    // Nothing is put there either.
    const write = await run(`nezha login --url ${world.url} --with-token --replace`)
    expect(write).toMatchObject({exitCode: 4, stdout: ''})
    chmodSync(path, mode & ~0o022)
    expect((await run('nezha server list')).exitCode).toBe(0)
  })

  test('nothing is put where others could replace it', async () => {
    const {url, token} = await nezhaSandbox()
    const folder = join(temporaryFolder(), 'panelctl')
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    const login = await cli(`nezha login --url ${url} --with-token`, {
      stdin: token,
      env: {PANELCTL_CONFIG_DIR: folder},
    })
    expect(login).toMatchObject({exitCode: 4, stderr: expect.stringContaining(`chmod go-w ${folder}`)})
    expect(readdirSync(folder)).toEqual([])
  })

  test.runIf(process.geteuid?.() === 0)('what a group can write that is not of this user alone', async () => {
    const {config} = await saved()
    chownSync(config, 0, 65_534)
    await expect(refuseForeign(config)).resolves.toBeUndefined()
    chmodSync(config, 0o664)
    await expect(refuseForeign(config)).rejects.toThrow(`others can write ${config} (mode 0664)`)
  })

  test('what is of another user', async () => {
    const {config} = await saved()
    const own = process.geteuid?.() ?? 0
    await expect(refuseForeign(config)).resolves.toBeUndefined()
    // Only root can give a file away; anybody else asks as if somebody else had it.
    if (own === 0) chownSync(config, 65_534, 65_534)
    await expect(refuseForeign(config, own === 0 ? 0 : own + 1)).rejects.toThrow('belongs to another user')
    // What is root's is nobody else's: root can write all anyway.
    await expect(refuseForeign('/etc/passwd', own + 1)).resolves.toBeUndefined()
  })

  test('where a link leads', async () => {
    const folder = temporaryFolder()
    const [open, closed] = [join(folder, 'open'), join(folder, 'closed')]
    for (const path of [open, closed]) mkdirSync(path, {mode: 0o700})
    writeFileSync(join(open, 'file'), '', {mode: 0o600})
    symlinkSync(join(open, 'file'), join(closed, 'link'))
    await expect(refuseForeign(join(closed, 'link'))).resolves.toBeUndefined()
    chmodSync(open, 0o777)
    await expect(refuseForeign(join(closed, 'link'))).rejects.toThrow(`others can write ${open}`)
    // In a folder with the sticky bit nobody can touch what is another's.
    chmodSync(open, 0o1777)
    await expect(refuseForeign(join(closed, 'link'))).resolves.toBeUndefined()
  })

  test('a link on the way to where a link leads, in a folder where others can turn it', async () => {
    const folder = temporaryFolder()
    const [open, safe, closed] = [join(folder, 'open'), join(folder, 'safe'), join(folder, 'closed')]
    for (const path of [open, safe, closed]) mkdirSync(path, {mode: 0o700})
    writeFileSync(join(safe, 'file'), '', {mode: 0o600})
    symlinkSync('../safe', join(open, 'current'))
    symlinkSync('../open/current/file', join(closed, 'link'))
    await expect(refuseForeign(join(closed, 'link'))).resolves.toBeUndefined()
    chmodSync(open, 0o777)
    await expect(refuseForeign(join(closed, 'link'))).rejects.toThrow(`others can write ${open}`)
  })

  test('where a link leads that goes up from behind another one', async () => {
    const folder = temporaryFolder()
    const [open, closed] = [join(folder, 'open'), join(folder, 'closed')]
    for (const path of [open, closed, join(open, 'inner')]) mkdirSync(path, {mode: 0o700})
    writeFileSync(join(open, 'file'), '', {mode: 0o600})
    symlinkSync('../open/inner', join(closed, 'inner'))
    symlinkSync('inner/../file', join(closed, 'link'))
    await expect(refuseForeign(join(closed, 'link'))).resolves.toBeUndefined()
    chmodSync(join(open, 'file'), 0o666)
    await expect(refuseForeign(join(closed, 'link'))).rejects.toThrow(
      `others can write ${join(open, 'file')}`,
    )
  })

  test('a link that leads to itself ends', async () => {
    const link = join(temporaryFolder(), 'link')
    symlinkSync('link', link)
    await expect(refuseForeign(link)).resolves.toBeUndefined()
  })

  test.runIf(process.geteuid?.() === 0)(
    'a link that another user made in a folder for all, which would have something of mine replaced',
    async () => {
      const {url, token} = await nezhaSandbox()
      const outer = temporaryFolder()
      const folder = join(outer, 'panelctl')
      mkdirSync(folder)
      chmodSync(folder, 0o1777)
      const env = {PANELCTL_CONFIG_DIR: folder}
      const mine = join(outer, 'mine.yaml')
      writeFileSync(mine, 'a: 1\n', {mode: 0o600})
      const login = () => cli(`nezha login --url ${url} --with-token`, {stdin: token, env})
      for (const [name, target] of [
        ['config.yaml', mine],
        ['credentials.yaml', join(outer, 'not-yet')],
      ] as const) {
        const link = join(folder, name)
        symlinkSync(target, link)
        lchownSync(link, 65_534, 65_534)
        const outcome = await login()
        expect(outcome, name).toMatchObject({exitCode: 4, stdout: ''})
        expect(outcome.stderr).toBe(
          `panelctl: ${link} belongs to another user (65534), who could put anything there\nhint: look at what is in it, and then: chown -h 0 ${link}\n`,
        )
        rmSync(link)
      }
      expect(readFileSync(mine, 'utf8')).toBe('a: 1\n')
      expect(readdirSync(outer).toSorted()).toEqual(['mine.yaml', 'panelctl'])
      expect((await login()).exitCode).toBe(0)
    },
  )

  test.runIf(process.geteuid?.() === 0)(
    'a link of another user in the place of a file that is only ever written',
    async () => {
      const folder = temporaryFolder()
      chmodSync(folder, 0o1777)
      const mine = join(temporaryFolder(), 'mine')
      writeFileSync(mine, 'mine')
      symlinkSync(mine, join(folder, 'note'))
      lchownSync(join(folder, 'note'), 65_534, 65_534)
      await expect(replaceTextFile({assertHeld() {}}, join(folder, 'note'), 'ours')).rejects.toThrow(
        'belongs to another user',
      )
      expect(readFileSync(mine, 'utf8')).toBe('mine')
    },
  )

  test('there is nothing to say of what is not there', async () => {
    await expect(refuseForeign(join(temporaryFolder(), 'none'))).resolves.toBeUndefined()
  })
})

test('a logout takes away what a login left that was killed while it wrote, also where there is no secret', async () => {
  const {folder, run} = await saved()
  expect((await run('nezha logout')).exitCode).toBe(0)
  const left = ['.credentials.yaml.4711-lx2ab.new', '.config.yaml.4711-lx2ab.new']
  for (const name of left)
    writeFileSync(join(folder, name), 'nezha: {kind: token, value: secret}\n', {mode: 0o600})
  writeFileSync(join(folder, '.notes.new'), 'mine', {mode: 0o600})
  await run('nezha logout')
  expect(readdirSync(folder).filter(name => name.endsWith('.new'))).toEqual(['.notes.new'])
})
