import {resolve} from 'node:path'
import type {Command, Surroundings} from '../command/command.js'
import type {GlobalValues} from '../command/global-flags.js'
import {connectionFlags} from '../command/hints.js'
import {readIn} from '../command/io.js'
import {kindNamed} from '../config/connection/credential-origin.js'
import {gatewayHeaders, parseHeader, readHeaders} from '../config/connection/gateway-headers.js'
import {tlsSettings} from '../config/connection/tls-settings.js'
import {checkForget, saveContext} from '../config/contexts/change-context.js'
import {mayHaveSecret, readConfig} from '../config/contexts/config-file.js'
import type {SavedContext} from '../config/contexts/saved-context.js'
import {cleanSecret} from '../config/secrets/clean-secret.js'
import type {ConfigPlace} from '../config/secrets/secret.js'
import {chooseStore, readSecret} from '../config/secrets/stores.js'
import {runTokenCommand} from '../config/secrets/token-command.js'
import {isSameOrigin, normaliseUrl} from '../config/url.js'
import {PanelctlError, reworded, usageError} from '../errors.js'
import {flag, type ValuesOf} from '../flags/flags.js'
import {hint, hintText, panelctl} from '../hint.js'
import type {Access, Account, LoginMethod} from '../http/access.js'
import type {Credential} from '../http/panel.js'
import {isSecretName} from '../http/redact.js'
import {isPrivateHost, risksOf} from '../http/trust.js'
import {actionCommand} from './action.js'
import {ask, askSecret, isInteractive} from './confirm.js'
import {endSession} from './logout.js'

const commonFlags = {
  replace: flag.boolean({
    summary: 'replace the context of that name; address, TLS settings and headers stay unless given',
  }),
  'no-check': flag.boolean({summary: 'save without asking the panel, for images that are built offline'}),
  store: flag.choice(['keychain', 'file'], {
    summary: 'where the secret goes (default: the keychain at a terminal, if there is one; else the file)',
  }),
  'token-command': flag.text({
    summary: 'shell command that prints the credential, instead of storing it',
    placeholder: 'command',
    filled: true,
  }),
}

/** Besides, where a panel takes a user name and a password. */
const accountFlags = {
  username: flag.text({
    summary: 'log in under this name, with the password from a prompt or stdin',
    placeholder: 'name',
    filled: true,
  }),
}

const otpFlag = {
  // Given on the command line, as it is worth nothing a minute later.
  otp: flag.text({summary: 'code of two-factor authentication', placeholder: 'code', filled: true}),
}

type LoginFlags = ValuesOf<typeof commonFlags> & GlobalValues
type Run = Surroundings & {
  readonly flags: LoginFlags &
    Partial<ValuesOf<typeof accountFlags & typeof otpFlag>> &
    Readonly<Record<string, unknown>>
}

/** The address that flags give, else that of the context to replace, else of the environment, else of a person. */
async function addressOf(access: Access, run: Run, replaced: SavedContext | undefined): Promise<string> {
  const {panel, defaultUrl} = access
  const {url: flagged, context} = run.flags
  if (flagged !== undefined) return normaliseUrl(flagged, '--url')
  if (replaced) return normaliseUrl(replaced.url, `context ${context ?? panel.name}`)
  const stated = run.env[panel.urlVariable]
  if (stated) return normaliseUrl(stated, panel.urlVariable)
  if (!isInteractive(run)) {
    const again = panelctl(`${panel.name} login`, [], {flags: {context, url: 'https://…'}})
    throw usageError(`where is ${panel.title}?`, again)
  }
  const offer = defaultUrl ? ` [${defaultUrl}]` : ''
  const answer = (await ask(run, `${panel.title} URL${offer}: `)).trim()
  return normaliseUrl(answer || defaultUrl || '', 'the URL')
}

/**
 * The headers to save, as they go into a context: those of the flags, else those of before for the same panel.
 * @throws PanelctlError USAGE for a secret that is in argv, from where it would go into a file that others may read
 */
