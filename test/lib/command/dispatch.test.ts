import {describe, expect, test} from 'vitest'
import {dispatch} from '../../../src/lib/command/argv.js'
import {unknownCommand} from '../../../src/lib/command/unknown-command.js'
import {PanelctlError} from '../../../src/lib/errors.js'
import {mapCommands} from '../../../src/lib/hint.js'
import {asPrinted, failureOf} from '../../failure.js'
import {cli, commandIds, loadCommand, words} from '../../harness.js'

const ids = [
  'nezha:server:list',
  'nezha:server:show',
  'nezha:api',
  'nezha:login',
  'context:list',
  'context:delete',
  'sandbox',
  'version',
]

const command = (id: string, ...argv: string[]) => ({kind: 'command', id, argv})
const help = (...words: string[]) => ({kind: 'help', words})

describe('dispatch', () => {
  test.each([
    ['nezha server list', command('nezha:server:list')],
    ['nezha:server:list --json', command('nezha:server:list', '--json')],
    ['nezha server:list', command('nezha:server:list')],
    ['nezha server list extra', command('nezha:server:list', 'extra')],
    ['nezha server show web1 -o id', command('nezha:server:show', 'web1', '-o', 'id')],
    ['--context x nezha server list', command('nezha:server:list', '--context', 'x')],
    ['nezha --context x server list --tag t', command('nezha:server:list', '--context', 'x', '--tag', 't')],
    ['nezha server -o json list', command('nezha:server:list', '-o', 'json')],
    ['-ojson nezha server list', command('nezha:server:list', '-ojson')],
    ['--output=json nezha server list', command('nezha:server:list', '--output=json')],
    [
      '--quiet --timeout=5s --json nezha server list',
      command('nezha:server:list', '--quiet', '--timeout=5s', '--json'),
    ],
    ['--context list nezha server list', command('nezha:server:list', '--context', 'list')],
    [
      'sandbox -- panelctl nezha server list --help',
      command('sandbox', '--', 'panelctl', 'nezha', 'server', 'list', '--help'),
    ],
    ['nezha api GET /x -f a=--help', command('nezha:api', 'GET', '/x', '-f', 'a=--help')],
    ['', help()],
    ['-h', help()],
    ['--help', help()],
    ['help', help()],
    ['help nezha server', help('nezha', 'server')],
    ['help nezha server list extra', help('nezha', 'server', 'list')],
    ['help nezha:server:list', help('nezha', 'server', 'list')],
    ['nezha', help('nezha')],
    ['nezha -h', help('nezha')],
    ['nezha server --help', help('nezha', 'server')],
    ['nezha server list -h', command('nezha:server:list', '-h')],
    ['-h nezha server list', command('nezha:server:list', '-h')],
    ['help --context nezha -o json nezha server list', help('nezha', 'server', 'list')],
    ['--context -o json nezha server list', command('nezha:server:list', '--context', '-o', 'json')],
    ['nezha servers --context lab --nope', {kind: 'unknown', words: ['nezha', 'servers']}],
    ['nezha server list --tag x --help', command('nezha:server:list', '--tag', 'x', '--help')],
    ['nezha server ls --tag t', command('nezha:server:list', '--tag', 't')],
    ['-o json context rm lab', command('context:delete', '-o', 'json', 'lab')],
    ['sandbox -- ls', command('sandbox', '--', 'ls')],
    ['nezha server show rm', command('nezha:server:show', 'rm')],
    ['help nezha server ls', help('nezha', 'server', 'list')],
    ['nezha server rm 1', {kind: 'unknown', words: ['nezha', 'server', 'rm', '1']}],
    ['--version', command('version')],
    ['-v', command('version')],
    ['-V', command('version')],
    ['version', command('version')],
    ['--json version -o yaml', command('version', '--json', '-o', 'yaml')],
    ['sandbox --version', command('sandbox', '--version')],
  ])('%s', (line, expected) => {
    expect(dispatch(words(line), ids)).toMatchObject(expected)
  })

  test.each([
    ['nezha --json', 'panelctl nezha is a group of commands', 'panelctl nezha --help'],
    ['nezha --context x', 'panelctl nezha is a group of commands', 'panelctl nezha --help'],
    ['--json', 'no command was given', 'panelctl --help'],
    ['--nope nezha server list', 'unknown flag --nope', 'panelctl --help'],
    ['nezha --nope=secret server list', 'unknown flag --nope', 'panelctl nezha --help'],
    ['nezha --tag x server list', 'unknown flag --tag', 'panelctl nezha --help'],
  ])('refuses %s', (line, message, hint) => {
    let error: unknown
    try {
      dispatch(words(line), ids)
    } catch (thrown) {
      error = thrown instanceof PanelctlError ? asPrinted(thrown) : thrown
    }
    expect(error).toMatchObject({code: 'USAGE', message, hint})
  })
})

