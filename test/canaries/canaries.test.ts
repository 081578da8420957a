import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {panels} from '../../src/lib/panels/index.js'
import {withFlags} from '../example-lines.js'
import {
  cli,
  commandIds,
  dashboardSandbox,
  komariSandbox,
  loadCommand,
  nezhaSandbox,
  openidcsSandbox,
  temporaryFolder,
} from '../harness.js'
import {between, type Echo} from './between.js'
import {type Canary, canary, found} from './canary.js'
import {filesBelow} from './files-below.js'

const credentials = {
  nezha: canary('the API token of Nezha'),
  komari: canary('the API key of Komari'),
  openidcs: canary('the token of OpenIDCS'),
}
const pat = {place: 'the API token of Nezha v2', text: `nzp_${canary('', '_').text}`}
const cookie = canary('a cookie', '-._')
const session = canary('a session', '-._')
const password = canary('a password')
const gate = canary('a header for a gateway')
const basic = canary('a password for a gateway')
const unrelated = canary('a variable that is none of ours')
const beside = canary('a variable that begins as ours do')
const typed = canary('what was typed or read from a file', '+/=%&')

const everywhere = [
  ...Object.values(credentials),
  pat,
  cookie,
  session,
  password,
  gate,
  basic,
  unrelated,
  beside,
]

const gateways = [`X-Gate: ${gate.text}`, `Proxy-Pass: Basic ${btoa(`user:${basic.text}`)}`]

/** What a command prints because it is for that: by its id, the places of which a canary may be on its stdout. */
const shown: Readonly<Record<string, RegExp>> = {
  'nezha:api': /in an answer$/,
  'komari:api': /in an answer$|^the API key/,
  'komari:rpc': /in an answer$/,
  'openidcs:api': /in an answer$/,
  // A new server's secret is told this once; since v1 all agents have one.
  'nezha:server:register': /^(agent_)?secret in an answer$/,
  // What an agent is installed with.
  'nezha:node:auto-register': /^(agent_)?secret in an answer$/,
  'komari:node:auto-register': /^token in an answer$/,
  // The token is what they are for.
  'openidcs:system:token:show': /^the token of OpenIDCS$|^token in an answer$/,
  'komari:node:token': /^token in an answer$/,
  'komari:node:install-command': /^token in an answer$/,
  'openidcs:system:token:reset': /^token in an answer$/,
  // With --show-secrets.
  'openidcs:host:show': /_pass in an answer$/,
}

/** Commands none of whose lines gets as far as a request, and why. */
const silent: Readonly<Record<string, string>> = {
  'nezha:logout': 'a token has no end on the panel',
  'komari:logout': 'an API key has no end on the panel',
  'openidcs:logout': 'a token has no end on the panel',
  ...Object.fromEntries(
    ['nezha', 'komari'].flatMap(panel => [
      [`${panel}:apply`, 'there is no file'],
      [`${panel}:schema`, 'it asks no panel'],
    ]),
  ),
}

/** Lines with a secret in what is sent, besides the examples. */
const lines: Readonly<Record<string, readonly string[]>> = {
  'nezha:api': [
    `nezha api GET /api/v1/server/list -f token=${typed.text}`,
    `nezha api POST /api/v1/server/register -F 'a={"password":"${typed.text}"}'`,
    `nezha api POST /api/v1/server/register -F password=${typed.text}`,
    'nezha api POST /api/v1/server/register --input -',
  ],
  'komari:api': [
    `komari api GET /api/me -f password=${typed.text}`,
    `komari api POST /api/login -f password=${typed.text}`,
  ],
  'komari:rpc': [`komari rpc common:getNodes -f token=${typed.text}`],
  'openidcs:host:create': [
    `openidcs host create canary --type VMWareSetup --set server_pass=${typed.text}`,
    'openidcs host create canary --type VMWareSetup --file -',
  ],
  'openidcs:host:update': [`openidcs host update node1 --set server_pass=${typed.text}`],
  'openidcs:vm:create': [`openidcs vm create node1 canary --image debian12.vmdk --set os_pass=${typed.text}`],
  'openidcs:vm:update': [`openidcs vm update node1 web01 --set os_pass=${typed.text}`],
}

/** What a command reads from stdin, where that is not a document of fields. */
const documents: Readonly<Record<string, string>> = {
  'openidcs:vm:report': '{"cpu_usage": 7}',
  'openidcs:system:token:set': typed.text,
}

