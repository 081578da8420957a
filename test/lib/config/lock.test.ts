import {join} from 'node:path'
import {expect, test} from 'vitest'
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
