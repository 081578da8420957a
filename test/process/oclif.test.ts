import {cpSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {binary, cli, commandIds, nezhaSandbox, root, temporaryFolder} from '../harness.js'
import {jsonAnswer, refusedUrl, serve} from './serve.js'
import {isInstalled, shell} from './shell.js'

// What oclif does by default and this program must not: the table of design §4, row by row.

// Where the process is not the point, in this process: `cli` is `main`, which bin/run.js calls with argv.

/** A usage error with `--json`: nothing on stdout, and the one object of stderr. */
async function usageErrorOf(args: readonly string[]) {
  const {stdout, stderr, exitCode} = await cli(args)
  expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
  return JSON.parse(stderr).error
}

describe('--json changes what is printed, never the exit code', () => {
  test.each([
    ['an unknown flag', ['nezha', 'server', 'list', '--nope'], 2],
    ['no panel to talk to', ['nezha', 'server', 'list'], 2],
    ['an unknown context', ['nezha', 'server', 'list', '--context', 'nope'], 2],
    ['help', ['nezha', 'server', 'list', '--help'], 0],
  ] as const)('%s', async (_, args, exitCode) => {
    expect((await cli(args)).exitCode).toBe(exitCode)
    expect((await cli([...args, '--json'])).exitCode).toBe(exitCode)
  })

  test('a panel that cannot be reached, a wrong token, and success', async () => {
    const {environment} = await nezhaSandbox()
    const list = ['nezha', 'server', 'list', '--retries', '0']
    const codes = await Promise.all([
      cli([...list, '--json'], {env: {NEZHA_DASHBOARD_URL: refusedUrl}}),
      cli([...list, '--json'], {env: {...environment, NEZHA_TOKEN: 'wrong'}}),
      cli([...list, '--json'], {env: environment}),
    ])
    expect(codes.map(({exitCode}) => exitCode)).toEqual([6, 4, 0])
  })
})

describe('a usage error under --json is one object on stderr and does not repeat the command line', () => {
  test('an unknown flag', async () => {
    const args = ['nezha', 'server', 'list', '--tag', 'innocent', '--token=s3cret', '--json']
    expect(await usageErrorOf(args)).toEqual({
      code: 'USAGE',
      exitCode: 2,
      message: 'unknown flag --token',
      hint: expect.stringMatching(/NEZHA_TOKEN or NEZHA_TOKEN_FILE, .*panelctl nezha login/),
    })
  })

  test('a surplus argument', async () => {
    expect(await usageErrorOf(['nezha', 'server', 'list', 'extra', '-o', 'json'])).toEqual({
      code: 'USAGE',
      exitCode: 2,
      message: 'unexpected argument "extra"',
      hint: 'panelctl nezha server list --help',
    })
  })

  test.each([
    ['a missing argument', ['nezha', 'server', 'show', '--json'], /^missing argument SERVER$/],
    [
      'a bad duration',
      ['nezha', 'server', 'list', '--json', '--timeout', 'soon'],
      /^--timeout: "soon" is not/,
    ],
    ['a bad format', ['nezha', 'server', 'list', '--json', '-o', 'xml'], /xml.* to be one of: table, json/],
    [
      'a flag without its value',
      ['nezha', 'server', 'list', '--json', '--tag'],
      /^flag --tag expects a value/,
    ],
    ['-o without its value', ['nezha', 'server', 'list', '--json', '-o'], /--output expects/],
    ['two formats', ['nezha', 'server', 'list', '-o', 'yaml', '--json'], /--json and -o yaml contradict/],
  ])('%s', async (_, args, message) => {
    expect((await usageErrorOf(args)).message).toMatch(message)
  })

  test('PANELCTL_OUTPUT=json is heeded as well', async () => {
    const {stdout, stderr} = await cli(['nezha', 'servers'], {env: {PANELCTL_OUTPUT: 'json'}})
    expect(stdout).toBe('')
    expect(JSON.parse(stderr)).toMatchObject({error: {code: 'USAGE', exitCode: 2}})
  })
})

describe('errors before a command exists', () => {
  test.each([
    [['--context', 'x', 'nezha', 'server', 'list']],
    [['nezha', '--context', 'x', 'server', 'list']],
    [['nezha', 'server', '--context=x', 'list']],
    [['nezha:server:list', '--context', 'x']],
  ])('global flags may stand before the command: panelctl %j', async args => {
    expect(await cli(args)).toMatchObject({
      stdout: '',
      stderr: 'panelctl: no context "x" (--context)\nhint: panelctl context list\n',
      exitCode: 2,
    })
  })

  test('a command with flags before it works', async () => {
    const {environment} = await nezhaSandbox()
    const {stdout, exitCode} = await cli(['-o', 'id', 'nezha', '--quiet', 'server', 'list'], {
      env: environment,
    })
    expect({stdout, exitCode}).toEqual({stdout: '1\n2\n3\n4\n5\n', exitCode: 0})
  })

  test.each([
    [['nezha', '--json'], 'panelctl nezha is a group of commands'],
    [['--json'], 'no command was given'],
    [['nezha', 'server', '-o', 'json', '--quiet'], 'panelctl nezha server is a group of commands'],
  ])('a bare topic with flags is no success: panelctl %j', async (args, message) => {
    expect(await usageErrorOf(args)).toMatchObject({message})
  })

  test('a surplus argument is called that', async () => {
    expect(await cli(['nezha', 'server', 'list', 'extra'])).toMatchObject({
      stdout: '',
      stderr: 'panelctl: unexpected argument "extra"\nhint: panelctl nezha server list --help\n',
      exitCode: 2,
    })
  })

  test.each([
    [['-h'], 'panelctl [COMMAND]'],
    [[], 'panelctl [COMMAND]'],
    [['nezha', '-h'], 'panelctl nezha COMMAND'],
    [['nezha'], 'panelctl nezha COMMAND'],
    [['help', 'nezha'], 'panelctl nezha COMMAND'],
    [['nezha', 'server', '-h'], 'panelctl nezha server COMMAND'],
    [['nezha', 'server', 'list', '-h'], 'panelctl nezha server list '],
    [['nezha', 'server', 'show', '-h'], 'panelctl nezha server show SERVER'],
    [['-h', 'nezha', 'server', 'list'], 'panelctl nezha server list '],
    [['nezha', '-h', 'server', 'list', '--context', 'x'], 'panelctl nezha server list '],
  ])('help on stdout: panelctl %j', async (args, usage) => {
    const {stdout, stderr, exitCode} = await cli(args)
    expect({stderr, exitCode}).toEqual({stderr: '', exitCode: 0})
    expect(stdout).toContain(`USAGE\n  $ ${usage}`)
  })

  test.each([
    [['nezha', 'servre', 'list'], 'nezha servre list', 'did you mean panelctl nezha server list?'],
    [['nezha', 'server', 'lits'], 'nezha server lits', 'did you mean panelctl nezha server list?'],
    [['contxt', 'list'], 'contxt list', 'did you mean panelctl context list?'],
    [['xyzzy'], 'xyzzy', 'panelctl --help'],
    [['help', 'constructor'], 'constructor', 'panelctl --help'],
    // A colon parts the words of a command, and of nothing else.
    [['nezha:server:lits'], 'nezha server lits', 'did you mean panelctl nezha server list?'],
    [['rpc', 'public:getNodes'], 'rpc public:getNodes', 'did you mean panelctl komari rpc public:getNodes?'],
  ])('an unknown command names the nearest and asks nothing: panelctl %j', async (args, typed, hint) => {
    expect(await cli(args, {stdin: 'y\n'})).toMatchObject({
      stdout: '',
      stderr: `panelctl: unknown command "${typed}"\nhint: ${hint}\n`,
      exitCode: 2,
    })
  })
})

test.each(['null', '0', 'false', '""', '[]', '{}'])('a panel that answers %s has it printed', async value => {
  const {url} = await serve(jsonAnswer(`{"code":0,"message":"success","result":${value}}`))
  const {stdout, exitCode} = await cli(['nezha', 'api', 'GET', '/x'], {env: {NEZHA_DASHBOARD_URL: url}})
  expect({stdout, exitCode}).toEqual({stdout: `${value}\n`, exitCode: 0})
})

describe('stdin belongs to the script', () => {
  test('a while-read loop runs once per line', async () => {
    const {environment} = await nezhaSandbox()
    const outcome = await shell(
      `printf '1\\n2\\n4\\n' > ids
      while read id; do panelctl nezha server show "$id" -o id; done < ids`,
      environment,
    )
    expect(outcome).toEqual({stdout: '1\n2\n4\n', stderr: '', exitCode: 0})
  })

  test('an optional argument that is missing is not read from it', async () => {
    const {environment} = await nezhaSandbox()
    const outcome = await shell(
      `printf '2\\nleft\\n' | { panelctl nezha server details -o id; cat; }`,
      environment,
    )
    expect(outcome).toEqual({stdout: '1\n2\n3\n4\n5\n2\nleft\n', stderr: '', exitCode: 0})
  })

  test('a required argument that is missing is an error', async () => {
    const {environment} = await nezhaSandbox()
    expect(await shell('echo 1 | panelctl nezha server show', environment)).toEqual({
      stdout: '',
      stderr: 'panelctl: missing argument SERVER\nhint: panelctl nezha server show --help\n',
      exitCode: 2,
    })
  })

  test('a token that comes slowly is read to its end', async () => {
    const {url, token} = await nezhaSandbox()
    const slowly = `{
      printf %s '${token.slice(0, 9)}'
      panelctl nezha --help > help; panelctl context --help > help
      printf '%s\\n' '${token.slice(9)}'
    } | panelctl nezha login --quiet --with-token --url ${url}
    panelctl nezha server list -o id`
    expect(await shell(slowly)).toEqual({stdout: '1\n2\n3\n4\n5\n', stderr: '', exitCode: 0})
  })
})

describe('3 MB of JSON arrive whole', () => {
  const count = 2800
  const ids = Array.from({length: count}, (_, index) => String(index + 1))

  test('with exit 0', async () => {
    const {environment} = await nezhaSandbox({generate: count})
    const {stdout, exitCode} = await binary(['nezha', 'server', 'details', '-o', 'json'], {env: environment})
    expect(exitCode).toBe(0)
    expect(stdout.length).toBeGreaterThan(3_000_000)
    expect(JSON.parse(stdout)).toHaveLength(count)
  })

  test('with exit 9, as one server is missing', async () => {
    const {environment} = await nezhaSandbox({generate: count})
    const args = ['nezha', 'server', 'details', ...ids, '999999', '-o', 'json']
    const {stdout, stderr, exitCode} = await binary(args, {env: environment})
    expect(exitCode).toBe(9)
    expect(stdout.length).toBeGreaterThan(3_000_000)
    expect(JSON.parse(stdout)).toHaveLength(count)
    expect(JSON.parse(stderr)).toMatchObject({error: {code: 'PARTIAL', exitCode: 9}})
  })

  test('through a pipe of the shell, whose reader comes late', async () => {
    const {environment} = await nezhaSandbox({generate: count})
    const script = `panelctl nezha server details -o json | { panelctl --help > help; cat > whole; }
      echo "\${PIPESTATUS[0]}"
      panelctl nezha server details 1 999999 -o json 2> error | { panelctl --help > help; cat > part; }
      echo "\${PIPESTATUS[0]}"
      "${process.execPath}" -p 'JSON.parse(require("fs").readFileSync("whole", "utf8")).length'`
    expect(await shell(script, environment, 'bash')).toEqual({
      stdout: `0\n9\n${count}\n`,
      stderr: '',
      exitCode: 0,
    })
  })
})

describe('colour', () => {
  const onTerminal = (command: string) => `script -qec '${command}' /dev/null < /dev/null`
  const list = 'panelctl nezha server list --columns name,last_active'
  const escapeStart = '\u001b['

  // util-linux; what else would make a terminal is a native module
  describe.skipIf(!isInstalled('script'))('on a terminal (needs script of util-linux)', () => {
    test.each([
      ['is there', {TERM: 'xterm'}, list, true],
      ['is not with NO_COLOR', {TERM: 'xterm', NO_COLOR: '1'}, list, false],
      ['is not with --no-color', {TERM: 'xterm'}, `${list} --no-color`, false],
      ['is not on a dumb one', {TERM: 'dumb'}, list, false],
    ])('%s', async (_, env, command, coloured) => {
      const {environment} = await nezhaSandbox()
      const {stdout} = await shell(onTerminal(command), {...environment, ...env})
      expect(stdout).toContain('new1')
      expect(stdout.includes(escapeStart)).toBe(coloured)
    })

    test('help has none with NO_COLOR', async () => {
      const {stdout} = await shell(onTerminal('panelctl nezha --help'), {TERM: 'xterm', NO_COLOR: '1'})
      expect(stdout).toContain('USAGE')
      expect(stdout).not.toContain(escapeStart)
    })
  })

  test.each([
    ['is not in a pipe', {}, false],
    ['is in a pipe where it is forced', {FORCE_COLOR: '1'}, true],
    ['is in a pipe with CLICOLOR_FORCE', {CLICOLOR_FORCE: '1'}, true],
    ['is not where NO_COLOR stands against FORCE_COLOR', {FORCE_COLOR: '1', NO_COLOR: '1'}, false],
  ])('%s', async (_, env, coloured) => {
    const {environment} = await nezhaSandbox()
    const {stdout, stderr} = await shell(list, {...environment, ...env})
    expect(stdout.includes(escapeStart)).toBe(coloured)
    expect(stderr).toBe('')
  })
})

describe('flags take what is theirs', () => {
  test('a repeatable one leaves the argument after it alone', async () => {
    const {environment} = await nezhaSandbox()
    const args = ['nezha', 'api', '-f', 'tag=Backup', 'GET', '/api/v1/server/list']
    const {stdout, exitCode} = await cli(args, {env: environment})
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout).map(({tag}: {tag: string}) => tag)).toEqual(['Backup', 'Backup'])
  })

  test('--watch takes no value: that is --interval', async () => {
    expect(await cli(['nezha', 'server', 'list', '--watch', '5s'])).toMatchObject({
      stdout: '',
      stderr: 'panelctl: unexpected argument "5s"\nhint: panelctl nezha server list --help\n',
      exitCode: 2,
    })
  })
})