/** A panel that tells back all that it was sent, in each way that it may be written. */
const echoes: readonly Echo[] = [
  received => ({status: 500, type: 'text/plain', body: received}),
  ...[
    (text: string) => text,
    (text: string) => encodeURIComponent(text),
    (text: string) => JSON.stringify(text),
    (text: string) => btoa(text),
    (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;'),
    (text: string) => [...text].join('\u200b'),
    (text: string) => text.replaceAll(/(.{5})/g, '$1\u001b[3'.concat('1m')),
    // Without the names and schemes before the values.
    (text: string) => text.split(/[\s;]+|(?<=^|\s)[\w-]+=/).join(' | '),
    (text: string) => atob(/Basic (\S+)/.exec(text)?.[1] ?? ''),
  ].flatMap((write): Echo[] =>
    [200, 400, 401].map(status => received => {
      const [code, said] = [status === 200 ? 403 : status, write(received)]
      const body = JSON.stringify({code, status: 'error', error: said, message: said, msg: said, data: null})
      return {status, type: 'application/json', body}
    }),
  ),
  received => ({
    status: 302,
    type: 'text/html',
    headers: {location: `http://127.0.0.1:1/?next=${encodeURIComponent(received)}`},
    body: received,
  }),
]

const sources = ['environment', 'file', 'context', 'command'] as const

/** Values of fields and cookies that are secrets in what a panel answers. */
function answeredSecrets(text: string): Canary[] {
  const fields = text.matchAll(/"(\w*(?:pass|password|secret|token|_key|session))":\s*"([^"\\]{8,})"/gi)
  const cookies = text.matchAll(/set-cookie,? ?([\w-]+)=([^;\s]{8,})/gi)
  return [...fields, ...cookies].flatMap(([, name, value = '']) =>
    /^\*+$/.test(value) ? [] : [{place: `${name} in an answer`, text: value}],
  )
}

interface Emulated {
  readonly panel: PanelName
  readonly secret: Canary
  /** Commands that would show a secret here, if they were told one. */
  readonly untold?: readonly string[]
  start(): Promise<{
    readonly url: string
    readonly port: number
    readonly environment: Readonly<Record<string, string | undefined>>
  }>
}

type PanelName = keyof typeof credentials

const emulated: Readonly<Record<string, Emulated>> = {
  nezha: {
    panel: 'nezha',
    secret: credentials.nezha,
    start: () => nezhaSandbox({token: credentials.nezha.text, cookie: cookie.text}),
  },
  'nezha-v2': {
    panel: 'nezha',
    secret: pat,
    start: () => dashboardSandbox({pat: pat.text, mcp: true}),
    // What answers an API token has no secret in it.
    untold: ['nezha:api'],
  },
  komari: {
    panel: 'komari',
    secret: credentials.komari,
    start: () =>
      komariSandbox({apiKey: credentials.komari.text, session: session.text, password: password.text}),
  },
  openidcs: {
    panel: 'openidcs',
    secret: credentials.openidcs,
    start: () => openidcsSandbox({token: credentials.openidcs.text}),
  },
}

/** The lines of a command that end by themselves. */
async function linesOf(id: string): Promise<string[]> {
  const {examples, flags} = await loadCommand(id)
  const typedIn = examples
    .map(example => (example.split(/ [|<>] ?/)[0] ?? '').replace(/ (-o \w+|--json)/g, ''))
    .filter(line => !/--(follow|watch|wait|open|chart)\b/.test(line))
    // Nothing is installed here.
    .filter(line => !id.endsWith(':auto-register') || /--(emit|dry-run)\b/.test(line))
    .map(line =>
      line
        .replace(/--(file|input|token-file) \S+/, '--$1 -')
        .replace('probe.example.com', '127.0.0.1 --no-tls'),
    )
  return [...typedIn, ...(lines[id] ?? [])].flatMap(line => {
    const sure = 'yes' in flags && !line.includes('--yes') ? withFlags(line, '--yes') : line
    return 'dry-run' in flags && !sure.includes('--dry-run') ? [sure, withFlags(sure, '--dry-run')] : [sure]
  })
}

/** What was seen to leave, so that nothing passes that was never there. */
class Seen {
  readonly sent = new Set<string>()
  readonly answered = new Set<string>()
  readonly shown = new Set<string>()
  readonly reached = new Set<string>()
}