test.each([
  [
    '--token=x nezha server list',
    'set NEZHA_TOKEN or NEZHA_TOKEN_FILE, or save it with panelctl nezha login',
  ],
  [
    'openidcs vm list x --token foo',
    'set OPENIDCS_TOKEN or OPENIDCS_TOKEN_FILE, or save it with panelctl openidcs login',
  ],
  [
    'komari node list --token=foo',
    'set KOMARI_API_KEY or KOMARI_API_KEY_FILE, or save it with panelctl komari login',
  ],
  ['context list --token foo', 'where a secret goes: panelctl help environment'],
  [
    '--context nezha komari node list --token foo',
    'set KOMARI_API_KEY or KOMARI_API_KEY_FILE, or save it with panelctl komari login',
  ],
])('a token among the arguments is refused with where it goes: %s', async (line, ways) => {
  const error = failureOf(await cli(`${line} -o json`))
  expect(error).toMatchObject({exitCode: 2, message: 'unknown flag --token'})
  expect(error.hint).toBe(`others can read the arguments of a program: ${ways}`)
})

test.each([
  ['nezha server list --json=false', '--json takes no value', 'give --json alone, or leave it out'],
  ['--quiet=yes nezha server list', '--quiet takes no value', 'give --quiet alone, or leave it out'],
  [
    'nezha service create x --no-notify=true',
    '--no-notify takes no value',
    'give --no-notify alone, or --notify',
  ],
  ['nezha node auto-register --tls=false', '--tls takes no value', 'give --tls alone, or --no-tls'],
  ['--verson', 'unknown flag --verson', 'did you mean "--version"?'],
  ['--jsn nezha server list', 'unknown flag --jsn', 'did you mean "--json"?'],
  ['nezha --version', 'unknown flag --version', 'panelctl --version'],
  ['nezha server --verson', 'unknown flag --verson', 'panelctl --version'],
  ['nezha server --jsn', 'unknown flag --jsn', 'did you mean "--json"?'],
  ['komari node edit web1 --note x', 'unknown flag --note', 'did you mean "--remark"?'],
  ['komari node edit web1 --public-note x', 'unknown flag --public-note', 'did you mean "--public-remark"?'],
  ['nezha server edit web1 --remark x', 'unknown flag --remark', 'did you mean "--note"?'],
  ['komari node edit web1 --frob x', 'unknown flag --frob', 'panelctl komari node edit --help'],
])('what is wrong with a flag is said of the flag: %s', async (line, message, hint) => {
  const outcome = await cli(line, {env: {PANELCTL_OUTPUT: 'json'}})
  expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
  expect(failureOf(outcome)).toMatchObject({code: 'USAGE', message, hint})
})

test('a value that looks like a switch with one is a value', async () => {
  const outcome = await cli('nezha server register --name x --note --json=false --dry-run -o json', {
    env: {NEZHA_DASHBOARD_URL: 'http://127.0.0.1:1', NEZHA_TOKEN: 'x'},
  })
  expect(outcome.exitCode).toBe(0)
  expect(JSON.parse(outcome.stdout)).toMatchObject({body: {Note: '--json=false'}})
})

test('help about help is help', async () => {
  const help = await cli('help')
  expect(help).toMatchObject({exitCode: 0, stdout: expect.stringContaining('USAGE')})
  expect(await cli('help help')).toEqual(help)
})

test('-h is heeded where other letters stand behind it', async () => {
  const help = await cli('nezha server list --help')
  expect(help).toMatchObject({exitCode: 0, stdout: expect.stringContaining('USAGE')})
  expect(await cli('nezha server list -ho json')).toEqual(help)
})

