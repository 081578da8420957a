import {execFileSync, spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import {machineFor} from '../../../src/lib/sandbox/nezha/agent.js'
import {temporaryFolder} from '../../harness.js'
import {
  komariUnit,
  komariUnitPath,
  komariWorld,
  newerWorld,
  serveScript,
  unit,
  unitPath,
  type World,
  world,
} from './world.js'

const web1 = {name: ['web1']}
const odd = `it's "web 2" $(touch ran) {{ 7*7 }}\nx`

function secretOf({nezha}: World, id: number): string {
  return nezha.state.servers.get(id)?.secret ?? ''
}

/** Runs a file that was emitted, as another machine would: with an environment of its own. */
async function runEmitted({nezha}: World, content: string, env: object = {}) {
  const file = join(temporaryFolder(), 'install.sh')
  writeFileSync(file, content)
  const {spawn} = await import('node:child_process')
  const child = spawn('sh', [file], {
    env: {PATH: process.env.PATH, NO_PROXY: '127.0.0.1', ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', text => {
    output += text
  })
  child.stderr.on('data', text => {
    output += text
  })
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return {
    code,
    output,
    online: [...nezha.state.servers.values()].filter(({agent}) => agent.kind === 'machine').map(({id}) => id),
  }
}

const hasCurl = spawnSync('curl', ['--version']).error === undefined
const installed = (program: string) => spawnSync(program, ['--version']).error === undefined

test('--if-exists create makes another where the one of an earlier run has reported, and prints no secret twice', async () => {
  const w = await world()
  const create = {...web1, emit: 'shell', 'if-exists': 'create'} as const
  const first = await w.run(create)
  expect((await w.run(create)).emitted?.nodes).toEqual([{...first.emitted?.nodes[0], registered: false}])
  w.nezha.state.connect(6, machineFor(6, Date.now()), 1, Date.now() - 60_000)
  expect((await w.run(create)).emitted?.nodes).toMatchObject([{id: 7, secret: secretOf(w, 7)}])
})

describe('--emit shell', () => {
  test.skipIf(!hasCurl)(
    'installs the agent where it is run; then the node has reported, and nothing is left',
    async () => {
      const w = await world()
      const {emitted} = await w.run({...web1, emit: 'shell'})
      expect(emitted?.nodes).toEqual([
        {name: 'web1', id: 6, tag: 'AutoRegister', registered: true, secret: secretOf(w, 6)},
      ])
      expect(w.saved()).toHaveLength(1)
      expect(await runEmitted(w, emitted?.content ?? '')).toMatchObject({
        code: 0,
        online: expect.arrayContaining([6]),
      })
      expect(readdirSync(w.workdir)).toEqual(['agent'])
      // Its first report is a second of the panel's away.
      const again = await w.run({...web1, wait: 10_000})
      expect(again.result).toMatchObject({id: 6, online: true})
      const after = await w.run({...web1, emit: 'shell'})
      expect(after.emitted).toMatchObject({nodes: [], content: ''})
      expect(after.said).toContain('"web1" is online already (server 6): left out')
      expect(w.saved()).toEqual([])
    },
  )

  test('prints the same again until the node has reported, and registers once', async () => {
    const {run, servers, registrations} = await world()
    const one = await run({...web1, emit: 'shell'})
    const two = await run({...web1, emit: 'shell'})
    expect(two.emitted?.content).toBe(one.emitted?.content)
    expect(two.emitted?.nodes).toMatchObject([{id: 6, registered: false}])
    expect([servers(), registrations()]).toEqual([[6], 1])
  })

  test.skipIf(!hasCurl)('gives each of several machines its own secret, by whatever name', async () => {
    const w = await world()
    const {emitted} = await w.run({name: ['web1', odd], emit: 'shell'})
    const content = emitted?.content ?? ''
    expect(await runEmitted(w, content, {NODE_NAME: odd})).toMatchObject({code: 0})
    expect(w.nezha.state.servers.get(7)?.agent.kind).toBe('machine')
    expect(w.nezha.state.servers.get(6)?.agent.kind).toBe('none')
    expect(readdirSync(w.workdir)).toEqual(['agent'])
    expect(await runEmitted(w, content, {NODE_NAME: 'other'})).toMatchObject({
      code: 2,
      output: expect.stringContaining('no secret for other'),
    })
  })

  test.skipIf(!hasCurl).each([
    ['<!DOCTYPE html>', 10, 'not a script'],
    ['#!/bin/sh\nexit 0\n', 5, 'left no agent'],
    ['#!/bin/sh\nexit 3\n', 5, 'exit code 3'],
  ])('does not take %j for an agent', async (body, code, message) => {
    const w = await world()
    const {emitted} = await w.run({...web1, emit: 'shell'})
    serveScript(w, body)
    expect(await runEmitted(w, emitted?.content ?? '')).toMatchObject({
      code,
      output: expect.stringContaining(message),
    })
    expect(readdirSync(w.workdir)).toEqual([])
  })

  test.skipIf(!hasCurl).each([
    ['is installed', undefined, 0],
    ['fails', '#!/bin/sh\nexit 3\n', 5],
  ])('behind and before other commands it changes nothing for them: it %s', async (_, body, code) => {
    const w = await world()
    const {emitted} = await w.run({...web1, emit: 'shell'})
    if (body !== undefined) serveScript(w, body)
    const content = [
      'trap "echo trap of mine" EXIT; cd /; secret=mine',
      emitted?.content,
      'echo "code $?, $secret, $unset, $(pwd), $(umask)"; fail 2>/dev/null || echo no fail',
    ].join('\n')
    const {output} = await runEmitted(w, `umask 027\n${content}`)
    expect(output).toMatch(new RegExp(`code ${code}, mine, , /, 0027\nno fail\ntrap of mine\n$`))
  })

  test.skipIf(!hasCurl)('runs only the script that --script-sha256 names', async () => {
    const w = await world()
    const {emitted} = await w.run({...web1, emit: 'shell', 'script-sha256': 'a'.repeat(64)})
    expect(await runEmitted(w, emitted?.content ?? '')).toMatchObject({code: 10})
    expect(w.nezha.state.servers.get(6)?.agent.kind).toBe('none')
  })

  test.skipIf(!installed('shellcheck'))('passes shellcheck', async () => {
    const {run} = await world()
    for (const flags of [
      {},
      {mirror: 'cn', 'script-sha256': 'a'.repeat(64), 'agent-flag': ['report-delay=2']} as const,
      {'install-url': 'https://example.com/it%27s.sh'},
    ]) {
      const {emitted} = await run({name: ['web1', odd], emit: 'shell', ...flags})
      const {stdout, status} = spawnSync('shellcheck', ['-s', 'sh', '-'], {input: emitted?.content ?? ''})
      expect(stdout.toString()).toBe('')
      expect(status).toBe(0)
    }
  })
})

describe('--emit shell, run where an earlier run was ended half-way', () => {
  const program = 'opt/nezha/agent/nezha-agent'
  const config = 'opt/nezha/agent/config.yml'
  const configOf = (uuid: string) => `server: nezha.example.com:8008\nuuid: ${uuid}\n`
  const unitOfV1 = `ExecStart=/${program} "-c" "/${config}"\n`
  const install = 'the script ran'

  /** Runs it as root of a machine of these files, where the script writes down that it ran and makes a whole agent. */
  function machine(content: string, made: Record<string, string>, files: Record<string, string>) {
    const root = temporaryFolder()
    const put = (path: string, text: string, mode = 0o600) => {
      mkdirSync(dirname(join(root, path)), {recursive: true})
      writeFileSync(join(root, path), text, {mode})
    }
    const run = (stopped = false) => {
      put(
        'bin/systemctl',
        `#!/bin/sh\necho "$*" >>${root}/calls\n[ "$1" != is-active ] || exit ${stopped ? 3 : 0}\n`,
        0o700,
      )
      const {status, stdout, stderr} = spawnSync(
        'sh',
        ['-c', content.replaceAll(/\/(?:etc|opt)\//g, path => `${root}${path}`)],
        {env: {PATH: `${join(root, 'bin')}:${process.env.PATH}`}, encoding: 'utf8'},
      )
      const calls = existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8') : ''
      rmSync(join(root, 'calls'), {force: true})
      return {status, said: stdout + stderr, calls: calls.split('\n').slice(0, -1)}
    }
    put('bin/id', '#!/bin/sh\necho 0\n', 0o700)
    const makes = Object.entries(made).map(
      ([path, text]) => `mkdir -p ${dirname(join(root, path))}; printf %s '${text}' >${join(root, path)}\n`,
    )
    put('script', `#!/bin/sh\necho ${install}\n${makes.join('')}`)
    put('bin/curl', `#!/bin/sh\ncp ${root}/script "$3"\n`, 0o700)
    for (const [path, text] of Object.entries(files)) put(path, text)
    return {run, isThere: (path: string) => existsSync(join(root, path))}
  }
  const elsewhere = {...web1, emit: 'shell', 'install-url': 'https://scripts.example/install.sh'} as const

  /** The text for an agent of v2, the files of a whole one, and a machine. */
  async function newer() {
    const {emitted} = await (await newerWorld()).run({...elsewhere, workdir: '/opt/nezha'})
    const whole: Record<string, string> = {
      [config]: configOf(emitted?.nodes[0]?.uuid ?? ''),
      [unitPath]: unitOfV1,
      [program]: '#!/bin/sh',
    }
    return {whole, on: (files: Record<string, string>) => machine(emitted?.content ?? '', whole, files)}
  }

  test('a whole agent at work is left, one that stands still is started, and told where it does not start', async () => {
    const {whole, on} = await newer()
    const {run} = on(whole)
    expect(run()).toEqual({
      status: 0,
      said: 'nezha-agent: already installed\n',
      calls: ['is-active --quiet nezha-agent'],
    })
    expect(run(true)).toEqual({
      status: 0,
      said: 'nezha-agent: its service was not at work, and is started\n',
      calls: ['is-active --quiet nezha-agent', 'daemon-reload', 'enable --now nezha-agent'],
    })
  })

  test.each([
    ['configuration and program, no service', [config, program], []],
    ['configuration and service, no program', [config, unitPath], ['disable --now nezha-agent']],
    ['configuration alone', [config], []],
    ['program alone', [program], undefined],
  ])('%s: it is installed, as one agent', async (_, left, stops) => {
    const {whole, on} = await newer()
    const {run, isThere} = on(Object.fromEntries(left.map(path => [path, whole[path] ?? ''])))
    const {status, said, calls} = run()
    expect(status).toBe(0)
    expect(said).toContain(install)
    expect(said.includes('it is installed anew')).toBe(stops !== undefined)
    expect(calls).toEqual(stops ?? [])
    expect(Object.keys(whole).map(isThere)).toEqual([true, true, true])
    expect(run()).toMatchObject({status: 0, said: 'nezha-agent: already installed\n'})
  })

  test.each([
    ['a configuration without a UUID', {[config]: 'server: nezha.example.com:8008\n', [program]: ''}, config],
    ['the configuration of another', {[config]: configOf('x'), [unitPath]: unitOfV1}, config],
    ['a service without a configuration', {[unitPath]: unitOfV1, [program]: ''}, unitPath],
  ])('%s is left as it is: exit 5, saying that it is not known whose it is', async (_, files, path) => {
    const {on} = await newer()
    const {run, isThere} = on(files)
    const {status, said, calls} = run()
    expect([status, calls]).toEqual([5, []])
    expect(said).toMatch(
      new RegExp(`another agent is installed here, or one that does not say whose it is: /.*/${path}\n$`),
    )
    expect(Object.keys(files).map(isThere)).not.toContain(false)
  })

  test('a script that leaves a program and no service has not installed it: exit 5', async () => {
    const {emitted} = await (await newerWorld()).run({...elsewhere, workdir: '/opt/nezha'})
    const {run} = machine(emitted?.content ?? '', {[program]: '#!/bin/sh'}, {})
    expect(run()).toMatchObject({status: 5, said: expect.stringContaining('left no agent')})
  })

  test.each([undefined, 'Not Found'])(
    'Nezha v0 and Komari: a service of this node whose program is %s is installed anew',
    async left => {
      const v0 = await (await world()).run({...elsewhere, workdir: '/opt/nezha'})
      const old = {[unitPath]: unit('nezha.example.com:5555', v0.emitted?.nodes[0]?.secret ?? '')}
      const k = await (await komariWorld()).run({...elsewhere, name: ['host9'], workdir: '/opt/komari'})
      const komari = {
        [komariUnitPath]: komariUnit('https://komari.example.com', k.emitted?.nodes[0]?.secret ?? ''),
      }
      for (const [{emitted}, files, name, path] of [
        [v0, old, 'nezha-agent', program],
        [k, komari, 'komari-agent', 'opt/komari/agent'],
      ] as const) {
        const {run} = machine(
          emitted?.content ?? '',
          {...files, [path]: '#!/bin/sh'},
          {...files, ...(left !== undefined && {[path]: left})},
        )
        expect(run()).toMatchObject({
          status: 0,
          said: expect.stringContaining(install),
          calls: [`disable --now ${name}`],
        })
        expect(run()).toMatchObject({status: 0, said: `${name}: already installed\n`})
      }
    },
  )
})

describe('--emit cloud-init', () => {
  test('is a #cloud-config with the script as a file of root’s alone, which is run and removed', async () => {
    const {run} = await world()
    const shell = await run({...web1, emit: 'shell'})
    const {emitted} = await run({...web1, emit: 'cloud-init'})
    expect(emitted?.content).toMatch(/^#cloud-config\n/)
    const path = '/var/lib/panelctl/install-nezha-agent.sh'
    expect(parse(emitted?.content ?? '')).toEqual({
      write_files: [{path, owner: 'root:root', permissions: '0700', content: shell.emitted?.content}],
      runcmd: [`(sh ${path}; code=$?; rm -f ${path}; exit $code)`],
    })
  })

  // canonical/cloud-init#7037: runcmd becomes one script.
  test.each([0, 5])('lets the items after it run, whatever it ends with (%i)', async code => {
    const {run} = await world()
    const {emitted} = await run({...web1, emit: 'cloud-init'})
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'install-nezha-agent.sh'), `exit ${code}\n`)
    const [item] = parse(emitted?.content ?? '').runcmd
    const script = `code=mine\n${item.replaceAll('/var/lib/panelctl', folder)}\necho $? $code`
    expect(spawnSync('sh', ['-c', script]).stdout.toString()).toBe(`${code} mine\n`)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('--emit ansible', () => {
  test('adds each host with its own secret, and takes no name for a template', async () => {
    const w = await world()
    const {emitted} = await w.run({name: ['web1', odd], emit: 'ansible'})
    const content = emitted?.content ?? ''
    const [inventory, play] = parse(content, {
      customTags: [{tag: '!unsafe', resolve: (text: string) => text}],
    })
    expect(inventory.tasks[0].loop).toEqual([
      {host: 'web1', node: 'web1', secret: secretOf(w, 6)},
      {host: 'nezha-7', node: odd, secret: secretOf(w, 7)},
    ])
    expect(inventory.tasks[0].no_log).toBe(true)
    expect(play.hosts).toBe('nezha_agents')
    expect(play.vars.nezha_install_script).not.toContain(secretOf(w, 6))
    expect(content).not.toMatch(/^\s+(node|secret): (?!!unsafe)/m)
  })
})

const panels = [
  ['Nezha v0', world],
  ['Nezha v1', () => newerWorld({generation: 'v1'})],
  ['Nezha v2', () => newerWorld()],
  ['Komari', komariWorld],
] as const

describe.each(panels)('what is emitted for %s', (_, start) => {
  async function written(emit: 'shell' | 'cloud-init' | 'ansible'): Promise<string> {
    const {emitted} = await (await start()).run({name: ['web1', odd], emit})
    const file = join(temporaryFolder(), 'emitted')
    writeFileSync(file, emitted?.content ?? '')
    return file
  }
  const env = {PATH: process.env.PATH, LC_ALL: 'C.UTF-8', ANSIBLE_LOCALHOST_WARNING: 'False'}
  const output = (program: string, ...args: string[]) =>
    execFileSync(program, args, {
      env: {...env, HOME: temporaryFolder()},
      stdio: ['ignore', 'pipe', 'pipe'],
    }).toString()

  test.skipIf(!installed('shellcheck'))('passes shellcheck', async () => {
    expect(output('shellcheck', '-s', 'sh', await written('shell'))).toBe('')
  })

  test.skipIf(!installed('cloud-init'))('passes cloud-init schema', async () => {
    expect(output('cloud-init', 'schema', '--config-file', await written('cloud-init'))).toMatch(/^Valid /)
  })

  test.skipIf(!installed('ansible-playbook'))('passes ansible-playbook --syntax-check', async () => {
    const file = await written('ansible')
    expect(output('ansible-playbook', '--syntax-check', file)).toContain('playbook:')
    expect(output('ansible-playbook', '-i', 'localhost,', '--list-hosts', file)).toMatch(
      /Install the (Nezha|Komari) agents/,
    )
  })
})

describe('--emit of several names', () => {
  test('prints those that can be, and says what became of the others: exit 9', async () => {
    const {run, nezha} = await world()
    nezha.state.add({name: 'web2', tag: 'AutoRegister'})
    const {emitted, error} = await run({name: ['web1', 'web2', 'web3'], emit: 'shell'})
    expect(error).toMatchObject({code: 'PARTIAL', exitCode: 9})
    expect(error?.message).toContain('"web2" (AutoRegister) is on the panel already: server 6')
    expect(emitted?.nodes.map(({name}) => name)).toEqual(['web1', 'web3'])
  })

  test('fails as the only one would where none can be', async () => {
    const {run, nezha} = await world()
    nezha.state.add({name: 'web2', tag: 'AutoRegister'})
    expect((await run({name: ['web2'], emit: 'shell'})).error).toMatchObject({code: 'REJECTED'})
  })

  test('without --emit: one machine is one node', async () => {
    const {run, nezha} = await world()
    expect((await run({name: ['a', 'b']})).error).toMatchObject({
      code: 'USAGE',
      message: 'one machine is one node',
    })
    expect(nezha.requests).toEqual([])
  })

  test('--dry-run prints a request for each, and sends none', async () => {
    const {run, registrations} = await world()
    const {plan} = await run({name: ['a', 'b'], emit: 'ansible', 'dry-run': true}).catch(stopped => stopped)
    expect(plan).toMatchObject([{body: {Name: 'a'}}, {body: {Name: 'b'}}])
    expect(registrations()).toBe(0)
  })
})

test('--emit needs no Linux, no root and no work folder here', async () => {
  const {run} = await world()
  const {error} = await run(
    {...web1, emit: 'shell', workdir: '/opt/nezha'},
    {machine: {platform: 'darwin', userId: 12_345}},
  )
  expect(error).toBeUndefined()
})
