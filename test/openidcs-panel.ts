import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {OpenidcsOptions, OpenidcsSandbox} from './emulated.js'
import {paths} from './failure.js'
import {type CliOptions, cli, now, openidcsSandbox, temporaryFolder} from './harness.js'

export type Profile = NonNullable<OpenidcsOptions['profile']>

export const hosts: NonNullable<OpenidcsOptions['hosts']> = [
  {
    name: 'node1',
    type: 'VMWareSetup',
    config: {system_path: '/srv/machines', public_addr: ['203.0.113.11'], i_kuai_addr: ''},
    vms: [
      {name: 'web1', state: 'running', agent: true, ip: '192.168.1.101', config: {os_pass: 'guest-secret'}},
      {name: 'web10', state: 'running', agent: true, ip: '192.168.1.110'},
      {name: 'db1', state: 'stopped', agent: false, config: {cpu_num: 1, mem_num: 2048, hdd_num: 20_480}},
    ],
  },
  {name: 'lxc1', type: 'LxContainer', vms: [{name: 'web1'}, {name: 'web10'}]},
]

/** A panel whose clock goes on by a second with each request. */
export async function panel(
  profile: Profile = 'seed',
  options: OpenidcsOptions = {},
): Promise<OpenidcsSandbox> {
  let arrived: readonly unknown[] = []
  const sandbox = await openidcsSandbox({
    profile,
    hosts,
    now: () => now.getTime() + arrived.length * 1000,
    ...options,
  })
  arrived = sandbox.requests
  return sandbox
}

/** What was sent besides reads. */
export function writes({requests}: {requests: readonly {method: string; path: string}[]}): string[] {
  return paths({requests: requests.filter(({method}) => method !== 'GET')})
}

export function bodyOf(sandbox: OpenidcsSandbox): unknown {
  const sent = sandbox.requests.filter(({method}) => method !== 'GET').at(-1)
  return JSON.parse(String(sent?.body))
}

export function file(text: string): string {
  const path = join(temporaryFolder(), 'vm.yaml')
  writeFileSync(path, text)
  return path
}

export function run(
  {environment}: Pick<OpenidcsSandbox, 'environment'>,
  line: string,
  options: CliOptions = {},
) {
  return cli(`openidcs vm ${line}`, {...options, env: environment})
}
