import {expect, test} from 'vitest'
import {deleteVm, listHosts} from '../../../src/lib/panels/openidcs/endpoints.js'
import {vmsArguments} from '../../../src/lib/panels/openidcs/machine-arguments.js'
import {actionCommand} from '../../../src/lib/shapes/action.js'
import {failureOf} from '../../failure.js'
import {cli} from '../../harness.js'
import {panel, writes} from '../../openidcs-panel.js'

/** A command with a fault in what it does with an answer. */
function faulty(request: 'read' | 'write') {
  return actionCommand({
    summary: 'delete',
    examples: [],
    args: vmsArguments,
    perform: async ({api, args}) => {
      await (request === 'read' ? api(listHosts, {}) : api(deleteVm, {path: args}))
      if (args.vm === 'db1') throw new TypeError('x is not iterable')
      return null
    },
  })
}

test('what nobody foresaw is 7 once something was written, as a script would do it again', async () => {
  const sandbox = await panel()
  const outcome = await cli('openidcs vm delete node1 db1 -o json', {
    env: sandbox.environment,
    load: async () => faulty('write'),
  })
  expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
  expect(failureOf(outcome)).toMatchObject({
    code: 'UNCERTAIN',
    message: 'what was asked for was sent, but x is not iterable',
    hint: 'do not repeat it: look at what is there now: panelctl openidcs vm list node1',
  })
  expect(writes(sandbox)).toHaveLength(1)
})

test('it is 1 after reads alone', async () => {
  const {environment: env} = await panel()
  const outcome = await cli('openidcs vm delete node1 db1', {env, load: async () => faulty('read')})
  expect(outcome).toMatchObject({exitCode: 1, stdout: ''})
})

test('of several, the others are done, and the exit code is 9', async () => {
  const sandbox = await panel()
  const outcome = await cli('openidcs vm delete node1 db1 web10 -o json', {
    env: sandbox.environment,
    load: async () => faulty('write'),
  })
  expect(outcome.exitCode).toBe(9)
  expect(JSON.parse(outcome.stdout)).toEqual([
    {
      vm: 'db1',
      error: {code: 'UNCERTAIN', exitCode: 7, message: 'it may have been done, but x is not iterable'},
    },
    {vm: 'web10', changed: true},
  ])
  expect(writes(sandbox)).toHaveLength(2)
})
