import {describe, expect, test} from 'vitest'
import {parseArguments} from '../../../src/lib/command/parse.js'
import {loadCommand} from '../../harness.js'

test('the default of a duration is as long as help says', async () => {
  const id = 'openidcs:vm:power'
  const power = await parseArguments(id, await loadCommand(id), ['node1', 'web01', 'start'])
  expect(power.flags['wait-timeout']).toBe(300_000)
  const node = await parseArguments(
    'nezha:node:auto-register',
    await loadCommand('nezha:node:auto-register'),
    ['--wait', '90s'],
  )
  expect(node.flags).toMatchObject({wait: 90_000, workdir: '/opt/nezha', 'if-exists': 'resume'})
})

describe('an option that is given twice', () => {
  const flagsOf = async (id: string, ...argv: string[]) =>
    (await parseArguments(id, await loadCommand(id), argv)).flags

  test.each([
    [['-o', 'json', '-o', 'id']],
    [['-ojson', '--output=id']],
    [['-o=json', '--output', 'yaml', '-oid']],
  ])('has the last value: %j', async argv => {
    expect(await flagsOf('nezha:server:list', ...argv)).toMatchObject({output: 'id'})
  })

  test('keeps all values where it is repeatable', async () => {
    const argv = [
      '-f',
      'a=1',
      '-f',
      'b=2',
      '--field',
      'c=3',
      '--timeout',
      '5s',
      '--timeout',
      '7s',
      'GET',
      '/x',
    ]
    expect(await flagsOf('nezha:api', ...argv)).toMatchObject({field: ['a=1', 'b=2', 'c=3'], timeout: 7000})
  })

  test('is not looked for behind --', async () => {
    const command = ['--', 'x', '--port', '1', '--port', '2']
    const {args} = await parseArguments('sandbox', await loadCommand('sandbox'), command)
    expect(args.command).toEqual(command.slice(1))
  })

  test('lacks its value where it is the last word', async () => {
    await expect(flagsOf('nezha:server:list', '--tag', 'a', '--tag')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/--tag expects a value/),
    })
  })
})
