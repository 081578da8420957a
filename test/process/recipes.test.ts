import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test, vi} from 'vitest'
import {parse} from 'yaml'
import * as z from 'zod/mini'
import {listen} from '../emulated.js'
import {
  binary,
  komariSandbox,
  nezhaSandbox,
  type Outcome,
  openidcsSandbox,
  root,
  temporaryFolder,
} from '../harness.js'
import {type Block, blocksOf, readPage} from '../pages.js'
import {isInstalled, shell} from './shell.js'

const [, ...sections] = readPage('docs/guide/recipes.md').text.split(/^## /m)
const recipes = new Map(sections.map(text => [text.split('\n')[0] ?? '', blocksOf(text)]))
const tested = new Set<string>()

/** The blocks of a recipe, as the page has them. */
function recipe(title: string): readonly Block[] {
  tested.add(title)
  return recipes.get(title) ?? []
}

interface Server {
  readonly name: string
  readonly tag?: string
  readonly state?: 'online' | 'offline'
}

/** A dashboard, in the time of the processes that ask it. */
function nezha(...servers: Server[]) {
  return nezhaSandbox({servers, now: Date.now})
}

const allIsWell: Server[] = [
  {name: 'web 1', tag: 'Production'},
  {name: 'db1', tag: 'Production'},
]
const oneIsDown: Server[] = [...allIsWell, {name: 'backup1', state: 'offline'}]

interface Machine {
  readonly folder: string
  /** A text of the page with what is elsewhere here: the panel, the token, node and panelctl. */
  here(text: string): string
}

function machine(panel: {readonly url: string; readonly token: string}): Machine {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'nezha-token.txt'), `${panel.token}\n`)
  const places = [
    ['https://nezha.example.com', panel.url],
    ['/etc/panelctl/nezha-token.txt', join(folder, 'nezha-token.txt')],
    ['/usr/bin/node', process.execPath],
    ['/usr/local/bin/panelctl', join(root, 'bin', 'run.js')],
  ] as const
  return {folder, here: text => places.reduce((words, [page, place]) => words.replaceAll(page, place), text)}
}

/** Only what a daemon gives to what it runs: no PATH on which anything is. */
function asDaemon(command: string, env: Readonly<Record<string, string>>): Promise<Outcome> {
  return shell(command, {PATH: temporaryFolder(), ...env}, '/bin/sh')
}

describe('cron', () => {
  const [crontab] = recipe('cron: a mail when a server is down')
  const lines = (crontab?.text ?? '').trimEnd().split('\n')
  const [, command = ''] = /^(?:\S+ ){5}(.*)$/.exec(lines.at(-1) ?? '') ?? []
  const settings = lines.slice(0, -1).map(line => line.split('=') as [string, string])

  /** What cron would send. */
  async function mail(servers: Server[]) {
    const {here} = machine(await nezha(...servers))
    const env = Object.fromEntries(settings.map(([name, value]) => [name, here(value)]))
    const {stdout, stderr, exitCode} = await asDaemon(here(command), env)
    return {printed: stdout + stderr, exitCode}
  }

  test('is a line as crontab reads it', () => {
    expect(lines.at(-1)).toMatch(/^\*\/5 \* \* \* \* /)
    expect(settings.map(([name]) => name)).toEqual(['MAILTO', 'NEZHA_DASHBOARD_URL', 'NEZHA_TOKEN_FILE'])
    expect(command).not.toMatch(/[%\\]/)
  })

  test('sends a mail with the names of what is down, and none while nothing is', async () => {
    expect(await mail(oneIsDown)).toEqual({printed: 'backup1\n', exitCode: 0})
    expect(await mail(allIsWell)).toEqual({printed: '', exitCode: 0})
  })
})

