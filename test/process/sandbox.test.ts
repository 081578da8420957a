import {once} from 'node:events'
import {mkdirSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {connect} from 'node:net'
import {networkInterfaces} from 'node:os'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {binary, temporaryFolder} from '../harness.js'
import {jsonAnswer, serve} from './serve.js'

// The sandbox is a bundle of its own, so that its errors are of a class of its own: only the built program shows it.

test('a typo in a seed file is a usage error that names the keys there are', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'bad.yaml'), 'nezha:\n  servres:\n    - name: web1\n')
  expect(await binary(['sandbox', '--seed', 'bad.yaml', '--', 'true'], {cwd: folder})).toMatchObject({
    stdout: '',
    stderr:
      'panelctl: bad.yaml: nezha.servres is not known\n' +
      'hint: known there: token, cookie, cookieName, viewPassword, generation, username, password, pat, agentSecret, tsdb, mcp, forceAuth, realIpHeader, language, profile, seed, generate, servers, monitors\n',
    exitCode: 2,
  })
})

test('a seed file that is not there is a usage error', async () => {
  const {stdout, stderr, exitCode} = await binary([
    'sandbox',
    '--seed',
    'nope.yaml',
    '-o',
    'json',
    '--',
    'true',
  ])
  expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: 'USAGE',
      exitCode: 2,
      message: 'there is no file nope.yaml',
      hint: 'give --seed the path of a YAML file, or leave it out for the default world',
    },
  })
})

test('a port that is taken is a usage error', async () => {
  const {port} = await serve(jsonAnswer('{}'))
  expect(await binary(['sandbox', '--port', String(port), '--', 'true'])).toMatchObject({
    stdout: '',
    stderr: `panelctl: port ${port} on 127.0.0.1 is taken\nhint: choose another --port, or leave it out for any that is free\n`,
    exitCode: 2,
  })
})

test('nobody from another machine reaches a sandbox: it listens on 127.0.0.1, and on no other address of this one', async () => {
  const addresses = Object.values(networkInterfaces()).flatMap(found => found ?? [])
  // All of 127.0.0.0/8 is this machine, on Linux.
  const others = new Set(['127.0.0.2', '::1', ...addresses.map(({address}) => address)])
  others.delete('127.0.0.1')
  let reached: Promise<string[]> | undefined
  await binary(['sandbox', '-o', 'json'], {
    started(child) {
      child.stdout?.once('data', (text: Buffer) => {
        const values = Object.values<string>(JSON.parse(text.toString()))
        const ports = values.map(value => Number(URL.canParse(value) ? new URL(value).port : value))
        reached = whatListens(ports.filter(Number.isInteger), ['127.0.0.1', ...others]).finally(() =>
          child.kill('SIGTERM'),
        )
      })
    },
  })
  // Three panels, a port for agents and an install script, and whatever comes.
  expect((await reached)?.length).toBeGreaterThanOrEqual(5)
  expect(new Set(await reached)).toEqual(new Set(['127.0.0.1']))
})

/** For each of these ports the addresses on which it is open. */
async function whatListens(ports: readonly number[], addresses: readonly string[]): Promise<string[]> {
  const tried = ports.flatMap(port => addresses.map(host => ({host, port})))
  const open = tried.map(async place => {
    const socket = connect({...place, timeout: 2000})
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'timeout').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    return isOpen ? [place.host] : []
  })
  return (await Promise.all(open)).flat()
}

describe.skipIf(process.platform === 'win32')('the folder of a sandbox', () => {
  const prefix = 'panelctl-sandbox-'
  /** Runs a script in a sandbox whose folder lies in TMPDIR. */
  const sandbox = (TMPDIR: string, script: string) =>
    binary(['sandbox', '--', 'sh', '-c', script], {env: {TMPDIR}})
  const foldersIn = (folder: string) => readdirSync(folder).filter(name => name.startsWith(prefix))

  test('that was ended by kill -9 goes when the next one starts', async () => {
    const folder = temporaryFolder()
    expect(await sandbox(folder, 'kill -9 $PPID')).toMatchObject({signal: 'SIGKILL'})
    expect(foldersIn(folder)).toHaveLength(1)
    expect(await sandbox(folder, 'ls "$TMPDIR" | wc -l')).toMatchObject({stdout: '1\n', exitCode: 0})
    expect(foldersIn(folder)).toEqual([])
  })

  test.each([
    ['runs', 'panelctl sandbox -- true'],
    ['is stopped', 'kill -STOP $PPID; panelctl sandbox -- true; kill -CONT $PPID'],
  ])('that %s stays', async (_, script) => {
    const folder = temporaryFolder()
    const {stdout, exitCode} = await sandbox(folder, `${script}; ls "$TMPDIR"/${prefix}*`)
    expect(exitCode).toBe(0)
    expect(stdout.split('\n').filter(Boolean).toSorted()).toEqual([
      'alive',
      'bin',
      'config',
      'place',
      'state',
    ])
    expect(foldersIn(folder)).toEqual([])
  })

  test('below a TMPDIR whose path is too long for a socket stays as well', async () => {
    const parent = temporaryFolder()
    const folder = join(parent, 'x'.repeat(90))
    mkdirSync(folder)
    const {stdout} = await sandbox(folder, 'panelctl sandbox -- true; cd "$TMPDIR" && ls *')
    expect(stdout).toBe('bin\nconfig\nstate\n')
    expect(readdirSync(parent, {recursive: true})).toEqual(['x'.repeat(90)])
  })

  test('of another machine, of an older panelctl, and what only has such a name, stay', async () => {
    const folder = temporaryFolder()
    await sandbox(folder, 'kill -9 $PPID')
    const [killed = ''] = foldersIn(folder)
    writeFileSync(join(folder, killed, 'place'), 'another machine')
    mkdirSync(join(folder, `${prefix}older`))
    writeFileSync(join(folder, `${prefix}file`), '')
    symlinkSync(join(folder, killed), join(folder, `${prefix}link`))
    const before = foldersIn(folder)
    expect(await sandbox(folder, 'true')).toMatchObject({exitCode: 0, stderr: ''})
    expect(foldersIn(folder)).toEqual(before)
    expect(readdirSync(join(folder, killed))).toContain('config')
  })
})
