import {describe, expect, test} from 'vitest'
import type {Monitor, Server, ServerDetails} from '../../src/lib/panels/nezha/schemas.js'
import type {CliOptions, Outcome} from '../harness.js'

/** A dashboard whose tests have begun, and what they know of it. */
export interface Subject {
  /** Of an operator; the options may say otherwise. */
  run(line: string | readonly string[], options?: CliOptions): Promise<Outcome>
  /** All of them, in the order of ids. */
  readonly servers: readonly Server[]
  /** One that guests may see. No other has its group, which is `unique`. */
  readonly visible: Server
  readonly unique: string
  /** The environment of an operator whose credential is wrong. */
  readonly wrong: Readonly<Record<string, string>>
}

export const unknownId = 999_999_999

/** The JSON of a command that ends well, in silence but for an action's note. */
export async function jsonOf<Data>(
  {run}: Pick<Subject, 'run'>,
  line: string | readonly string[],
): Promise<Data> {
  const outcome = await run(line)
  expect(outcome, outcome.stderr).toMatchObject({exitCode: 0})
  return JSON.parse(outcome.stdout)
}

export function expectFailure(outcome: Outcome, exitCode: number, code: string): void {
  expect(outcome, outcome.stderr).toMatchObject({exitCode, stdout: ''})
  expect(JSON.parse(outcome.stderr)).toMatchObject({error: {code, exitCode, panel: 'nezha'}})
}

/** Servers without what changes by itself from one call to the next. */
export const still = (list: readonly Server[]) => list.map(({id, name, tag}) => ({id, name, tag}))

/** What the commands that read make of any dashboard, of whatever generation. */
export function readingCommands(subject: () => Subject): void {
  const json = <Data>(line: string | readonly string[]) => jsonOf<Data>(subject(), line)
  const run: Subject['run'] = (...given) => subject().run(...given)

  describe('server list', () => {
    test('list is in the order of ids, every time', async () => {
      const {servers} = subject()
      const first = await json<Server[]>('nezha server list -o json')
      const second = await json<Server[]>('nezha server list -o json')
      const ids = first.map(({id}) => id)
      expect(ids.length).toBeGreaterThan(0)
      expect(ids).toEqual(ids.toSorted((one, other) => one - other))
      expect(still(second)).toEqual(still(first))
      expect(still(first)).toEqual(still(servers))
    })

    test('list as table and as ids shows the same servers', async () => {
      const {servers} = subject()
      const {stdout, exitCode} = await run('nezha server list')
      expect(exitCode).toBe(0)
      expect(stdout).toMatch(/^ *ID {2}NAME +TAG +LAST ACTIVE/)
      expect(stdout.trimEnd().split('\n').length).toBe(servers.length + 1)
      const ids = await run('nezha server list -o id')
      expect(ids.stdout).toBe(servers.map(({id}) => `${id}\n`).join(''))
    })

    test('list by tag gives the servers of that tag', async () => {
      const {servers} = subject()
      for (const tag of new Set(servers.map(server => server.tag).filter(tag => tag !== ''))) {
        const tagged = await json<Server[]>(['nezha', 'server', 'list', '--tag', tag, '-o', 'json'])
        expect(still(tagged)).toEqual(still(servers.filter(server => server.tag === tag)))
      }
    })

    test('list by a tag that nothing has is empty', async () => {
      const {unique} = subject()
      expect(await json(['nezha', 'server', 'list', '--tag', `${unique}-none`, '-o', 'json'])).toEqual([])
    })
  })

  describe('server details', () => {
    test('details of all servers have host and status', async () => {
      const {servers} = subject()
      const details = await json<ServerDetails[]>('nezha server details -o json')
      expect(still(details)).toEqual(still(servers))
      for (const {host, status} of details) {
        expect(Object.keys(host).slice(0, 3)).toEqual(['Platform', 'PlatformVersion', 'CPU'])
        expect(Object.keys(status).slice(0, 3)).toEqual(['CPU', 'MemUsed', 'SwapUsed'])
      }
    })

    test('details as a table', async () => {
      const {servers} = subject()
      const {stdout, exitCode} = await run('nezha server details')
      expect(exitCode).toBe(0)
      expect(stdout.trimEnd().split('\n').length).toBe(servers.length + 1)
    })

    test('details by ids come in the order of the ids, each once', async () => {
      const {servers} = subject()
      const ids = [servers.at(-1), servers[0], servers.at(-1)].map(server => server?.id)
      const details = await json<ServerDetails[]>(`nezha server details ${ids.join(' ')} -o json`)
      expect(details.map(({id}) => id)).toEqual([...new Set(ids)])
    })

    test('details with one missing id print the others and exit 9', async () => {
      const {visible} = subject()
      const outcome = await run(`nezha server details ${unknownId} ${visible.id} -o json`)
      expect(outcome.exitCode).toBe(9)
      expect(still(JSON.parse(outcome.stdout))).toEqual(still([visible]))
      expect(JSON.parse(outcome.stderr)).toMatchObject({
        error: {code: 'PARTIAL', message: `there is no server ${unknownId}`},
      })
    })

    test('details with all ids missing exit 3', async () => {
      const outcome = await run(`nezha server details ${unknownId} ${unknownId + 1} -o json`)
      expectFailure(outcome, 3, 'NOT_FOUND')
    })

    test('details by tag', async () => {
      const {visible, unique} = subject()
      const details = await json<ServerDetails[]>([
        'nezha',
        'server',
        'details',
        '--tag',
        unique,
        '-o',
        'json',
      ])
      expect(details.map(({id}) => id)).toEqual([visible.id])
    })
  })

  describe('server show', () => {
    test('show by id and by name is the same server', async () => {
      const {visible} = subject()
      const byId = await json<ServerDetails>(`nezha server show ${visible.id} -o json`)
      const byName = await json<ServerDetails>(['nezha', 'server', 'show', visible.name, '-o', 'json'])
      expect(still([byId, byName])).toEqual(still([visible, visible]))
    })

    test('show every server by its id', async () => {
      const {servers} = subject()
      for (const {id} of servers) {
        expect(await json(`nezha server show ${id} -o json`)).toMatchObject({id})
      }
    })

    test('show an unknown id or name exits 3', async () => {
      const {unique} = subject()
      expectFailure(await run(`nezha server show ${unknownId} -o json`), 3, 'NOT_FOUND')
      expectFailure(await run(['nezha', 'server', 'show', `${unique}-none`, '-o', 'json']), 3, 'NOT_FOUND')
    })
  })

  describe('monitor show', () => {
    test('monitors of every server have a delay for each time', async () => {
      const {servers} = subject()
      for (const {id} of servers) {
        for (const monitor of await json<Monitor[]>(`nezha monitor show ${id} -o json`)) {
          expect(monitor.server_id).toBe(id)
          expect(monitor.avg_delay.length).toBe(monitor.created_at.length)
          expect(monitor.created_at).toEqual(monitor.created_at.toSorted((one, other) => one - other))
        }
      }
    })

    test('monitors of an unknown server exit 3', async () => {
      expectFailure(await run(`nezha monitor show ${unknownId} -o json`), 3, 'NOT_FOUND')
    })
  })

  test('a wrong credential exits 4', async () => {
    const {visible, wrong: env} = subject()
    for (const line of [
      'nezha server list',
      'nezha server details',
      `nezha server show ${visible.id}`,
      `nezha server status ${visible.id}`,
    ]) {
      expectFailure(await run(`${line} -o json`, {env}), 4, 'AUTH')
    }
  })
}