describe('systemd', () => {
  const [service, timer] = recipe('systemd: a timer with a credential')
  const all = (name: string) =>
    [...(service?.text ?? '').matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value)

  test.skipIf(!isInstalled('systemd-analyze'))(
    'has units that systemd takes (needs systemd-analyze)',
    async () => {
      const {folder, here} = machine({url: 'https://nezha.example.com', token: 'x'})
      for (const block of [service, timer]) {
        const name = /^# (\S+)/.exec(block?.text ?? '')?.[1] ?? ''
        writeFileSync(join(folder, name), here(block?.text ?? ''))
      }
      const {stdout, stderr, exitCode} = await shell(
        `cd ${folder} && systemd-analyze verify --man=no ./panelctl-down.service ./panelctl-down.timer && systemd-analyze calendar '*:0/5' > /dev/null`,
      )
      expect([
        exitCode,
        `${stdout}${stderr}`.split('\n').filter(line => line.includes('panelctl-down')),
      ]).toEqual([0, []])
      expect(timer?.text).toContain('OnCalendar=*:0/5')
    },
  )

  test('reads the credential that systemd has put there', async () => {
    const {folder, here} = machine(await nezha(...oneIsDown))
    const [, name = '', source = ''] = /^(.*?):(.*)$/.exec(all('LoadCredential')[0] ?? '') ?? []
    const credentials = join(folder, 'credentials')
    mkdirSync(credentials)
    writeFileSync(join(credentials, name), readFileSync(here(source)), {mode: 0o400})
    const env = all('Environment').map(
      line => here(line).replace('%d', credentials).split('=') as [string, string],
    )
    const {stdout, stderr} = await asDaemon(here(all('ExecStart')[0] ?? ''), Object.fromEntries(env))
    expect([stdout, stderr]).toEqual(['backup1\n', ''])
  })
})

describe('GitHub Actions', () => {
  const [block] = recipe('GitHub Actions: register a server once')
  const workflow = z.object({
    on: z.string(),
    jobs: z.object({
      provision: z.object({
        env: z.record(z.string(), z.string()),
        steps: z.array(z.object({uses: z.optional(z.string()), run: z.optional(z.string())})),
      }),
    }),
  })

  test('registers the server in one run and leaves it in the next', async () => {
    const {env: given, steps} = workflow.parse(parse(block?.text ?? '')).jobs.provision
    const sandbox = await nezha(...allIsWell)
    const environment: Readonly<Record<string, string | undefined>> = sandbox.environment
    const folder = temporaryFolder()
    const run = async (more = {}) => {
      const env = Object.fromEntries(
        Object.entries(given).map(([name, value]) => [
          name,
          environment[/^\$\{\{ (?:vars|secrets)\.(\w+) \}\}$/.exec(value)?.[1] ?? ''] ?? 'none',
        ]),
      )
      const printed = []
      for (const [index, {run: text}] of steps.entries()) {
        if (text === undefined) continue
        const file = join(folder, `${index}.sh`)
        writeFileSync(file, `npm() { :; }\n${text}`)
        // As GitHub runs it.
        const step = await shell(
          `bash --noprofile --norc -eo pipefail ${file}`,
          {...env, GITHUB_ENV: join(folder, 'env'), ...more},
          'bash',
        )
        printed.push(step)
      }
      return printed.at(-1)
    }
    const secret = () => [...sandbox.state.servers.values()].find(({name}) => name === 'app1')?.secret
    const first = await run()
    expect(first).toEqual({
      exitCode: 0,
      stdout: `::add-mask::${secret()}\n`,
      stderr: expect.stringContaining('there is no server "app1"'),
    })
    expect(readFileSync(join(folder, 'env'), 'utf8')).toBe(`APP1_SECRET=${secret()}\n`)
    expect(await run()).toEqual({exitCode: 0, stdout: '', stderr: ''})
    expect(sandbox.state.servers.size).toBe(3)
    expect(await run({NEZHA_TOKEN: 'wrong'})).toMatchObject({exitCode: 4, stdout: ''})
  })
})

test('GitLab CI tells drift apart from failures', async () => {
  const [block] = recipe('GitLab CI: tell drift')
  const lines = z.array(z.string())
  const job = z.object({
    before_script: lines,
    script: lines,
    allow_failure: z.object({exit_codes: z.number()}),
  })
  const {drift} = z.object({drift: job}).parse(parse(block?.text ?? ''))
  const {environment} = await komariSandbox({now: Date.now})
  const script = ['npm() { :; }', ...drift.before_script, ...drift.script].join('\n')
  const run = (between: string, env = {}) =>
    shell(`set -e\npanelctl komari export > panel.yaml\n${between}\n${script}`, {...environment, ...env})
  expect((await run(':')).exitCode).toBe(0)
  const changed = await run('panelctl komari node edit db1 --group Elsewhere')
  expect(changed.exitCode).toBe(drift.allow_failure.exit_codes)
  expect(changed.stdout).toContain('db1')
  expect((await run('KOMARI_URL=http://127.0.0.1:1')).exitCode).not.toBe(drift.allow_failure.exit_codes)
})

