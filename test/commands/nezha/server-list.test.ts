import {describe, expect, test} from 'vitest'
import {cli, nezhaSandbox} from '../../harness.js'

describe('nezha server list', () => {
  test('prints the servers by id as a table', async () => {
    const {environment} = await nezhaSandbox()
    expect(await cli('nezha server list', {env: environment})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: [
        'ID  NAME      TAG         LAST ACTIVE  IP',
        ' 1  web1      Production  0s ago       203.0.113.10',
        ' 2  db1       Production  0s ago       2001:db8::11',
        ' 3  香港节点  香港        0s ago       198.51.100.7',
        ' 4  backup1   Backup      3h ago       203.0.113.20',
        ' 5  new1      Backup      never',
        '',
      ].join('\n'),
    })
  })

  test('says that a token is wrong, although the panel answers with HTTP 200', async () => {
    const {environment} = await nezhaSandbox()
    const outcome = await cli('nezha server list -o json', {env: {...environment, NEZHA_TOKEN: 'wrong'}})
    expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
    expect(JSON.parse(outcome.stderr)).toMatchObject({
      error: {code: 'AUTH', exitCode: 4, panel: 'nezha', status: 200},
    })
  })
})
