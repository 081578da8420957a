import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import {PanelctlError} from '../../../src/lib/errors.js'
import {type FollowOptions, follow} from '../../../src/lib/http/follow.js'

const gone = () => new PanelctlError('UNREACHABLE', 'gone')

/** Follows a script of connections, each a list of answers and what ends it, in a time that only its waits make pass. */
function followed(script: readonly (readonly (string | Error)[] | Error)[], lasting: readonly number[] = []) {
  const waits: number[] = []
  const events: string[] = []
  let clock = 0
  let opened = 0
  const options: FollowOptions = {
    interval: 1000,
    signal: new AbortController().signal,
    lost: ({message}) => events.push(`lost: ${message}`),
    found: () => events.push('found'),
    time: {
      now: () => clock,
      wait: async milliseconds => {
        waits.push(milliseconds)
        clock += milliseconds
      },
    },
  }
  const generator = follow(
    async () => {
      const connection = script[opened++]
      if (connection === undefined) throw new PanelctlError('AUTH', 'the script has ended')
      if (connection instanceof Error) throw connection
      const answers = [...connection]
      const held = lasting[opened - 1] ?? 0
      return {
        ask: async () => {
          const answer = answers.shift() ?? gone()
          if (typeof answer === 'string') return answer
          clock += held
          throw answer
        },
        close: () => events.push('closed'),
      }
    },
    conversation => conversation.ask('get'),
    options,
  )
  return {generator, waits, events}
}

async function all(generator: AsyncGenerator<string>): Promise<{values: string[]; error: unknown}> {
  const values: string[] = []
  try {
    for await (const value of generator) values.push(value)
    return {values, error: undefined}
  } catch (error) {
    return {values, error}
  }
}

/** The n-th wait of a backoff is between a half and the whole of 250 ms doubled n times, 8 s at most. */
function attemptOf(wait: number): number {
  return Math.ceil(Math.log2(wait / 250)) + 1
}

describe('follow', () => {
  // Jitter can make a wait look like that of the attempt before.
  beforeEach(() => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('asks at the interval', async () => {
    const {generator, waits} = followed([['a', 'b', 'c', new PanelctlError('AUTH', 'no')]])
    expect(await all(generator)).toEqual({
      values: ['a', 'b', 'c'],
      error: expect.objectContaining({code: 'AUTH'}),
    })
    expect(waits).toEqual([1000, 1000, 1000])
  })

  test.each([gone(), new PanelctlError('AUTH', 'no'), new TypeError('bug')])(
    'ends with what is wrong before the first answer: %s',
    async error => {
      expect(await all(followed([error, ['a']]).generator)).toEqual({values: [], error})
      expect(await all(followed([[error], ['a']]).generator)).toEqual({values: [], error})
    },
  )

  test('opens again what ends later, and tells once of each gap', async () => {
    const {generator, events} = followed([['a'], gone(), gone(), ['b'], gone(), ['c']])
    const {values, error} = await all(generator)
    expect(values).toEqual(['a', 'b', 'c'])
    expect(error).toMatchObject({message: 'the script has ended'})
    expect(events).toEqual([
      'closed',
      'lost: gone',
      'found',
      'closed',
      'lost: gone',
      'found',
      'closed',
      'lost: gone',
    ])
  })

  test('ends with a failure that time does not heal', async () => {
    const error = new PanelctlError('AUTH', 'the session has ended')
    expect(await all(followed([['a'], gone(), error, ['b']]).generator)).toEqual({values: ['a'], error})
  })

  test('waits longer and longer, 8 s at most', async () => {
    const {generator, waits} = followed([['a'], ...Array.from({length: 8}, gone)])
    await all(generator)
    const [interval, ...backoff] = waits
    expect(interval).toBe(1000)
    expect(backoff.map(attemptOf)).toEqual([1, 2, 3, 4, 5, 6, 6, 6, 6])
  })

  test('begins at the shortest wait again after a healthy spell, not after a flicker', async () => {
    const flickering = followed([['a'], gone(), gone(), ['b'], ['c']])
    await all(flickering.generator)
    expect(flickering.waits.filter(wait => wait !== 1000).map(attemptOf)).toEqual([1, 2, 3, 4, 5])
    const healthy = followed([['a'], gone(), gone(), ['b'], ['c']], [0, 0, 0, 20_000])
    await all(healthy.generator)
    expect(healthy.waits.filter(wait => wait !== 1000).map(attemptOf)).toEqual([1, 2, 3, 1, 2])
  })

  test('closes the connection when nobody wants more', async () => {
    const {generator, events} = followed([['a', 'b', 'c']])
    for await (const value of generator) {
      expect(value).toBe('a')
      break
    }
    expect(events).toEqual(['closed'])
  })
})