describe('words that are no command', () => {
  test.each([
    ['nezha import', 'unknown command "nezha import"', 'did you mean panelctl nezha apply?'],
    [
      'apply -f panel.yaml',
      'unknown command "apply"',
      'did you mean panelctl komari apply, or panelctl nezha apply?',
    ],
    ['nezha backup', 'unknown command "nezha backup"', 'did you mean panelctl nezha export?'],
    [
      'nezha cron trigger x',
      'unknown command "nezha cron trigger"',
      'did you mean panelctl nezha cron run x?',
    ],
    ['nezha servre list', 'unknown command "nezha servre list"', 'did you mean panelctl nezha server list?'],
    [
      'nezha server lits 3',
      'unknown command "nezha server lits"',
      'did you mean panelctl nezha server list?',
    ],
    [
      'nezha server shwo',
      'unknown command "nezha server shwo"',
      'did you mean panelctl nezha server show SERVER?',
    ],
    [
      'openidcs vm powr',
      'unknown command "openidcs vm powr"',
      'did you mean panelctl openidcs vm power --help?',
    ],
    [
      'komari node update web1 --group prod',
      'unknown command "komari node update"',
      'did you mean panelctl komari node edit web1?',
    ],
    [
      'openidcs vm resize node1 web01',
      'unknown command "openidcs vm resize"',
      'did you mean panelctl openidcs vm update node1 web01?',
    ],
    // A word that is a value of an argument: what it does is what was asked for.
    ['vm start', 'unknown command "vm start"', 'did you mean panelctl openidcs vm power HOST VM start?'],
    [
      'openidcs vm start web01',
      'unknown command "openidcs vm start"',
      'did you mean panelctl openidcs vm power HOST web01 start?',
    ],
    [
      'openidcs vm restart node1 web01',
      'unknown command "openidcs vm restart"',
      'did you mean panelctl openidcs vm power node1 web01 reset?',
    ],
    ['host off node1', 'unknown command "host off', 'did you mean panelctl openidcs host power node1 off?'],
    [
      'openidcs start node1 web01',
      'unknown command "openidcs start node1"',
      'did you mean panelctl openidcs vm power node1 web01 start?',
    ],
    [
      'openidcs off node1',
      'unknown command "openidcs off node1"',
      'did you mean panelctl openidcs host power node1 off?',
    ],
    // Words that are missing, across levels.
    ['config show', 'unknown command "config show"', 'did you mean panelctl config get KEY?'],
    [
      'komari setting list',
      'unknown command "komari setting list"',
      'did you mean panelctl komari setting show?',
    ],
    [
      'nezha setting edit',
      'unknown command "nezha setting edit"',
      'did you mean panelctl nezha setting set?',
    ],
    ['nezha list', 'unknown command "nezha list"', 'did you mean panelctl nezha server list?'],
    ['server list', 'unknown command "server list"', 'did you mean panelctl nezha server list?'],
    ['vm ls node1', 'unknown command "vm ls', 'did you mean panelctl openidcs vm list node1?'],
    [
      'login',
      'unknown command "login"',
      'did you mean panelctl komari login, or panelctl nezha login, or panelctl openidcs login?',
    ],
    // Words of the same meaning.
    ['komari nodes', 'unknown command "komari nodes"', 'did you mean panelctl komari node list?'],
    ['nezha servers', 'unknown command "nezha servers"', 'did you mean panelctl nezha server list?'],
    ['nezha server get 1', 'unknown command "nezha server get', 'did you mean panelctl nezha server show 1?'],
    ['context remove lab', 'unknown command "context remove', 'did you mean panelctl context delete lab?'],
    ['nezha tasks list', 'unknown command "nezha tasks list"', 'did you mean panelctl nezha cron list?'],
    ['nezha nodes', 'unknown command "nezha nodes"', 'did you mean panelctl nezha server list?'],
    ['komari server ls', 'unknown command "komari server', 'did you mean panelctl komari node list?'],
    [
      'openidcs server list node1',
      'unknown command "openidcs server list"',
      'did you mean panelctl openidcs vm list node1?',
    ],
    [
      'komari node ping web1',
      'unknown command "komari node ping"',
      'did you mean panelctl komari records ping web1?',
    ],
    // A value of a flag is no word of a command.
    [
      'nezha servers --tag Production',
      'unknown command "nezha servers"',
      'did you mean panelctl nezha server list?',
    ],
    [
      'context remove --yes lab',
      'unknown command "context remove lab"',
      'did you mean panelctl context delete lab?',
    ],
    [
      'openidcs vm remove --wait node1 web01 db01',
      'unknown command "openidcs vm remove"',
      'did you mean panelctl openidcs vm delete node1 web01 db01?',
    ],
    [
      'openidcs vm remove --wait-timeout 5s node1 web01',
      'unknown command "openidcs vm remove"',
      'did you mean panelctl openidcs vm delete node1 web01?',
    ],
    [
      'openidcs vm remove --frob x node1 web01',
      'unknown command "openidcs vm remove"',
      'did you mean panelctl openidcs vm delete HOST VM?',
    ],
    [
      'openidcs vms node1',
      'unknown command "openidcs vms node1"',
      'did you mean panelctl openidcs vm list node1?',
    ],
    ['komari nodes web1', 'unknown command "komari nodes web1"', 'did you mean panelctl komari node list?'],
    // All that were named.
    [
      'openidcs vm remove node1 web01 db01',
      'unknown command "openidcs vm remove"',
      'did you mean panelctl openidcs vm delete node1 web01 db01?',
    ],
    [
      'komari node remove web1 db1',
      'unknown command "komari node remove"',
      'did you mean panelctl komari node delete web1 db1?',
    ],
    [
      'openidcs vm start node1 web01 db01',
      'unknown command "openidcs vm start"',
      'did you mean panelctl openidcs vm power node1 web01 db01 start?',
    ],
    [
      'komari status web1 db1',
      'unknown command "komari status web1"',
      'did you mean panelctl komari node status web1 db1?',
    ],
    // No write for what was none.
    ['nezha server regist', 'unknown command "nezha server regist', 'panelctl nezha server --help'],
    ['openidcs host datele', 'unknown command "openidcs host datele', 'panelctl openidcs host --help'],
    ['nezha frob', 'unknown command "nezha frob"', 'panelctl nezha --help'],
    [
      'openidcs vm crate',
      'unknown command "openidcs vm crate"',
      'did you mean panelctl openidcs vm create HOST?',
    ],
    // Quotes that were one too many.
    [
      '"nezha server list"',
      'unknown command "nezha server list"',
      'did you mean panelctl nezha server list?',
    ],
    ['contxt list', 'unknown command "contxt list"', 'did you mean panelctl context list?'],
    ['sandbx', 'unknown command "sandbx"', 'did you mean panelctl sandbox?'],
    ['frobnicate', 'unknown command "frobnicate"', 'panelctl --help'],
    ['list', 'unknown command "list"', 'panelctl --help'],
    // With the verb in front, and with a slip in the name of a group.
    [
      'openidcs show vm node1 web01',
      'unknown command "openidcs show vm"',
      'did you mean panelctl openidcs vm show node1 web01?',
    ],
    ['start vm', 'unknown command "start vm"', 'did you mean panelctl openidcs vm power HOST VM start?'],
    // What it is called from then on is a flag of an edit.
    ['nezha server rename a b', 'unknown command', 'did you mean panelctl nezha server edit a --name b?'],
    ['nezha cron rename a', 'unknown command', 'did you mean panelctl nezha cron edit a --name NAME?'],
    ['nezha service rename a b', 'unknown command', 'did you mean panelctl nezha service edit a --name b?'],
    ['list servers', 'unknown command "list servers"', 'did you mean panelctl nezha server list?'],
    ['opnidcs', 'unknown command "opnidcs"', 'panelctl openidcs --help'],
    ['nezha sevrer frob', 'unknown command "nezha sevrer', 'panelctl nezha server --help'],
    // What a write is done to has to be typed, and its verb is no wider than what was.
    ['reset', 'unknown command "reset"', 'panelctl --help'],
    ['update', 'unknown command "update"', 'panelctl --help'],
    ['delete lab', 'unknown command "delete', 'panelctl --help'],
    ['openidcs reboot', 'unknown command "openidcs reboot"', 'panelctl openidcs --help'],
    ['openidcs set', 'unknown command "openidcs set"', 'panelctl openidcs --help'],
    [
      'openidcs system restart',
      'unknown command "openidcs system restart"',
      'panelctl openidcs system --help',
    ],
    ['openidcs token restart', 'unknown command "openidcs token', 'panelctl openidcs --help'],
    ['openidcs host stop', 'unknown command "openidcs host stop"', 'panelctl openidcs host --help'],
    ['rename vm web01', 'unknown command "rename vm', 'panelctl --help'],
    ['register komari', 'unknown command "register komari"', 'panelctl --help'],
    ['vm register', 'unknown command "vm register"', 'panelctl openidcs vm --help'],
    ['vm off', 'unknown command "vm off"', 'did you mean panelctl openidcs vm power HOST VM stop?'],
    ['token reset', 'unknown command "token', 'did you mean panelctl openidcs system token reset?'],
    // Short words are all near each other, and what stands behind the name of a thing is no argument of its list.
    ['openidcs start', 'unknown command "openidcs start"', 'panelctl openidcs --help'],
    ['nezha host', 'unknown command "nezha host"', 'panelctl nezha --help'],
    ['komari node stop', 'unknown command "komari node', 'panelctl komari node --help'],
    ['nat stop', 'unknown command "nat stop"', 'panelctl --help'],
    ['node delete', 'unknown command "node delete"', 'did you mean panelctl komari node delete NAME?'],
    ['openidcs system info', 'unknown command "openidcs system', 'panelctl openidcs system --help'],
    ['komari top', 'unknown command "komari top"', 'did you mean panelctl komari node status?'],
  ])('%s', async (line, message, hint) => {
    expect(failureOf(await cli(`${line} -o json`))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message.slice(0, -1)),
      hint,
    })
  })

  test.each([
    ...new Set(['', ...commandIds.flatMap(id => [id.split(':')[0], id.split(':').slice(0, -1).join(' ')])]),
  ])('lead to nothing that asks first unless what it is done to was typed: %s', async group => {
    const verbs =
      'delete edit get info kill load off on reboot reset restart rm set show start stop update'.split(' ')
    for (const line of verbs.map(verb => `${group} ${verb}`.trim())) {
      const request = dispatch(words(line), commandIds)
      if (request.kind !== 'unknown') continue
      const {hint = ''} = await unknownCommand(request.words, {ids: commandIds, load: loadCommand})
      const named: string[] = []
      mapCommands(hint, found => {
        named.push(found.command.replaceAll(' ', ':'))
        return found
      })
      for (const id of named.filter(each => commandIds.includes(each)))
        if ('yes' in (await loadCommand(id)).flags)
          expect(words(line), `${line}: ${id}`).toContain(id.split(':').at(-2))
    }
  })
})

