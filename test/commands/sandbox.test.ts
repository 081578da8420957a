import {readFileSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {Interrupted} from '../../src/lib/command/interrupted.js'
import {failureOf} from '../failure.js'
import {cli, temporaryFolder} from '../harness.js'

const env = {PATH: process.env.PATH}

/** Runs the sandbox alone until it has printed where it is. */
async function alone(flags: string, visit: (stdout: string) => unknown = () => {}) {
  const interruption = new AbortController()
  return cli(`sandbox ${flags}`, {
    env,
    signal: interruption.signal,
    written: async (text, stream) => {
      if (stream !== 'stdout') return
      await visit(text)
      interruption.abort(new Interrupted(130))
    },
  })
}

describe('sandbox', () => {
  test.each(['sandbox --', 'sandbox --port 0 --'])(
    '%s: nothing behind it is no wish for a shell that stays',
    async line => {
      expect(await cli(line, {env})).toEqual({
        exitCode: 2,
        stdout: '',
        stderr: 'panelctl: nothing stands behind --\nhint: panelctl sandbox --help\n',
      })
    },
  )

  test('runs a command against the panels and ends with its exit code', async () => {
    const out = join(temporaryFolder(), 'out')
    const script = `panelctl nezha server list -o id > "${out}" && panelctl context list -o json >> "${out}"; exit 7`
    const outcome = await cli(['sandbox', '--', 'sh', '-c', script], {env})
    expect(outcome).toEqual({exitCode: 7, stdout: '', stderr: ''})
    expect(readFileSync(out, 'utf8')).toBe('1\n2\n3\n4\n5\n[]\n')
  })

  test('serves the world of a seed file', async () => {
    const folder = temporaryFolder()
    const [seed, out] = [join(folder, 'seed.yaml'), join(folder, 'out')]
    writeFileSync(seed, 'nezha:\n  servers:\n    - name: mine\n      id: 7\n')
    const script = `panelctl nezha server show mine -o id > "${out}"`
    expect(await cli(['sandbox', '--seed', seed, '--', 'sh', '-c', script], {env})).toMatchObject({
      exitCode: 0,
    })
    expect(readFileSync(out, 'utf8')).toBe('7\n')
  })

  test('says where a seed file is broken, in a whole sentence', async () => {
    const seed = join(temporaryFolder(), 'seed.yaml')
    writeFileSync(seed, 'nezha: [\n')
    const {exitCode, stderr} = await cli(['sandbox', '--seed', seed, '--', 'true'], {env})
    expect({exitCode, stderr}).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/^panelctl: .+seed\.yaml: .+ at line \d+, column \d+\n/),
    })
  })

  test('says that a command is not there as a shell does', async () => {
    expect(await cli('sandbox -- no-such-command', {env})).toEqual({
      exitCode: 127,
      stdout: '',
      stderr: 'panelctl sandbox: no-such-command: command not found\n',
    })
  })

  test('stays and prints what to export, until interrupted', async () => {
    let status = 0
    const outcome = await alone('', async text => {
      const url = /NEZHA_DASHBOARD_URL='([^']*)'/.exec(text)?.[1]
      status = (await fetch(`${url}/api/v1/server/list`)).status
    })
    expect(outcome).toEqual({
      exitCode: 130,
      stdout: expect.stringMatching(
        /^export NEZHA_DASHBOARD_URL='http:\/\/127\.0\.0\.1:\d+'\nexport NEZHA_TOKEN='\w{32}'\n(export \w+='.+'\n)+$/,
      ),
      stderr: 'the panels run until Ctrl-C\n',
    })
    expect(status).toBe(200)
  })

  test('prints the variables as JSON with -o json', async () => {
    const {stdout, stderr} = await alone('-o json')
    expect(JSON.parse(stdout)).toEqual({
      NEZHA_DASHBOARD_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      NEZHA_TOKEN: expect.any(String),
      NEZHA_PROBE_ADDRESS: '127.0.0.1',
      NEZHA_PROBE_PORT: expect.any(String),
      NEZHA_INSTALL_URL: expect.any(String),
      KOMARI_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      KOMARI_API_KEY: expect.any(String),
      KOMARI_INSTALL_URL: expect.any(String),
      OPENIDCS_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      OPENIDCS_TOKEN: expect.any(String),
    })
    expect(stderr).toBe('{"note":"the panels run until Ctrl-C"}\n')
  })

  test('exits with 2 when its port is taken', async () => {
    const server = createServer()
    const port = await new Promise<number>(resolve =>
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address ? address.port : 0)
      }),
    )
    onTestFinished(() => {
      server.close()
    })
    const outcome = await cli(`sandbox --port ${port} -o json -- true`, {env})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({
      message: `port ${port} on 127.0.0.1 is taken`,
      hint: 'choose another --port, or leave it out for any that is free',
    })
  })

  test.each([
    ['--seed /does/not/exist', '/does/not/exist'],
    ['--port 70000', '70000 is not within 1 and 65535'],
    ['-o csv', 'this result has no rows'],
    ['--columns a', 'this result has no columns'],
  ])('refuses %s', async (flags, message) => {
    const outcome = await cli(`sandbox ${flags} -- true`, {env})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain(message)
  })
})