describe('Ansible', () => {
  const [block] = recipe('Ansible: a port forward for each host')
  const variables = {inventory_hostname: 'web02', public_port: '9443', ansible_host: '192.168.1.102'}
  const task = z.object({
    'ansible.builtin.command': z.object({argv: z.array(z.string())}),
    register: z.literal('forward'),
    changed_when: z.literal('(forward.stdout | from_json).changed'),
  })

  test('changes something in the first run, and nothing in the next', async () => {
    const [play] = z.array(z.object({tasks: z.array(task)})).parse(parse(block?.text ?? ''))
    const [program, ...argv] = (play?.tasks[0]?.['ansible.builtin.command'].argv ?? []).map(word =>
      Object.entries(variables).reduce((text, [name, value]) => text.replace(`{{ ${name} }}`, value), word),
    )
    const {environment: env} = await openidcsSandbox({now: Date.now})
    const run = async () => {
      const {stdout, exitCode} = await binary(argv, {env})
      return [program, exitCode, JSON.parse(stdout).changed]
    }
    expect([await run(), await run()]).toEqual([
      ['panelctl', 0, true],
      ['panelctl', 0, false],
    ])
  })

  const title = 'says the same to Ansible itself (needs ansible-playbook)'
  test.skipIf(!isInstalled('ansible-playbook'))(title, {timeout: 60_000}, async () => {
    const {environment} = await openidcsSandbox({now: Date.now})
    const {inventory_hostname: host, ...rest} = variables
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'playbook.yml'), block?.text ?? '')
    const run = () =>
      shell(`ansible-playbook -i ${host}, -e '${JSON.stringify(rest)}' ${folder}/playbook.yml`, environment)
    expect((await run()).stdout).toMatch(/web02 +: ok=1 +changed=1/)
    expect((await run()).stdout).toMatch(/web02 +: ok=1 +changed=0/)
  })
})