/** The variables and files that give a panel its credential, and where they lie. */
async function given(
  source: (typeof sources)[number],
  {panel: panelName, secret}: Emulated,
  url: string,
  probePort: string,
) {
  const access = panels.find(({panel}) => panel.name === panelName)
  if (!access) throw new Error(`no panel ${panelName}`)
  const [home, elsewhere] = [temporaryFolder(), temporaryFolder()]
  const file = (name: string, text: string) => {
    writeFileSync(join(elsewhere, name), text, {mode: 0o600})
    return join(elsewhere, name)
  }
  const [name, variable] = [panelName.toUpperCase(), access.panel.credentialVariables[0]?.variable ?? '']
  const always = {
    HOME: home,
    PANELCTL_CONFIG_DIR: join(home, 'config'),
    PANELCTL_STATE_DIR: join(home, 'state'),
    AWS_SECRET_ACCESS_KEY: unrelated.text,
    NEZHA_PROBE_PORT: probePort,
    [`${name}_BESIDE`]: beside.text,
  }
  mkdirSync(join(home, 'config'), {mode: 0o700})
  if (source === 'environment') {
    const own = {
      [access.panel.urlVariable]: url,
      [variable]: secret.text,
      [`${name}_HEADERS`]: gateways.join('\n'),
    }
    return {home, env: {...always, ...own}}
  }
  if (source === 'file') {
    const headers = file('headers', gateways.join('\n'))
    const own = {[`${variable}_FILE`]: file('secret', secret.text), [`${name}_HEADERS_FILE`]: headers}
    return {home, env: {...always, ...own, [access.panel.urlVariable]: url}}
  }
  const headers = gateways.map((header, at) => {
    const [, called = '', value = ''] = /^(\S+): (.*)$/.exec(header) ?? []
    return `--header '${called}: @${file(`header${at}`, value)}'`
  })
  const login = `${panelName} login --no-check --url ${url} --context ${panelName} ${headers.join(' ')} --debug`
  const how =
    source === 'context'
      ? `--with-${access.methods[0].kind}`
      : `--token-command 'cat ${file('printed', secret.text)}'`
  const outcome = await cli(`${login} ${how}`, {env: always, stdin: secret.text})
  expect(outcome.exitCode, outcome.stderr).toBe(0)
  expect(found(everywhere, outcome.stdout + outcome.stderr)).toEqual([])
  return {home, env: always}
}

// `npm run canaries` says otherwise: each line with the credential from each place, in each format.
const isWhole = process.env.CANARIES === 'whole'
const formats = isWhole ? ['table', 'json', 'yaml', 'csv', 'ndjson', 'id'] : ['table', 'json']

describe.each(Object.entries(emulated))('no canary of %s leaves', (_, panel) => {
  const {panel: panelName, secret, untold = [], start} = panel
  const ids = commandIds.filter(id => id.startsWith(`${panelName}:`) && !/:login$/.test(id))

  test('in what commands print, nor in files', {timeout: 3_600_000}, async () => {
    const seen = new Seen()
    const leaks: string[] = []
    let turn = 0
    for (const id of ids) {
      for (const line of await linesOf(id)) {
        turn += 1
        for (const source of isWhole ? sources : [sources[turn % sources.length] ?? 'file']) {
          const sandbox = await start()
          const proxy = await between(sandbox.url)
          const {home, env} = await given(
            source,
            panel,
            proxy.url,
            sandbox.environment.NEZHA_PROBE_PORT ?? String(sandbox.port),
          )
          const run = async (flags: string, echo?: Echo) => {
            proxy.answerWith(echo)
            const stdin = documents[id] ?? `{"server_pass": "${typed.text}"}`
            const outcome = await cli(withFlags(line, `${flags} --retries 0`), {env, stdin})
            const {sent, answered} = proxy.take()
            if (sent !== '') seen.reached.add(id)
            for (const {place} of found([...everywhere, typed], sent)) seen.sent.add(`${source}: ${place}`)
            const answers = echo ? [] : answeredSecrets(answered)
            for (const {place} of answers) seen.answered.add(place)
            const all = [...everywhere, typed, ...answers]
            const tell = (where: string, {place}: Canary) =>
              leaks.push(`${line} ${flags}: ${place} in ${where}`)
            for (const one of found(all, outcome.stderr))
              tell(`stderr: ${outcome.stderr.split('\n').find(text => found([one], text).length > 0)}`, one)
            for (const one of found(all, outcome.stdout)) {
              if (shown[id]?.test(one.place)) seen.shown.add(id)
              else tell('stdout', one)
            }
            for (const [name, text] of filesBelow(home)) {
              // There the secret of a context is, and that of an agent which is not installed yet.
              const mayHold = /^config\/credentials\.yaml$|^state\/registrations\//.test(name)
              for (const one of found(all, text)) if (!mayHold) tell(name, one)
            }
          }
          for (const format of formats) await run(`-o ${format} --debug`)
          for (const [at, echo] of echoes.entries()) {
            if (isWhole || at % 8 === turn % 8) await run(`-o ${formats[at % 2]} --debug`, echo)
          }
        }
      }
    }
    expect([...new Set(leaks)]).toEqual([])
    // Nothing was found: was there anything to find?
    expect(ids.filter(id => !seen.reached.has(id) && silent[id] === undefined)).toEqual([])
    for (const source of sources) {
      for (const one of [secret, gate, basic]) expect([...seen.sent]).toContain(`${source}: ${one.place}`)
    }
    expect([...seen.sent].some(sent => sent.endsWith(typed.place))).toBe(true)
    expect([...seen.shown].toSorted()).toEqual(
      Object.keys(shown)
        .filter(id => ids.includes(id) && !untold.includes(id))
        .toSorted(),
    )
  })
})

