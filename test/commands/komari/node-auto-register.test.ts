import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {cli, komariSandbox, temporaryFolder} from '../../harness.js'

/** Whether an agent of the machine's own is in the way of every run. */
const occupied = existsSync('/etc/systemd/system/komari-agent.service') || existsSync('/opt/komari/agent')

async function setUp() {
  const began = Date.now()
  const komari = await komariSandbox({now: () => began + (Date.now() - began) * 20})
  const folder = temporaryFolder()
  const env = {...komari.environment, PANELCTL_STATE_DIR: join(folder, 'state'), NODE_NAME: 'm1'}
  return {komari, env, line: `komari node auto-register --tag Lab --workdir ${join(folder, 'work')}`}
}

describe.skipIf(process.platform !== 'linux' || occupied)('komari node auto-register', () => {
  test('JSON has the keys of nezha node auto-register; a second run changes nothing', async () => {
    const {env, line, komari} = await setUp()
    const first = await cli(`${line} -o json`, {env})
    expect(first.exitCode).toBe(0)
    const id = [...komari.state.nodes.values()].find(({columns}) => columns.name === 'm1')?.columns.uuid
    const node = {name: 'm1', id, tag: 'Lab', registered: true, installed: true, online: true, changed: true}
    expect(JSON.parse(first.stdout)).toEqual(node)
    const second = await cli(`${line} -o json`, {env})
    expect(JSON.parse(second.stdout)).toEqual({...node, registered: false, installed: false, changed: false})
    expect((await cli(`${line} --quiet -o csv`, {env})).stdout).toBe(
      `name,id,tag,registered,installed,online\nm1,${id},Lab,false,false,true\n`,
    )
  })

  test.each([
    ['no credential', {KOMARI_API_KEY: undefined}, '', 4],
    ['a wrong key', {KOMARI_API_KEY: 'wrongwrongwrong'}, '', 4],
    ['no panel', {KOMARI_URL: undefined}, '', 2],
    ['an endpoint where nobody is', {}, '--endpoint http://127.0.0.1:1', 6],
    ['a flag that the agent lacks', {}, '--agent-flag bogus', 2],
    ['a wait and none', {}, '--wait 2m --no-wait', 2],
    ['a wait for what is installed elsewhere', {}, '--emit shell --wait 2m', 2],
    ['no wait for what is installed elsewhere', {}, '--emit shell --no-wait', 2],
    ['a folder of another machine, told from here', {}, '--emit shell --workdir agent', 2],
  ])('%s: exit %4$i, nothing on stdout and nothing added', async (_, changes, flags, expected) => {
    const {env, line, komari} = await setUp()
    const {stdout, exitCode} = await cli(`${line} ${flags}`, {env: {...env, ...changes}})
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: expected})
    expect(komari.state.nodes.size).toBe(5)
  })

  test('--dry-run plans no third node beside two of that name, which a run refuses', async () => {
    const {env, line} = await setUp()
    for (const _ of [1, 2]) await cli('komari api POST /api/admin/client/add -f name=m1', {env})
    for (const flags of [' --dry-run', '']) {
      const {stdout, stderr, exitCode} = await cli(line + flags, {env})
      expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 5})
      expect(stderr).toContain('are all "m1"')
    }
  })

  test.each([
    ['the only one, which an agent elsewhere is', 'db1', '', 5],
    ['the only one, left out of what is emitted', 'db1', ' --emit shell', 0],
    ['one that is not to be there', 'db1', ' --if-exists fail', 5],
    ['one that is left alone', 'db1', ' --if-exists skip', 0],
    ['two that are online', 'web1', ' --emit shell', 0],
  ])('--dry-run ends as a run does: %s', async (_, name, flags, expected) => {
    const {env, line, komari} = await setUp()
    const [other] = [...komari.state.nodes.values()].filter(({columns}) => columns.name === 'db1')
    if (name === 'web1') komari.state.update(other?.columns.uuid ?? '', {name})
    for (const dry of [' --dry-run', '']) {
      const {exitCode} = await cli(`${line}${flags}${dry}`, {env: {...env, NODE_NAME: name}})
      expect([dry, exitCode]).toEqual([dry, expected])
    }
  })

  test('--emit ansible names the hosts, by uuid where a name is none for an inventory', async () => {
    const {env, line, komari} = await setUp()
    const {stdout, exitCode} = await cli(
      [...line.split(' '), '--name', 'm1', '--name', '节点', '--emit', 'ansible'],
      {env},
    )
    expect(exitCode).toBe(0)
    const {uuid, token} = [...komari.state.nodes.values()].at(-1)?.columns ?? {}
    expect(stdout).toContain('hosts: komari_agents')
    expect(stdout).toContain(`host: komari-${uuid}`)
    expect(stdout).toContain(token)
  })
})
