import type {ChildProcess} from 'node:child_process'
import {existsSync, readdirSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import type {NezhaSandbox} from '../emulated.js'
import {binary, nezhaSandbox, temporaryFolder} from '../harness.js'

/** Whether an agent of the machine's own is in the way of every run. */
const occupied =
  existsSync('/etc/systemd/system/nezha-agent.service') || existsSync('/opt/nezha/agent/nezha-agent')
const installScript = {path: '/install.sh', method: 'GET'}
const register = {path: '/api/v1/server/register'}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setImmediate(resolve))
}

async function setUp() {
  const began = Date.now()
  const nezha = await nezhaSandbox({now: () => began + (Date.now() - began) * 20})
  const folder = temporaryFolder()
  const [work, state] = [join(folder, 'work'), join(folder, 'state')]
  const saved = join(state, 'registrations')
  const env = {...nezha.environment, PANELCTL_STATE_DIR: state}
  const args = [
    'nezha',
    'node',
    'auto-register',
    '--name',
    'web1',
    '--no-tls',
    '--workdir',
    work,
    '-o',
    'json',
  ]
  return {
    nezha,
    work,
    /** Runs it; `watch` sees the process, and what it has said so far. */
    run: (watch?: (child: ChildProcess, said: () => string) => void) =>
      binary(args, {
        env,
        stdin: 'closed',
        started: child => {
          let said = ''
          child.stderr?.on('data', text => {
            said += text
          })
          watch?.(child, () => said)
        },
      }),
    registrations: () => nezha.requests.filter(({path}) => path.includes('register')).length,
    files: () => (existsSync(work) ? readdirSync(work) : []),
    /** Lets the lock of a killed process be an hour old, as if the next run came later; it may not have had one yet. */
    leaveForAnHour() {
      if (!existsSync(saved)) return
      for (const name of readdirSync(saved).filter(name => name.endsWith('.lock')))
        utimesSync(join(saved, name), 0, Date.now() / 1000 - 3600)
    },
    unfinished: () => readdirSync(saved).filter(name => name.endsWith('.json')),
  }
}

type Setting = Awaited<ReturnType<typeof setUp>>

const web1 = ({nezha}: Setting) => [...nezha.state.servers.values()].filter(({name}) => name === 'web1')

/** The sandbox's script, which first waits until somebody writes into its pipe. */
async function gated({installer}: NezhaSandbox): Promise<string> {
  const text = await (await fetch(`${installer.url}/install.sh`)).text()
  return text.replace(
    '#!/bin/sh\n',
    '#!/bin/sh\nmkfifo gate && : >started && read -r go <gate\nrm gate started\n',
  )
}

const agentOnly = '#!/bin/sh\nmkdir agent && : >agent/nezha-agent && exit 0\n'

/** A moment at which the program is ended: how it is brought there, and when it is there. */
interface Moment {
  readonly at: string
  prepare?(setting: Setting): Promise<void> | void
  reached(setting: Setting, said: string): boolean
  /** Before the next run, which ends well unless `ends` says otherwise. */
  between?(setting: Setting): void
  /** While the next run is on its way. */
  during?(setting: Setting, said: () => string): Promise<void>
  readonly ends?: 5
}

const moments: readonly Moment[] = [
  {at: 'gathering', reached: (_, said) => said.includes('[1/8]')},
  {at: 'the end of preflight', reached: (_, said) => said.includes('[2/8]')},
  {
    at: 'registering, before the panel has read it',
    prepare: ({nezha}) => nezha.faults.next({kind: 'stall'}, register),
    reached: ({nezha}) => nezha.requests.some(({path}) => path === register.path),
  },
  {
    at: 'downloading',
    prepare: ({nezha}) => nezha.faults.next({kind: 'stall'}, installScript),
    reached: ({nezha}) => nezha.installer.requests.length > 0,
  },
  {
    at: 'verifying',
    prepare: ({nezha}) => nezha.faults.next({kind: 'status', status: 200, body: agentOnly}, installScript),
    reached: (_, said) => said.includes('[7/8]'),
    between: setting => {
      for (const {secret} of web1(setting)) setting.nezha.state.report(secret)
    },
  },
]

const endings = [
  ['SIGKILL', {exitCode: null, signal: 'SIGKILL'}],
  ['SIGTERM', {exitCode: 143, signal: null}],
  ['SIGINT', {exitCode: 130, signal: null}],
] as const