/** A way to log in: its flags, and what comes from stdin. */
const ways: readonly (readonly [emulator: string, flags: string, secret: Canary, prefix: string])[] = [
  ['nezha', '--with-token', credentials.nezha, ''],
  ['nezha', '--with-cookie', cookie, 'nezha-dashboard='],
  ['nezha-v2', '--with-token', pat, ''],
  ['komari', '--with-token', credentials.komari, ''],
  ['komari', '--with-session', session, ''],
  ['komari', '--username admin', password, ''],
  ['openidcs', '--with-token', credentials.openidcs, ''],
]

describe('no canary leaves with a login', () => {
  test.each(ways)('%s %s', {timeout: 3_600_000}, async (emulator, flags, secret, prefix) => {
    const panel = emulated[emulator]
    if (!panel) throw new Error(`no panel ${emulator}`)
    const panelName = panel.panel
    const sandbox = await panel.start()
    const proxy = await between(sandbox.url)
    const leaks: string[] = []
    const home = temporaryFolder()
    const env = {HOME: home, PANELCTL_CONFIG_DIR: join(home, 'config'), AWS_SECRET_ACCESS_KEY: unrelated.text}
    const run = async (line: string, echo?: Echo) => {
      proxy.answerWith(echo)
      const outcome = await cli(`${line} --debug --retries 0`, {env, stdin: `${prefix}${secret.text}\n`})
      const {sent, answered} = proxy.take()
      const all = [...everywhere, ...(echo ? [] : answeredSecrets(answered))]
      for (const one of found(all, outcome.stdout + outcome.stderr))
        leaks.push(`${line}: ${one.place} in ${outcome.stdout}${outcome.stderr}`)
      for (const [name, text] of filesBelow(home))
        for (const one of found(all, text))
          if (name !== 'config/credentials.yaml') leaks.push(`${line}: ${one.place} in ${name}`)
      return {...outcome, wasSent: found([secret], sent).length > 0}
    }
    const login = `${panelName} login --url ${proxy.url} --context lab ${flags}`
    for (const echo of echoes) {
      const outcome = await run(login, echo)
      expect([outcome.wasSent, outcome.exitCode === 0]).toEqual([true, false])
    }
    // A context is no row, and has no id.
    for (const format of formats.filter(one => !['csv', 'id'].includes(one))) {
      expect(await run(`${login} --replace -o ${format}`)).toMatchObject({exitCode: 0, wasSent: true})
      expect(await run(`context show --context lab -o ${format}`)).toMatchObject({exitCode: 0})
    }
    expect(await run('context check lab')).toMatchObject({exitCode: 0})
    expect(
      filesBelow(home)
        .map(([name]) => name)
        .toSorted(),
    ).toEqual(['config/config.yaml', 'config/credentials.yaml'])
    for (const echo of echoes) await run('context check lab', echo)
    expect(await run(`${panelName} logout --context lab`)).toMatchObject({exitCode: 0})
    expect(leaks).toEqual([])
  })
})
