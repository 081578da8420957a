import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {paths} from '../../failure.js'
import {cli, openidcsSandbox, temporaryFolder} from '../../harness.js'

const list = '/api/client/proxys/detail/node1/web01'
const add = '/api/client/proxys/create/node1/web01'
const target = '--domain new.example.com --to 192.168.1.101:8080'

/** Files of a certificate and its key. */
function certificate(): {readonly cert: string; readonly key: string} {
  const folder = temporaryFolder()
  const [cert, key] = [join(folder, 'web.crt'), join(folder, 'web.key')]
  writeFileSync(cert, '-----BEGIN CERTIFICATE-----\n')
  writeFileSync(key, '-----BEGIN PRIVATE KEY-----\n')
  return {cert, key}
}

describe('openidcs proxy list', () => {
  test('shows the proxies in the order of their positions', async () => {
    const {environment: env} = await openidcsSandbox()
    expect(await cli('openidcs proxy list node1 web01', {env})).toEqual({
      exitCode: 0,
      stdout: `INDEX  DOMAIN           TARGET              SSL  SSL TYPE     NOTE
    0  www.example.com  192.168.1.101:80    yes  letsencrypt  网站代理
    1  api.example.com  192.168.1.101:8000  no   -            -
`,
      stderr: '',
    })
    expect((await cli('openidcs proxy list node1 web01 -o id', {env})).stdout).toBe(
      'www.example.com\napi.example.com\n',
    )
  })

  test.each(['seed', 'newest'] as const)('has the names of the seed on %s', async profile => {
    const {environment: env} = await openidcsSandbox({profile})
    const {stdout} = await cli('openidcs proxy list node1 web01 -o json', {env})
    const [missing, type] = profile === 'seed' ? ['', 'letsencrypt'] : [null, null]
    expect(JSON.parse(stdout)[0]).toEqual({
      index: 0,
      domain: 'www.example.com',
      backend_ip: '192.168.1.101',
      backend_port: 80,
      ssl_enabled: true,
      ssl_type: type,
      ssl_cert: missing,
      ssl_key: missing,
      description: '网站代理',
    })
  })

  test('exits with 3 for an unknown VM', async () => {
    const {environment: env} = await openidcsSandbox()
    const outcome = await cli('openidcs proxy list node1 nope', {env})
    expect(outcome).toMatchObject({exitCode: 3, stdout: ''})
    expect(outcome.stderr).toContain('hint: panelctl openidcs vm list node1')
  })
})

