import {describe, expect, test} from 'vitest'
import * as z from 'zod/mini'
import {PanelctlError} from '../../../src/lib/errors.js'
import type {ClientOptions} from '../../../src/lib/http/client-options.js'
import {DryRun} from '../../../src/lib/http/dry-run.js'
import {endpointsOf} from '../../../src/lib/http/endpoint.js'
import type {Panel, Sessions} from '../../../src/lib/http/panel.js'
import type {SandboxRequest} from '../../../src/lib/sandbox/answer.js'
import {paths} from '../../failure.js'
import {connected, data, failure, json, plain, token} from './panel.js'

/** A panel that wants a session besides the token, as some versions of OpenIDCS do. */
const sessions: Sessions = {
  wanted: ({json}) => JSON.stringify(json) === '{"refused":"no session"}',
  lost: ({json}) => JSON.stringify(json) === '{"refused":"no session"}',
  async open({value}, send) {
    const {json, status} = await send({method: 'POST', path: '/login', body: {token: value}})
    if (status === 404) return undefined
    if (JSON.stringify(json) !== '{"data":"in"}') {
      throw new PanelctlError('AUTH', 'the panel gave no session', {panel: 'plain'})
    }
    return {headers: {cookie: 'session=the-secret-cookie'}}
  },
}

const panel: Panel = {...plain, sessions}
const endpoint = endpointsOf(panel)

const list = endpoint({method: 'GET', path: '/items', result: z.unknown(), retry: 'reads'})
const add = endpoint({
  method: 'POST',
  path: '/items',
  body: z.looseObject({}),
  result: z.unknown(),
  retry: 'never',
})
const report = endpoint({
  method: 'POST',
  path: '/report',
  body: z.looseObject({}),
  result: z.unknown(),
  retry: 'never',
  anonymous: true,
})

const wanted = json({refused: 'no session'})

/** Wants a session for everything; the first cookies are worth nothing, as after a start of the panel. */
async function strict(options: Partial<ClientOptions> = {}, answers: {login?: object; dead?: number} = {}) {
  let logins = 0
  let dead = answers.dead ?? 0
  return connected(({path, headers}) => {
    if (path === '/login') {
      logins++
      return json(answers.login ?? {data: 'in'})
    }
    if (path === '/report') return data('thanks')
    if (headers.cookie === undefined) return wanted
    return logins > 0 && dead-- > 0 ? wanted : data([{id: 1}])
  }, options)
}

function credentials({headers}: SandboxRequest) {
  return [headers.authorization, headers.cookie]
}

