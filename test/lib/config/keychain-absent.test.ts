import {expect, it, vi} from 'vitest'
import {readSecret} from '../../../src/lib/config/secrets.js'
import {failure} from './failure.js'

vi.mock('keytar', () => {
  throw new Error("Cannot find package 'keytar'")
})

it('an installation without keytar says so and how to do without', async () => {
  const place = {configDir: '/nowhere', env: {DBUS_SESSION_BUS_ADDRESS: 'x'}, platform: 'linux' as const}
  expect(await failure(() => readSecret(place, 'keychain', 'lab'))).toMatchObject({
    code: 'AUTH',
    message:
      'the keychain cannot be used: keytar is not installed here, or lacks a system library (libsecret)',
    hint: 'cron and SSH sessions cannot read the keychain: log in again with --store file',
  })
})