function headersToSave(
  {flags}: Run,
  url: string,
  replaced: SavedContext | undefined,
): readonly string[] | undefined {
  if (flags.header.length === 0) return isReplaced(replaced, url) ? replaced.headers : undefined
  return flags.header.map(text => {
    const {name, value, file} = parseHeader(text, '--header')
    if (value !== undefined && (isSecretName(name) || /auth|key|pass/i.test(name)))
      throw usageError(
        `--header: the value of ${name} would go into config.yaml`,
        `put it into a file of your own: --header '${name}: @FILE'`,
      )
    return `${name}: ${file === undefined ? value : `@${file}`}`
  })
}

/** Whether the context to replace is of the panel at this address. */
function isReplaced(replaced: SavedContext | undefined, url: string): replaced is SavedContext {
  return replaced !== undefined && isSameOrigin(url, normaliseUrl(replaced.url, 'the context to replace'))
}

interface Trust {
  /** As it is saved: absolute, or relative to the config folder. */
  readonly caFile: string | undefined
  readonly insecure: boolean
}

/**
 * Which certificates to take: those of the flags, else what was accepted before for the same panel. Who names
 * certificates to trust wants them checked, so that `--ca-file` also ends an `--insecure` of before.
 */
function trustOf({flags}: Run, url: string, replaced: SavedContext | undefined): Trust {
  const given = flags['ca-file']
  if (given !== undefined) return {caFile: resolve(given), insecure: flags.insecure}
  if (!isReplaced(replaced, url)) return {caFile: undefined, insecure: flags.insecure}
  return {caFile: replaced.caFile, insecure: flags.insecure || replaced.insecure === true}
}

/** How to log in: with a secret of some kind, or with a user name and a password. */
function methodOf(access: Access, run: Run): LoginMethod | 'account' {
  const chosen = access.methods.filter(({kind}) => run.flags[`with-${kind}`] === true)
  const ways = access.methods.map(({kind}) => `--with-${kind}`)
  const names = ways.join(' or ')
  const asAccount = run.flags.username !== undefined || run.flags.otp !== undefined
  if (chosen.length > 1) throw usageError('there are two ways to log in at once', `give one of ${names}`)
  const [method] = chosen
  // of the other methods the flag says what the command prints
  if (method && method === access.methods[0] && run.flags['token-command'] !== undefined)
    throw usageError(
      `--with-${method.kind} reads stdin, and --token-command is given too`,
      'give one of them',
    )
  const other = method
    ? `--with-${method.kind}`
    : run.flags['token-command'] === undefined
      ? undefined
      : '--token-command'
  const own = access.otp ? '--username and --otp go' : '--username goes'
  if (other && asAccount) throw usageError(`${own} with a password, not with ${other}`, 'give one of them')
  if (method) return method
  if (run.flags['token-command'] !== undefined) return access.methods[0]
  if (access.signIn && (run.flags.username !== undefined || isInteractive(run))) return 'account'
  if (!isInteractive(run)) {
    throw usageError(
      'there is no terminal to ask for a credential',
      access.signIn
        ? `--username NAME with the password on stdin; or ${names}, with the credential on stdin`
        : hint`${names}, with the credential on stdin; ${access.panel.credentialHint}`,
    )
  }
  return access.methods[0]
}

/** The user name; empty where a person has none, and gives the first of the secrets. */
async function userNameOf({methods: [{prompt}]}: Access, run: Run): Promise<string> {
  const {username} = run.flags
  return username ?? (await ask(run, `User name (empty for the ${prompt.replace(': ', '')}): `)).trim()
}

/** With a password and a code, from flags and prompts; the password from stdin where that is no terminal. */
async function accountOf(run: Run, username: string, hasCodes: boolean): Promise<Account> {
  const {flags, io} = run
  const atTerminal = isInteractive(run)
  // Only the newline at its end is not part of it.
  const password = io.stdin.isTTY
    ? await askSecret(run, 'Password: ')
    : (await readIn(io)).replace(/\r?\n$/, '')
  if (username === '' || password === '') {
    throw usageError(
      username === '' ? 'no user name was given' : 'no password came on stdin',
      hint`printf %s "$PASSWORD" | ${panelctl(run.id.replaceAll(':', ' '), [], {flags: {username: username || 'NAME'}})}`,
    )
  }
  const typed =
    flags.otp ?? (atTerminal && hasCodes ? await ask(run, 'Two-factor code (empty for none): ') : '')
  // Those who make them show them in two groups.
  const otp = typed.replaceAll(/\s/g, '')
  return {username, password, otp: otp || undefined}
}

