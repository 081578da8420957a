import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, it, vi} from 'vitest'
import type {ConnectionInput, PanelSettings} from '../../../src/lib/config/connection/connection-parts.js'
import {resolveConnection} from '../../../src/lib/config/connection/resolve.js'
import {failure} from './failure.js'
import {temporaryFolder} from './temporary-folder.js'

const keychain = vi.hoisted(() => ({get: vi.fn()}))
vi.mock('../../../src/lib/config/secrets/keychain.js', () => ({openKeychain: async () => keychain}))

beforeEach(() => {
  keychain.get.mockReset()
  keychain.get.mockResolvedValue('{"kind":"token","value":"keychain-secret"}')
})

const nezha: PanelSettings = {
  name: 'nezha',
  urlVariable: 'NEZHA_DASHBOARD_URL',
  credentialVariables: [
    {kind: 'token', variable: 'NEZHA_TOKEN'},
    {kind: 'cookie', variable: 'NEZHA_COOKIE'},
  ],
}
const openidcs: PanelSettings = {
  name: 'openidcs',
  urlVariable: 'OPENIDCS_URL',
  credentialVariables: [{kind: 'token', variable: 'OPENIDCS_TOKEN'}],
}

/** `lab` is current and has a secret; `open` has none; the rest are special in one way each. */
const config = `
contexts:
  lab: {panel: nezha, url: 'https://lab.test/nezha/', credential: token, store: file}
  prod: {panel: nezha, url: 'https://prod.test', credential: token}
  open: {panel: nezha, url: 'https://open.test'}
  keyed: {panel: nezha, url: 'https://keyed.test', credential: token, store: keychain}
  unkeyed: {panel: nezha, url: 'https://unkeyed.test', store: keychain}
  printed: {panel: nezha, url: 'https://printed.test', tokenCommand: echo printed-secret, credential: cookie}
  risky: {panel: nezha, url: 'http://risky.test', caFile: ca.pem, insecure: true, acceptedPlainHttp: true}
  bare: {panel: nezha, url: bare.test}
  k: {panel: komari, url: 'https://komari.test', credential: api-key}
current: {nezha: lab, komari: k}
`
const credentials = `
lab: {kind: token, value: lab-secret}
prod: {kind: cookie, value: prod-secret}
k: {kind: api-key, value: k-secret}
`

type Env = Record<string, string>

function input(
  flags: ConnectionInput['flags'],
  env: Env,
  configText = config,
  panel = nezha,
): ConnectionInput {
  const configDir = temporaryFolder()
  writeFileSync(join(configDir, 'config.yaml'), configText)
  writeFileSync(join(configDir, 'credentials.yaml'), credentials, {mode: 0o600})
  return {panel, flags, env: {DBUS_SESSION_BUS_ADDRESS: 'x', ...env}, configDir}
}

/** What goes where: URL and its source, secret and its source, context, notes. */
async function outcome(given: ConnectionInput) {
  const connection = await resolveConnection(given)
  const credential = await connection.credential()
  return [
    `${connection.url} (${connection.sources.url?.source})`,
    credential && `${credential.kind} ${credential.value} (${connection.sources.credential?.source})`,
    connection.contextName,
    connection.notes,
  ]
}

const url = {NEZHA_DASHBOARD_URL: 'https://env.test/'}
const token = {NEZHA_TOKEN: 'env-secret'}
const cookie = {NEZHA_COOKIE: 'nezha-dashboard=env'}
const own = (name: string) => ({PANELCTL_NEZHA_CONTEXT: name})
const general = (name: string) => ({PANELCTL_CONTEXT: name})
const withoutCurrent = config.replace('nezha: lab, ', '')
const currentIs = (name: string) => config.replace('nezha: lab', `nezha: ${name}`)

const envToken = 'token env-secret (NEZHA_TOKEN)'
const labUrl = 'https://lab.test/nezha (context lab)'
const labToken = 'token lab-secret (context lab (file))'
const prodUrl = 'https://prod.test (context prod)'
const prodCookie = 'cookie prod-secret (context prod (file))'

