import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {type CliOptions, cli, komariSandbox, nezhaSandbox, temporaryFolder} from '../../harness.js'

/** A config folder with three contexts: `lab` with a token, `office` (current) with a cookie, `away` out of reach. */
async function saved() {
  const sandbox = await nezhaSandbox({servers: [{name: 'web1'}]})
  const folder = temporaryFolder()
  const run = (line: string | readonly string[], options: CliOptions = {}) =>
    cli(line, {...options, env: {PANELCTL_CONFIG_DIR: folder, ...options.env}})
  const {url, token, cookie} = sandbox
  await run('nezha login --url http://127.0.0.1:1 --context away --with-token --no-check', {stdin: 'x'})
  await run(`nezha login --url ${url} --context lab --with-token`, {stdin: token})
  await run(`nezha login --url ${url} --context office --with-cookie`, {stdin: `nezha-dashboard=${cookie}`})
  sandbox.requests.length = 0
  const file = (name: string) => readFileSync(join(folder, name), 'utf8')
  return {
    sandbox,
    folder,
    url,
    run,
    config: () => file('config.yaml'),
    secrets: () => file('credentials.yaml'),
  }
}

const empty = (line: string, options: CliOptions = {}) => cli(line, options)

/** The table with its URL column as wide as the sandbox's URL. */
function table(url: string, rows: readonly (readonly [string, string, string, string])[]): string {
  const lines = [['NAME', 'URL', 'CURRENT', 'CREDENTIAL'] as const, ...rows].map(
    ([name, address, current, credential]) =>
      `${name.padEnd(6)}  ${name === 'NAME' ? 'PANEL' : 'nezha'}  ${address.padEnd(url.length)}  ${current.padEnd(7)}  ${credential.padEnd(10)}  ${name === 'NAME' ? 'STORE' : 'file'}`,
  )
  return `${lines.join('\n')}\n`
}

describe('context list', () => {
  test('lists the contexts by name', async () => {
    const {run, url, sandbox} = await saved()
    expect(await run('context list')).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: table(url, [
        ['away', 'http://127.0.0.1:1', '', 'token'],
        ['lab', url, '', 'token'],
        ['office', url, '*', 'cookie'],
      ]),
    })
    expect(paths(sandbox)).toEqual([])
  })

  test('gives JSON without any secret', async () => {
    const {run, url, sandbox} = await saved()
    const {stdout} = await run('context list -o json --show-secrets')
    const common = {panel: 'nezha', store: 'file'}
    expect(JSON.parse(stdout)).toEqual([
      {...common, name: 'away', url: 'http://127.0.0.1:1', credential: 'token', current: false},
      {...common, name: 'lab', url, generation: 'v0', credential: 'token', current: false},
      {...common, name: 'office', url, generation: 'v0', credential: 'cookie', current: true},
    ])
    expect(stdout).not.toContain(sandbox.token)
    expect(stdout).not.toContain(sandbox.cookie)
  })

  test.each([
    ['-o id', 'away\nlab\noffice\n'],
    ['-o id --sort name:desc', 'office\nlab\naway\n'],
    ['-o csv --columns name,store,current', 'name,store,current\naway,file,\nlab,file,\noffice,file,*\n'],
  ])('has the other formats: %s', async (flags, stdout) => {
    const {run} = await saved()
    expect(await run(`context list ${flags}`)).toEqual({exitCode: 0, stderr: '', stdout})
  })

  test('says where each secret is', async () => {
    const {run, url} = await saved()
    await run('nezha logout --context lab')
    await run([
      'nezha',
      'login',
      '--url',
      url,
      '--context',
      'printed',
      '--no-check',
      '--token-command',
      'echo x',
    ])
    expect(await run('context list -o csv --columns name,credential,store')).toMatchObject({
      stdout: 'name,credential,store\naway,token,file\nlab,,\noffice,cookie,file\nprinted,token,command\n',
    })
    const stores = (await run(['context', 'list', '--jq', '.[].store'])).stdout
    expect(stores).toBe('file\nnull\nfile\ncommand\n')
  })

  test('is empty before the first login', async () => {
    expect(await empty('context list')).toEqual({
      exitCode: 0,
      stdout: 'NAME  PANEL  URL  CURRENT  CREDENTIAL  STORE\n',
      stderr: 'no contexts\n',
    })
    expect(await empty('context list -o json')).toEqual({exitCode: 0, stdout: '[]\n', stderr: ''})
  })

  test('refuses a config file that it cannot read, naming the line', async () => {
    const {run, folder} = await saved()
    const {writeFileSync} = await import('node:fs')
    writeFileSync(join(folder, 'config.yaml'), 'contexts:\n  a: [\n')
    const outcome = await run('context list -o json')
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(failureOf(outcome).message).toContain('config.yaml, line ')
  })
})

