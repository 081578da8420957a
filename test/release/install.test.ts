import {execFile} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import type {RequestListener} from 'node:http'
import {delimiter, join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {describe, expect, test} from 'vitest'
import {root, temporaryFolder} from '../harness.js'
import {serve} from '../process/serve.js'
import {isInstalled} from '../process/shell.js'

const script = join(root, 'install.sh')
const program = '#!/bin/sh\necho "panelctl/9.9.9 linux-x64 node-v24.0.0"\n'
const needed = ['cat', 'chmod', 'gzip', 'id', 'mkdir', 'mv', 'rm', 'rmdir', 'sed', 'sh', 'sha256sum']

interface Release {
  /** What the one file does; `null` where the mirror has none. */
  readonly file?: Buffer | null
  readonly sums?: string
  /** How much of the file arrives. */
  readonly sent?: number
}

const packed = gzipSync(program)
const sumOf = (content: Buffer) => createHash('sha256').update(content).digest('hex')

/** A mirror with both machines' files. */
function mirror({file = packed, sums, sent}: Release = {}): RequestListener {
  const known = `${sumOf(file ?? packed)}  panelctl-linux-x64.gz\n${sumOf(file ?? packed)}  panelctl-linux-arm64.gz\n`
  return (request, response) => {
    if (request.url === '/latest/SHA256SUMS') return void response.end(sums ?? known)
    if (!file || !/^\/latest\/panelctl-linux-(x64|arm64)\.gz$/.test(request.url ?? '')) {
      response.statusCode = 404
      return void response.end()
    }
    response.setHeader('content-length', file.length)
    if (sent === undefined) response.end(file)
    else response.write(file.subarray(0, sent), () => response.destroy())
  }
}

interface Options {
  readonly release?: Release
  /** What is installed besides what always is. */
  readonly tools?: readonly string[]
  /** What `uname -m` says. */
  readonly processor?: string
  readonly system?: string
  /** Instead of `--mirror` and `--to`. */
  readonly args?: readonly string[]
  readonly shell?: readonly string[]
  readonly home?: string
  /** What runs in the place of install.sh. */
  readonly file?: string
}

/** Runs the script where nothing is installed but what is named, and gives what there is in the folder afterwards. */
async function install(to: string, options: Options = {}) {
  const {tools = ['curl'], processor = 'x86_64', system = 'Linux', shell = ['sh'], file = script} = options
  const served = await serve(mirror(options.release))
  const bin = temporaryFolder()
  for (const tool of [...needed, ...tools]) symlinkSync(whereIs(tool), join(bin, tool))
  const uname = `#!/bin/sh\ncase $1 in -s) echo ${system} ;; -m) echo ${processor} ;; esac\n`
  writeFileSync(join(bin, 'uname'), uname, {mode: 0o755})
  const url = `${served.url}/latest`
  const [shellName = '', ...words] = shell
  const args = [...words, file, ...(options.args ?? ['--mirror', url, '--to', to])]
  const env = {PATH: bin, HOME: options.home ?? to}
  const ended = await new Promise<{stdout: string; stderr: string; exitCode: number}>(resolve =>
    execFile(whereIs(shellName), args, {env, cwd: temporaryFolder()}, (error, stdout, stderr) =>
      resolve({stdout, stderr: stderr.replaceAll(url, 'MIRROR'), exitCode: Number(error?.code ?? 0)}),
    ),
  )
  const asked = served.requests.map(({url = ''}) => url.replace('/latest/', ''))
  return {...ended, asked, left: existsSync(to) ? readdirSync(to) : undefined}
}

function whereIs(tool: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return join(folders.find(folder => existsSync(join(folder, tool))) ?? '/missing', tool)
}

describe.skipIf(!isInstalled('curl') || process.platform === 'win32')('install.sh (needs curl)', () => {
  const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(([name = '']) => isInstalled(name))

  test.each(shells)('%s %s installs the program and says where it is', async (...shell) => {
    const to = join(temporaryFolder(), 'a folder')
    const {stdout, exitCode, left} = await install(to, {shell})
    expect({exitCode, left, stdout}).toEqual({
      exitCode: 0,
      left: ['panelctl'],
      stdout: `panelctl/9.9.9 is in ${to}/panelctl\nhint: this shell does not look there: export PATH="${to}:$PATH"\n`,
    })
    expect(readFileSync(join(to, 'panelctl'), 'utf8')).toBe(program)
  })

  test.each([
    ['x86_64', 'panelctl-linux-x64.gz'],
    ['aarch64', 'panelctl-linux-arm64.gz'],
    ['arm64', 'panelctl-linux-arm64.gz'],
  ])('on %s it takes %s', async (processor, file) => {
    expect((await install(temporaryFolder(), {processor})).asked).toEqual(['SHA256SUMS', file])
  })

  test.skipIf(!isInstalled('wget'))('without curl it takes wget', async () => {
    expect(await install(temporaryFolder(), {tools: ['wget']})).toMatchObject({
      exitCode: 0,
      left: ['panelctl'],
    })
  })

  const onLinux = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)
  const title = '--prefix is the folder above, and a home folder is the default for whoever is not root'
  test.skipIf(!onLinux)(title, async () => {
    const prefix = temporaryFolder()
    const id = join(temporaryFolder(), 'id')
    writeFileSync(id, '#!/bin/sh\necho 1000\n', {mode: 0o755})
    const served = await serve(mirror())
    const run = (...args: string[]) =>
      new Promise<string>((resolve, reject) =>
        execFile(
          'sh',
          [script, '--mirror', `${served.url}/latest/`, ...args],
          {env: {PATH: `${join(id, '..')}:${process.env.PATH}`, HOME: prefix}},
          (error, stdout) => (error ? reject(error) : resolve(stdout)),
        ),
      )
    expect(await run('--prefix', prefix)).toContain(`is in ${prefix}/bin/panelctl\n`)
    expect(await run()).toContain(`is in ${prefix}/.local/bin/panelctl\n`)
  })

  /** What goes wrong, and the last lines on stderr. */
  const failures: Record<string, [Options, string]> = {
    'a file that is another one': [
      {release: {sums: `${sumOf(Buffer.from('another'))}  panelctl-linux-x64.gz\n`}},
      'MIRROR/panelctl-linux-x64.gz is not the file that SHA256SUMS is of\nhint: say where a release lies: --mirror URL',
    ],
    'sums that do not name the file': [
      {release: {sums: `${sumOf(packed)}  xpanelctl-linux-x64.gz\n`}},
      'MIRROR/SHA256SUMS does not name panelctl-linux-x64.gz\nhint: say where a release lies: --mirror URL',
    ],
    'a page in the place of the sums': [
      {release: {sums: '<html>\n'}},
      'MIRROR/SHA256SUMS does not name panelctl-linux-x64.gz\nhint: say where a release lies: --mirror URL',
    ],
    'a file that is not there': [
      {release: {file: null}},
      'MIRROR/panelctl-linux-x64.gz: the download was cut, refused, or there is no such file\nhint: say where a release lies: --mirror URL',
    ],
    'a download that is cut': [
      {release: {sent: 40}},
      'MIRROR/panelctl-linux-x64.gz: the download was cut, refused, or there is no such file\nhint: say where a release lies: --mirror URL',
    ],
    'an unknown processor': [
      {processor: 'riscv64'},
      'there is no file for riscv64\nhint: with Node 20.19 or newer: npm install --global panelctl',
    ],
    'another system': [
      {system: 'Darwin'},
      'there is no file for Darwin\nhint: with Node 20.19 or newer: npm install --global panelctl',
    ],
    'neither curl nor wget': [{tools: []}, 'neither curl nor wget is here\nhint: install one of them'],
    'a program that does not start': [
      {release: {file: gzipSync('#!/bin/sh\necho no libstdc++ >&2\nexit 127\n')}},
      'no libstdc++\ninstall.sh: the program does not start here\nhint: it needs glibc 2.28 or newer, libstdc++ and libgcc; elsewhere: npm install --global panelctl',
    ],
    'a file that is not packed': [
      {release: {file: Buffer.from(program)}},
      'panelctl-linux-x64.gz cannot be unpacked into TO\nhint: is the disk full?',
    ],
    'a flag that there is not': [{args: ['--force']}, 'unknown: --force\nhint: sh install.sh --help'],
    'a flag without its value': [{args: ['--to']}, '--to wants a value\nhint: sh install.sh --help'],
  }

  test.each(Object.entries(failures))(
    '%s is said, and what was there stays',
    async (_what, [options, told]) => {
      const to = temporaryFolder()
      writeFileSync(join(to, 'panelctl'), 'the one before')
      const {stdout, stderr, exitCode, left} = await install(to, options)
      expect({exitCode, left, stdout}).toEqual({exitCode: 1, left: ['panelctl'], stdout: ''})
      expect(stderr.replaceAll(to, 'TO').slice(-told.length - 1)).toBe(`${told}
`)
      expect(readFileSync(join(to, 'panelctl'), 'utf8')).toBe('the one before')
    },
  )

  test('a folder that was made for nothing goes again', async () => {
    const to = join(temporaryFolder(), 'new')
    expect(await install(to, {release: {file: null}})).toMatchObject({exitCode: 1, left: undefined})
  })

  test('a folder that cannot be written to is named', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const {exitCode, stderr, asked} = await install(join(file, 'bin'))
    expect({exitCode, asked, stderr}).toEqual({
      exitCode: 1,
      asked: [],
      stderr: `install.sh: ${file}/bin cannot be made\nhint: say where the program goes: --to FOLDER\n`,
    })
  })

  test.skipIf(process.geteuid?.() === 0)('a folder of others is named (not as root)', async () => {
    const to = temporaryFolder()
    mkdirSync(join(to, 'bin'), {mode: 0o500})
    expect((await install(join(to, 'bin'))).stderr).toContain(`install.sh: ${to}/bin cannot be written to\n`)
  })

  test('a folder in the place of the program is no reason to put the program into it', async () => {
    const to = temporaryFolder()
    mkdirSync(join(to, 'panelctl'))
    expect((await install(to)).stderr).toContain(`install.sh: ${to}/panelctl is a folder\n`)
  })

  test('a script that was cut itself does nothing', async () => {
    const file = join(temporaryFolder(), 'install.sh')
    const text = readFileSync(script, 'utf8')
    for (const part of [0.3, 0.6, 0.99]) {
      writeFileSync(file, text.slice(0, Math.floor(text.length * part)))
      expect(await install(temporaryFolder(), {file})).toMatchObject({asked: [], left: []})
    }
  })
})

test.skipIf(!isInstalled('shellcheck'))('shellcheck finds nothing (needs shellcheck)', async () => {
  const found = await new Promise(resolve =>
    execFile('shellcheck', ['--shell=sh', script], (_error, stdout, stderr) => resolve(stdout + stderr)),
  )
  expect(found).toBe('')
})
