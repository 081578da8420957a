import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {constants} from 'node:os'
import {basename, dirname, join} from 'node:path'
import {expect, test} from 'vitest'
import {binary, cli, dashboardSandbox, temporaryFolder} from '../harness.js'
import {shell} from './shell.js'

/** A login that may write no file of more than 1024 bytes, as where a disk is full. */
const login =
  'ulimit -f 1; echo abcdefghijklmnop | panelctl nezha login --url http://127.0.0.1:9 --with-token --no-check --context added'

test.each(['config.yaml', 'credentials.yaml'])(
  'what finds no room for %s says so, and leaves both files as they were',
  async large => {
    const folder = join(temporaryFolder(), 'config')
    mkdirSync(folder, {mode: 0o700})
    const contexts = (count: number) =>
      `contexts:\n${Array.from({length: count}, (_, at) => `  c${at}:\n    panel: nezha\n    url: https://host${at}.example.com\n    store: file\n`).join('')}`
    const secrets = (count: number) =>
      Array.from({length: count}, (_, at) => `c${at}:\n  kind: token\n  value: secret-of-${at}\n`).join('')
    const before = {
      'config.yaml': contexts(large === 'config.yaml' ? 15 : 1),
      'credentials.yaml': secrets(large === 'config.yaml' ? 1 : 30),
    }
    for (const [name, text] of Object.entries(before)) writeFileSync(join(folder, name), text, {mode: 0o600})
    const env = {PANELCTL_CONFIG_DIR: folder, PANELCTL_STATE_DIR: temporaryFolder()}
    const outcome = await shell(`panelctl --version && ${login}`, env, 'bash')
    expect(outcome.exitCode).toBe(1)
    expect(outcome.stderr).toBe(
      `panelctl: there is no room for ${join(folder, large)} on its disk; it is as it was\nhint: make room there, and do it again\n`,
    )
    for (const [name, text] of Object.entries(before))
      expect(readFileSync(join(folder, name), 'utf8'), name).toBe(text)
    expect(readdirSync(folder).toSorted()).toEqual(['config.yaml', 'credentials.yaml'])
    const listed = await shell('panelctl context list -o id | wc -l', env)
    expect(listed.stdout.trim()).toBe(large === 'config.yaml' ? '15' : '1')
  },
)

test.each([
  [
    'a share of it that is used up',
    'writeFile',
    constants.errno.EDQUOT,
    'there is no room for FILE on its disk; it is as it was',
  ],
  [
    'no room for a name',
    'rename',
    constants.errno.ENOSPC,
    'there is no room for FILE on its disk; it is as it was',
  ],
  [
    'no room for a lock',
    'mkdir',
    constants.errno.ENOSPC,
    'there is no room for FOLDER on its disk; it is as it was',
  ],
  ['a disk that fails', 'writeFile', constants.errno.EIO, 'cannot write FILE: i/o error; it is as it was'],
  [
    'a disk that fails at the lock',
    'mkdir',
    constants.errno.EIO,
    'cannot lock FOLDER: i/o error; it is as it was',
  ],
])('%s is told as the disk’s: exit 1, and no mistake of who typed it', async (_, call, errno, told) => {
  const folder = join(temporaryFolder(), 'config')
  mkdirSync(folder, {mode: 0o700})
  const file = join(folder, 'config.yaml')
  writeFileSync(file, 'contexts: {}\n', {mode: 0o600})
  const {stderr, exitCode} = await binary(
    ['nezha', 'login', '--url', 'http://127.0.0.1:9', '--with-token', '--no-check'],
    {
      stdin: 'abcdefghijklmnop',
      env: {PANELCTL_CONFIG_DIR: folder, FULL_CALL: call, FULL_ERRNO: String(errno)},
      nodeArgs: ['--require', join(import.meta.dirname, 'full-files.cjs')],
    },
  )
  expect(stderr.split('\n')[0]).toBe(`panelctl: ${told.replace('FILE', file).replace('FOLDER', folder)}`)
  expect(exitCode).toBe(1)
  expect(readFileSync(file, 'utf8')).toBe('contexts: {}\n')
  expect(readdirSync(folder)).toEqual(['config.yaml'])
})