/** The secret: what the command prints, else from a prompt at a terminal, else from stdin. */
async function secretOf(
  {panel}: Access,
  {kind, prompt}: LoginMethod,
  run: Run,
  name: string,
): Promise<string> {
  const known = kindNamed(kind, panel)
  const command = run.flags['token-command']
  if (command !== undefined)
    return cleanSecret(await runTokenCommand(command, run.env, name), '--token-command', known)
  const typed = run.io.stdin.isTTY ? await askSecret(run, prompt) : await readIn(run.io)
  if (typed.trim() === '')
    throw usageError(
      `no ${kind} came on stdin`,
      hint`printf %s "$TOKEN" | ${panelctl(`${panel.name} login`, [], {flags: {[`with-${kind}`]: true}})}`,
    )
  return cleanSecret(typed, 'stdin', known)
}

/** What the context holds whose place a login takes: nobody could end that on the panel once it is replaced. */
async function previousOf(
  place: ConfigPlace,
  name: string,
  replaced: SavedContext | undefined,
  url: string,
): Promise<Credential | undefined> {
  if (!replaced || !mayHaveSecret(replaced)) return undefined
  if (normaliseUrl(replaced.url, `context ${name}`) !== url) return undefined
  // Where it cannot be read, there is nothing to end it with.
  return readSecret(place, replaced.store, name).catch(() => undefined)
}

/** The same login with the file in the keychain's place, where that is what failed. */
function inFileInstead(
  error: unknown,
  {panel}: Access,
  method: LoginMethod | 'account',
  {flags}: Run,
): unknown {
  if (!(error instanceof PanelctlError) || error.code !== 'AUTH') return error
  const how =
    method === 'account' ? {username: flags.username ?? 'NAME'} : {[`with-${method.kind}`]: true as const}
  const command = panelctl(`${panel.name} login`, [], {
    flags: {
      ...connectionFlags(flags),
      replace: flags.replace,
      'no-check': flags['no-check'],
      store: 'file',
      ...how,
    },
    stdin: method === 'account' ? 'password.txt' : `${method.kind}.txt`,
  })
  return reworded(error, {
    hint: hint`${error.hint === undefined ? '' : hint`${error.hint}; `}to keep it in a file: ${command}`,
  })
}

