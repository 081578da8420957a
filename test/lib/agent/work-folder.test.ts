import {chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {temporaryFolder} from '../../harness.js'
import {serveScript, world} from './world.js'

const web1 = {name: ['web1']}

test('a work folder that is a link is refused', async () => {
  const {run, registrations} = await world()
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'real'))
  symlinkSync(join(folder, 'real'), join(folder, 'link'))
  const {error} = await run({...web1, workdir: join(folder, 'link')})
  expect(error?.message).toContain('is a symbolic link: somebody else could change the script')
  expect(registrations()).toBe(0)
})

test.each([0o770, 0o707])('a work folder that others can write (%o) is refused', async mode => {
  const {run, registrations} = await world()
  const workdir = join(temporaryFolder(), 'work')
  mkdirSync(workdir)
  chmodSync(workdir, mode)
  expect((await run({...web1, workdir})).error).toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('can be written by others'),
  })
  expect(registrations()).toBe(0)
})

test('so is one below a folder that others can write', async () => {
  const {run, registrations} = await world()
  const parent = join(temporaryFolder(), 'parent')
  mkdirSync(parent)
  chmodSync(parent, 0o777)
  expect((await run({...web1, workdir: join(parent, 'work')})).error?.message).toContain(
    'which others can write',
  )
  expect(registrations()).toBe(0)
})

test('so is somebody else’s', async () => {
  const {run, registrations} = await world()
  const workdir = join(temporaryFolder(), 'work')
  mkdirSync(workdir)
  const userId = (process.geteuid?.() ?? 0) + 1
  expect((await run({...web1, workdir}, {machine: {userId}})).error?.message).toContain('belongs to user')
  expect(registrations()).toBe(0)
})

test('a nezha.sh that is not ours stays as it is, and nothing is registered', async () => {
  const {run, registrations} = await world()
  const workdir = temporaryFolder()
  writeFileSync(join(workdir, 'nezha.sh'), 'mine')
  const {error} = await run({...web1, workdir})
  expect(error?.message).toBe(`there is a file ${join(workdir, 'nezha.sh')} already`)
  expect(readFileSync(join(workdir, 'nezha.sh'), 'utf8')).toBe('mine')
  expect(registrations()).toBe(0)
})

test('the script is for its owner alone while it runs, and gone afterwards, even if it fails', async () => {
  const w = await world()
  serveScript(w, '#!/bin/sh\nls -ld . nezha.sh | cut -c1-10 >modes.txt\nexit 7\n')
  await w.run(web1)
  expect(readFileSync(join(w.workdir, 'modes.txt'), 'utf8')).toBe('drwx------\n-rwx------\n')
  expect(() => readFileSync(join(w.workdir, 'nezha.sh'))).toThrow('ENOENT')
})

test('what it leaves running does not keep us', async () => {
  const w = await world()
  // Reads a pipe that nobody writes, with our stdout in its hands, until the test says so.
  serveScript(w, '#!/bin/sh\nmkfifo pipe\ncat pipe &\nexit 1\n')
  const {error} = await w.run(web1)
  writeFileSync(join(w.workdir, 'pipe'), '')
  expect(error?.message).toContain('exit code 1')
})