describe('what is loaded', () => {
  /** What an installed package holds, and nothing of the clone around it. */
  function installed(): string {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'dist'))
    for (const file of [
      'bin',
      'package.json',
      'oclif.manifest.json',
      'dist/panelctl.cjs',
      'dist/sandbox.cjs',
      'dist/help.cjs',
    ]) {
      cpSync(join(root, file), join(folder, file), {recursive: true})
    }
    return join(folder, 'bin', 'run.js')
  }

  test('help is made from the manifest: no command is loaded, and no package is looked for', async () => {
    const run = installed()
    const script = `"${process.execPath}" "${run}" --help && "${process.execPath}" "${run}" nezha server --help`
    const {stdout, stderr, exitCode} = await shell(script)
    expect({stderr, exitCode}).toEqual({stderr: '', exitCode: 0})
    const {commands} = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'))
    expect(Object.keys(commands)).toEqual(expect.arrayContaining([...commandIds]))
    expect(stdout).toContain('nezha server register')
  })

  test('a command opens the bundle and no other module of its own', async () => {
    const {environment} = await nezhaSandbox()
    const folder = temporaryFolder()
    const spy = join(folder, 'spy.cjs')
    const log = join(folder, 'log')
    writeFileSync(
      spy,
      `const Module = require('node:module')
      const load = Module._load
      Module._load = function (name) {
        if (!Module.isBuiltin(name)) require('node:fs').appendFileSync(process.env.SPY_LOG, name + '\\n')
        return load.apply(this, arguments)
      }`,
    )
    const {exitCode} = await binary(['nezha', 'server', 'list', '-o', 'json'], {
      env: {...environment, SPY_LOG: log},
      nodeArgs: ['--require', spy],
    })
    expect(exitCode).toBe(0)
    const loaded = readFileSync(log, 'utf8').trimEnd().split('\n')
    expect(loaded).toEqual([join(root, 'bin', 'run.js'), './run.cjs', './code-cache.js'])
  })

  test('a variable that looks like a flag sets none', async () => {
    const {environment} = await nezhaSandbox()
    const env = {...environment, PANELCTL_JSON: '1', PANELCTL_TAG: 'x', TAG: 'x', PANELCTL_HELP: '1'}
    expect(await binary(['nezha', 'server', 'list', '-o', 'id'], {env})).toMatchObject({
      stdout: '1\n2\n3\n4\n5\n',
      exitCode: 0,
    })
  })
})
