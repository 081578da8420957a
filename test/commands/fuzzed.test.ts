import {expect, test} from 'vitest'
import {cli, komariSandbox, nezhaSandbox} from '../harness.js'

// What `npm run fuzz` has found.

const changed = (change: (json: unknown) => unknown) => ({kind: 'wrong-types', change}) as const

test('a secret that a panel gives reaches no terminal with what that would obey', async () => {
  const {environment: env, faults} = await nezhaSandbox()
  faults.next(changed(json => ({...(json as object), secret: 'abc\u001b[31mdef\u0007'})))
  const {stdout, exitCode} = await cli('nezha server register --name x', {env})
  expect({stdout, exitCode}).toEqual({stdout: 'abcdef\n', exitCode: 0})
})

const codes: readonly unknown[] = [{toString: 1}, [], 'x', null, {constructor: 1}]

test.each(codes)('a code that is none is no answer of a monitor: %j', async code => {
  const {environment: env, faults} = await nezhaSandbox({servers: [{name: 'web1'}]})
  faults.next(
    changed(json => ({...(json as object), code})),
    {path: '/api/v1/monitor/1'},
  )
  expect(await cli('nezha monitor show 1', {env})).toMatchObject({exitCode: 10, stdout: ''})
})

test.each([{client: {}}, {client: null}, {task_id: '1'}, {value: '5'}])(
  'ping records of another shape are refused: %j',
  async fields => {
    const {environment: env, faults} = await komariSandbox()
    const change = (json: unknown) => {
      const {data, ...envelope} = json as {data: {records: object[]}}
      return {...envelope, data: {...data, records: data.records.map(record => ({...record, ...fields}))}}
    }
    faults.next(changed(change), {path: /^\/api\/records\/ping/, times: 9})
    expect(await cli('komari records ping --task 1', {env})).toMatchObject({exitCode: 10, stdout: ''})
  },
)
