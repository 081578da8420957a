import {chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {
  binary,
  cli,
  commandIds,
  komariSandbox,
  loadCommand,
  nezhaSandbox,
  openidcsSandbox,
  root,
  temporaryFolder,
} from '../harness.js'

type Environment = Readonly<Record<string, string | undefined>>

/** What a shell is answered where the last of these words is completed: values, each with the word about it. */
async function answered(words: readonly string[], env: Environment = {}): Promise<Map<string, string>> {
  const outcome = await binary(['__complete', 'zsh', ...words], {
    // A busy machine is no slow panel.
    env: {PANELCTL_TAB_TIMEOUT: '20s', ...env},
  })
  expect(outcome).toMatchObject({stderr: '', exitCode: 0})
  return new Map(
    outcome.stdout
      .split('\n')
      .slice(0, -1)
      .map(line => {
        const [value = '', remark = ''] = line.split('\t')
        return [value, remark]
      }),
  )
}

async function values(words: readonly string[], env: Environment = {}): Promise<string[]> {
  return [...(await answered(words, env)).keys()]
}

/** A home that several runs have. */
function sameHome() {
  const folder = temporaryFolder()
  return {HOME: folder, PANELCTL_CONFIG_DIR: folder, PANELCTL_STATE_DIR: folder}
}

/** A home with these contexts, the first of them in use. */
function contexts(lines: readonly string[], secrets = ''): {PANELCTL_CONFIG_DIR: string; HOME: string} {
  const folder = temporaryFolder()
  const names = lines.map(line => line.split(':')[0])
  const text = `contexts:\n${lines.map(line => `  ${line}\n`).join('')}current:\n  nezha: ${names[0]}\n`
  writeFileSync(join(folder, 'config.yaml'), text)
  writeFileSync(join(folder, 'credentials.yaml'), secrets, {mode: 0o600})
  return {PANELCTL_CONFIG_DIR: folder, HOME: folder}
}

describe('what is completed without a panel', () => {
  test('groups and commands, with what they are', async () => {
    const first = await answered([''])
    expect([...first.keys()].toSorted()).toEqual(
      [...new Set(['help', ...commandIds.map(id => id.split(':')[0])])].toSorted(),
    )
    expect(first.get('nezha')).toBe('server monitoring: Nezha')
    expect((await answered(['nezha', 'server', ''])).get('list')).toBe('list the servers')
  })

  test('the short ways, only for who types them', async () => {
    expect(await values(['nezha', 'server', 'l'])).not.toContain('ls')
    expect(await values(['nezha', 'server', 'ls'])).toEqual(['ls', 'rm'])
    expect(await values(['nezha', 'server', 'ls', '--tag', 'x', '--wa'])).toContain('--watch')
  })

  test('flags, once unless they may be repeated, and none that does nothing there', async () => {
    const flags = await values(['nezha', 'server', 'register', '-'])
    expect(flags).toEqual(
      expect.arrayContaining(['--name', '--hide-for-guest', '--no-hide-for-guest', '--dry-run']),
    )
    expect(flags).not.toContain('--sort')
    const left = await values(['openidcs', 'host', 'create', 'x', '--set', 'a=1', '--type', 'y', '--'])
    expect(left).toContain('--set')
    expect(left).not.toContain('--type')
    // Where nothing else can stand.
    expect(await values(['nezha', 'server', 'list', ''])).toContain('--tag')
  })

  test('choices, formats and columns, each column once', async () => {
    expect(await values(['-o', ''])).toEqual(['table', 'json', 'yaml', 'csv', 'ndjson', 'id'])
    expect(await values(['nezha', 'server', 'metrics', 'web1', '--metric='])).toContain('--metric=cpu')
    const columns = await values(['openidcs', 'nat', 'list', 'a', 'b', '--columns', ''])
    expect(columns).toEqual(['index', 'protocol', 'port', 'target', 'note', 'all'])
    expect(await values(['openidcs', 'nat', 'list', 'a', 'b', '--columns', 'port,note,'])).toEqual([
      'port,note,index',
      'port,note,protocol',
      'port,note,target',
    ])
    expect(await values(['openidcs', 'nat', 'list', 'a', 'b', '--sort', ''])).toContain('port:desc')
    const second = await values(['openidcs', 'nat', 'list', 'a', 'b', '--sort', 'port:desc,'])
    expect(second).toContain('port:desc,note')
    expect(second.filter(value => /,port/.test(value))).toEqual([])
  })

  test('files where a flag takes one, which the shell does', async () => {
    const outcome = await binary(['__complete', 'zsh', 'nezha', 'server', 'list', '--ca-file', ''])
    expect(outcome).toMatchObject({stdout: '', exitCode: 10})
  })

  test('nothing behind what is no command, and of a value that only its user knows', async () => {
    expect(await values(['nonsense', ''])).toEqual([])
    expect(await values(['nezha', 'server', 'register', '--name', ''])).toEqual([])
    expect(await values(['nezha', 'server', 'list', '--', ''])).toEqual([])
    expect(await values(['nezha', 'server', 'exec', 'web1', '--', ''])).toEqual([])
    expect(await binary(['__complete'])).toMatchObject({stderr: '', exitCode: 0})
    expect(await binary(['__complete', 'elvish', ''])).toMatchObject({stderr: '', exitCode: 0})
  })

  test('loads no more than it needs, as each Tab does', () => {
    const bundles: {outputs: Record<string, {inputs: Record<string, unknown>}>}[] = JSON.parse(
      readFileSync(join(root, 'dist', 'meta.json'), 'utf8'),
    )
    const inputs = bundles.flatMap(({outputs}) => Object.keys(outputs['dist/completion.cjs']?.inputs ?? {}))
    expect(inputs).toContain('src/completion.ts')
    expect(
      inputs.filter(input => /node_modules|src\/(lib\/(http|panels|shapes)|commands)\//.test(input)),
    ).toEqual([])
  })
})

test('installing leaves what a person has in a file of another encoding', async () => {
  const home = temporaryFolder()
  const own = Buffer.from('export NAME="caf\xe9 \xc4\xe3"', 'latin1')
  writeFileSync(join(home, '.zshrc'), own)
  expect(await binary(['completion', 'install', 'zsh'], {env: {HOME: home}})).toMatchObject({exitCode: 0})
  const after = readFileSync(join(home, '.zshrc'))
  expect(after.subarray(0, own.length)).toEqual(own)
  expect(after.subarray(own.length).toString()).toMatch(/^\n\[ -r .*\n$/)
})

test.runIf(process.platform === 'linux')('no folder is made where none can be, and it ends', async () => {
  const outcome = await binary(['completion', 'install', 'zsh'], {env: {HOME: '/proc'}})
  expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
})

describe('the names that panels have', () => {
  test.each([
    ['nezha server show', ['hub1', 'db1', '香港节点', 'backup1', 'new1']],
    ['nezha server details', ['1', '2', '3', '4', '5']],
    ['nezha server list --tag', ['Backup', 'Production', '香港']],
    ['nezha server delete hub1 db1', ['香港节点', 'backup1', 'new1']],
    ['nezha group add Production hub1', ['db1', '香港节点', 'backup1', 'new1']],
    ['nezha server exec hub1', ['db1', '香港节点', 'backup1', 'new1']],
    ['nezha:server:show', ['hub1', 'db1', '香港节点', 'backup1', 'new1']],
  ])('%s', async (line, expected) => {
    const {environment} = await nezhaSandbox()
    expect(await values([...line.split(' '), ''], environment)).toEqual(expected)
  })

  test.each([
    ['openidcs vm list', ['node1', 'node2', '机房 3']],
    ['openidcs vm show node1', ['db 01', 'web01', 'web02', '测试机']],
    ['openidcs system logs --host', ['node1', 'node2', '机房 3']],
    ['openidcs nat delete node1 web01 --port', ['8080', '8443', '2201', '5353']],
    ['openidcs proxy delete node1 web01 --domain', ['www.example.com', 'api.example.com']],
    ['openidcs ip delete node1 web01 --address', ['192.168.1.101', '2001:db8::101']],
  ])('%s', async (line, expected) => {
    const {environment} = await openidcsSandbox()
    expect(await values([...line.split(' '), ''], environment)).toEqual(expected)
  })

  test('of a command that takes several and then something else, both', async () => {
    const {environment} = await openidcsSandbox()
    const found = await values(['openidcs', 'vm', 'power', 'node1', 'web01', ''], environment)
    expect(found).toEqual(expect.arrayContaining(['start', 'stop', 'db 01', 'web02']))
    expect(found).not.toContain('web01')
  })

  test('komari records ping --task, with a node and without one', async () => {
    const {environment} = await komariSandbox()
    for (const node of [['web1'], []]) {
      const tasks = await answered(['komari', 'records', 'ping', ...node, '--task', ''], environment)
      expect([...tasks]).toEqual(expect.arrayContaining([['ping 1.1.1.1', '1']]))
    }
  })

  test('those of the panel that the line leads to', async () => {
    const [here, there] = [await nezhaSandbox(), await nezhaSandbox({servers: [{name: 'elsewhere'}]})]
    const env = contexts(
      [
        `here: {panel: nezha, url: '${here.url}', credential: token}`,
        `there: {panel: nezha, url: '${there.url}', credential: token}`,
        "other: {panel: komari, url: 'http://127.0.0.1:9'}",
      ],
      `here: {kind: token, value: ${here.token}}\nthere: {kind: token, value: ${there.token}}\n`,
    )
    expect(await values(['nezha', 'server', 'show', ''], env)).toContain('hub1')
    expect(await values(['--context', 'there', 'nezha', 'server', 'show', ''], env)).toEqual(['elsewhere'])
    expect(await values(['nezha', '--context=there', 'server', 'show', ''], env)).toEqual(['elsewhere'])
    expect(await values(['nezha', 'server', 'show', '--context', ''], env)).toEqual(['here', 'there'])
    expect(await answered(['context', 'use', ''], env)).toEqual(
      new Map([
        ['here', 'nezha'],
        ['there', 'nezha'],
        ['other', 'komari'],
      ]),
    )
  })

  test('none that cannot be typed, or that would be taken for a flag', async () => {
    const servers = [{name: '-x'}, {name: 'a\u001b[31mb'}, {name: 'two\nlines'}, {name: 'fine'}]
    const {environment} = await nezhaSandbox({servers})
    expect(await values(['nezha', 'server', 'show', ''], environment)).toEqual(['fine'])
  })
})

describe('asking a panel', () => {
  const line = ['nezha', 'server', 'show', '']

  test('is done once a minute, also when it answers nothing of use', async () => {
    const home = sameHome()
    const sandbox = await nezhaSandbox()
    const env = {...sandbox.environment, ...home}
    expect(await values(line, env)).toContain('hub1')
    expect(await values(line, env)).toContain('hub1')
    expect(await values(['nezha', 'monitor', 'show', ''], env)).toContain('hub1')
    expect(sandbox.requests).toHaveLength(1)
    const wrong = {...env, NEZHA_TOKEN: 'wrong'}
    expect(await values(line, wrong)).toEqual([])
    const asked = sandbox.requests.length
    expect(await values(line, wrong)).toEqual([])
    expect(sandbox.requests).toHaveLength(asked)
  })

  test('is done again a minute later, with another credential, and for another context', async () => {
    const home = sameHome()
    const sandbox = await nezhaSandbox()
    const env = {...sandbox.environment, ...home}
    const file = join(home.HOME, '.cache', 'panelctl', 'names.json')
    await values(line, env)
    const kept: Record<string, {until: number}> = JSON.parse(readFileSync(file, 'utf8'))
    const old = Object.fromEntries(
      Object.entries(kept).map(([key, entry]) => [key, {...entry, until: Date.now() - 1}]),
    )
    writeFileSync(file, JSON.stringify(old))
    expect(await values(line, env)).toContain('hub1')
    expect(sandbox.requests).toHaveLength(2)
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).toHaveLength(1)
    await values(line, {...env, NEZHA_TOKEN: 'another'})
    expect(sandbox.requests.length).toBeGreaterThan(2)
  })

  test.runIf(process.platform !== 'win32')(
    'keeps names for this user alone, and no secret with them',
    async () => {
      const home = temporaryFolder()
      const sandbox = await nezhaSandbox()
      await values(line, {...sandbox.environment, HOME: home})
      const folder = join(home, '.cache', 'panelctl')
      const file = join(folder, 'names.json')
      expect(statSync(file).mode & 0o777).toBe(0o600)
      expect(statSync(folder).mode & 0o777).toBe(0o700)
      expect(readFileSync(file, 'utf8')).not.toContain(sandbox.token)
    },
  )

  test.runIf(process.platform !== 'win32')('believes no file that others could have written', async () => {
    const home = sameHome()
    const sandbox = await nezhaSandbox()
    const env = {...sandbox.environment, ...home}
    await values(line, env)
    const file = join(home.HOME, '.cache', 'panelctl', 'names.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('hub1', 'evil'))
    expect(await values(line, env)).toContain('evil')
    chmodSync(file, 0o666)
    expect(await values(line, env)).not.toContain('evil')
    // What was asked then is in a file that is ours alone.
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test.each(['', '{', '[1]', '{"x": {"until": "y", "rows": 1}}'])(
    'gets over a damaged file: %s',
    async text => {
      const home = temporaryFolder()
      mkdirSync(join(home, '.cache', 'panelctl'), {recursive: true, mode: 0o700})
      writeFileSync(join(home, '.cache', 'panelctl', 'names.json'), text)
      const {environment} = await nezhaSandbox()
      expect(await values(line, {...environment, HOME: home})).toContain('hub1')
    },
  )

  test('keeps nothing under sudo, where HOME may be that of somebody else', async () => {
    const home = temporaryFolder()
    const {environment} = await nezhaSandbox()
    expect(await values(line, {...environment, HOME: home, SUDO_UID: '1000'})).toContain('hub1')
    expect(existsSync(join(home, '.cache', 'panelctl', 'names.json'))).toBe(false)
  })

  test('ends by itself where the panel never answers', async () => {
    const sandbox = await nezhaSandbox()
    sandbox.faults.next({kind: 'stall'})
    const outcome = await binary(['__complete', 'zsh', ...line], {env: sandbox.environment})
    expect(outcome).toMatchObject({stdout: '', stderr: '', exitCode: 0})
  })

  test.each([
    ['comes from a command', (file: string) => `tokenCommand: 'touch ${file}; echo x'`],
    ['is in a keychain', () => 'credential: token, store: keychain'],
  ])('is not done where the credential %s, which may want a password', async (_, where) => {
    const sandbox = await nezhaSandbox()
    const file = join(temporaryFolder(), 'ran')
    const env = contexts([`lab: {panel: nezha, url: '${sandbox.url}', ${where(file)}}`])
    expect(await values(line, env)).toEqual([])
    expect(sandbox.requests).toEqual([])
    expect(existsSync(file)).toBe(false)
    expect(await values(['context', 'use', ''], env)).toEqual(['lab'])
  })
})

describe('for shells that do not quote by themselves', () => {
  const breaks = ' \t\n"\'@><=;|&(:'

  test.each([
    ['panelctl openidcs host show 机', '机房\\ 3'],
    ["panelctl openidcs host show '机", '机房 3'],
    ["A=1 panelctl openidcs host show 'node1", 'node1'],
    ['panelctl openidcs system logs --host=机', '机房\\ 3'],
    ['panelctl openidcs system logs --host="机', '机房 3'],
    ['panelctl openidcs system logs --host=机房\\ ', '机房\\ 3'],
    ['panelctl "openidcs" vm show node1 d', 'db\\ 01'],
    ['panelctl openidcs vm show 机房\\ 3 ', 'lab'],
  ])('bash: %s', async (line, expected) => {
    const {environment} = await openidcsSandbox({
      hosts: [
        {name: 'node1', vms: [{name: 'db 01'}]},
        {name: '机房 3', vms: [{name: 'lab'}]},
      ],
    })
    const env = {...environment, PANELCTL_TAB_TIMEOUT: '20s'}
    const {stdout} = await binary(['__complete', 'bash', line, breaks], {env})
    expect(stdout).toBe(`${expected}\n`)
  })

  test.each([
    ['=机', ["'机房 3'\t机房 3"]],
    ["='机", ["'机房 3'\t机房 3"]],
    ['=', ["'it''s'\tit's", "'机房 3'\t机房 3", 'node1\tnode1']],
  ])('PowerShell: %s', async (word, expected) => {
    const {environment} = await openidcsSandbox({hosts: [{name: 'node1'}, {name: '机房 3'}, {name: "it's"}]})
    const env = {...environment, PANELCTL_TAB_TIMEOUT: '20s'}
    const {stdout} = await binary(['__complete', 'powershell', 'openidcs', 'host', 'show', word], {env})
    expect(stdout.split('\n').slice(0, -1).toSorted()).toEqual(expected.toSorted())
  })
})

test('what completes a flag or an argument is a list with those columns', async () => {
  const commands = await Promise.all(commandIds.map(async id => ({id, command: await loadCommand(id)})))
  const lists = new Map(commands.map(({id, command}) => [id.replaceAll(':', ' '), command]))
  const declared = commands.flatMap(({id, command}) =>
    [...Object.entries(command.args), ...Object.entries(command.flags)].flatMap(([name, {among}]) =>
      among === undefined ? [] : {where: `${id} ${name}`, among},
    ),
  )
  expect(declared.length).toBeGreaterThan(50)
  for (const {where, among} of declared) {
    const [list = '', columns = ''] = among.split(/ --columns | --all$/)
    expect(lists.has(list), where).toBe(true)
    expect(lists.get(list)?.flags, where).toHaveProperty('watch')
    expect(lists.get(list)?.columns, where).toEqual(expect.arrayContaining(columns.split(',')))
  }
})

describe('panelctl completion', () => {
  test.each(['bash', 'zsh', 'fish', 'powershell'])('%s prints the script of the package', async shell => {
    const outcome = await cli(`completion ${shell}`)
    expect(outcome).toMatchObject({stderr: '', exitCode: 0})
    expect(outcome.stdout).toContain(`__complete ${shell}`)
  })

  test.each([
    ['bash', '.local/share/bash-completion/completions/panelctl'],
    ['zsh', '.local/share/panelctl/_panelctl'],
    ['fish', '.config/fish/completions/panelctl.fish'],
  ] as const)(
    'install writes that of %s to where it looks, once, and says how to undo it',
    async (shell, place) => {
      const home = temporaryFolder()
      const file = join(home, place)
      if (shell === 'zsh') writeFileSync(join(home, '.zshrc'), 'alias x=y')
      const env = {HOME: home, SHELL: `/usr/bin/${shell}`}
      const dry = await cli('completion install --dry-run -o json', {env})
      expect(JSON.parse(dry.stdout)).toMatchObject({shell, file, changed: false})
      expect(existsSync(file)).toBe(false)
      const first = await cli('completion install -o json', {env})
      const startup = shell === 'zsh' ? join(home, '.zshrc') : null
      expect(JSON.parse(first.stdout)).toEqual({shell, file, startup, undo: `rm ${file}`, changed: true})
      expect(first.stderr).toContain(`undo it with: rm ${file}`)
      const lines = startup && readFileSync(startup, 'utf8')
      if (lines)
        expect(lines).toBe(`alias x=y\n[ -r ${file} ] && source ${file} # panelctl completion install\n`)
      const again = await cli('completion install -o json', {env})
      expect(JSON.parse(again.stdout)).toMatchObject({changed: false})
      expect(startup && readFileSync(startup, 'utf8')).toBe(lines)
      expect(readFileSync(file, 'utf8')).toBe((await cli(`completion ${shell}`)).stdout)
    },
  )

  test.each([
    [undefined, 'which shell? SHELL is not set'],
    ['/bin/tcsh', 'completion cannot be installed for tcsh'],
  ])('install says which shells there are where SHELL is %s', async (SHELL, message) => {
    const outcome = await cli('completion install', {env: {SHELL}})
    expect(outcome).toMatchObject({stdout: '', exitCode: 2})
    expect(outcome.stderr).toContain(
      `panelctl: ${message}\nhint: panelctl completion install bash, or zsh, or fish`,
    )
  })
})