test('cloud-init installs the agent of that node', async () => {
  const [block] = recipe('cloud-init: a node that reports from its first boot')
  const sandbox = await komariSandbox({now: Date.now})
  const folder = temporaryFolder()
  const made = await shell(`cd ${folder}\n${block?.text}`, sandbox.environment)
  expect([made.exitCode, made.stdout, made.stderr]).toEqual([0, '', ''])
  const text = readFileSync(join(folder, 'user-data.yaml'), 'utf8')
  if (isInstalled('cloud-init')) {
    const checked = await shell(`cloud-init schema --config-file ${join(folder, 'user-data.yaml')}`)
    expect(checked).toMatchObject({exitCode: 0})
  }
  expect(text).toMatch(/^#cloud-config\n/)
  // The paths of another machine.
  const here = text.replaceAll('/var/lib/panelctl', folder).replaceAll('/opt/komari', join(folder, 'agent'))
  const config = z
    .object({
      write_files: z.array(z.object({path: z.string(), content: z.string()})),
      runcmd: z.array(z.string()),
    })
    .parse(parse(here))
  for (const {path, content} of config.write_files) writeFileSync(path, content, {mode: 0o700})
  const {exitCode, stderr} = await shell(config.runcmd.join('\n'))
  expect([exitCode, stderr]).toEqual([0, expect.any(String)])
  expect(config.write_files.filter(({path}) => existsSync(path))).toEqual([])
  const status = ['komari', 'node', 'status', 'app1', '--jq', '.[0].online']
  await vi.waitFor(async () => {
    expect((await binary(status, {env: sandbox.environment})).stdout).toBe('true\n')
  }, 20_000)
})

test('Prometheus reads the file, which is there whole or as it was', async () => {
  const [block] = recipe('Prometheus: the textfile collector')
  const sandbox = await nezha({name: 'a "b" \\ 机房'}, ...oneIsDown)
  const folder = temporaryFolder()
  const file = join(folder, 'nezha.prom')
  writeFileSync(join(folder, 'nezha-metrics.sh'), block?.text ?? '', {mode: 0o755})
  const run = (env: Readonly<Record<string, string | undefined>>) =>
    shell(`${folder}/nezha-metrics.sh ${file}`, env)
  expect(await run(sandbox.environment)).toEqual({exitCode: 0, stdout: '', stderr: ''})
  const text = readFileSync(file, 'utf8')
  const comment = /^# (HELP|TYPE) (nezha_server_\w+) .+$/
  const series = /^(nezha_server_\w+)(\{id="\d+",name="(?:[^"\\]|\\["\\n])*"\}) [0-9.e+]+$/
  const lines = text.trimEnd().split('\n')
  expect(lines.filter(line => !comment.test(line) && !series.test(line))).toEqual([])
  // What is said twice, or of a metric that has no type yet, is an error to Prometheus.
  const keys = lines.map(line => /^# \w+ \w+/.exec(line)?.[0] ?? line.replace(/ \S+$/, ''))
  expect(new Set(keys).size).toBe(keys.length)
  expect(lines[1]).toBe('# TYPE nezha_server_online gauge')
  expect(text).toContain('nezha_server_online{id="1",name="a \\"b\\" \\\\ 机房"} 1\n')
  expect(text).toContain('nezha_server_online{id="4",name="backup1"} 0\n')
  expect(text).not.toContain('memory_used_bytes{id="4"')
  const failed = await run({...sandbox.environment, NEZHA_TOKEN: 'wrong'})
  expect([failed.exitCode === 0, readFileSync(file, 'utf8')]).toEqual([false, text])
  expect(readdirSync(folder).filter(name => name.endsWith('.prom'))).toEqual(['nezha.prom'])
})

describe('Nagios', () => {
  const [block] = recipe('Nagios and Icinga: a check')
  test.each([
    [0, allIsWell, {}, 'NEZHA OK - all servers report'],
    [1, oneIsDown, {}, 'NEZHA WARNING - down: backup1'],
    [
      2,
      allIsWell,
      {NEZHA_DASHBOARD_URL: 'http://127.0.0.1:1'},
      'NEZHA CRITICAL - panelctl: cannot reach Nezha',
    ],
    [3, allIsWell, {NEZHA_TOKEN: 'wrong'}, 'NEZHA UNKNOWN - panelctl: '],
  ])('is told %i', async (code, servers, more, status) => {
    const {environment} = await nezha(...servers)
    const {stdout, stderr, exitCode} = await shell(block?.text ?? '', {...environment, ...more})
    expect([exitCode, stderr, stdout.slice(0, status.length)]).toEqual([code, '', status])
  })
})

test.skipIf(!isInstalled('curl'))(
  'Telegram is told what is down, by a bot whose token no other user sees',
  async () => {
    const [block] = recipe('Telegram: a message when a server is down')
    const telegram = await listen({
      handler: () => ({status: 200, headers: {'content-type': 'application/json'}, body: '{"ok":true}'}),
      now: Date.now,
    })
    onTestFinished(() => telegram.close())
    const script = (block?.text ?? '').replace('https://api.telegram.org', telegram.url)
    const run = async (...servers: Server[]) => {
      const {environment} = await nezha(...servers)
      return shell(script, {...environment, TELEGRAM_TOKEN: '123:abc', TELEGRAM_CHAT: '-100 7'})
    }
    expect(await run(...allIsWell)).toEqual({exitCode: 0, stdout: '', stderr: ''})
    expect(telegram.requests).toEqual([])
    expect(await run(...oneIsDown, {name: 'a&b', state: 'offline'})).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    })
    const [request] = telegram.requests
    expect([request?.method, request?.path]).toEqual(['POST', '/bot123:abc/sendMessage'])
    expect(Object.fromEntries(new URLSearchParams(String(request?.body)))).toEqual({
      chat_id: '-100 7',
      text: 'down: backup1, a&b',
    })
    expect(script).not.toMatch(/curl[^|]*TELEGRAM_TOKEN/)
  },
)

test.skipIf(!isInstalled('watch'))('watch ends when a state changes', async () => {
  const [block] = recipe('watch: go on when a state changes')
  const sandbox = await nezha(...allIsWell)
  const watching = shell(`export TERM=xterm; ${block?.text}`, sandbox.environment)
  const seen = sandbox.requests.length
  await vi.waitFor(() => expect(sandbox.requests.length).toBeGreaterThan(seen + 2), {
    timeout: 20_000,
    interval: 100,
  })
  sandbox.state.disconnect(1, Date.now() - 3_600_000)
  expect((await watching).exitCode).toBe(0)
})

describe.each([
  ['fish', 0],
  ['zsh', 1],
])('a loop of %s', (program, at) => {
  const block = recipe('A loop in fish and in zsh')[at]
  test.skipIf(!isInstalled(program))(`keeps names with blanks whole (needs ${program})`, async () => {
    const {environment} = await nezha(...oneIsDown)
    const folder = temporaryFolder()
    const {exitCode, stderr} = await shell(`cd ${folder}; ${block?.text}`, environment, program)
    expect([block?.language, exitCode, stderr]).toEqual([program, 0, ''])
    expect(readdirSync(folder).toSorted()).toEqual(['db1.json', 'web 1.json'])
    expect(JSON.parse(readFileSync(join(folder, 'web 1.json'), 'utf8')).name).toBe('web 1')
  })
})

test('each recipe has its test', () => {
  expect([...tested].toSorted()).toEqual([...recipes.keys()].toSorted())
})