/** Saves a context and its secret, after the panel has accepted the secret. */
export function loginCommand(access: Access, examples: readonly string[]): Command {
  const {panel, methods} = access
  const methodFlags = Object.fromEntries(
    methods.map(({kind, summary}) => [`with-${kind}`, flag.boolean({summary})]),
  )
  return actionCommand({
    summary: `save an address of ${panel.title} and how to log in there`,
    description: `The context is called ${panel.name} unless --context names it. To get in: ${hintText(panel.credentialHint)}`,
    examples,
    flags: {
      ...methodFlags,
      ...(access.signIn ? accountFlags : {}),
      ...(access.otp ? otpFlag : {}),
      ...commonFlags,
    },
    perform: async run => {
      const {flags, env, io, speech} = run
      const name = flags.context ?? panel.name
      const configDir = run.configDir()
      const existing = (await readConfig(configDir)).contexts.get(name)
      const taken = () =>
        usageError(
          `the context ${name} exists (${existing?.panel}, ${existing?.url})`,
          'pass --replace, or another name with --context',
          'exists',
        )
      const replaced = existing?.panel === panel.name ? existing : undefined
      // What a logout left: a login to the same address only gives it its credential back.
      const isKept =
        replaced?.tokenCommand !== undefined || (replaced && (await checkForget({configDir, env}, name)))
      const left = isKept ? undefined : replaced
      if (existing && !left && !flags.replace) throw taken()
      const url = await addressOf(access, run, replaced)
      if (left && !flags.replace && normaliseUrl(left.url, `context ${name}`) !== url) throw taken()
      const command = flags['token-command']
      const asked = methodOf(access, run)
      if (asked === 'account' && flags['no-check']) {
        throw usageError('a password is only good for asking the panel', 'leave out --no-check')
      }
      const {caFile, insecure} = trustOf(run, url, replaced)
      const headers = headersToSave(run, url, replaced)

      // as later commands will see it: the environment stays the environment's, and is not saved
      const input = {
        panel,
        env,
        configDir,
        flags: {caFile: flags['ca-file'], insecure: flags.insecure || undefined, headers: flags.header},
      }
      const saved = {
        name,
        chosenBy: '',
        panel: panel.name,
        url,
        store: 'file',
        caFile,
        insecure,
        // Those of flags are the flags' in messages.
        headers: flags.header.length === 0 ? headers : [],
      } as const
      const tls = tlsSettings(input, saved)
      const gateway = await gatewayHeaders(input, saved)
      const checked = {
        url,
        headers: () => readHeaders(gateway.headers),
        caFile: tls.caFile?.value,
        insecure: tls.insecure?.value ?? false,
      }
      const unaccepted = {insecure: false, plainHttp: false}
      // Before a secret is asked for: who hears of them may not want to give it.
      for (const risk of risksOf(panel.title, {...checked, acceptedRisks: unaccepted}, true)) {
        speech.warn(risk)
      }
      const username = asked === 'account' ? await userNameOf(access, run) : ''
      const method = asked === 'account' && username === '' && flags.otp === undefined ? methods[0] : asked
      const place = {...checked, acceptedRisks: {insecure: true, plainHttp: true}}
      const given = async (): Promise<Credential> => {
        if (method !== 'account') {
          // An image is built where the command may not work yet; what it prints is not saved anyway.
          const unneeded = flags['no-check'] && command !== undefined
          return {kind: method.kind, value: unneeded ? '' : await secretOf(access, method, run, name)}
        }
        if (!access.signIn) throw new TypeError(`${panel.name} takes no password`)
        const account = await accountOf(run, username, access.otp === true)
        return access.signIn(run.client(panel, {...place, credential: async () => undefined}).call, account)
      }
      const credential = await given()
      const target = {...place, credential: async () => credential}
      // A session that the panel has just made needs no other check.
      const isMade = method === 'account' && credential.user === undefined
      const client = run.client(panel, target)
      if (!flags['no-check'] && !isMade) await access.check(client.call)
      const generation = flags['no-check'] ? undefined : await client.generation(panel)
      if (flags['dry-run']) {
        speech.note(`would save the context ${name} for ${url}`)
        return {context: name, panel: panel.name, url, store: null}
      }

      const store =
        command === undefined
          ? await chooseStore({requested: flags.store, stdinIsTTY: io.stdin.isTTY === true, env})
          : 'file'
      const {protocol, hostname} = new URL(url)
      const config = {configDir, env, note: speech.note}
      const previous = await previousOf(config, name, replaced, url)
      await saveContext(config, {
        name,
        context: {
          panel: panel.name,
          url,
          ...(generation === undefined ? {} : {generation}),
          store,
          ...(caFile === undefined ? {} : {caFile}),
          ...(insecure ? {insecure: true} : {}),
          ...(headers === undefined ? {} : {headers}),
          ...(protocol === 'http:' && !isPrivateHost(hostname) ? {acceptedPlainHttp: true} : {}),
          ...(command === undefined ? {} : {tokenCommand: command, credential: credential.kind}),
        },
        secret: command === undefined ? credential : undefined,
        replace: flags.replace || existing !== undefined,
      }).catch((error: unknown) => {
        throw store === 'keychain' ? inFileInstead(error, access, method, run) : error
      })
      speech.note(
        command !== undefined
          ? `the ${credential.kind} comes from the command each time`
          : store === 'keychain'
            ? `the ${credential.kind} is in the system keychain; cron cannot read it: use --store file for that`
            : `the ${credential.kind} is in ${resolve(configDir, 'credentials.yaml')}, which only you can read`,
      )
      if (previous && previous.value !== credential.value && !flags['no-check']) {
        const session = {called: 'the session before', credential: async () => previous}
        await endSession(access, session, run.client(panel, {...place, ...session}).call, speech.warn)
      }
      if (env[panel.urlVariable])
        speech.warn(`${panel.urlVariable} is set and takes precedence over saved contexts`)
      return {context: name, panel: panel.name, url, store: command === undefined ? store : null}
    },
    done: ({flags}, {context, url}) =>
      flags['dry-run']
        ? 'nothing was saved'
        : `saved the context ${context} for ${url}; it is the current one now`,
  })
}