describe('which URL, and which credential goes there', () => {
  type Row = [
    string,
    ConnectionInput['flags'],
    Env,
    string,
    string | undefined,
    string | undefined,
    string[],
    string?,
  ]
  it.each<Row>([
    // --context N: the context's; the panel's environment is ignored, with a note
    ['--context', {context: 'prod'}, {}, prodUrl, prodCookie, 'prod', []],
    [
      '--context beside a URL and token in the environment',
      {context: 'prod'},
      {...url, ...token},
      prodUrl,
      prodCookie,
      'prod',
      ['NEZHA_DASHBOARD_URL, NEZHA_TOKEN ignored: --context prod is given'],
    ],
    [
      '--context beside a token file that is not even read',
      {context: 'prod'},
      {NEZHA_TOKEN_FILE: '/nowhere', ...cookie},
      prodUrl,
      prodCookie,
      'prod',
      ['NEZHA_TOKEN_FILE, NEZHA_COOKIE ignored: --context prod is given'],
    ],
    [
      '--context of a panel without a secret, beside a token',
      {context: 'open'},
      token,
      'https://open.test (context open)',
      undefined,
      'open',
      ['NEZHA_TOKEN ignored: --context open is given'],
    ],
    [
      '--context over contexts in the environment',
      {context: 'prod'},
      {...own('lab'), ...general('k')},
      prodUrl,
      prodCookie,
      'prod',
      [],
    ],
    [
      '--context beside the environment of another panel',
      {context: 'prod'},
      {KOMARI_URL: 'x'},
      prodUrl,
      prodCookie,
      'prod',
      [],
    ],
    [
      '--context and --url of the same origin',
      {context: 'lab', url: 'https://lab.test'},
      token,
      'https://lab.test (--url)',
      labToken,
      'lab',
      ['NEZHA_TOKEN ignored: --context lab is given'],
    ],

    // --url U: the environment's; the context's only if the origin is equal
    ['--url alone', {url: 'https://flag.test/'}, {}, 'https://flag.test (--url)', undefined, undefined, []],
    [
      '--url of another port than the current context',
      {url: 'https://lab.test:8443'},
      {},
      'https://lab.test:8443 (--url)',
      undefined,
      undefined,
      [],
    ],
    [
      '--url over http, the current context over https',
      {url: 'http://lab.test'},
      {},
      'http://lab.test (--url)',
      undefined,
      undefined,
      [],
    ],
    [
      '--url of the current origin',
      {url: 'https://LAB.test:443/other'},
      {},
      'https://lab.test/other (--url)',
      labToken,
      'lab',
      [],
    ],
    [
      '--url of a saved panel that is not current',
      {url: 'https://prod.test'},
      {},
      'https://prod.test (--url)',
      undefined,
      undefined,
      [],
    ],
    [
      '--url of the origin of PANELCTL_CONTEXT',
      {url: 'https://prod.test'},
      general('prod'),
      'https://prod.test (--url)',
      prodCookie,
      'prod',
      [],
    ],
    [
      '--url and a token',
      {url: 'https://flag.test'},
      token,
      'https://flag.test (--url)',
      envToken,
      undefined,
      [],
    ],
    [
      '--url of the current origin and a token',
      {url: 'https://lab.test'},
      token,
      'https://lab.test (--url)',
      envToken,
      undefined,
      [],
    ],
    [
      '--url over another URL in the environment',
      {url: 'https://flag.test'},
      {...url, ...token},
      'https://flag.test (--url)',
      envToken,
      undefined,
      ['NEZHA_DASHBOARD_URL ignored: --url is given'],
    ],
    [
      '--url the same as in the environment',
      {url: 'https://env.test'},
      {...url, ...token},
      'https://env.test (--url)',
      envToken,
      undefined,
      [],
    ],
    [
      '--url without any current context',
      {url: 'https://flag.test'},
      {},
      'https://flag.test (--url)',
      undefined,
      undefined,
      [],
      withoutCurrent,
    ],

    // a URL in the environment: that; the environment's, else none
    ['a URL in the environment', {}, url, 'https://env.test (NEZHA_DASHBOARD_URL)', undefined, undefined, []],
    [
      'a URL and token in the environment',
      {},
      {...url, ...token},
      'https://env.test (NEZHA_DASHBOARD_URL)',
      envToken,
      undefined,
      [],
    ],
    [
      'the URL of the current context in the environment',
      {},
      {NEZHA_DASHBOARD_URL: 'https://lab.test/nezha'},
      'https://lab.test/nezha (NEZHA_DASHBOARD_URL)',
      undefined,
      undefined,
      [],
    ],
    [
      'a URL and a context in the environment',
      {},
      {...url, ...own('prod'), ...general('prod')},
      'https://env.test (NEZHA_DASHBOARD_URL)',
      undefined,
      undefined,
      ['PANELCTL_NEZHA_CONTEXT ignored: NEZHA_DASHBOARD_URL is set'],
    ],
    [
      'a URL and a cookie in the environment',
      {},
      {...url, ...cookie},
      'https://env.test (NEZHA_DASHBOARD_URL)',
      'cookie nezha-dashboard=env (NEZHA_COOKIE)',
      undefined,
      [],
    ],
    [
      'a token and a cookie in the environment',
      {},
      {...url, ...token, ...cookie},
      'https://env.test (NEZHA_DASHBOARD_URL)',
      envToken,
      undefined,
      ['NEZHA_COOKIE ignored: NEZHA_TOKEN is set'],
    ],
    [
      'an empty URL in the environment, which is none',
      {},
      {NEZHA_DASHBOARD_URL: ''},
      labUrl,
      labToken,
      'lab',
      [],
    ],

    // only a token in the environment: the current context's URL, if that has no credential of its own
    [
      'only a token, the current context has none',
      {},
      token,
      'https://open.test (context open)',
      envToken,
      'open',
      [],
      currentIs('open'),
    ],
    [
      'only a token, and a context without one named',
      {},
      {...token, ...general('open')},
      'https://open.test (context open)',
      envToken,
      'open',
      [],
    ],
    [
      'only a token, the current context never had one in its keychain',
      {},
      token,
      'https://unkeyed.test (context unkeyed)',
      envToken,
      'unkeyed',
      [],
      currentIs('unkeyed'),
    ],
    ['an empty token, which is none', {}, {NEZHA_TOKEN: ''}, labUrl, labToken, 'lab', []],

    // PANELCTL_<PANEL>_CONTEXT, PANELCTL_CONTEXT, the current context
    ['the current context', {}, {}, labUrl, labToken, 'lab', []],
    ['PANELCTL_CONTEXT', {}, general('prod'), prodUrl, prodCookie, 'prod', []],
    ['PANELCTL_NEZHA_CONTEXT', {}, own('prod'), prodUrl, prodCookie, 'prod', []],
    [
      'PANELCTL_NEZHA_CONTEXT over PANELCTL_CONTEXT',
      {},
      {...own('prod'), ...general('lab')},
      prodUrl,
      prodCookie,
      'prod',
      [],
    ],
    ['PANELCTL_CONTEXT of another panel, passed over', {}, general('k'), labUrl, labToken, 'lab', []],
    [
      'PANELCTL_NEZHA_CONTEXT of another panel, passed over with a note',
      {},
      {...own('k'), ...general('prod')},
      prodUrl,
      prodCookie,
      'prod',
      ['PANELCTL_NEZHA_CONTEXT ignored: the context k is a komari panel'],
    ],
    [
      'a context with its secret in the keychain',
      {context: 'keyed'},
      {},
      'https://keyed.test (context keyed)',
      'token keychain-secret (context keyed (keychain))',
      'keyed',
      [],
    ],
    [
      'a context with a tokenCommand',
      {context: 'printed'},
      {},
      'https://printed.test (context printed)',
      'cookie printed-secret (context printed (tokenCommand))',
      'printed',
      [],
    ],
  ])('%s', async (_, flags, env, ...rest) => {
    const [expectedUrl, credential, context, notes, configText] = rest
    expect(await outcome(input(flags, env, configText))).toEqual([expectedUrl, credential, context, notes])
  })

  it.each<[string, ConnectionInput['flags'], Env, string, string | undefined, string?]>([
    [
      'nothing says where the panel is',
      {},
      {},
      'no nezha panel to talk to',
      'panelctl context use bare, or another of those saved: keyed, lab, open, printed, prod, risky, unkeyed',
      withoutCurrent,
    ],
    [
      'there is only a token',
      {},
      token,
      'no nezha panel to talk to',
      'panelctl nezha login --url https://…, or set NEZHA_DASHBOARD_URL',
      '',
    ],
    [
      'the only context in the environment is of another panel',
      {},
      general('k'),
      'no nezha panel to talk to',
      'panelctl context use lab, or set NEZHA_DASHBOARD_URL',
      "contexts:\n  lab: {panel: nezha, url: 'https://lab.test'}\n  k: {panel: komari, url: 'https://komari.test'}\n",
    ],
    [
      '--context is unknown',
      {context: 'labb'},
      {...url, ...token},
      'no context "labb" (--context)',
      'did you mean "lab"?',
    ],
    ['--context is empty', {context: ''}, {}, 'no context "" (--context)', undefined],
    [
      '--context is a name of JavaScript',
      {context: 'constructor'},
      {},
      'no context "constructor" (--context)',
      'panelctl context list',
    ],
    [
      'PANELCTL_CONTEXT is unknown',
      {},
      general('prd'),
      'no context "prd" (PANELCTL_CONTEXT)',
      'did you mean "prod"?',
    ],
    [
      'PANELCTL_NEZHA_CONTEXT is unknown',
      {},
      own('prd'),
      'no context "prd" (PANELCTL_NEZHA_CONTEXT)',
      'did you mean "prod"?',
    ],
    [
      'the current context is gone',
      {},
      {},
      'no context "gone" (the current context of nezha)',
      'panelctl context list',
      currentIs('gone'),
    ],
    [
      'the current context is of another panel',
      {},
      {},
      'the current context of nezha, k, is a komari panel',
      'panelctl context use NAME',
      currentIs('k'),
    ],
    [
      '--context is of another panel',
      {context: 'k'},
      {},
      'the context k (--context) is a komari panel, not nezha',
      'panelctl context list',
    ],
    [
      '--url is not the panel of --context',
      {context: 'lab', url: 'https://flag.test'},
      token,
      '--url https://flag.test is not the panel of --context lab (https://lab.test/nezha)',
      'give one of them: a credential goes only to the panel that it was saved for',
    ],
    [
      'there is only a token, and the current context has its own',
      {},
      token,
      'ambiguous: NEZHA_TOKEN is set, and the context lab (https://lab.test/nezha) has its own credential',
      "--context lab uses the context's; set NEZHA_DASHBOARD_URL too to use the environment's",
    ],
    [
      'there is only a token, and the context named in the environment has its own in the keychain',
      {},
      {NEZHA_TOKEN_FILE: '/nowhere', ...own('keyed')},
      'ambiguous: NEZHA_TOKEN_FILE is set, and the context keyed (https://keyed.test) has its own credential',
      undefined,
    ],
    [
      'there is only a cookie, and the current context has a tokenCommand',
      {},
      cookie,
      'ambiguous: NEZHA_COOKIE is set, and the context printed (https://printed.test) has its own credential',
      undefined,
      currentIs('printed'),
    ],
    ['--url has no scheme', {url: 'flag.test'}, {}, '--url: flag.test has no scheme', undefined],
    [
      'the URL in the environment is no URL',
      {},
      {NEZHA_DASHBOARD_URL: 'https://'},
      'NEZHA_DASHBOARD_URL: https:// is not a URL',
      undefined,
    ],
    [
      'the URL of the context has no scheme',
      {context: 'bare'},
      {},
      'context bare: bare.test has no scheme',
      undefined,
    ],
    [
      'token and token file are both set',
      {},
      {...url, ...token, NEZHA_TOKEN_FILE: '/x'},
      'both NEZHA_TOKEN and NEZHA_TOKEN_FILE are set',
      undefined,
    ],
  ])('exit 2 when %s', async (_, flags, env, message, hint, configText) => {
    const error = await failure(() => outcome(input(flags, env, configText)))
    expect(error).toMatchObject({exitCode: 2, message, ...(hint === undefined ? {} : {hint})})
    expect(keychain.get).not.toHaveBeenCalled()
  })

  it('reads no secret until it is asked for, and then once', async () => {
    const connection = await resolveConnection(input({context: 'keyed'}, {}))
    expect(keychain.get).not.toHaveBeenCalled()
    await connection.credential()
    await connection.credential()
    expect(keychain.get).toHaveBeenCalledTimes(1)
  })

  it('a context that was logged out of in the keychain asks the keychain for nothing', async () => {
    expect(await outcome(input({context: 'unkeyed'}, {}))).toContain(undefined)
    expect(keychain.get).not.toHaveBeenCalled()
  })

  it('each panel has its own variables and its own current context', async () => {
    const env = {...url, ...token, OPENIDCS_URL: 'http://localhost:1880', PANELCTL_NEZHA_CONTEXT: 'lab'}
    expect(await outcome(input({}, env, config, openidcs))).toEqual([
      'http://localhost:1880 (OPENIDCS_URL)',
      undefined,
      undefined,
      [],
    ])
  })

  it('says of every value where it came from, and no secret', async () => {
    const given = input({insecure: false}, {...general('risky'), ...token, PANELCTL_CA_FILE: '/env.pem'})
    expect((await resolveConnection(given)).sources).toEqual({
      url: {value: 'http://risky.test', source: 'context risky'},
      context: {value: 'risky', source: 'PANELCTL_CONTEXT'},
      credential: {value: 'token', source: 'NEZHA_TOKEN'},
      caFile: {value: '/env.pem', source: 'PANELCTL_CA_FILE'},
      insecure: {value: 'false', source: '--insecure'},
    })
  })
})