describe.skipIf(process.platform !== 'linux' || occupied)('auto-register', () => {
  describe.each(endings)('ended by %s', (signal, ending) => {
    const stop = (child: ChildProcess) => child.kill(signal)

    test.each(moments.map(moment => [moment.at, moment] as const))(
      'while %s: the next run ends with one node and one agent',
      async (_, moment) => {
        const setting = await setUp()
        await moment.prepare?.(setting)
        // The secret is never told again, so one signal waits for the answer; a second one does not.
        const twice = signal !== 'SIGKILL' && moment.at.startsWith('registering')
        const first = await setting.run((child, said) => {
          until(() => moment.reached(setting, said())).then(() => {
            stop(child)
            if (twice) until(() => said().includes('again')).then(() => stop(child))
          })
        })
        expect(first).toMatchObject({...ending, stdout: ''})
        expect(setting.files()).not.toContain('nezha.sh')
        moment.between?.(setting)
        if (signal === 'SIGKILL') setting.leaveForAnHour()
        const second = await setting.run()
        expect(second.exitCode).toBe(0)
        expect(JSON.parse(second.stdout)).toMatchObject({name: 'web1', id: 6, online: true})
        expect(web1(setting).map(({id}) => id)).toEqual([6])
        expect(setting.files()).toEqual(['agent'])
        expect(setting.unfinished()).toEqual([])
      },
    )
  })

  test('killed after the panel has registered it, and before it has said so: the next run names the server', async () => {
    const setting = await setUp()
    setting.nezha.faults.next({kind: 'stall-body'}, register)
    await setting.run(child => {
      until(() => web1(setting).length > 0).then(() => child.kill('SIGKILL'))
    })
    setting.leaveForAnHour()
    const {stderr, stdout, exitCode} = await setting.run()
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 5})
    expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      error: {code: 'REJECTED', hint: expect.stringContaining('delete server 6 on the dashboard')},
    })
    expect(setting.registrations()).toBe(1)
  })

  test('a signal while registering waits for the answer, and the secret is saved', async () => {
    const setting = await setUp()
    setting.nezha.faults.next({kind: 'slow-body', pieces: 5, intervalMs: 20}, register)
    const first = await setting.run(child => {
      until(() => web1(setting).length > 0).then(() => child.kill('SIGTERM'))
    })
    expect(first).toMatchObject({exitCode: 143, stdout: ''})
    expect(setting.unfinished()).toHaveLength(1)
    expect(await setting.run()).toMatchObject({exitCode: 0})
    expect(setting.registrations()).toBe(1)
  })

  test('killed while the script runs: the next run waits for the script, and does not start it again', async () => {
    const setting = await setUp()
    const body = await gated(setting.nezha)
    setting.nezha.installer.requests.length = 0
    setting.nezha.faults.next({kind: 'status', status: 200, body}, installScript)
    await setting.run(child => {
      until(() => setting.files().includes('started')).then(() => child.kill('SIGKILL'))
    })
    expect(setting.files()).toContain('nezha.sh')
    const second = await setting.run((_, said) => {
      until(() => said().includes('still at work')).then(() =>
        writeFileSync(join(setting.work, 'gate'), 'go\n'),
      )
    })
    expect(second.exitCode).toBe(0)
    expect(JSON.parse(second.stdout)).toMatchObject({id: 6, registered: false, online: true})
    expect(setting.nezha.installer.requests.filter(({method}) => method === 'GET')).toHaveLength(1)
    expect(setting.files()).toEqual(['agent'])
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    '%s while the script runs ends the script and removes it; the next run starts it again',
    async (signal, exitCode) => {
      const setting = await setUp()
      const body = await gated(setting.nezha)
      setting.nezha.faults.next({kind: 'status', status: 200, body}, installScript)
      const first = await setting.run(child => {
        until(() => setting.files().includes('started')).then(() => child.kill(signal))
      })
      expect(first).toMatchObject({exitCode, stdout: ''})
      expect(setting.files().toSorted()).toEqual(['gate', 'started'])
      const second = await setting.run()
      expect(second.exitCode).toBe(0)
      expect(JSON.parse(second.stdout)).toMatchObject({
        id: 6,
        registered: false,
        installed: true,
        online: true,
      })
      expect(setting.files()).not.toContain('nezha.sh')
    },
  )

  test('two at once make one node, and both say so', async () => {
    const setting = await setUp()
    const outcomes = await Promise.all([setting.run(), setting.run(), setting.run()])
    expect(outcomes.map(({exitCode}) => exitCode)).toEqual([0, 0, 0])
    const results = outcomes.map(({stdout}) => JSON.parse(stdout))
    expect(results.map(({id, online}) => [id, online])).toEqual([
      [6, true],
      [6, true],
      [6, true],
    ])
    expect(results.filter(({registered}) => registered)).toHaveLength(1)
    expect(setting.registrations()).toBe(1)
  })

  test('in a sandbox, without a home and with an empty environment, it comes online', async () => {
    const folder = temporaryFolder()
    const {exitCode, stdout} = await binary(
      [
        'sandbox',
        '--',
        'panelctl',
        'nezha',
        'node',
        'auto-register',
        '--no-tls',
        '--workdir',
        join(folder, 'w'),
      ],
      {env: {HOME: undefined, PANELCTL_CONFIG_DIR: undefined, NODE_NAME: 'web1'}, stdin: 'closed'},
    )
    expect(exitCode).toBe(0)
    expect(stdout).toContain('ONLINE      yes')
  })
})
