import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {PassThrough} from 'node:stream'
import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {binary, cli, dashboardSandbox, temporaryFolder} from '../../harness.js'

async function panelOf() {
  const panel = await dashboardSandbox({mcp: true})
  const server = panel.state.listed().find(({name}) => name === 'hub1')
  if (!server) throw new Error('no hub1')
  return {panel, env: panel.environment, files: panel.state.filesOf(server), folder: temporaryFolder()}
}

function sum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Bytes that are no text, of some length. */
const content = Buffer.from(Array.from({length: 300_000}, (_, at) => (at * 7919) % 256))

describe('to a server', () => {
  test('a file arrives as it is, with its mode', async () => {
    const {env, files, folder} = await panelOf()
    const file = join(folder, 'app.bin')
    writeFileSync(file, content)
    chmodSync(file, 0o640)
    const outcome = await cli(`nezha server cp ${file} hub1:/srv/data/ -o json`, {env})
    expect(outcome.exitCode).toBe(0)
    expect(JSON.parse(outcome.stdout)).toEqual({
      from: file,
      to: 'hub1:/srv/data/app.bin',
      size: content.length,
      sha256: sum(content),
    })
    expect(files.get('/srv/data/app.bin')).toEqual({bytes: content, mode: '0640'})
  })

  test('stdin arrives as it is', async () => {
    const {env, files} = await panelOf()
    const stdin = new PassThrough()
    stdin.end(content)
    expect(await cli('nezha server cp - hub1:/tmp/in', {env, stdin})).toEqual({
      stdout: '',
      stderr: 'copied - to hub1:/tmp/in\n',
      exitCode: 0,
    })
    expect(files.get('/tmp/in')?.bytes).toEqual(content)
  })

  test('no file takes the place of a device, which the agent would replace like any file', async () => {
    const {panel, env, files, folder} = await panelOf()
    const file = join(folder, 'a')
    writeFileSync(file, 'a')
    for (const path of ['/dev/null', '/tmp/../dev//sda', '/dev/'])
      expect(
        failureOf(await cli(`nezha server cp ${file} hub1:${path} --mkdir -o json`, {env})),
      ).toMatchObject({
        exitCode: 5,
        message: expect.stringContaining('nothing was sent'),
      })
    expect(paths(panel)).not.toContain('POST /mcp')
    expect(await cli(`nezha server cp ${file} hub1:/dev/shm/a --mkdir`, {env})).toMatchObject({exitCode: 0})
    expect(files.has('/dev/shm/a')).toBe(true)
  })

  test('its folder is made where that is asked for', async () => {
    const {env, files, folder} = await panelOf()
    const file = join(folder, 'a')
    writeFileSync(file, 'a')
    const refused = await cli(`nezha server cp ${file} hub1:/new/folder/a -o json`, {env})
    expect(refused.exitCode).toBe(5)
    expect(failureOf(refused)).toMatchObject({
      message: '/new/folder/a: file or directory does not exist',
      hint: 'give the path of a file; --mkdir makes its folder',
    })
    expect(await cli(`nezha server cp ${file} hub1:/new/folder/a --mkdir`, {env})).toMatchObject({
      exitCode: 0,
    })
    expect(files.get('/new/folder/a')?.bytes.toString()).toBe('a')
  })

  test('one that its agent had and did not acknowledge may be there', async () => {
    const {panel, env, folder} = await panelOf()
    const file = join(folder, 'a')
    writeFileSync(file, 'a')
    const body = 'agent did not acknowledge upload: EOF'
    panel.faults.next(
      {kind: 'status', status: 502, contentType: 'text/plain; charset=utf-8', body},
      {path: /^\/mcp\/upload\//},
    )
    const outcome = await cli(`nezha server cp ${file} hub1:/tmp/a -o json`, {env})
    expect(outcome.exitCode).toBe(7)
    expect(failureOf(outcome).hint).toContain('panelctl nezha server exec hub1 -- ls -la /tmp/a')
  })

  test('an agent that went offline a moment ago is told to be', async () => {
    const {panel, env, folder} = await panelOf()
    const file = join(folder, 'a')
    writeFileSync(file, 'a')
    panel.faults.next(
      {kind: 'status', status: 502, contentType: 'text/plain; charset=utf-8', body: 'server offline'},
      {path: /^\/mcp\/upload\//},
    )
    const outcome = await cli(`nezha server cp ${file} hub1:/tmp/a`, {env})
    expect(outcome).toMatchObject({
      exitCode: 6,
      stderr:
        'panelctl: the agent of hub1 is offline, and nothing was done\nhint: panelctl nezha server show 1\n',
    })
  })

  test('one that is too large is refused before anything is sent', async () => {
    const {panel, env, folder} = await panelOf()
    const file = join(folder, 'large')
    writeFileSync(file, '')
    truncateSync(file, 100 * 1024 * 1024 + 1)
    const outcome = await cli(`nezha server cp ${file} hub1:/tmp/large`, {env})
    expect(outcome).toMatchObject({exitCode: 5, stderr: expect.stringContaining('up to 100 MiB')})
    expect(panel.requests.filter(({path}) => path.startsWith('/mcp'))).toEqual([])
  })

  test('an agent that refuses, and an address that is worth nothing any more, are told', async () => {
    const {panel, env, folder} = await panelOf()
    const file = join(folder, 'a')
    writeFileSync(file, 'a')
    panel.state.configure(panel.state.server(2)?.uuid ?? '', {disable_command_execute: true})
    const refused = await cli(`nezha server cp ${file} db1:/tmp/a -o json`, {env})
    expect(refused.exitCode).toBe(5)
    expect(failureOf(refused).hint).toContain('disable_command_execute: false')
  })

  test('no answer leaves it in doubt', async () => {
    const {panel, env, folder} = await panelOf()
    const file = join(folder, 'a')
    writeFileSync(file, 'a')
    panel.faults.next({kind: 'reset-before-answer-headers'}, {path: /^\/mcp\/upload\//})
    const outcome = await cli(`nezha server cp ${file} hub1:/tmp/a -o json`, {env})
    expect(outcome.exitCode).toBe(7)
    expect(failureOf(outcome).hint).toBe(
      'look before you repeat it: panelctl nezha server exec hub1 -- ls -la /tmp/a',
    )
  })

  test('the address that lets in whoever knows it is in no message', async () => {
    const {panel, env, folder} = await panelOf()
    const file = join(folder, 'a')
    writeFileSync(file, 'a')
    const {stderr} = await cli(`nezha server cp ${file} hub1:/tmp/a --debug`, {env})
    const [ticket = ''] = panel.requests.flatMap(({path}) => /upload\/(\w+)/.exec(path)?.[1] ?? [])
    expect(ticket).not.toBe('')
    expect(stderr).toContain('/mcp/upload/')
    expect(stderr).not.toContain(ticket)
  })

  test('--dry-run brings nothing', async () => {
    const {panel, env, files, folder} = await panelOf()
    const file = join(folder, 'a')
    writeFileSync(file, 'a')
    const {stdout, exitCode} = await cli(`nezha server cp ${file} hub1:/tmp/a --dry-run -o json`, {env})
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout).body.params).toMatchObject({name: 'fs.upload_url', arguments: {path: '/tmp/a'}})
    expect([...files.keys()]).toEqual(['/etc/hostname'])
    expect(panel.requests.filter(({path}) => path.startsWith('/mcp'))).toEqual([])
  })
})

describe('from a server', () => {
  test('a file arrives as it is, with its mode, in a folder under its own name', async () => {
    const {env, files, folder} = await panelOf()
    files.set('/srv/data/app.bin', {bytes: content, mode: '0750'})
    const outcome = await cli(`nezha server cp hub1:/srv/data/app.bin ${folder} -o json`, {env})
    expect(JSON.parse(outcome.stdout)).toMatchObject({size: content.length, sha256: sum(content)})
    const file = join(folder, 'app.bin')
    expect(readFileSync(file)).toEqual(content)
    expect(statSync(file).mode & 0o777).toBe(0o750)
  })

  test('stdout gets its bytes and nothing else', async () => {
    const {panel, env, files} = await panelOf()
    files.set('/srv/data/app.bin', {bytes: content, mode: '0644'})
    const {stdout, stderr} = await binary(
      ['nezha', 'server', 'cp', 'hub1:/etc/hostname', '-', '-o', 'json'],
      {env},
    )
    expect({stdout, stderr}).toEqual({
      stdout: 'hub1\n',
      stderr: '{"note":"copied hub1:/etc/hostname to -"}\n',
    })
    expect(panel.requests.at(-1)?.headers).not.toHaveProperty('authorization')
  })

  test('a pipe here takes the content, and stays one', async () => {
    const {env, folder} = await panelOf()
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const [read, outcome] = await Promise.all([
      readFile(pipe, 'utf8'),
      cli(`nezha server cp hub1:/etc/hostname ${pipe}`, {env}),
    ])
    expect(outcome).toMatchObject({exitCode: 0})
    expect(read).toBe('hub1\n')
    expect(statSync(pipe).isFIFO()).toBe(true)
  })

  test('one that has its content only while it is read is refused, and not copied as an empty one', async () => {
    const {panel, env, files, folder} = await panelOf()
    files.set('/srv/data/empty', {bytes: Buffer.of(), mode: '0644'})
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      result: {content: [], structuredContent: {content: 'TQ==', encoding: 'base64', size: 1}},
    })
    // The second call, behind that for the folder.
    panel.faults.next(
      {kind: 'status', status: 200, contentType: 'application/json', body},
      {path: '/mcp', afterWrite: true},
    )
    const file = join(folder, 'meminfo')
    const refused = await cli(`nezha server cp hub1:/srv/data/empty ${file} -o json`, {env})
    expect(refused.exitCode).toBe(5)
    expect(failureOf(refused)).toMatchObject({
      hint: 'panelctl nezha server exec hub1 -- cat /srv/data/empty',
    })
    expect(existsSync(file)).toBe(false)
    expect(await cli(`nezha server cp hub1:/srv/data/empty ${file}`, {env})).toMatchObject({exitCode: 0})
    expect(statSync(file).size).toBe(0)
  })

  test('a folder that ends in a slash is made where that is asked for, and named where it is not', async () => {
    const {env, folder} = await panelOf()
    const to = `${join(folder, 'new', 'etc')}/`
    const refused = failureOf(await cli(`nezha server cp hub1:/etc/hostname ${to} -o json`, {env}))
    expect(refused).toMatchObject({exitCode: 2, hint: 'does its folder exist? --mkdir makes it'})
    expect(existsSync(join(folder, 'new'))).toBe(false)
    expect(await cli(`nezha server cp hub1:/etc/hostname ${to} --mkdir`, {env})).toMatchObject({exitCode: 0})
    expect(readFileSync(join(to, 'hostname'), 'utf8')).toBe('hub1\n')
  })

  test('a file in a folder that is not there is exit 3, and named', async () => {
    const {env, folder} = await panelOf()
    const outcome = await cli(`nezha server cp hub1:/nosuch/f ${join(folder, 'f')} -o json`, {env})
    expect(failureOf(outcome)).toMatchObject({exitCode: 3, message: expect.stringContaining('/nosuch')})
  })

  test('a link here stays one, and what it points to is replaced', async () => {
    const {env, folder} = await panelOf()
    writeFileSync(join(folder, 'there'), 'old')
    symlinkSync('there', join(folder, 'link'))
    expect(await cli(`nezha server cp hub1:/etc/hostname ${join(folder, 'link')}`, {env})).toMatchObject({
      exitCode: 0,
    })
    expect(readFileSync(join(folder, 'there'), 'utf8')).toBe('hub1\n')
  })

  test.each([
    ['that is cut off', {kind: 'half-body'} as const, 10],
    [
      'that a gateway answers for',
      {kind: 'status', status: 502, contentType: 'text/html', body: '<title>Bad Gateway</title>'} as const,
      6,
    ],
    ['that is a page', {kind: 'html-200'} as const, 10],
    [
      'that is too short',
      {kind: 'status', status: 200, contentType: 'application/octet-stream', body: 'abc'} as const,
      10,
    ],
  ])('one %s leaves the old one as it was', async (_, fault, exitCode) => {
    const {panel, env, files, folder} = await panelOf()
    const file = join(folder, 'app.bin')
    writeFileSync(file, 'old')
    files.set('/srv/data/app.bin', {bytes: content, mode: '0644'})
    panel.faults.next(fault, {path: /^\/mcp\/download\//})
    expect(await cli(`nezha server cp hub1:/srv/data/app.bin ${file}`, {env})).toMatchObject({exitCode})
    expect(readdirSync(folder)).toEqual(['app.bin'])
    expect(readFileSync(file, 'utf8')).toBe('old')
  })

  test.each([
    [
      'a page: its title is told',
      {kind: 'status', status: 200, contentType: 'text/html', body: '<title>Sign in</title>'} as const,
      10,
      /: Sign in$/,
    ],
    [
      'a 404: the address of the dashboard is right',
      {kind: 'status', status: 404, contentType: 'text/plain', body: '404 page not found'} as const,
      10,
      / with HTTP 404 /,
    ],
  ])(
    'where something before the dashboard answers for the file with %s',
    async (_, fault, exitCode, said) => {
      const {panel, env, files, folder} = await panelOf()
      files.set('/srv/data/app.bin', {bytes: content, mode: '0644'})
      panel.faults.next(fault, {path: /^\/mcp\/download\//})
      const outcome = await cli(`nezha server cp hub1:/srv/data/app.bin ${join(folder, 'x')} -o json`, {env})
      expect(failureOf(outcome)).toMatchObject({
        exitCode,
        message: expect.stringMatching(said),
        hint: 'does what stands before the dashboard pass on all below /mcp?',
      })
    },
  )

  test('a proxy that takes no file so large is told as that, and not as a refusal of Nezha', async () => {
    const {panel, env, folder} = await panelOf()
    writeFileSync(join(folder, 'big'), 'x')
    // As Traefik says it.
    panel.faults.next(
      {kind: 'status', status: 413, contentType: 'text/plain', body: 'Request Entity Too Large'},
      {path: /^\/mcp\/upload\//},
    )
    const outcome = await cli(`nezha server cp ${join(folder, 'big')} hub1:/srv/data/big -o json`, {env})
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 10,
      message: expect.stringMatching(/^what stands before Nezha .* HTTP 413 /),
      hint: expect.stringContaining('larger requests'),
    })
  })

  test.each([
    ['hub1:/etc/none', 3, 'there is no /etc/none on hub1'],
    ['hub1:/no/folder/x', 3, 'there is no /no/folder on hub1'],
    ['hub1:/etc', 5, '/etc is a folder'],
    ['backup1:/etc/hostname', 6, 'the agent of backup1 is offline'],
    ['nope:/etc/hostname', 3, 'there is no server "nope"'],
    ['hub1:etc/hostname', 2, '"etc/hostname" is not the whole path of a file'],
    ['hub1:/etc/', 2, '"/etc/" is not the whole path of a file'],
  ])('%s ends with %i', async (from, exitCode, message) => {
    const {env, folder} = await panelOf()
    const outcome = await cli(`nezha server cp ${from} ${join(folder, 'x')} -o json`, {env})
    expect(outcome).toMatchObject({stdout: '', exitCode})
    expect(failureOf(outcome).message).toContain(message)
    expect(existsSync(join(folder, 'x'))).toBe(false)
  })

  test('a folder that is not here is made where that is asked for', async () => {
    const {env, folder} = await panelOf()
    const file = join(folder, 'new', 'hostname')
    expect(await cli(`nezha server cp hub1:/etc/hostname ${file}`, {env})).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--mkdir makes it'),
    })
    expect(await cli(`nezha server cp hub1:/etc/hostname ${file} --mkdir`, {env})).toMatchObject({
      exitCode: 0,
    })
    expect(readFileSync(file, 'utf8')).toBe('hub1\n')
  })

  test('the address is that of the panel as we reach it, whatever it takes itself for', async () => {
    const {panel, env, folder} = await panelOf()
    const url = panel.url.replace('127.0.0.1', 'localhost')
    const line = `nezha server cp hub1:/etc/hostname ${join(folder, 'x')}`
    expect(await cli(line, {env: {...env, NEZHA_DASHBOARD_URL: url}})).toMatchObject({exitCode: 0})
    expect(panel.requests.at(-1)?.headers.host).toContain('localhost')
  })
})

test('one of the two is here, and one on a server', async () => {
  const {env} = await panelOf()
  for (const line of ['nezha server cp a b', 'nezha server cp hub1:/a db1:/b', 'nezha server cp ./hub1:/a b'])
    expect(await cli(line, {env})).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('one of the two is on another machine'),
    })
})