describe('a panel that wants a session besides the token', () => {
  test('is asked, refuses, is logged in to, and is asked once more', async () => {
    const {client, requests} = await strict()
    expect(await client.call(list, {})).toEqual([{id: 1}])
    expect(paths({requests})).toEqual(['GET /items', 'POST /login', 'GET /items'])
    expect(requests.map(credentials)).toEqual([
      [token, undefined],
      [token, undefined],
      [token, 'session=the-secret-cookie'],
    ])
    expect(JSON.parse(requests[1]?.body ?? '')).toEqual({token})
  })

  test('gets a refused write once more, as it was', async () => {
    const {client, requests} = await strict()
    expect(await client.call(add, {body: {name: 'a'}})).toEqual([{id: 1}])
    expect(paths({requests})).toEqual(['POST /items', 'POST /login', 'POST /items'])
    expect(requests[2]?.body).toBe(requests[0]?.body)
  })

  test('is not asked a third time', async () => {
    const {client, requests} = await strict({}, {dead: 9})
    expect(await failure(client.call(add, {body: {}}))).toMatchObject({code: 'REJECTED'})
    expect(paths({requests})).toEqual(['POST /items', 'POST /login', 'POST /items'])
  })

  test('is logged in to once for many calls', async () => {
    const {client, requests} = await strict()
    for (let call = 0; call < 3; call++) await client.call(list, {})
    expect(paths({requests}).filter(path => path === 'POST /login')).toHaveLength(1)
    // Only the first was refused.
    expect(requests).toHaveLength(5)
  })

  test('is logged in to once for calls at the same time', async () => {
    const {client, requests} = await strict()
    const calls = Array.from({length: 5}, () => client.call(list, {}))
    expect(await Promise.all(calls)).toEqual(Array.from({length: 5}, () => [{id: 1}]))
    expect(paths({requests}).filter(path => path === 'POST /login')).toHaveLength(1)
    expect(requests).toHaveLength(11)
  })

  test('is logged in to again where it has forgotten the session', async () => {
    const {client, requests} = await connected(forgetful())
    await client.call(list, {})
    await client.call(add, {body: {}})
    expect(paths({requests})).toEqual([
      'GET /items',
      'POST /login',
      'GET /items',
      'POST /items',
      'POST /login',
      'POST /items',
    ])
  })

  test('is not logged in to again by every later call once it gave no session', async () => {
    const {client, requests} = await strict({}, {login: {refused: 'too many'}})
    for (let call = 0; call < 3; call++) {
      expect(await failure(client.call(list, {}))).toMatchObject({
        code: 'AUTH',
        message: 'the panel gave no session',
      })
    }
    expect(paths({requests}).filter(path => path === 'POST /login')).toHaveLength(1)
  })

  test('is logged in to by a later call where it could not be reached before', async () => {
    const {client, requests, faults} = await strict({retries: 0})
    faults.next({kind: 'status', status: 503}, {path: '/login'})
    expect(await failure(client.call(add, {body: {}}))).toMatchObject({code: 'UNREACHABLE'})
    expect(await client.call(list, {})).toEqual([{id: 1}])
    expect(paths({requests}).filter(path => path === 'POST /login')).toHaveLength(2)
  })

  test('refuses where there is no session to be had', async () => {
    const {client, requests} = await connected(({path}) =>
      path === '/login' ? json({refused: 'no such path'}, 404) : wanted,
    )
    expect(await failure(client.call(list, {}))).toMatchObject({code: 'REJECTED', message: 'no session'})
    expect(await failure(client.call(list, {}))).toMatchObject({code: 'REJECTED', message: 'no session'})
    expect(paths({requests})).toEqual(['GET /items', 'POST /login', 'GET /items'])
  })

  test('is not logged in to without a credential', async () => {
    const {client, requests} = await connected(() => wanted, {}, {credential: async () => undefined})
    expect(await failure(client.call(list, {}))).toMatchObject({code: 'REJECTED'})
    expect(paths({requests})).toEqual(['GET /items'])
  })

  test('is not logged in to for a dry run', async () => {
    const {client, requests} = await strict({dryRun: true})
    await expect(client.call(add, {body: {}})).rejects.toBeInstanceOf(DryRun)
    expect(requests).toEqual([])
  })
})

/** Forgets its session after one answer to it. */
function forgetful() {
  let answered = 0
  return ({path, headers}: SandboxRequest) => {
    if (path === '/login') return json({data: 'in'})
    if (headers.cookie === undefined) return wanted
    answered++
    return answered === 2 ? wanted : data([{id: 1}])
  }
}

test('neither the token nor the cookie is in what --debug shows', async () => {
  const {client, debugged} = await strict()
  await client.call(list, {})
  await client.call(add, {body: {}})
  const shown = debugged.join('\n')
  expect(shown).toMatch(/POST .*\/login .*HTTP 200/)
  expect(shown).not.toContain(token)
  expect(shown).not.toContain('the-secret-cookie')
})

describe('a call without credentials', () => {
  test('sends none, neither token nor session', async () => {
    const {client, requests} = await strict()
    await client.call(list, {})
    requests.length = 0
    expect(await client.call(report, {body: {}})).toBe('thanks')
    expect(requests.map(credentials)).toEqual([[undefined, undefined]])
  })

  test('looks none up', async () => {
    let asked = 0
    const credential = async () => {
      asked++
      return undefined
    }
    const {client} = await connected(() => data('thanks'), {}, {credential})
    expect(await client.call(report, {body: {}})).toBe('thanks')
    expect(asked).toBe(0)
  })

  test('is not logged in for, whatever it is answered', async () => {
    const {client, requests} = await connected(() => wanted)
    expect(await failure(client.call(report, {body: {}}))).toMatchObject({code: 'REJECTED'})
    expect(paths({requests})).toEqual(['POST /report'])
  })
})