describe('TLS options', () => {
  const tls = async (flags: ConnectionInput['flags'], env: Env) => {
    const given = input(flags, env)
    const {caFile, insecure, acceptedRisks} = await resolveConnection(given)
    return {caFile: caFile?.replace(given.configDir, 'CONFIG'), insecure, acceptedRisks}
  }
  const none = {insecure: false, plainHttp: false}
  const accepted = {insecure: true, plainHttp: true}

  it('come from a flag, else the environment, else the context', async () => {
    const both = {PANELCTL_CA_FILE: '/env.pem', PANELCTL_INSECURE: 'no'}
    expect(await tls({context: 'risky'}, {})).toEqual({
      caFile: join('CONFIG', 'ca.pem'),
      insecure: true,
      acceptedRisks: accepted,
    })
    expect(await tls({context: 'risky'}, both)).toMatchObject({caFile: '/env.pem', insecure: false})
    expect(await tls({context: 'risky', caFile: '/flag.pem', insecure: true}, both)).toMatchObject({
      caFile: '/flag.pem',
      insecure: true,
    })
  })

  it('accepted for a panel at login are not accepted for another one', async () => {
    const env = general('risky')
    expect(await tls({url: 'http://risky.test/x'}, env)).toMatchObject({
      insecure: true,
      acceptedRisks: accepted,
    })
    for (const flags of [{url: 'http://other.test'}, {url: 'http://risky.test:81'}])
      expect(await tls(flags, env)).toEqual({caFile: undefined, insecure: false, acceptedRisks: none})
    expect(await tls({url: 'https://other.test', insecure: true}, env)).toMatchObject({
      insecure: true,
      acceptedRisks: none,
    })
    expect(await tls({}, {...env, ...url})).toMatchObject({insecure: false, acceptedRisks: none})
  })

  it('are not decided by a typo', async () => {
    expect(await failure(() => tls({context: 'lab'}, {PANELCTL_INSECURE: 'ture'}))).toMatchObject({
      code: 'USAGE',
      message: 'PANELCTL_INSECURE is "ture"',
    })
  })
})

it('contexts saved by hand work without a credentials file', async () => {
  const configDir = join(temporaryFolder(), 'panelctl')
  mkdirSync(configDir)
  writeFileSync(join(configDir, 'config.yaml'), config)
  const connection = await resolveConnection({panel: nezha, flags: {}, env: token, configDir})
  expect(await connection.credential()).toMatchObject({value: 'env-secret', from: 'environment'})
})