describe('context use', () => {
  test('makes a context the current one of its panel', async () => {
    const {run, url, sandbox} = await saved()
    expect(await run('context use lab')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `now using lab (${url}) for nezha\n`,
    })
    await run('nezha server list')
    expect(sandbox.requests[0]?.headers).toMatchObject({authorization: sandbox.token})
    expect(await run('context use away -o json')).toEqual({
      exitCode: 0,
      stdout: `${JSON.stringify({context: 'away', panel: 'nezha', url: 'http://127.0.0.1:1', changed: true}, null, 2)}\n`,
      stderr: '{"note":"now using away (http://127.0.0.1:1) for nezha"}\n',
    })
  })

  test('says of the one that is current already that nothing changed', async () => {
    const {run, config, url} = await saved()
    await run('context use lab')
    const before = config()
    expect(await run('context use lab -o json')).toEqual({
      exitCode: 0,
      stdout: `${JSON.stringify({context: 'lab', panel: 'nezha', url, changed: false}, null, 2)}\n`,
      stderr: `${JSON.stringify({note: `lab (${url}) is in use for nezha already`})}\n`,
    })
    expect(config()).toBe(before)
  })

  test('changes nothing with --dry-run', async () => {
    const {run, config, url} = await saved()
    const before = config()
    expect(await run('context use lab --dry-run')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `would use lab (${url}) for nezha\n`,
    })
    expect(config()).toBe(before)
    await run('context use lab')
    expect(await run('context use lab --dry-run')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `lab (${url}) is in use for nezha already\n`,
    })
  })

  test.each([
    ['context use lba', 'no context "lba"', 'did you mean "lab"?'],
    ['context use lba --dry-run', 'no context "lba"', 'did you mean "lab"?'],
    ['context use', 'missing argument NAME', 'panelctl context use --help'],
    ['context use lab office', 'unexpected argument "office"', 'panelctl context use --help'],
  ])('exits with 2: %s', async (line, message, hint) => {
    const {run} = await saved()
    expect(await run(line)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: ${message}\nhint: ${hint}\n`,
    })
  })
})

describe('context show', () => {
  test('shows every value in effect and where it comes from', async () => {
    const {run, folder, url} = await saved()
    const {stdout, exitCode} = await run('context show -o json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual([
      {panel: 'nezha', setting: 'url', value: url, source: 'context office'},
      {panel: 'nezha', setting: 'context', value: 'office', source: 'current context'},
      {panel: 'nezha', setting: 'credential', value: 'cookie', source: 'context office (file)'},
      {panel: null, setting: 'configDir', value: folder, source: 'PANELCTL_CONFIG_DIR'},
      {panel: null, setting: 'output', value: 'table', source: 'default'},
      {panel: null, setting: 'timeout', value: '30s', source: 'default'},
    ])
  })

  test('shows what the environment says before that, and not the secret', async () => {
    const {run} = await saved()
    const env = {
      NEZHA_DASHBOARD_URL: 'https://other.example.com/',
      NEZHA_TOKEN: 'very-secret',
      PANELCTL_TIMEOUT: '5s',
      PANELCTL_OUTPUT: 'csv',
    }
    expect(await run('context show --no-header --columns setting,value,source', {env})).toMatchObject({
      exitCode: 0,
      stderr: 'komari: no komari panel to talk to\nopenidcs: no openidcs panel to talk to\n',
      stdout: expect.stringMatching(
        /^url,https:\/\/other\.example\.com,NEZHA_DASHBOARD_URL\ncredential,token,NEZHA_TOKEN\nconfigDir,.*\noutput,csv,PANELCTL_OUTPUT\ntimeout,5s,PANELCTL_TIMEOUT\n$/,
      ),
    })
  })

  test('shows one context', async () => {
    const {run, folder} = await saved()
    expect(await run('context show away')).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `${[
        `PANEL  SETTING     ${'VALUE'.padEnd(folder.length)}  SOURCE`,
        `nezha  url         ${'http://127.0.0.1:1'.padEnd(folder.length)}  context away`,
        `nezha  context     ${'away'.padEnd(folder.length)}  --context`,
        `nezha  credential  ${'token'.padEnd(folder.length)}  context away (file)`,
        `-      configDir   ${folder}  PANELCTL_CONFIG_DIR`,
        `-      output      ${'table'.padEnd(folder.length)}  default`,
        `-      timeout     ${'30s'.padEnd(folder.length)}  default`,
      ].join('\n')}\n`,
    })
  })

  test('has something to say before the first login', async () => {
    expect(await empty('context show -o id')).toEqual({
      exitCode: 0,
      stdout: 'configDir\noutput\ntimeout\n',
      stderr:
        'nezha: no nezha panel to talk to\nkomari: no komari panel to talk to\nopenidcs: no openidcs panel to talk to\n',
    })
  })

  test('exits with 2 for an unknown one', async () => {
    const {run} = await saved()
    const outcome = await run('context show mars -o json')
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({code: 'USAGE', message: 'no context "mars"'})
  })
})

describe('context check', () => {
  test('exits with 0 when all those named work', async () => {
    const {run, sandbox, url} = await saved()
    expect(await run('context check office lab')).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: table(url, [
        ['lab', url, '', 'token'],
        ['office', url, '*', 'cookie'],
      ])
        .replace('STORE', 'STORE  RESULT')
        .replaceAll(/file$/gm, 'file   works'),
    })
    expect(paths(sandbox)).toEqual(['GET /api/v1/server/list', 'GET /api/v1/server/list'])
    expect(sandbox.requests.map(({headers}) => headers.authorization ?? headers.cookie).toSorted()).toEqual(
      [sandbox.token, `nezha-dashboard=${sandbox.cookie}`].toSorted(),
    )
  })

  test('exits with 6 when one cannot be reached, and says which', async () => {
    const {run} = await saved()
    expect(await run('context check --retries 0')).toEqual({
      exitCode: 6,
      stdout: '',
      stderr: [
        'away: cannot reach Nezha at 127.0.0.1:1: nothing listens there (connection refused)',
        'lab: works',
        'office: works',
        'panelctl: 1 of 3 contexts does not work: away',
        'hint: check the host and port of the URL',
        '',
      ].join('\n'),
    })
  })

  test('says of one alone what is wrong with it', async () => {
    const {run} = await saved()
    expect(await run('context check away --retries 0')).toEqual({
      exitCode: 6,
      stdout: '',
      stderr:
        'panelctl: the context away does not work: cannot reach Nezha at 127.0.0.1:1: nothing listens there (connection refused)\nhint: check the host and port of the URL\n',
    })
  })

  test('exits with 4 when a credential is refused, also if another cannot be reached', async () => {
    const {run, sandbox} = await saved()
    sandbox.state.tokens.clear()
    const outcome = await run('context check --retries 0 -o json')
    expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({
      code: 'AUTH',
      message: '2 of 3 contexts do not work: away, lab',
    })
    const lines = outcome.stderr
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines.map(line => Object.keys(line)[0])).toEqual(['note', 'note', 'note', 'error'])
  })

  test('exits with 4 when a credential is refused, whatever a context before it in the alphabet has', async () => {
    const {run, sandbox} = await saved()
    const {url} = await komariSandbox()
    await run(`nezha login --context aside --url ${url} --with-token --no-check`, {stdin: 'some-token'})
    sandbox.state.tokens.clear()
    expect(await run('context check aside')).toMatchObject({exitCode: 10})
    expect(await run('context check aside lab')).toMatchObject({exitCode: 4})
  })

  test('says why also where --quiet keeps what it says of each', async () => {
    const {run, sandbox} = await saved()
    sandbox.state.tokens.clear()
    const {stderr} = await run('context check --retries 0 --quiet')
    expect(stderr).toMatch(
      /^panelctl: 2 of 3 contexts do not work: away: cannot reach Nezha at 127\.0\.0\.1:1: .*; lab: Nezha refused the token.*\nhint: /,
    )
  })

  test('ignores the environment of the panel', async () => {
    const {run} = await saved()
    const env = {NEZHA_DASHBOARD_URL: 'http://127.0.0.1:1', NEZHA_TOKEN: 'wrong'}
    // Nobody gave --context, which a note would name.
    expect(await run('context check lab -o id', {env})).toEqual({exitCode: 0, stdout: 'lab\n', stderr: ''})
  })

  test('exits with 2 for an unknown one, before any request', async () => {
    const {run, sandbox} = await saved()
    expect(await run('context check lab mars')).toMatchObject({exitCode: 2, stdout: ''})
    expect(paths(sandbox)).toEqual([])
  })
})

describe('context rename', () => {
  test('takes the secret along, and stays current', async () => {
    const {run, secrets, config} = await saved()
    expect(await run('context rename office headquarters')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'renamed the context office to headquarters\n',
    })
    expect(config()).toContain('current:\n  nezha: headquarters\n')
    expect(secrets()).not.toContain('office')
    expect(await run('nezha server list -o id')).toEqual({exitCode: 0, stderr: '', stdout: '1\n'})
  })

  test('says what it did as JSON', async () => {
    const {run} = await saved()
    const {stdout} = await run('context rename lab bench -o json')
    expect(JSON.parse(stdout)).toEqual({context: 'bench', previously: 'lab', changed: true})
  })

  test('says that there is nothing to do where it is called so already', async () => {
    const {run} = await saved()
    const {stdout, stderr} = await run('context rename lab lab -o json')
    expect(JSON.parse(stdout)).toEqual({context: 'lab', previously: 'lab', changed: false})
    expect(JSON.parse(stderr)).toEqual({note: 'the context lab is called so already'})
  })

  test('changes nothing with --dry-run', async () => {
    const {run, config, secrets} = await saved()
    const before = [config(), secrets()]
    expect(await run('context rename lab bench --dry-run')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'would rename the context lab to bench\n',
    })
    expect([config(), secrets()]).toEqual(before)
  })

  test.each([
    [
      'context rename lab office',
      'the context office exists',
      'take another name, or first: panelctl context delete office',
    ],
    [
      'context rename lab office --dry-run',
      'the context office exists',
      'take another name, or first: panelctl context delete office',
    ],
    ['context rename lba x', 'no context "lba"', 'did you mean "lab"?'],
    [
      'context rename lab a/b',
      '"a/b" cannot be the name of a context',
      'use letters, digits, ".", "_" and "-", the first a letter or digit',
    ],
    [
      'context rename lab a/b --dry-run',
      '"a/b" cannot be the name of a context',
      'use letters, digits, ".", "_" and "-", the first a letter or digit',
    ],
    ['context rename lab', 'missing argument NEW', 'panelctl context rename --help'],
  ])('exits with 2 and changes nothing: %s', async (line, message, hint) => {
    const {run, config} = await saved()
    const before = config()
    expect(await run(line)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: ${message}\nhint: ${hint}\n`,
    })
    expect(config()).toBe(before)
  })
})

