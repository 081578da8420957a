import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {cli, root, temporaryFolder} from '../../harness.js'

/** A package without a name: nothing in the program expects that. */
function bug(bugs?: string) {
  const nameless = temporaryFolder()
  writeFileSync(join(nameless, 'package.json'), '{"oclif": {}}')
  writeFileSync(join(nameless, 'oclif.manifest.json'), '{"commands": {}}')
  return cli('nezha --help', {root: nameless, ...(bugs && {bugs})})
}

test('a bug says where it is reported', async () => {
  const {stdout, stderr, exitCode} = await bug('https://example.org/issues')
  expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 1})
  expect(stderr).toMatch(/^panelctl: unexpected: /)
  expect(stderr).toContain(
    '\nhint: run it again with --debug and report what it prints, at https://example.org/issues\n',
  )
})

test('before there is such a place, it leads to whoever gave the program', async () => {
  expect((await bug()).stderr).toContain(
    '\nhint: run it again with --debug and report what it prints, where you have panelctl from\n',
  )
})

test('no address that leads nowhere is in the built program', () => {
  expect(readFileSync(join(root, 'dist', 'panelctl.cjs'), 'utf8')).not.toMatch(/panelctl\.invalid/)
})
