import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {openidcsSandbox, root, temporaryFolder} from '../harness.js'
import {isInstalled, shell} from './shell.js'

// The very script that is run against real panels: what it does there it has to do here, on the oldest and the newest.

const script = join(root, 'test', 'contract', 'openidcs-lifecycle.sh')

const host = `
server_addr: 192.0.2.50:8697
server_user: vmuser
server_pass: Vm-pass-1!
images_path: /opt/openidcs/images
system_path: /opt/openidcs/system
ports_start: 20000
ports_close: 20100
public_addr: [192.0.2.50]
system_maps: {Debian 12: [debian12.vmdk, 10]}
`

test.skipIf(!isInstalled('jq')).each(['seed', 'newest'] as const)(
  'a host and a VM live and die by one script on the profile %s',
  async profile => {
    const {environment, state} = await openidcsSandbox({profile, world: 'empty'})
    const file = join(temporaryFolder(), 'host.yaml')
    writeFileSync(file, host)
    const {stderr, exitCode} = await shell(`sh '${script}' '${file}'`, environment)
    expect({exitCode, end: stderr.trimEnd().split('\n').slice(-10)}).toMatchObject({exitCode: 0})
    expect([...state.hosts.keys()]).toEqual([])
  },
  120_000,
)
