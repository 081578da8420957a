import {execFile} from 'node:child_process'
import {cpSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {expect, test} from 'vitest'
import {root, temporaryFolder} from '../harness.js'

const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** What npm runs before it publishes, with these addresses in package.json. */
async function beforePublishing(addresses: object): Promise<{stderr: string; code?: number}> {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'scripts'))
  for (const name of ['publishable.js', 'published.js']) {
    cpSync(join(root, 'scripts', name), join(folder, 'scripts', name))
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({...description, ...addresses}))
  return promisify(execFile)(process.execPath, ['scripts/publishable.js'], {cwd: folder}).catch(
    error => error,
  )
}

const real = {
  homepage: 'https://example.org/panelctl',
  repository: {type: 'git', url: 'git+https://example.org/panelctl.git'},
  bugs: {url: 'https://example.org/panelctl/issues'},
  author: 'The developers of panelctl <developers@example.org>',
}

test('installing brings no other package and runs no script', () => {
  const {dependencies, optionalDependencies, bundleDependencies, scripts} = description
  expect({dependencies, optionalDependencies, bundleDependencies}).toEqual({})
  expect(Object.keys(scripts)).not.toContainEqual(expect.stringMatching(/^(pre|post)?install$/))
})

test('Yarn unpacks it: out of a zip of its Plug’n’Play it cannot open its bundle by a descriptor (EBADF)', () => {
  expect(description.preferUnplugged).toBe(true)
})

test('npm asks before it publishes', () => {
  expect(description.scripts.prepublishOnly).toBe('node scripts/publishable.js')
})

test('real addresses are let through', async () => {
  expect(await beforePublishing(real)).toMatchObject({stderr: ''})
})

test.each([
  ['bugs.url', {bugs: {url: 'https://panelctl.invalid/issues'}}],
  ['bugs.url', {bugs: undefined}],
  ['author', {author: 'The developers of panelctl <developers@panelctl.invalid>'}],
  ['author', {author: undefined}],
])('an address that is still to be filled stops it, and is named: %s, %j', async (name, missing) => {
  expect(await beforePublishing({...real, ...missing})).toMatchObject({
    code: 1,
    stderr: `not published: fill ${name} of package.json (CONTRIBUTING.md, "Releasing")\n`,
  })
})