describe('openidcs proxy add', () => {
  test('prints the proxy as the list shows it then', async () => {
    const sandbox = await openidcsSandbox()
    expect(
      await cli(`openidcs proxy add node1 web01 ${target} --note shop`, {env: sandbox.environment}),
    ).toEqual({
      exitCode: 0,
      stdout: `INDEX     2
DOMAIN    new.example.com
TARGET    192.168.1.101:8080
SSL       no
SSL TYPE  -
NOTE      shop
`,
      stderr: 'added the proxy new.example.com to 192.168.1.101:8080 of web01\n',
    })
    expect(paths(sandbox)).toEqual([`GET ${list}`, `POST ${add}`, `GET ${list}`])
  })

  test('sends certificate and key, and never shows the key', async () => {
    const sandbox = await openidcsSandbox()
    const {cert, key} = certificate()
    const line = `openidcs proxy add node1 web01 ${target} --ssl --ssl-type own --ssl-cert ${cert} --ssl-key ${key}`
    const dry = await cli(`${line} --dry-run`, {env: sandbox.environment})
    expect(JSON.parse(dry.stdout).body).toMatchObject({ssl_type: 'own', ssl_key: '********'})
    const {stdout, stderr} = await cli(`${line} --debug -o json`, {env: sandbox.environment})
    expect(JSON.parse(stdout)).toMatchObject({ssl_enabled: true, ssl_key: '********'})
    expect(stderr).not.toContain('PRIVATE KEY')
    expect(JSON.parse(sandbox.requests.find(({method}) => method === 'POST')?.body ?? '')).toEqual({
      domain: 'new.example.com',
      backend_ip: '192.168.1.101',
      backend_port: 8080,
      ssl_enabled: true,
      ssl_type: 'own',
      ssl_cert: '-----BEGIN CERTIFICATE-----\n',
      ssl_key: '-----BEGIN PRIVATE KEY-----\n',
      description: '',
    })
  })

  test('says what the newest does not keep', async () => {
    const {environment: env} = await openidcsSandbox({profile: 'newest'})
    const outcome = await cli(`openidcs proxy add node1 web01 ${target} --ssl --ssl-type own`, {env})
    expect(outcome).toMatchObject({
      exitCode: 0,
      stderr: `warning: this version of the panel keeps no --ssl-type
added the proxy new.example.com to 192.168.1.101:8080 of web01
`,
    })
  })

  test('exits with 5 for what the panel refuses', async () => {
    const {environment: env, state} = await openidcsSandbox({profile: 'newest'})
    state.proxyProgramWorks = false
    const outcome = await cli(`openidcs proxy add node1 web01 ${target}`, {env})
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(outcome.stderr).toContain('添加代理失败')
    expect(outcome.stderr).toContain(
      'hint: where no reason is told, another virtual machine may have the domain, or the panel cannot start its proxy program\n',
    )
  })

  test('refuses a domain that is there', async () => {
    const sandbox = await openidcsSandbox()
    const outcome = await cli('openidcs proxy add node1 web01 --domain WWW.example.com --to 10.0.0.1:1', {
      env: sandbox.environment,
    })
    expect(outcome).toEqual({
      exitCode: 5,
      stdout: '',
      stderr: `panelctl: web01 has it already: index 0 is the proxy www.example.com to 192.168.1.101:80, with another --to, --ssl; nothing was sent
hint: panelctl openidcs proxy list node1 web01
`,
    })
    expect(paths(sandbox)).toEqual([`GET ${list}`])
  })

  test('takes neither case nor the last dot for another domain', async () => {
    const sandbox = await openidcsSandbox()
    const line = 'openidcs proxy add node1 web01 --domain API.Example.com. --to 192.168.1.101:8000 -o json'
    const outcome = await cli(line, {env: sandbox.environment})
    expect(outcome.exitCode).toBe(0)
    expect(JSON.parse(outcome.stdout)).toMatchObject({domain: 'api.example.com', changed: false})
    expect(paths(sandbox)).toEqual([`GET ${list}`])
  })

  test('reads the key from stdin', async () => {
    const sandbox = await openidcsSandbox()
    const {cert} = certificate()
    const line = `openidcs proxy add node1 web01 ${target} --ssl --ssl-cert ${cert} --ssl-key -`
    const {exitCode} = await cli(line, {env: sandbox.environment, stdin: 'KEY'})
    expect(exitCode).toBe(0)
    expect(sandbox.requests.find(({method}) => method === 'POST')?.body).toContain('"ssl_key":"KEY"')
  })

  test.each([
    ['--domain http://x.example.com', '"http://x.example.com" is not a domain'],
    ['--domain x.example.com --ssl-type own', '--ssl-type, --ssl-cert and --ssl-key go with --ssl'],
    ['--domain x.example.com --ssl --ssl-cert CERT', 'a certificate and its key go together'],
    ['--domain x.example.com --ssl --ssl-cert nowhere --ssl-key KEY', 'there is no file nowhere'],
    ['--domain x.example.com --ssl --ssl-cert - --ssl-key -', 'stdin is one file only'],
    ['--domain x.example.com --ssl --ssl-cert CERT --ssl-key -', 'the file of --ssl-key holds a mask'],
  ])('refuses %s', async (flags, message) => {
    const sandbox = await openidcsSandbox()
    const {cert, key} = certificate()
    const given = flags.replace('CERT', cert).replace('KEY', key)
    const outcome = await cli(`openidcs proxy add node1 web01 --to 10.0.0.1:1 ${given}`, {
      env: sandbox.environment,
      stdin: '********\n',
    })
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain(message)
    expect(sandbox.requests).toEqual([])
  })
})
