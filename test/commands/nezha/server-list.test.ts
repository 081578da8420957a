import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, nezhaSandbox, now} from '../../harness.js'

const seen = now.getTime() / 1000

describe('nezha server list', () => {
  test('prints the servers by id as a table', async () => {
    const {environment} = await nezhaSandbox()
    expect(await cli('nezha server list', {env: environment})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: [
        'ID  NAME      TAG         LAST ACTIVE  IP',
        ' 1  hub1      Production  0s ago       203.0.113.10',
        ' 2  db1       Production  0s ago       2001:db8::11',
        ' 3  香港节点  香港        0s ago       198.51.100.7',
        ' 4  backup1   Backup      3h ago       203.0.113.20',
        ' 5  new1      Backup      never        -',
        '',
      ].join('\n'),
    })
  })

  test('gives the names and values of the panel as JSON, by id', async () => {
    const {environment} = await nezhaSandbox()
    const {stdout, stderr, exitCode} = await cli('nezha server list --json', {env: environment})
    expect({stderr, exitCode}).toEqual({stderr: '', exitCode: 0})
    const server = (fields: object) => ({
      display_index: 0,
      hide_for_guest: false,
      last_active: seen,
      ...fields,
    })
    const rows = [
      server({
        id: 1,
        name: 'hub1',
        tag: 'Production',
        ipv4: '203.0.113.10',
        ipv6: '2001:db8::10',
        valid_ip: '203.0.113.10',
      }),
      server({
        id: 2,
        name: 'db1',
        tag: 'Production',
        ipv4: '',
        ipv6: '2001:db8::11',
        valid_ip: '2001:db8::11',
      }),
      server({
        id: 3,
        name: '香港节点',
        tag: '香港',
        ipv4: '198.51.100.7',
        ipv6: '2001:db8:7::7',
        valid_ip: '198.51.100.7',
      }),
      server({
        id: 4,
        name: 'backup1',
        tag: 'Backup',
        last_active: seen - 3 * 3600,
        ipv4: '203.0.113.20',
        ipv6: '',
        valid_ip: '203.0.113.20',
      }),
      server({
        id: 5,
        name: 'new1',
        tag: 'Backup',
        last_active: -62135596800,
        ipv4: '',
        ipv6: '',
        valid_ip: '',
      }),
    ]
    expect(JSON.parse(stdout)).toEqual(rows)
    expect(stdout).toBe(`${JSON.stringify(JSON.parse(stdout), null, 2)}\n`)
  })

  test('lists the servers of a tag, which goes percent-encoded', async () => {
    const sandbox = await nezhaSandbox()
    expect(await cli('nezha server list --tag 香港', {env: sandbox.environment})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: [
        'ID  NAME      TAG   LAST ACTIVE  IP',
        ' 3  香港节点  香港  0s ago       198.51.100.7',
        '',
      ].join('\n'),
    })
    expect(paths(sandbox)).toEqual(['GET /api/v1/server/list?tag=%E9%A6%99%E6%B8%AF'])
  })

  test.each([
    ['prod', 'did you mean "Production"?'],
    ['production', 'did you mean "Production"?'],
    ['x', 'there are Backup, Production, 香港'],
  ])('says which tag no server has, and which there are: %s', async (tag, words) => {
    const {environment: env} = await nezhaSandbox()
    for (const verb of ['list', 'details']) {
      expect(await cli(`nezha server ${verb} --no-header --tag ${tag}`, {env})).toEqual({
        exitCode: 0,
        stdout: '',
        stderr: `no servers with --tag ${tag}; ${words}\n`,
      })
    }
  })

  test.each([
    ['-o table', 'ID  NAME  TAG  LAST ACTIVE  IP\n', 'no servers\n'],
    ['-o table --no-header', '', 'no servers\n'],
    ['--tag prod --no-header', '', 'no servers with --tag prod\n'],
    ['-o table --quiet', 'ID  NAME  TAG  LAST ACTIVE  IP\n', ''],
    ['-o json', '[]\n', ''],
    ['-o yaml', '[]\n', ''],
    ['-o csv', 'id,name,tag,last_active,ip\n', ''],
    ['-o ndjson', '', ''],
    ['-o id', '', ''],
  ])('has something to say of an empty list: %s', async (flags, stdout, stderr) => {
    const {environment} = await nezhaSandbox({world: 'empty'})
    expect(await cli(`nezha server list ${flags}`, {env: environment})).toEqual({stdout, stderr, exitCode: 0})
  })

  test.each([
    ['list', '--tag'],
    ['list', '--columns'],
    ['list', '--sort'],
    ['list', '--output'],
    ['list', '--timeout'],
    ['list', '--retries'],
    ['list', '--context'],
    ['list', '--url'],
    ['metrics web1', '--metric'],
  ])('refuses an empty text, which is most often a variable that is not set: %s %s', async (line, flag) => {
    const sandbox = await nezhaSandbox()
    const words = ['nezha', 'server', ...line.split(' '), flag, '']
    expect(await cli(words, {env: sandbox.environment})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: ${flag}: an empty text was given\nhint: is a shell variable not set?\n`,
    })
    expect(sandbox.requests).toEqual([])
  })

  test.each([
    ['server details', 'ID'],
    ['server show', 'SERVER'],
    ['export', 'RESOURCE'],
    ['export notification', 'RESOURCE'],
  ])('refuses an empty argument likewise: %s', async (line, argument) => {
    const {environment: env} = await nezhaSandbox()
    expect(await cli(['nezha', ...line.split(' '), ''], {env})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: ${argument}: an empty text was given\nhint: is a shell variable not set?\n`,
    })
  })

  test('says that a token is wrong, although the panel answers with HTTP 200', async () => {
    const {environment} = await nezhaSandbox()
    const outcome = await cli('nezha server list -o json', {env: {...environment, NEZHA_TOKEN: 'wrong'}})
    expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({code: 'AUTH', exitCode: 4, panel: 'nezha', status: 200})
  })

  test('works with a cookie, whatever its name', async () => {
    const {environment, cookie} = await nezhaSandbox({cookieName: 'probe'})
    const env = {...environment, NEZHA_TOKEN: undefined, NEZHA_COOKIE: `probe=${cookie}`}
    expect(await cli('nezha server list -o id', {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: '1\n2\n3\n4\n5\n',
    })
  })

  test('prints no escapes of a hostile name in a table, and the name unchanged in JSON', async () => {
    const name = '\u001b]0;x\u0007\u001b[31mred'
    const {environment} = await nezhaSandbox({servers: [{name, tag: 'a\nb', state: 'never'}]})
    expect((await cli('nezha server list --columns name,tag', {env: environment})).stdout).toBe(
      'NAME  TAG\nred   a b\n',
    )
    const {stdout} = await cli('nezha server list -o json', {env: environment})
    expect(JSON.parse(stdout)).toMatchObject([{name, tag: 'a\nb'}])
    expect(stdout).not.toContain('\u001b')
  })

  test('passes on fields that it does not know', async () => {
    const sandbox = await nezhaSandbox({servers: [{name: 'web1'}]})
    sandbox.faults.next({
      kind: 'status',
      status: 200,
      contentType: 'application/json',
      body: '{"code":0,"message":"success","result":[{"id":1,"name":"a","tag":"","last_active":1,"ipv4":"","ipv6":"","valid_ip":"","new_in_a_fork":{"x":[1]}}]}',
    })
    const {stdout} = await cli('nezha server list -o json', {env: sandbox.environment})
    expect(JSON.parse(stdout)[0]).toMatchObject({new_in_a_fork: {x: [1]}})
  })
})
