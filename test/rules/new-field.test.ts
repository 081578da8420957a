import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {openidcsSandbox} from '../harness.js'
import {type ChangedSource, changedSource} from './changed-source.js'

/** A line of the table of fields, for what no server knows: that is all there is to a new field. */
const line = `  nuc_num: {kind: 'megabytes', seed, flag: 'nuc', summary: 'nucleus', column: 'nucleus'},
`

describe('a field that is added to the table of fields of a virtual machine', () => {
  let changed: ChangedSource

  beforeAll(async () => {
    changed = await changedSource('src/lib/panels/openidcs/fields.ts', /^ {2}speed_u: /m, line)
  })

  afterAll(() => changed.remove())

  async function cli(typed: string) {
    const {environment} = await openidcsSandbox()
    return changed.cli(typed, environment)
  }

  test('has its flag and its name in --set and in files, with their checks', async () => {
    const sent = async (words: string) =>
      JSON.parse((await cli(`openidcs vm create node1 --name app1 ${words} --dry-run`)).stdout).body
    expect(await sent('--nuc 2G')).toEqual({vm_uuid: 'app1', nuc_num: 2048})
    expect(await sent('--nuc 2G --set nuc_num=3G')).toEqual({vm_uuid: 'app1', nuc_num: 3072})
    const wrong = await cli('openidcs vm create node1 --name app1 --set nuc_num=much --dry-run')
    expect(wrong).toMatchObject({exitCode: 2, stdout: ''})
    expect(wrong.stderr).toContain('nuc_num: "much" is not a size')
    expect((await cli('openidcs vm create node1 --name app1 --nuc much')).stderr).toContain('--nuc')
  })

  test('is null in JSON where the server has none, and has its column', async () => {
    const {stdout} = await cli('openidcs vm show node1 web01 -o json')
    expect(JSON.parse(stdout).config).toHaveProperty('nuc_num', null)
    const shown = await cli('openidcs vm show node1 web01 --columns name,nucleus -o csv')
    expect(shown).toMatchObject({exitCode: 0, stdout: 'name,nucleus\nweb01,\n'})
  })

  test('is compared after a write', async () => {
    const created = await cli('openidcs vm create node1 --name app1 --os debian12.vmdk --nuc 2G')
    expect(created).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('this version of OpenIDCS has no nuc_num, and left it out'),
    })
  })
})
