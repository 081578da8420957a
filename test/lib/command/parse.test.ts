import {expect, test} from 'vitest'
import {parseArguments} from '../../../src/lib/command/parse.js'
import {loadCommand} from '../../harness.js'

test('the default of a duration is as long as help says', async () => {
  const list = await parseArguments('nezha:server:list', await loadCommand('nezha:server:list'), [])
  expect(list.flags.interval).toBe(5000)
  const node = await parseArguments(
    'nezha:node:auto-register',
    await loadCommand('nezha:node:auto-register'),
    ['--wait', '90s'],
  )
  expect(node.flags).toMatchObject({wait: 90_000, workdir: '/opt/nezha', 'if-exists': 'resume'})
})
