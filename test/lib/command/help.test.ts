import {cpSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {cli, root, temporaryFolder} from '../../harness.js'

/** A package whose manifest was made before these commands were written. */
function packageWithout(...ids: readonly string[]): string {
  const folder = temporaryFolder()
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(root, 'dist'), join(folder, 'dist'))
  const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'))
  for (const id of ids) delete manifest.commands[id]
  writeFileSync(join(folder, 'oclif.manifest.json'), JSON.stringify(manifest))
  return folder
}

test.each(['komari me --help', 'help komari me', 'komari --help', '--help'])(
  'a command that the manifest does not know yet: "%s" says that it is stale, and what mends it',
  async line => {
    expect(await cli(line, {root: packageWithout('komari:me')})).toEqual({
      stdout: '',
      stderr: 'panelctl: oclif.manifest.json is stale: it lacks komari me\nhint: npm run reference\n',
      exitCode: 1,
    })
  },
)

test('a topic that the manifest does not know yet is told in the same way', async () => {
  const stale = packageWithout('openidcs:nat:add', 'openidcs:nat:delete', 'openidcs:nat:list')
  expect((await cli('openidcs nat --help', {root: stale})).stderr).toContain('it lacks openidcs nat add\n')
})

test('help on other commands does not ask for it', async () => {
  const stale = packageWithout('komari:me')
  expect(await cli('nezha server list --help', {root: stale})).toMatchObject({stderr: '', exitCode: 0})
  expect(await cli('nezha --help', {root: stale})).toMatchObject({stderr: '', exitCode: 0})
})