test('what a login saves is on the disk before it takes the place of what was there: a power cut leaves one of both', async () => {
  const folder = join(temporaryFolder(), 'config')
  const log = join(temporaryFolder(), 'log')
  const outcome = await binary(
    ['nezha', 'login', '--url', 'http://127.0.0.1:9', '--with-token', '--no-check'],
    {
      stdin: 'abcdefghijklmnop',
      env: {PANELCTL_CONFIG_DIR: folder, RECORDED_FILES: log},
      nodeArgs: ['--require', join(import.meta.dirname, 'recorded-files.cjs')],
    },
  )
  expect(outcome).toMatchObject({exitCode: 0})
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
  const renames = lines.filter(line => line.startsWith('rename '))
  expect(renames.map(line => line.split(' ')[1])).toEqual(
    ['config.yaml', 'credentials.yaml'].map(name => join(folder, name)),
  )
  for (const rename of renames)
    expect(lines.slice(0, lines.indexOf(rename))).toContain(`sync ${rename.split(' ')[2]}`)
})

test.each(['bash', 'zsh', 'fish'])(
  'completion for %s that finds no room leaves what was there',
  async kind => {
    const home = temporaryFolder()
    writeFileSync(join(home, '.zshrc'), 'alias x=y\n')
    const env = {
      HOME: home,
      XDG_DATA_HOME: '',
      XDG_CONFIG_HOME: '',
      BASH_COMPLETION_USER_DIR: '',
      ZDOTDIR: '',
    }
    const {stdout} = await binary(['completion', 'install', kind, '--dry-run', '-o', 'json'], {env})
    const {file} = JSON.parse(stdout)
    mkdirSync(dirname(file), {recursive: true})
    writeFileSync(file, 'complete old\n')
    expect(await shell(`ulimit -f 0; panelctl completion install ${kind}`, env, 'bash')).toEqual({
      stdout: '',
      stderr: `panelctl: cannot write ${file}: file too large; it is as it was\n`,
      exitCode: 1,
    })
    expect(readFileSync(file, 'utf8')).toBe('complete old\n')
    expect(readdirSync(dirname(file))).toEqual([basename(file)])
    expect(readFileSync(join(home, '.zshrc'), 'utf8')).toBe('alias x=y\n')
  },
)

test.skipIf(!existsSync('/dev/full'))(
  'a device that is full is named, and is no bug (needs /dev/full)',
  async () => {
    const panel = await dashboardSandbox({mcp: true})
    const server = panel.state.listed().find(({name}) => name === 'hub1')
    if (server) panel.state.filesOf(server).set('/a', {bytes: Buffer.from('x'), mode: '0644'})
    expect(await cli('nezha server cp hub1:/a /dev/full', {env: panel.environment})).toEqual({
      stdout: '',
      stderr: 'panelctl: cannot write /dev/full: no space left on device\n',
      exitCode: 1,
    })
  },
)

test('of a file that its disk has in part nothing is copied: what was there stays', async () => {
  const panel = await dashboardSandbox({mcp: true})
  const server = panel.state.listed().find(({name}) => name === 'hub1')
  if (server) panel.state.filesOf(server).set('/a', {bytes: Buffer.alloc(1000, 'x'), mode: '0644'})
  const folder = temporaryFolder()
  const kept = join(folder, 'kept')
  writeFileSync(kept, 'old')
  const outcome = await binary(['nezha', 'server', 'cp', 'hub1:/a', kept], {
    env: {...panel.environment, FULL_CALL: 'half'},
    nodeArgs: ['--require', join(import.meta.dirname, 'full-files.cjs')],
  })
  expect(outcome).toMatchObject({
    stdout: '',
    stderr: `panelctl: cannot write ${kept}: it was written in part; it is as it was\n`,
    exitCode: 1,
  })
  expect(readFileSync(kept, 'utf8')).toBe('old')
  expect(readdirSync(folder)).toEqual(['kept'])
})

test('a sandbox that finds no room says so, and is no bug', async () => {
  const {stderr, exitCode} = await shell('ulimit -f 0; panelctl sandbox -- true', {}, 'bash')
  expect(stderr).toBe('panelctl: file too large\nhint: make room on the disk\n')
  expect(exitCode).toBe(1)
})
