import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {setImmediate as turn} from 'node:timers/promises'
import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {expect, test} from 'vitest'
import {thisMachine} from '../../../src/lib/agent/machine.js'
import {typeLine} from '../../../src/lib/agent/services.js'
import {temporaryFolder} from '../../harness.js'

const machine = thisMachine({PATH: process.env.PATH})

test('what is typed gives its exit code', async () => {
  const {signal} = new AbortController()
  expect(await typeLine(machine, 'true', signal)).toBe(0)
  expect(await typeLine(machine, 'false; exit 3', signal)).toBe(3)
})

test('a signal ends the wait for a service that does not start, and what was typed', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'started')
  const controller = new AbortController()
  const typed = typeLine(
    machine,
    `sleep 600 & echo $! >${file}.new; mv ${file}.new ${file}; wait`,
    controller.signal,
  )
  const outcome = expect(typed).rejects.toThrow('Ctrl-C')
  await expect.poll(() => existsSync(file), {timeout: 10_000}).toBe(true)
  controller.abort(new Error('Ctrl-C'))
  await outcome
  const sleeper = Number(readFileSync(file, 'utf8'))
  const isThere = () => {
    try {
      return /\) [^Z]/.test(readFileSync(`/proc/${sleeper}/stat`, 'utf8'))
    } catch {
      return false
    }
  }
  if (process.platform === 'linux') await expect.poll(isThere, {timeout: 10_000}).toBe(false)
})

test('what takes too long is ended, also where memory is cleared meanwhile', async () => {
  setFlagsFromString('--expose-gc')
  const clear: unknown = runInNewContext('gc')
  if (typeof clear !== 'function') throw new Error('V8 clears its memory')
  const typed = typeLine(machine, 'sleep 600', new AbortController().signal, 500)
  await turn()
  clear()
  expect(await typed).toBe(1)
})
