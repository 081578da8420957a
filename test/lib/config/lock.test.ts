import {mkdirSync, utimesSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {withLock} from '../../../src/lib/config/files/lock.js'
import {temporaryFolder} from '../../harness.js'

test('many that start at once make the folders of their locks, and none fails because another one did', async () => {
  for (let round = 0; round < 20; round++) {
    const folder = join(temporaryFolder(), 'state', 'registrations')
    const names = Array.from({length: 20}, (_, index) => `${index}.lock`)
    const locked = names.map(name =>
      withLock(
        {folder, name, patience: 1000, busy: 'busy', variable: 'PANELCTL_STATE_DIR'},
        async () => name,
      ),
    )
    expect(await Promise.all(locked)).toEqual(names)
  }
})

// A small computer without a clock that runs on begins in the past each time; others are put right by NTP.
describe('a lock out of the future', () => {
  const inTwoDays = () => Date.now() / 1000 + 172_800

  function lockedIn(folder: string, patience: number) {
    const options = {folder, name: '.lock', patience, busy: 'busy', variable: 'PANELCTL_CONFIG_DIR'}
    return withLock(options, async () => 'had it')
  }

  test('is that of a killed process, which wrote it before the clock went back', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, '.lock'))
    utimesSync(join(folder, '.lock'), inTwoDays(), inTwoDays())
    // As little as anybody waits for one.
    expect(await lockedIn(folder, 2000)).toBe('had it')
  })

  test('is left to who renews it, on a machine whose clock is ahead', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, '.lock'))
    const renew = () => utimesSync(join(folder, '.lock'), inTwoDays(), inTwoDays())
    renew()
    const renewing = setInterval(renew, 100)
    onTestFinished(() => clearInterval(renewing))
    await expect(lockedIn(folder, 2500)).rejects.toMatchObject({message: 'busy'})
  })
})
