import {spawnSync} from 'node:child_process'
import {existsSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {machineOf} from '../../../src/lib/sandbox/komari/report.js'
import {temporaryFolder} from '../../harness.js'
import {type KomariMachine, komariUnit, komariUnitPath, komariWorld} from './world.js'

/** A node on the panel whose agent reports, from this machine or another. */
function reporting({komari}: KomariMachine, name = 'host1') {
  const {columns, seed} = komari.state.add({name})
  komari.state.connect(columns.uuid, machineOf(columns, seed, 0), 1, komari.state.now() - 60_000)
  return columns
}

function fileWith(secret: string): string {
  const file = join(temporaryFolder(), 'secret')
  writeFileSync(file, `${secret}\n`)
  return file
}

describe('on a fresh machine', () => {
  test('the node is added, its agent installed, and it comes online, as the flags have it', async () => {
    const w = await komariWorld()
    const {result, error, said} = await w.run({tag: 'Lab', note: 'n', 'hide-for-guest': true})
    expect(error).toBeUndefined()
    const [node] = w.nodes()
    expect(result).toEqual({
      name: 'host1',
      id: node?.uuid,
      tag: 'Lab',
      registered: true,
      installed: true,
      online: true,
      changed: true,
    })
    expect(node).toMatchObject({group: 'Lab', remark: 'n', hidden: true, version: '1.2.60'})
    expect(said).toContain(
      `Run command: ./komari-install.sh -e ${w.komari.url} -t ******** --install-dir ${w.workdir}\n`,
    )
    expect(said).not.toContain(node?.token)
    expect([w.nodes().length, w.saved(), readdirSync(w.workdir)]).toEqual([1, [], ['agent']])
  })

  test('a second run changes nothing; flags that say otherwise are followed', async () => {
    const w = await komariWorld()
    await w.run({tag: 'Lab'})
    const again = await w.run()
    expect(again.said).toContain('"host1" is already there')
    expect(again.result).toMatchObject({tag: 'Lab', online: true, changed: false})
    const moved = await w.run({tag: 'Moved'})
    expect(moved.result).toMatchObject({tag: 'Moved', registered: false, installed: false, changed: true})
    expect(w.nodes()).toMatchObject([{group: 'Moved'}])
    expect([w.additions(), w.downloads()]).toEqual([1, 1])
  })

  test('the script gets the flags of the agent, and no user of sudo', async () => {
    const w = await komariWorld()
    w.serveScript('#!/bin/bash\necho "user: [$SUDO_USER] $KOMARI_API_KEY"; exit 1\n')
    const {said} = await w.run({'agent-flag': ['-i=5', 'disable-web-ssh']}, {env: {SUDO_USER: 'somebody'}})
    expect(said).toContain(
      `-t ******** --interval 5 --disable-web-ssh --install-dir ${w.workdir}\n  user: [] \n`,
    )
  })

  test('--mirror fetches the script through the proxy, and hands it on for the agent', async () => {
    const w = await komariWorld()
    const env = {KOMARI_INSTALL_URL: undefined}
    const {plan} = await w
      .run({mirror: 'https://ghproxy.example/', 'dry-run': true, 'skip-preflight': true}, {env})
      .catch(stopped => stopped)
    expect(plan).toMatchObject({
      method: 'POST',
      body: {name: 'host1'},
      script: expect.stringMatching(/^https:\/\/ghproxy\.example\/https:\/\/raw\..*\/install\.sh$/),
      command: expect.stringMatching(/ --install-ghproxy https:\/\/ghproxy\.example$/),
    })
  })
})

describe('before anything is added', () => {
  test.each([
    [{endpoint: 'komari.example.com'}, 'USAGE', 'is no address that an agent can be given'],
    [{endpoint: 'https://a.example/$(reboot)'}, 'USAGE', 'is no address'],
    [{endpoint: 'http://127.0.0.1:1'}, 'UNREACHABLE', 'agents cannot report to http://127.0.0.1:1: '],
    [{mirror: 'http://ghproxy.example'}, 'USAGE', "may be anybody's"],
    [{'agent-flag': ['bogus']}, 'USAGE', 'agent 1.2.60 has no flag "bogus"'],
    [{'agent-flag': ['token=x']}, 'USAGE', 'token is not set this way'],
    [{'agent-flag': ['include-nics=a b']}, 'USAGE', 'needs names with commas'],
    [{workdir: '/tmp/a b'}, 'USAGE', 'would take "/tmp/a b" apart'],
  ] as const)('it stops: %j', async (flags, code, message) => {
    const w = await komariWorld()
    const {error} = await w.run(flags)
    expect(error).toMatchObject({code})
    expect(error?.message).toContain(message)
    expect([w.nodes(), existsSync(w.workdir)]).toEqual([[], false])
  })

  test('it stops where the API key is worth nothing', async () => {
    const w = await komariWorld()
    expect((await w.run({}, {env: {KOMARI_API_KEY: 'wrongwrongwrong'}})).error).toMatchObject({code: 'AUTH'})
    expect(w.nodes()).toEqual([])
  })

  test('sudo does not help a script that has to be root, nor does anything one without bash', async () => {
    const w = await komariWorld()
    const from = {'install-url': 'https://scripts.example/install.sh'}
    const user = await w.run(from, {machine: {userId: process.geteuid?.() || undefined}})
    expect(user.error?.message).toBe('installing an agent needs root')
    const bare = await w.run(from, {machine: {userId: 0, path: w.stateDir}})
    if (process.geteuid?.() === 0) expect(bare.error?.message).toBe('the install script needs bash')
    expect(w.nodes()).toEqual([])
  })
})

describe('without a state file', () => {
  test.each([
    ['the answer to adding it was lost', 'stall-body'],
    ['the panel hung up', 'reset-before-answer-headers'],
  ] as const)('%s: the next run finds the node and its token', async (_, kind) => {
    const w = await komariWorld()
    w.komari.faults.next({kind}, {path: '/api/admin/client/add'})
    expect((await w.run({}, {timeout: 300})).error).toMatchObject({code: 'UNCERTAIN'})
    rmSync(w.stateDir, {recursive: true})
    expect((await w.run()).result).toMatchObject({registered: false, installed: true, online: true})
    expect([w.nodes().length, w.additions()]).toEqual([1, 1])
  })

  test('a node that never reported, or long ago, keeps its uuid and group', async () => {
    const w = await komariWorld()
    const {uuid} = w.komari.state.add({name: 'host1', group: 'Old'}).columns
    const {result, said} = await w.run()
    expect(result).toMatchObject({id: uuid, tag: 'Old', registered: false, installed: true, online: true})
    expect(said).toContain(`node ${uuid} has that name, and its secret is told`)
    expect(said).not.toContain('--tag says')
  })

  test('one of that name in another group goes where --tag says, and that is said', async () => {
    const w = await komariWorld()
    const {uuid} = w.komari.state.add({name: 'host1', group: 'Old'}).columns
    const {result, said} = await w.run({tag: 'New'})
    expect(result).toMatchObject({id: uuid, tag: 'New', registered: false, online: true})
    expect(said).toContain(`node ${uuid}, "host1", is in "Old", and --tag says "New"`)
    expect((await w.run({tag: 'New'})).said).not.toContain('--tag says')
  })

  test('a dry run names the node that is there, and no request', async () => {
    const w = await komariWorld()
    const {uuid} = w.komari.state.add({name: 'host1'}).columns
    const {plan} = await w.run({'dry-run': true}).catch(stopped => stopped)
    expect(plan).toMatchObject({id: uuid, workdir: w.workdir})
    expect(plan).not.toHaveProperty('method')
  })

  test('one that reports from elsewhere is not taken over; --if-exists create makes another', async () => {
    const w = await komariWorld()
    const {uuid} = reporting(w)
    const {error} = await w.run()
    expect(error).toMatchObject({code: 'REJECTED', reason: 'exists'})
    expect(error?.message).toBe(`"host1" is online already: node ${uuid}, and no agent is installed here`)
    expect(w.downloads()).toBe(0)
    expect((await w.run({'if-exists': 'create'})).result).toMatchObject({registered: true, online: true})
    expect(w.nodes()).toHaveLength(2)
  })

  test('of two of that name none is guessed; --secret-file says which', async () => {
    const w = await komariWorld()
    w.komari.state.add({name: 'host1'})
    const {uuid, token} = w.komari.state.add({name: 'host1'}).columns
    expect((await w.run()).error).toMatchObject({
      code: 'REJECTED',
      hint: expect.stringContaining('--secret-file'),
    })
    const {result} = await w.run({'secret-file': fileWith(token)})
    expect(result).toMatchObject({id: uuid, registered: false, online: true})
  })
})

describe('an agent that is installed already', () => {
  test.each([
    ['of this very node, by its token', (url: string) => url],
    ['told with a slash at the end', (url: string) => `${url}/`],
  ])('%s: it is there, and nothing happens', async (_, endpoint) => {
    const w = await komariWorld()
    const {uuid, token} = reporting(w)
    w.put(komariUnitPath, komariUnit(endpoint(w.komari.url), token))
    expect((await w.run()).result).toMatchObject({id: uuid, online: true, changed: false})
    expect([w.additions(), w.downloads()]).toEqual([0, 0])
  })

  test.each([
    ['of another panel', 'https://other.example', '', 'which reports to https://other.example'],
    ['with another token', undefined, '', 'with another secret than that of "host1"'],
    ['that finds its node by itself', undefined, ' --auto-discovery k', 'nothing here says'],
  ])('%s: exit 5, and nothing is touched', async (_, endpoint, more, why) => {
    const w = await komariWorld()
    reporting(w)
    const unit = komariUnit(endpoint ?? w.komari.url, 'someOtherToken00000001', more)
    w.put(komariUnitPath, unit)
    const {error} = await w.run()
    expect(error).toMatchObject({code: 'REJECTED', exitCode: 5})
    expect(error?.message).toContain(why)
    expect(error?.hint).toContain('systemctl disable --now komari-agent')
    expect([w.additions(), w.downloads()]).toEqual([0, 0])
  })

  test('of this node, whose token was changed on the panel: exit 5', async () => {
    const w = await komariWorld()
    await w.run({'no-wait': true})
    const [node] = w.nodes()
    w.put(komariUnitPath, komariUnit(w.komari.url, node?.token ?? ''))
    w.komari.state.update(node?.uuid ?? '', {token: 'rotatedRotated00000001'})
    expect((await w.run()).error).toMatchObject({
      code: 'REJECTED',
      message: expect.stringContaining('with another secret'),
    })
  })
})

describe('script and agent say success whatever happens', () => {
  test.each([
    ['the script fails', 'echo no luck >&2; exit 3', 5, 'ended with exit code 3'],
    ['the script leaves no agent', 'echo installed', 5, 'said success and left no agent'],
    ['the agent is silent', ': >"$folder/agent"', 8, 'did not report within 0 s'],
  ])('%s', async (_, script, exitCode, message) => {
    const w = await komariWorld()
    w.serveScript(`#!/bin/bash\nfor folder; do :; done; mkdir -p "$folder"\n${script}\n`)
    const {result, error} = await w.run({wait: 50})
    expect(error).toMatchObject({exitCode})
    expect(error?.message).toContain(message)
    expect(result).toMatchObject({registered: true, online: false, changed: true})
    rmSync(join(w.workdir, 'agent'), {force: true})
    expect((await w.run()).result).toMatchObject({id: result?.id, registered: false, online: true})
  })

  // The real one saves whatever answers (contracts/komari.md 7.11): a mirror's page is made a service.
  test.each(['<html>Not Found</html>', ''])(
    '%j in place of the agent: exit 5 at once, and the next run installs it',
    async page => {
      const w = await komariWorld()
      const [file, program] = [komariUnitPath, 'opt/komari/agent'].map(path => join(w.machine.root, path))
      w.serveScript(
        `#!/bin/bash\nmkdir -p ${dirname(file ?? '')} ${dirname(program ?? '')}\nprintf 'ExecStart=/opt/komari/agent -e %s -t %s\\n' "$2" "$4" >${file}\nprintf '${page}' >${program}\n`,
      )
      const {result, error} = await w.run({wait: 60_000})
      expect(error).toMatchObject({
        exitCode: 5,
        message: expect.stringContaining('said success, and /opt/komari/agent is no program; "host1" (node '),
        hint: expect.stringContaining('--mirror URL'),
      })
      expect(result).toMatchObject({registered: true, installed: false, online: false})
      const next = await w.run()
      expect(next.said).toContain(
        'an earlier run left it half-installed: systemctl disable --now komari-agent; rm ',
      )
      expect(next.result).toMatchObject({id: result?.id, installed: true, online: true})
    },
  )

  test.each(['', 'x;reboot', '-x'])('a node with the token %j is not installed', async token => {
    const w = await komariWorld()
    w.komari.state.add({name: 'host1', token})
    expect((await w.run()).error).toMatchObject({code: 'BAD_RESPONSE'})
    expect(w.downloads()).toBe(0)
  })
})

describe('--secret-file', () => {
  test('of another node, or for none: exit 5 and 3, and nothing is added', async () => {
    const w = await komariWorld()
    const {token} = w.komari.state.add({name: 'other'}).columns
    const file = fileWith(token)
    expect((await w.run({'secret-file': file})).error).toMatchObject({code: 'NOT_FOUND'})
    w.komari.state.add({name: 'host1'})
    expect((await w.run({'secret-file': file})).error).toMatchObject({
      code: 'REJECTED',
      message: expect.stringContaining('the given secret is not that of "host1"'),
    })
    expect([w.additions(), w.downloads()]).toEqual([0, 0])
  })
})

test('--emit prints the same again, with the token that the panel tells, and running it twice is one node', async () => {
  const w = await komariWorld()
  const one = await w.run({emit: 'shell', tag: 'Lab'})
  rmSync(w.stateDir, {recursive: true})
  const two = await w.run({emit: 'shell'})
  expect(two.emitted?.content).toBe(one.emitted?.content)
  const [node] = w.nodes()
  expect(two.emitted?.nodes).toEqual([
    {name: 'host1', id: node?.uuid, tag: 'Lab', registered: false, secret: node?.token},
  ])
  expect(two.emitted?.content).toContain(
    `SUDO_USER='' "$script" -e ${w.komari.url} -t "$secret" --install-dir`,
  )
  if (spawnSync('shellcheck', ['--version']).error === undefined) {
    const {stdout} = spawnSync('shellcheck', ['-s', 'sh', '-'], {input: two.emitted?.content ?? ''})
    expect(stdout.toString()).toBe('')
  }
})
