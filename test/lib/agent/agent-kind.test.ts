import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import type {AgentKind} from '../../../src/lib/agent/agent-kind.js'
import {nezhaAgent} from '../../../src/lib/panels/nezha/agent/kind.js'
import type {NodeFlags} from '../../../src/lib/panels/nezha/agent/plan.js'
import {serveScript, world} from './world.js'

/** A panel that there is not, which talks as Nezha does: whatever is said of it must be its own words. */
const other: AgentKind<NodeFlags> = {
  ...nezhaAgent,
  panel: {...nezhaAgent.panel, name: 'other', title: 'Other'},
  noun: 'box',
  program: 'other-agent',
  async gather(flags, given) {
    const {agent, nodes} = await nezhaAgent.gather(flags, given)
    return {
      nodes,
      agent: {...agent, call: secret => ({words: ['--key', secret], env: {OTHER_MODE: 'quiet'}})},
    }
  },
  script: {...nezhaAgent.script, name: 'other.sh', deletes: 'NOTES', tools: ['a-tool'], packageManagers: []},
  installed: {
    services: {
      '/etc/other/agent.conf': () => ({
        isRunning: 'rc-is other',
        start: 'rc-start other',
        stop: 'rc-stop other',
      }),
    },
    programs: ['/usr/local/bin/other-agent', './other-agent'],
    identity: text => ({address: undefined, secret: /^key (.+)$/m.exec(text)?.[1]}),
    usualFolder: '/srv/other',
    look: 'rc-status other',
  },
}
const web1 = {name: ['web1'], tag: 'Production'}

describe('agents of another kind', () => {
  test('are registered and installed in its own words', async () => {
    const w = await world()
    const body = `#!/bin/sh\necho "$0 $1 mode=$OTHER_MODE" && : >other-agent && printf %s "$2" >key\n`
    serveScript(w, body)
    const {result, error, said} = await w.run({...web1, 'no-wait': true}, {kind: other})
    expect(error).toBeUndefined()
    expect(result).toMatchObject({id: 6, registered: true, installed: true, online: false})
    expect(said).toContain('Run command: OTHER_MODE=quiet ./other.sh --key ********')
    expect(said).toContain('  ./other.sh --key mode=quiet')
    expect(said).toContain('registered as box 6')
    expect(said).not.toMatch(/nezha|server/i)
  })

  test('are recognised where it says that they are, and told how to remove', async () => {
    const {run, put, registrations, machine} = await world()
    put('usr/local/bin/other-agent', '')
    put('etc/other/agent.conf', '')
    const {error} = await run(web1, {kind: other})
    expect(error).toMatchObject({code: 'REJECTED', panel: 'other'})
    expect(error?.message).toContain('etc/other/agent.conf')
    expect(error?.hint).toBe(
      `the install script would remove it; to replace it, first: rc-stop other; rm ${machine.root}/etc/other/agent.conf ${machine.root}/usr/local/bin/other-agent`,
    )
    expect(registrations()).toBe(0)
  })

  test('miss its tools, and keep its folder to themselves', async () => {
    const {run, put, machine} = await world()
    put('srv/NOTES', '')
    const from = {'install-url': 'https://scripts.example/install.sh'}
    const mine = await run({...web1, workdir: join(machine.root, 'srv')}, {kind: other})
    expect(mine.error?.message).toMatch(/srv holds a NOTES, which the install script deletes$/)
    expect(mine.error?.hint).toBe('choose a --workdir that belongs to the agent alone, as /srv/other')
    const without = await run({...web1, ...from}, {kind: other, machine: {userId: 0}})
    expect(without.error?.message).toMatch(/^the install script needs a-tool, /)
  })

  test.each(['shell', 'cloud-init', 'ansible'] as const)('are emitted as %s under its name', async emit => {
    const {run} = await world()
    const {emitted, said} = await run({...web1, emit}, {kind: other})
    expect(emitted?.content).toContain('Written by panelctl other node auto-register.')
    expect(emitted?.content).toContain('OTHER_MODE=quiet "$script" --key "$secret" </dev/null')
    expect(emitted?.content).toContain('for service in /etc/other/agent.conf; do')
    expect(`${emitted?.content}${said}`).not.toMatch(/nezha/i)
  })
})
