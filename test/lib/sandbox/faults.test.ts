import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {type NezhaSandbox, startNezha} from '../../emulated.js'
import type {Fault} from '../../faults.js'

let dashboard: NezhaSandbox
beforeAll(async () => {
  dashboard = await startNezha()
})
afterAll(() => dashboard.close())
afterEach(() => dashboard.faults.clear())

function get(path = '/server/list?tag=Production', init: RequestInit = {}) {
  const headers = {Authorization: dashboard.token}
  return fetch(`${dashboard.url}/api/v1${path}`, {headers, redirect: 'manual', ...init})
}

const register = () => get('/server/register', {method: 'POST', body: '{}'})

async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => new Error('it worked'),
    (thrown: Error) => thrown,
  )
  return (error.cause as {code?: string} | undefined)?.code ?? error.message
}

test('hits the next request only, then all is well', async () => {
  dashboard.faults.next({kind: 'status', status: 503, headers: {'Retry-After': '1'}, body: 'busy'})
  const answer = await get()
  expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([503, '1', 'busy'])
  expect((await get()).status).toBe(200)
})

test('hits so many requests, of one path and method, in the order they were planned', async () => {
  const {faults} = dashboard
  faults.next({kind: 'status', status: 502}, {times: 2, path: '/api/v1/server/list'})
  faults.next({kind: 'status', status: 504}, {path: /tag=Production$/})
  faults.next({kind: 'status', status: 418}, {method: 'POST'})
  expect((await get('/monitor/1')).status).toBe(200)
  expect(faults.pending).toBe(4)
  const seen = [await get(), await get(), await get(), await get()]
  expect(seen.map(({status}) => status)).toEqual([502, 502, 504, 200])
  expect((await register()).status).toBe(418)
})

describe('each kind', () => {
  const serversAfter = async (fault: Fault) => {
    const before = dashboard.state.servers.size
    dashboard.faults.next(fault)
    const code = await failure(register().then(answer => answer.text()))
    return [code, dashboard.state.servers.size - before]
  }

  test('reset: the panel did nothing', async () => {
    expect(await serversAfter({kind: 'reset'})).toEqual(['ECONNRESET', 0])
    expect(dashboard.requests.at(-1)).toMatchObject({method: 'POST', body: '{}'})
  })

  test('reset-before-answer-headers and half-body: the panel did the work', async () => {
    expect(await serversAfter({kind: 'reset-before-answer-headers'})).toEqual(['ECONNRESET', 1])
    expect(await serversAfter({kind: 'half-body'})).toEqual(['UND_ERR_SOCKET', 1])
  })

  test('stall and stall-body never come to an end', async () => {
    for (const kind of ['stall', 'stall-body'] as const) {
      dashboard.faults.next({kind})
      const controller = new AbortController()
      const logged = dashboard.requests.length
      const answer = get('/server/list', {signal: controller.signal})
      if (kind === 'stall') while (dashboard.requests.length === logged) await get('/monitor/999')
      const text = kind === 'stall' ? answer : (await answer).text()
      controller.abort()
      await expect(text).rejects.toThrow('aborted')
    }
  })

  test('slow-body comes in pieces and is whole', async () => {
    dashboard.faults.next({kind: 'slow-body', pieces: 4, intervalMs: 1})
    expect(await (await get()).json()).toMatchObject({code: 0})
  })

  test.each([
    [{kind: 'html-200'}, 200, 'text/html; charset=utf-8', /^<!DOCTYPE html>/],
    [{kind: 'html-404', body: '<p>no'}, 404, 'text/html; charset=utf-8', /^<p>no$/],
    [{kind: 'empty-200'}, 200, 'application/json; charset=utf-8', /^$/],
    [{kind: 'redirect', to: 'https://example.com/'}, 302, null, /^$/],
    [{kind: 'cut-json'}, 200, 'application/json; charset=utf-8', /^\{"code":0,.*[^}]$/],
  ] as const)('$kind', async (fault, status, type, body) => {
    dashboard.faults.next(fault)
    const answer = await get()
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, type])
    expect(await answer.text()).toMatch(body)
  })

  test('wrong-types keeps the envelope', async () => {
    dashboard.faults.next({kind: 'wrong-types'})
    const json = await (await get('/server/list?tag=%E9%A6%99%E6%B8%AF')).json()
    expect(json).toMatchObject({code: 0, result: [{id: '3', name: 4, hide_for_guest: 'false'}]})
    dashboard.faults.next({kind: 'wrong-types', change: () => []})
    expect(await (await get()).json()).toEqual([])
  })
})