describe('errors before there is a command', () => {
  test.each([
    ['nezha --json'],
    ['nezha server lits -o json'],
    ['-o json --nope'],
    ['-ojson frobnicate'],
    ['--output=ndjson frobnicate'],
    ['nezha server list extra --json'],
    ['nezha server list --nope --json'],
    ['nezha server list --json -o yaml'],
    ['nezha server show --json'],
  ])('are one object with -o json: %s', async line => {
    const {stdout, stderr, exitCode} = await cli(line)
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
    expect(stderr.trimEnd()).not.toContain('\n')
    expect(JSON.parse(stderr)).toMatchObject({error: {code: 'USAGE', exitCode: 2}})
  })

  test.each([
    ['nezha server list --tag --output=json extra', /^panelctl: unexpected argument "extra"/],
    ['nezha server list --tag -- extra --json', /^\{"error":.*unexpected argument \\"extra\\"/],
    ['--context -o json nezha server list', /^\{"error":.*--context expects a value/],
  ])('take no value for a flag, and no flag for a value: %s', async (line, said) => {
    expect((await cli(line)).stderr).toMatch(said)
  })

  test('are an object with PANELCTL_OUTPUT=json, unless a flag says otherwise', async () => {
    const env = {PANELCTL_OUTPUT: 'json'}
    expect((await cli('frobnicate', {env})).stderr).toMatch(/^\{"error":/)
    expect((await cli('frobnicate -o table', {env})).stderr).toMatch(/^panelctl: unknown command/)
  })

  test('never repeat what was typed as a value', async () => {
    for (const line of [
      'nezha server list --tokn=hunter2',
      'nezha server list --nope=hunter2 -o json',
      '--nope=hunter2 x',
    ]) {
      const {stderr} = await cli(line)
      expect(stderr).not.toContain('hunter2')
    }
  })

  test('hold no escapes of what was typed', async () => {
    const {stderr} = await cli(['nezha', '\u001b[31mserver\u001b]0;x\u0007'])
    expect(stderr).not.toMatch(/[^\P{Cc}\n]/u)
  })
})