describe('context delete', () => {
  const person = {stdin: true, stderr: true} as const

  test('deletes a context with its secret after --yes', async () => {
    const {run, config, secrets} = await saved()
    expect(await run('context delete office --yes')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'deleted the context office\n',
    })
    expect(config()).not.toContain('office')
    expect(secrets()).not.toContain('office')
    expect(await run('nezha server list')).toMatchObject({exitCode: 2})
  })

  test('asks on a terminal, and does it for a yes', async () => {
    const {run, config} = await saved()
    const outcome = await run('context delete lab', {tty: person, stdin: 'yes\n'})
    expect(outcome).toMatchObject({exitCode: 0, stdout: ''})
    expect(outcome.stderr).toContain('Delete the context lab with its credential? [y/N] ')
    expect(config()).not.toContain('lab')
  })

  test.each(['n\n', '\n', 'yess\n'])('does nothing for another answer: %j', async stdin => {
    const {run, config} = await saved()
    const outcome = await run('context delete lab', {tty: person, stdin})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain('panelctl: not confirmed, nothing was done\n')
    expect(config()).toContain('lab')
  })

  test('exits with 2 without a terminal and without --yes', async () => {
    const {run, config} = await saved()
    expect(await run('context delete lab', {stdin: 'y\n'})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'panelctl: Delete the context lab with its credential? There is no terminal to ask on\nhint: add --yes to go on without asking\n',
    })
    const outcome = await run('context delete lab -o json', {tty: {stdin: true}})
    expect(failureOf(outcome)).toMatchObject({code: 'USAGE', exitCode: 2})
    expect(config()).toContain('lab')
  })

  test('asks nothing and deletes nothing with --dry-run', async () => {
    const {run, config, secrets} = await saved()
    const before = [config(), secrets()]
    expect(await run('context delete lab --dry-run -o json')).toEqual({
      exitCode: 0,
      stdout: '{\n  "context": "lab",\n  "changed": false\n}\n',
      stderr: '{"note":"would delete the context lab"}\n',
    })
    expect([config(), secrets()]).toEqual(before)
  })

  test('exits with 2 for an unknown one', async () => {
    const {run} = await saved()
    for (const flags of ['--yes', '--dry-run']) {
      expect(await run(`context delete lba ${flags} --if-missing skip`)).toMatchObject({exitCode: 0})
      expect(await run(`context delete lba ${flags}`)).toEqual({
        exitCode: 2,
        stdout: '',
        stderr: 'panelctl: no context "lba"\nhint: did you mean "lab"?\n',
      })
    }
  })

  test('makes no config folder where there is nothing to delete', async () => {
    const folder = join(temporaryFolder(), 'none')
    const outcome = await cli('context delete x --yes', {env: {PANELCTL_CONFIG_DIR: folder}})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    await cli('context list', {env: {PANELCTL_CONFIG_DIR: folder}})
    expect(existsSync(join(folder, 'config.yaml'))).toBe(false)
  })
})
