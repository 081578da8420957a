import {describe, expect, test} from 'vitest'
import {Interrupted} from '../../src/lib/command/interrupted.js'
import {paths} from '../failure.js'
import {type CliOptions, cli, nezhaSandbox} from '../harness.js'

/** Runs a command that watches, and interrupts it as soon as its output says so. */
async function watched(
  line: string,
  options: CliOptions,
  enough: (text: string, stream: 'stdout' | 'stderr') => boolean,
) {
  const interruption = new AbortController()
  return cli(`${line} --watch --interval 1ms --retries 0`, {
    ...options,
    signal: interruption.signal,
    written: (text, stream) => {
      if (enough(text, stream)) interruption.abort(new Interrupted(130))
    },
  })
}

const clear = '\u001b[H\u001b[2J'

describe('--watch', () => {
  test('redraws a table on a terminal', async () => {
    const {environment: env, state} = await nezhaSandbox({servers: [{name: 'web1', state: 'never'}]})
    const outcome = await watched('nezha server list --no-color', {env, tty: {stdout: true}}, text => {
      if (state.servers.size === 1) state.add({name: 'web2'})
      return text.includes('web2')
    })
    expect(outcome).toEqual({
      exitCode: 130,
      stderr: '',
      stdout: `${clear}ID  NAME  TAG  LAST ACTIVE  IP\n 1  web1  -    never        -\n${clear}ID  NAME  TAG  LAST ACTIVE  IP\n 1  web1  -    never        -\n 2  web2  -    never        -\n`,
    })
  })

  test('puts one table below the other where a terminal obeys no codes', async () => {
    const {environment, state, faults} = await nezhaSandbox({servers: [{name: 'web1', state: 'never'}]})
    const env = {...environment, TERM: 'dumb'}
    const line = 'nezha server list --columns name'
    const outcome = await watched(line, {env, tty: {stdout: true, stderr: true}}, (text, stream) => {
      if (state.servers.size === 1) {
        faults.next({kind: 'status', status: 503})
        state.add({name: 'web2'})
      }
      return stream === 'stdout' && text.includes('web2')
    })
    expect(outcome).toEqual({
      exitCode: 130,
      stderr: expect.stringMatching(/^warning: .*\n$/),
      stdout: 'NAME\nweb1\n\nNAME\nweb1\nweb2\n\n',
    })
  })

  test('cuts the table to the rows of the terminal, so that its header stays', async () => {
    const {environment: env} = await nezhaSandbox({generate: 30})
    const line = 'nezha server list --no-color --columns id'
    const {stdout} = await watched(line, {env, tty: {stdout: true}, rows: 6}, () => true)
    expect(stdout).toBe(`${clear}ID\n 1\n 2\n 3\n… 27 more\n`)
    const whole = await watched(line, {env, tty: {stdout: true}, rows: 32}, () => true)
    expect(whole.stdout).toBe(`${clear}${(await cli(line, {env})).stdout}`)
  })

  test('names above the table, as far as there is room, the columns that find none', async () => {
    const {environment: env} = await nezhaSandbox({servers: [{name: 'web1'}]})
    const line = 'nezha server list --no-color --columns name,last_active,id'
    const {stdout, stderr} = await watched(line, {env, tty: {stdout: true}, columns: 36}, () => true)
    expect([stdout, stderr]).toEqual([`${clear}NAME  LAST ACTIVE  ID\nweb1  0s ago        1\n`, ''])
    const narrow = await watched(line, {env, tty: {stdout: true}, columns: 12}, () => true)
    expect(narrow.stdout).toBe(`${clear}left out for\nNAME  ID\nweb1   1\n`)
  })

  test('draws the table again above the one warning of a poll that failed', async () => {
    const {environment: env, faults} = await nezhaSandbox({servers: [{name: 'web1'}, {name: 'web2'}]})
    let warnings = 0
    const line = 'nezha server list --no-color --columns name --sort id'
    const {stdout, stderr} = await watched(
      line,
      {env, tty: {stdout: true, stderr: true}, rows: 4, columns: 200},
      (_, stream) => {
        if (stream === 'stdout') faults.next({kind: 'status', status: 503})
        else warnings += 1
        return warnings === 2
      },
    )
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^warning: /),
      expect.stringMatching(/^warning: /),
    ])
    expect(stdout).toBe(`${clear}NAME\nweb1\nweb2\n${clear}NAME\n… 2 more\n${clear}NAME\n… 2 more\n`)
  })

  test.each(['', '-o json', '-o ndjson'])('prints a document a line in a pipe: %s', async format => {
    const {environment: env} = await nezhaSandbox({servers: [{name: 'web1'}, {name: 'web2'}]})
    const {stdout, exitCode} = await watched(
      `nezha server list ${format}`,
      {env},
      text => text.split('\n').length > 3,
    )
    expect(exitCode).toBe(130)
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(JSON.parse(line)).toMatchObject([{name: 'web1'}, {name: 'web2'}])
  })

  test('reports a poll that cannot reach the panel, and goes on', async () => {
    const {environment: env, faults, requests} = await nezhaSandbox({servers: [{name: 'web1'}]})
    const outcome = await watched('nezha server list -o json', {env}, text => {
      if (requests.length === 1) {
        faults.next({kind: 'reset'})
        faults.next({kind: 'status', status: 503})
      }
      return text.split('\n').length > 2 && requests.length > 3
    })
    expect(outcome.exitCode).toBe(130)
    expect(
      outcome.stderr
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([
      {warning: expect.stringContaining('the connection was cut')},
      {warning: expect.stringContaining('HTTP 503')},
    ])
    expect(outcome.stdout.trimEnd().split('\n')).toHaveLength(2)
  })

  test('ends on any other failure', async () => {
    const {environment: env, state, token} = await nezhaSandbox({servers: [{name: 'web1'}]})
    const outcome = await watched('nezha server list -o json', {env}, () => {
      state.tokens.delete(token)
      return false
    })
    expect(outcome.exitCode).toBe(4)
    expect(JSON.parse(outcome.stdout)).toMatchObject([{name: 'web1'}])
    expect(JSON.parse(outcome.stderr)).toMatchObject({error: {code: 'AUTH'}})
  })

  test('says what is missing on each poll, and goes on', async () => {
    const {environment: env} = await nezhaSandbox({servers: [{name: 'web1'}]})
    const outcome = await watched('nezha server details 1 9', {env}, text => text.split('\n').length > 2)
    expect(outcome.exitCode).toBe(130)
    expect(outcome.stderr.split('\n')[0]).toBe('warning: there is no server 9')
    expect(JSON.parse(outcome.stdout.split('\n')[0] ?? '')).toMatchObject([{id: 1}])
  })

  test('shows one thing again and again too', async () => {
    const {environment: env} = await nezhaSandbox({servers: [{name: 'web1'}]})
    const {stdout, exitCode} = await watched(
      'nezha server show 1',
      {env},
      text => text.split('\n').length > 2,
    )
    expect(exitCode).toBe(130)
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line).id),
    ).toEqual([1, 1])
  })

  test.each(['yaml', 'csv', 'id'])('refuses -o %s, which is no stream, before any request', async format => {
    const sandbox = await nezhaSandbox()
    expect(await cli(`nezha server list --watch -o ${format}`, {env: sandbox.environment})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: --watch prints a table or one JSON document a line, not ${format}\nhint: use -o ndjson, or leave out --watch\n`,
    })
    expect(paths(sandbox)).toEqual([])
  })

  test('is for reads only', async () => {
    const sandbox = await nezhaSandbox()
    const outcome = await cli('nezha server register --watch', {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(paths(sandbox)).toEqual([])
  })
})

test.each([
  'nezha server list --watch --columns name',
  'nezha server show 1 --watch --no-header',
  'nezha server status --follow --columns name -o ndjson',
])('columns that lines of JSON do not have are refused: %s', async line => {
  const {environment: env} = await nezhaSandbox()
  expect(await cli(line, {env})).toMatchObject({exitCode: 2, stdout: ''})
})
