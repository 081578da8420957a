import {spawnSync} from 'node:child_process'
import {chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {transformSync} from 'esbuild'
import {describe, expect, test} from 'vitest'
import {binary, root, temporaryFolder} from '../harness.js'

/** A file that makes Node say that it is an older one, before anything of ours runs. */
function olderNode(version: string): string {
  const file = join(temporaryFolder(), 'older.cjs')
  writeFileSync(
    file,
    `Object.defineProperty(process, 'versions', {value: {...process.versions, node: '${version}'}})`,
  )
  return file
}

/** A package of ours in a folder of its own, without what a build makes. */
function unbuilt(name = ''): string {
  const folder = join(temporaryFolder(), name)
  cpSync(join(root, 'bin'), join(folder, 'bin'), {recursive: true})
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  return folder
}

/** Help is made anew, and not printed as the build made it. */
const FORCE_COLOR = '0'

function runIn(folder: string, ...args: string[]) {
  const {status, stdout, stderr} = spawnSync(process.execPath, [join(folder, 'bin', 'run.js'), ...args], {
    encoding: 'utf8',
    env: {PATH: process.env.PATH, HOME: folder, FORCE_COLOR},
  })
  return {status, stdout, stderr}
}

describe('what an old Node runs', () => {
  test('bin/run.cjs has no syntax that Node 12 lacks', () => {
    const source = readFileSync(join(root, 'bin', 'run.cjs'), 'utf8')
    const code = (target: string) => transformSync(source, {target, format: 'cjs'}).code
    expect(code('node12')).toBe(code('esnext'))
    expect(source).not.toMatch(/require\('node:/)
    // What else it takes may be missing, or in a newer syntax, when there is something to refuse.
    expect(source.match(/require\('\.[^']*'\)/g)).toEqual([
      "require('../package.json')",
      "require('./code-cache.js')",
    ])
  })

  test.each(['12.22.12', '18.20.8', '20.18.3'])('is told that Node %s is too old', async version => {
    const nodeArgs = ['--require', olderNode(version)]
    const said = `this is Node ${version}, and panelctl needs Node 20.19 or newer`
    expect(await binary(['nezha', 'server', 'list'], {nodeArgs})).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^panelctl: ${said}\nhint: [^\n]+\n$`)),
    })
    const asJson = await binary(['nezha', 'server', 'list', '-ojson'], {nodeArgs})
    expect(JSON.parse(asJson.stderr)).toMatchObject({error: {code: 'UNEXPECTED', exitCode: 1, message: said}})
  })

  test('and Node 20.19 and what comes later are not', async () => {
    for (const version of ['20.19.0', '21.0.0', '26.1.0']) {
      const {exitCode} = await binary(['help', 'exit-codes'], {nodeArgs: ['--require', olderNode(version)]})
      expect({version, exitCode}).toEqual({version, exitCode: 0})
    }
  })
})

describe('its version', () => {
  const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const machine = {platform: `${process.platform}-${process.arch}`, node: process.versions.node}
  const text = `panelctl/${version} ${machine.platform} node-v${machine.node}\n`

  test.each(['version', '--version', '-v', '-V'])(
    'is one line by %s, and JSON where that is asked for',
    async word => {
      expect(await binary([word])).toMatchObject({exitCode: 0, stdout: text, stderr: ''})
      const asJson = [
        await binary([word, '-o', 'json']),
        await binary([word, '--json']),
        await binary([word], {env: {PANELCTL_OUTPUT: 'json'}}),
      ]
      for (const {stdout, exitCode} of asJson) {
        expect(exitCode).toBe(0)
        expect(JSON.parse(stdout)).toEqual({version, ...machine})
      }
    },
  )

  test.each([undefined, '{"na', 'null', '{}'])('is known with %j for its package.json', content => {
    const folder = unbuilt()
    cpSync(join(root, 'dist'), join(folder, 'dist'), {recursive: true})
    rmSync(join(folder, 'package.json'))
    if (content !== undefined) writeFileSync(join(folder, 'package.json'), content)
    expect(runIn(folder, '--version')).toEqual({status: 0, stdout: text, stderr: ''})
    expect(runIn(folder, 'context', 'list', '-o', 'json')).toMatchObject({status: 0, stdout: '[]\n'})
  })
})

describe('a package without its bundle', () => {
  test('says so, and how to build it', () => {
    const {status, stdout, stderr} = runIn(unbuilt(), 'nezha', 'server', 'list')
    expect({status, stdout}).toEqual({status: 1, stdout: ''})
    expect(stderr).toMatch(/^panelctl: this copy of panelctl was not built: .*\nhint: .*npm run build.*\n$/)
  })

  test('says that there is no program in it, without a stack', () => {
    const folder = unbuilt()
    mkdirSync(join(folder, 'dist'))
    writeFileSync(join(folder, 'dist', 'panelctl.cjs'), '')
    for (const flags of [[], ['-o', 'json']]) {
      const {status, stdout, stderr} = runIn(folder, 'nezha', 'server', 'list', ...flags)
      expect({status, stdout}).toEqual({status: 1, stdout: ''})
      expect(stderr).toContain('this copy of panelctl is not whole')
      expect(stderr.trimEnd().split('\n')).toHaveLength(flags.length === 0 ? 2 : 1)
    }
  })

  test.each<[string, (bundle: string) => void]>([
    [
      'cut off',
      bundle => writeFileSync(bundle, readFileSync(join(root, 'dist/panelctl.cjs')).subarray(0, 100_000)),
    ],
    ['a folder', bundle => mkdirSync(bundle)],
    ['cut off to a name that nothing has', bundle => writeFileSync(bundle, '"use strict";fun')],
    [
      'cut off between what it gives and what that needs',
      bundle => writeFileSync(bundle, 'for (const name of ["start", "ran"]) exports[name] = () => later()'),
    ],
    ['beside an empty code-cache.js', bundle => writeFileSync(join(bundle, '../../bin/code-cache.js'), '')],
    ['beside no code-cache.js', bundle => rmSync(join(bundle, '../../bin/code-cache.js'))],
  ])('or with one that is %s: that it is not whole, once and with what to do', (_, damage) => {
    const folder = unbuilt()
    mkdirSync(join(folder, 'dist'))
    damage(join(folder, 'dist', 'panelctl.cjs'))
    const {status, stdout, stderr} = runIn(folder, 'nezha', 'server', 'list')
    expect({status, stdout}).toEqual({status: 1, stdout: ''})
    expect(stderr).toMatch(
      /^panelctl: this copy of panelctl is not whole: .+\nhint: install panelctl anew\n$/,
    )
    const message = expect.stringContaining('not whole')
    const asJson = runIn(folder, 'nezha', 'server', 'list', '-o', 'json')
    expect(JSON.parse(asJson.stderr)).toMatchObject({error: {code: 'UNEXPECTED', exitCode: 1, message}})
  })

  test.each([
    [{}, 'is not installed\nhint: in a clone: npm ci --include=dev\n'],
    [
      {npm_config_global: 'true'},
      'is not installed\nhint: in a clone: npm ci --include=dev, then npm install -g . again\n',
    ],
    [
      {NODE_ENV: 'production'},
      'is not installed, as NODE_ENV=production and --omit=dev leave it out\nhint: in a clone: npm ci --include=dev\n',
    ],
  ])('cannot be made in a clone that has nothing installed: %j', (env, told) => {
    const folder = temporaryFolder()
    for (const file of ['package.json', 'scripts'])
      cpSync(join(root, file), join(folder, file), {recursive: true})
    const {status, stderr} = spawnSync(process.execPath, ['scripts/prepare.js'], {
      cwd: folder,
      env,
      encoding: 'utf8',
    })
    expect({status, stderr}).toEqual({status: 1, stderr: `panelctl: what builds it ${told}`})
  })

  describe.each(['package.json', 'oclif.manifest.json'])('nor is one whose %s', name => {
    test.each<[string, string | undefined, string]>([
      ['is missing', undefined, 'there is no file FILE'],
      ['is empty', '', 'FILE is cut off or damaged'],
      ['is cut off', '{"na', 'FILE is cut off or damaged'],
      ['holds nothing', '{}', 'FILE is cut off or damaged'],
    ])('%s for its help, which names the file; everything else works', (_, content, said) => {
      const folder = unbuilt()
      cpSync(join(root, 'dist'), join(folder, 'dist'), {recursive: true})
      cpSync(join(root, 'oclif.manifest.json'), join(folder, 'oclif.manifest.json'))
      const file = join(folder, name)
      rmSync(file)
      if (content !== undefined) writeFileSync(file, content)
      const reason = `this copy of panelctl is not whole: ${said.replace('FILE', file)}`
      for (const words of [['--help'], ['help'], [], ['nezha', 'server', 'list', '-h']]) {
        expect(runIn(folder, ...words)).toEqual({
          status: 1,
          stdout: '',
          stderr: `panelctl: ${reason}\nhint: install panelctl anew\n`,
        })
      }
      expect(runIn(folder, 'help', 'exit-codes')).toMatchObject({status: 0, stderr: ''})
      expect(runIn(folder, 'sandbox', '--', 'true')).toEqual({status: 0, stdout: '', stderr: ''})
    })
  })

  test('and a clone whose manifest is of other commands is told what mends it', () => {
    const folder = unbuilt()
    cpSync(join(root, 'dist'), join(folder, 'dist'), {recursive: true})
    const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'))
    delete manifest.commands['context:check']
    writeFileSync(join(folder, 'oclif.manifest.json'), JSON.stringify(manifest))
    expect(runIn(folder, 'context', 'check', '--help').stderr).toBe(
      'panelctl: oclif.manifest.json is stale: it lacks context check\nhint: npm run reference\n',
    )
  })

  test.each([
    ['sandbox.cjs', undefined, ['sandbox', '--', 'true']],
    ['sandbox.cjs', 'let (', ['sandbox', '--', 'true']],
    ['sandbox.cjs', '', ['sandbox', '--', 'true']],
    ['jq.cjs', '', ['context', 'list', '--jq', '.']],
    ['package.json', '', ['--help']],
  ])('nor is one whose %s, which it loads later, is %j', (name, content, words) => {
    const folder = unbuilt()
    cpSync(join(root, 'dist'), join(folder, 'dist'), {recursive: true})
    const file = join(folder, 'dist', name)
    rmSync(file)
    if (content !== undefined) writeFileSync(file, content)
    const {status, stdout, stderr} = runIn(folder, ...words)
    expect({status, stdout}).toEqual({status: 1, stdout: ''})
    expect(stderr).toMatch(
      /^panelctl: this copy of panelctl is not whole: .+\nhint: install panelctl anew\n$/,
    )
  })

  // Node reads that file before a program that ends in .js, and tells of it by itself.
  test.each([undefined, '', '{"na'])(
    'nor is one, as it is installed, whose bin/package.json is %j',
    content => {
      const folder = unbuilt()
      const file = join(folder, 'bin', 'package.json')
      rmSync(file)
      if (content !== undefined) writeFileSync(file, content)
      const {bin} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
      const run = (...words: string[]) =>
        spawnSync(process.execPath, [join(folder, bin.panelctl), ...words], {encoding: 'utf8'})
      const {status, stdout, stderr} = run('context', 'list')
      expect({status, stdout}).toEqual({status: 1, stdout: ''})
      expect(stderr).toMatch(
        /^panelctl: this copy of panelctl is not whole: .+\nhint: install panelctl anew\n$/,
      )
      // In a clone the file that is typed may be told of by Node alone, but where it is missing.
      if (content === undefined)
        expect(runIn(folder, 'context', 'list').stderr).toContain(
          'panelctl: this copy of panelctl is not whole',
        )
    },
  )

  test.each([['--json'], ['-o', 'json'], ['--output=ndjson']])('as JSON with %s', (...flags) => {
    const {stderr} = runIn(unbuilt(), 'nezha', 'server', 'list', ...flags)
    expect(JSON.parse(stderr)).toMatchObject({error: {code: 'UNEXPECTED', exitCode: 1}})
  })

  test('or with one that throws: a line, and the stack with --debug alone', () => {
    const folder = unbuilt()
    mkdirSync(join(folder, 'dist'))
    writeFileSync(join(folder, 'dist', 'panelctl.cjs'), 'throw new Error("broken\\nin two lines")')
    const {status, stderr} = runIn(folder, 'nezha', 'server', 'list')
    expect({status, lines: stderr.split('\n').length}).toEqual({status: 1, lines: 3})
    expect(stderr).toContain('panelctl: unexpected: broken\n')
    expect(runIn(folder, 'nezha', 'server', 'list', '--debug').stderr).toContain('    at ')
  })
})

// Only root can be somebody else; CI is.
test.runIf(process.getuid?.() === 0)('a user id without an account and a home folder works', async () => {
  const folder = temporaryFolder()
  chmodSync(folder, 0o755)
  // The checkout may lie where only its owner gets to.
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(join(root, name), join(folder, name), {recursive: true})
  const {status, stdout, stderr} = spawnSync(
    process.execPath,
    [join(folder, 'bin', 'run.js'), 'help', 'exit-codes'],
    {
      encoding: 'utf8',
      env: {PATH: process.env.PATH},
      uid: 54_321,
      gid: 54_321,
    },
  )
  expect({status, stderr}).toEqual({status: 0, stderr: ''})
  expect(stdout).toContain('EXIT CODES')
})

test.runIf(process.getuid?.() === 0).each([
  ['dist/panelctl.cjs', ['context', 'list']],
  ['dist/help.cjs', ['--help']],
  ['dist/sandbox.cjs', ['sandbox', '--', 'true']],
  ['package.json', ['context', 'list', '--help']],
  ['completions/panelctl.bash', ['completion', 'bash']],
])('a package whose %s only its owner may read: so it says, and the chmod', (name, words) => {
  const folder = unbuilt('my tools')
  for (const part of ['dist', 'completions', 'oclif.manifest.json'])
    cpSync(join(root, part), join(folder, part), {recursive: true})
  for (const open of [dirname(folder), folder]) chmodSync(open, 0o755)
  const file = join(folder, name)
  chmodSync(file, 0o600)
  const {status, stdout, stderr} = spawnSync(process.execPath, [join(folder, 'bin/run.js'), ...words], {
    encoding: 'utf8',
    env: {PATH: process.env.PATH, FORCE_COLOR},
    uid: 54_321,
    gid: 54_321,
  })
  expect({status, stdout}).toEqual({status: 1, stdout: ''})
  const readable = `chmod -R a+rX '${name === 'completions/panelctl.bash' ? dirname(file) : folder}'`
  expect(stderr).toBe(
    `panelctl: this copy of panelctl cannot be read: permission denied for ${file}\nhint: as its owner: ${readable}; or install panelctl anew\n`,
  )
})

test.each(['missing', 'a folder', 'empty'])(
  'a package whose dist/help.cjs is %s is not whole, which is no bug to report',
  state => {
    const folder = unbuilt()
    for (const part of ['dist', 'oclif.manifest.json'])
      cpSync(join(root, part), join(folder, part), {recursive: true})
    const file = join(folder, 'dist/help.cjs')
    rmSync(file)
    if (state === 'a folder') mkdirSync(file)
    if (state === 'empty') writeFileSync(file, '')
    for (const words of [['--help'], ['context', 'list', '--help']]) {
      const {status, stdout, stderr} = spawnSync(process.execPath, [join(folder, 'bin/run.js'), ...words], {
        encoding: 'utf8',
        env: {PATH: process.env.PATH, HOME: folder, FORCE_COLOR},
      })
      expect({status, stdout}).toEqual({status: 1, stdout: ''})
      expect(stderr).toMatch(
        /^panelctl: this copy of panelctl is not whole: .*\nhint: install panelctl anew\n$/,
      )
    }
  },
)

test('a user id without an account and a home folder has help', () => {
  const preload = join(temporaryFolder(), 'nobody.cjs')
  writeFileSync(
    preload,
    `const os = require('node:os')
    os.homedir = os.userInfo = () => { throw new Error('there is no such user') }`,
  )
  const {status, stdout, stderr} = spawnSync(
    process.execPath,
    ['--require', preload, join(root, 'bin', 'run.js'), 'nezha', 'server', 'list', '--help'],
    {encoding: 'utf8', env: {PATH: process.env.PATH, FORCE_COLOR}},
  )
  expect({status, stderr}).toEqual({status: 0, stderr: ''})
  expect(stdout).toContain('panelctl nezha server list')
})

test.each(['nezha server list --help', 'context list -o json', 'version'])(
  'in a folder that is gone, as that of a job that was cleaned up, nothing is said of it: %s',
  line => {
    const folder = temporaryFolder()
    const script = `cd ${folder} && rmdir ${folder} && exec "$0" ${join(root, 'bin/run.js')} ${line}`
    const {status, stderr} = spawnSync('sh', ['-c', script, process.execPath], {
      encoding: 'utf8',
      env: {PATH: process.env.PATH, HOME: '/', FORCE_COLOR},
    })
    expect({status, stderr}).toEqual({status: 0, stderr: ''})
  },
)

test('in a folder that is gone, what is meant from there is a mistake to name, and no bug to report', () => {
  const folder = temporaryFolder()
  const script = `cd ${folder} && rmdir ${folder} && exec "$0" ${join(root, 'bin/run.js')} context list -o json`
  const {status, stderr} = spawnSync('sh', ['-c', script, process.execPath], {
    encoding: 'utf8',
    env: {PATH: process.env.PATH, HOME: '/', PANELCTL_CONFIG_DIR: 'own', FORCE_COLOR},
  })
  expect({status, ...JSON.parse(stderr)}).toMatchObject({
    status: 2,
    error: {code: 'USAGE', message: expect.stringMatching(/^the folder that this runs in is gone/)},
  })
})

describe('a folder for temporary files that cannot be written', () => {
  test.each([['/nonexistent'], ['/proc']])('is named: TMPDIR=%s', async TMPDIR => {
    const {stdout, stderr, exitCode} = await binary(['sandbox', '--', 'true'], {env: {TMPDIR}})
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
    expect(stderr).toMatch(
      new RegExp(`^panelctl: cannot make a folder in ${TMPDIR}: [a-z ]+\nhint: set TMPDIR to .*\n$`),
    )
    const asJson = await binary(['sandbox', '--', 'true'], {env: {TMPDIR, PANELCTL_OUTPUT: 'json'}})
    expect(JSON.parse(asJson.stderr)).toMatchObject({error: {code: 'USAGE', exitCode: 2}})
  })
})

describe('warnings of Node’s own', () => {
  const list = ['nezha', 'server', 'list', '--retries', '0', '--url', 'https://127.0.0.1:1']
  const env = {NODE_TLS_REJECT_UNAUTHORIZED: '0', NEZHA_TOKEN: 'x'}
  const warning = expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED')

  test('are said as ours are', async () => {
    const {stderr, exitCode} = await binary(list, {env})
    expect(exitCode).toBe(6)
    expect(stderr).toMatch(
      /^warning: NODE_TLS_REJECT_UNAUTHORIZED is ignored: .*--insecure.*\npanelctl: .*\nhint: .*\n$/,
    )
    expect((await binary([...list, '--quiet'], {env})).stderr).toMatch(/^panelctl: /)
  })

  test('are lines of JSON among others', async () => {
    const {stderr} = await binary([...list, '-o', 'json'], {env})
    const said = stderr
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(said).toMatchObject([{warning}, {error: {code: 'UNREACHABLE'}}])
  })

  test('are not said where Node is told to keep them', async () => {
    const {stderr} = await binary([...list, '-o', 'json'], {env: {...env, NODE_NO_WARNINGS: '1'}})
    expect(JSON.parse(stderr)).toMatchObject({error: {code: 'UNREACHABLE'}})
  })

  // Before it, Node has written to stderr by the time that anything of ours runs.
  test.runIf('execve' in process)('about certificates that cannot be read are ours', async () => {
    const folder = temporaryFolder()
    const none = join(folder, 'none.pem')
    writeFileSync(none, 'no certificate\n')
    for (const file of [none, join(folder, 'missing.pem')]) {
      const {stderr, exitCode} = await binary([...list, '-o', 'json'], {
        env: {NEZHA_TOKEN: 'x', NODE_EXTRA_CA_CERTS: file},
      })
      const [said, ...errors] = stderr.trimEnd().split('\n')
      expect(exitCode).toBe(6)
      expect(JSON.parse(said ?? '').warning).toMatch(/^NODE_EXTRA_CA_CERTS is ignored: .*\.pem$/)
      expect(errors.map(line => JSON.parse(line))).toMatchObject([{error: {code: 'UNREACHABLE'}}])
    }
  })

  test.runIf('execve' in process)('leave the variable to the commands that the sandbox runs', async () => {
    const script = 'echo "$NODE_EXTRA_CA_CERTS,$PANELCTL_IGNORED_CERTIFICATES"'
    const {stdout} = await binary(['sandbox', '--', 'sh', '-c', script], {
      env: {NODE_EXTRA_CA_CERTS: '/nonexistent'},
    })
    expect(stdout).toBe('/nonexistent,\n')
  })
})
