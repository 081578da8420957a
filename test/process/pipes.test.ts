import type {ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {closeSync, openSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {binary, nezhaSandbox, openidcsSandbox} from '../harness.js'
import {jsonAnswer, listAnswer, refusedUrl, serve} from './serve.js'
import {shell} from './shell.js'

describe('a reader that goes away is no failure', () => {
  test('server list | head -1', async () => {
    const {environment} = await nezhaSandbox({generate: 3000})
    const script = `panelctl nezha server list --columns id,name | head -1; echo "\${PIPESTATUS[*]}"`
    expect(await shell(script, environment, 'bash')).toEqual({
      stdout: '  ID  NAME\n0 0\n',
      stderr: '',
      exitCode: 0,
    })
  })

  test.each(['table', 'json', 'yaml', 'csv', 'ndjson', 'id'])(
    'one that left before the first byte: -o %s',
    async format => {
      let child: ChildProcess | undefined
      const {url} = await serve(async (request, response) => {
        const closed = child?.stdout && once(child.stdout, 'close')
        child?.stdout?.destroy()
        await closed
        jsonAnswer(listAnswer('web1'))(request, response)
      })
      const outcome = await binary(['nezha', 'server', 'list', '-o', format], {
        env: {NEZHA_DASHBOARD_URL: url},
        started: started => {
          child = started
        },
      })
      expect(outcome).toEqual({stdout: '', stderr: '', exitCode: 0, signal: null})
    },
  )

  test.each(['--version', '--help', 'nezha server list --help'])('panelctl %s', async line => {
    const outcome = await binary(line.split(' '), {started: child => child.stdout?.destroy()})
    expect(outcome).toEqual({stdout: '', stderr: '', exitCode: 0, signal: null})
  })

  test('one of stderr changes no exit code', async () => {
    const outcome = await binary(['nezha', 'server', 'list', '--retries', '0'], {
      env: {NEZHA_DASHBOARD_URL: refusedUrl},
      started: child => child.stderr?.destroy(),
    })
    expect(outcome).toEqual({stdout: '', stderr: '', exitCode: 6, signal: null})
  })
})

/** Needs Linux's file that is always full. */
const hasDevFull = (() => {
  try {
    closeSync(openSync('/dev/full', 'w'))
    return true
  } catch {
    return false
  }
})()

describe.skipIf(!hasDevFull)('a full disk is an error (needs /dev/full)', () => {
  test.each([
    'nezha server list',
    'nezha server list -o csv',
    'nezha server list --watch',
    'nezha api GET /api/v1/server/list',
    'nezha --help',
    '--help',
    '--version',
  ])('panelctl %s', async line => {
    const {environment} = await nezhaSandbox()
    expect(await shell(`panelctl ${line} > /dev/full`, environment)).toEqual({
      stdout: '',
      stderr: 'panelctl: cannot write the output: no space left on device\n',
      exitCode: 1,
    })
  })

  test.each([
    [
      'nezha server register --name x',
      'panelctl nezha server list; its secret is lost, as it is told only once: delete the server on the dashboard and register it again',
    ],
    ['openidcs nat add node1 web01 --port 9000 --to 10.0.0.1:1', 'panelctl openidcs nat list node1 web01'],
    ['openidcs system token reset --yes', 'panelctl openidcs system token show'],
    ['nezha server register --name x --jq .id', 'panelctl nezha server list'],
  ])('and after a write the command to look with is named: panelctl %s', async (line, look) => {
    const {environment} = line.startsWith('nezha') ? await nezhaSandbox() : await openidcsSandbox()
    const {stderr, exitCode} = await shell(`panelctl ${line} > /dev/full`, environment)
    expect(exitCode).toBe(7)
    expect(stderr).toContain('panelctl: it was done, but cannot write the output: no space left on device\n')
    expect(stderr).toContain(`hint: do not repeat it: look at what is there now: ${look}\n`)
  })

  test('and of a dry run it is not said that it was done', async () => {
    const {environment} = await nezhaSandbox()
    expect(await shell('panelctl nezha server register --name x --dry-run > /dev/full', environment)).toEqual(
      {
        stdout: '',
        stderr: 'panelctl: cannot write the output: no space left on device\n',
        exitCode: 1,
      },
    )
  })

  test('and one object with -o json', async () => {
    const {environment} = await nezhaSandbox()
    const {stderr, exitCode} = await shell('panelctl nezha server list -o json > /dev/full', environment)
    expect(exitCode).toBe(1)
    expect(JSON.parse(stderr)).toMatchObject({error: {code: 'UNEXPECTED', exitCode: 1}})
  })
})

describe('streams that are not there', () => {
  test('without stdin a command works', async () => {
    const {environment} = await nezhaSandbox()
    const {stdout, exitCode} = await shell('panelctl nezha server list -o id <&-', environment)
    expect({stdout, exitCode}).toEqual({stdout: '1\n2\n3\n4\n5\n', exitCode: 0})
  })

  test('without stdin a login says what is missing', async () => {
    const {stdout, stderr, exitCode} = await shell(
      'panelctl nezha login --with-token --url http://127.0.0.1:9 <&-',
    )
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
    expect(stderr).toMatch(/^panelctl: no token came on stdin\n/)
  })

  test.skipIf(process.platform !== 'linux')(
    'without stdout nothing is registered, as its secret would be lost; to /dev/null it is',
    async () => {
      const {environment, state} = await nezhaSandbox({world: 'empty'})
      expect(await shell('panelctl nezha server register --name x >&-', environment)).toEqual({
        stdout: '',
        stderr:
          'panelctl: cannot write the output: stdout is closed; nothing was sent\nhint: what it prints is told once: to throw it away, add > /dev/null\n',
        exitCode: 1,
      })
      expect(state.servers.size).toBe(0)
      const {exitCode} = await shell('panelctl nezha server register --name x > /dev/null', environment)
      expect(exitCode).toBe(0)
      expect(state.servers.size).toBe(1)
    },
  )

  test('without stdout and stderr a command still ends as it should', async () => {
    const {environment} = await nezhaSandbox()
    const script = `panelctl nezha server list >&-; echo $?
      panelctl nezha server list 2>&- -o id | head -1
      panelctl nezha server show nope >&- 2>&-; echo $?`
    expect(await shell(script, environment)).toEqual({stdout: '0\n1\n3\n', stderr: '', exitCode: 0})
  })
})
