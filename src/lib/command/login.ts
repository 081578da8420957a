import {resolve} from 'node:path'
import {chooseStore} from '../config/choose-store.js'
import {readConfig} from '../config/config-file.js'
import {saveContext} from '../config/contexts.js'
import {runTokenCommand} from '../config/token-command.js'
import {normaliseUrl} from '../config/url.js'
import {usageError} from '../errors.js'
import type {Access, Account, LoginMethod} from '../http/access.js'
import type {Credential} from '../http/panel.js'
import {isPrivateHost} from '../http/trust.js'
import {actionCommand} from './action.js'
import type {Command, Surroundings} from './command.js'
import {ask, askSecret, isInteractive} from './confirm.js'
import {flag, type ValuesOf} from './flags.js'
import type {GlobalValues} from './global-flags.js'
import {readIn} from './io.js'

const commonFlags = {
  replace: flag.boolean({summary: 'replace the context of that name'}),
  'no-check': flag.boolean({summary: 'save without asking the panel, for images that are built offline'}),
  store: flag.choice(['keychain', 'file'], {
    summary: 'where the secret goes (default: the keychain at a terminal, if there is one; else the file)',
  }),
  'token-command': flag.text({
    summary: 'shell command that prints the token, instead of storing it',
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
  // Given on the command line, as it is worth nothing a minute later.
  otp: flag.text({summary: 'code of two-factor authentication', placeholder: 'code', filled: true}),
}

type LoginFlags = ValuesOf<typeof commonFlags> & GlobalValues
type Run = Surroundings & {
  readonly flags: LoginFlags & Partial<ValuesOf<typeof accountFlags>> & Readonly<Record<string, unknown>>
}

async function urlOf(access: Access, run: Run): Promise<string> {
  const {panel, defaultUrl} = access
  const given = run.flags.url ?? run.env[panel.urlVariable]
  if (given) return normaliseUrl(given, run.flags.url ? '--url' : panel.urlVariable)
  if (!isInteractive(run))
    throw usageError(`where is ${panel.title}?`, `panelctl ${panel.name} login --url https://…`)
  const offer = defaultUrl ? ` [${defaultUrl}]` : ''
  const answer = (await ask(run, `${panel.title} URL${offer}: `)).trim()
  return normaliseUrl(answer || defaultUrl || '', 'the URL')
}

/** How to log in: with a secret of some kind, or with a user name and a password. */
function methodOf(access: Access, run: Run): LoginMethod | 'account' {
  const chosen = access.methods.filter(({kind}) => run.flags[`with-${kind}`] === true)
  const ways = access.methods.map(({kind}) => `--with-${kind}`)
  const names = ways.join(' or ')
  const asAccount = run.flags.username !== undefined || run.flags.otp !== undefined
  if (chosen.length > 1) throw usageError('there are two ways to log in at once', `give one of ${names}`)
  const [method] = chosen
  if (method && asAccount) {
    throw usageError(`--username and --otp go with a password, not with --with-${method.kind}`)
  }
  if (method) return method
  if (run.flags['token-command'] !== undefined) return access.methods[0]
  if (access.signIn && (run.flags.username !== undefined || isInteractive(run))) return 'account'
  if (!isInteractive(run)) {
    throw usageError(
      'there is no terminal to ask for a credential',
      access.signIn
        ? `--username NAME with the password on stdin; or ${names}, with the credential on stdin`
        : `${names}, with the credential on stdin; ${access.panel.credentialHint}`,
    )
  }
  return access.methods[0]
}

/** A user name, a password and a code, from flags and prompts; the password from stdin where that is no terminal. */
async function accountOf(run: Run): Promise<Account> {
  const {flags, io} = run
  const username = flags.username ?? (await ask(run, 'User name: ')).trim()
  const atTerminal = isInteractive(run)
  // Only the newline at its end is not part of it.
  const password = io.stdin.isTTY
    ? await askSecret(run, 'Password: ')
    : (await readIn(io)).replace(/\r?\n$/, '')
  if (username === '' || password === '') {
    throw usageError(
      username === '' ? 'no user name was given' : 'no password came on stdin',
      'printf %s "$PASSWORD" | panelctl … --username NAME',
    )
  }
  const otp = flags.otp ?? (atTerminal ? (await ask(run, 'Two-factor code (empty for none): ')).trim() : '')
  return {username, password, otp: otp || undefined}
}

/** The secret, from a prompt at a terminal and else from stdin. */
async function secretOf(method: LoginMethod, run: Run): Promise<string> {
  const typed = run.io.stdin.isTTY ? await askSecret(run, method.prompt) : await readIn(run.io)
  const secret = method.clean?.(typed.trim()) ?? typed.trim()
  if (secret === '')
    throw usageError(
      `no ${method.kind} came on stdin`,
      `printf %s "$TOKEN" | panelctl … --with-${method.kind}`,
    )
  if (!/^[\u0020-\u007e]+$/.test(secret)) {
    throw usageError(`the ${method.kind} holds line breaks or other characters that no header can carry`)
  }
  return secret
}

/** Saves a context and its secret, after the panel has accepted the secret. */
export function loginCommand(access: Access, examples: readonly string[]): Command {
  const {panel, methods} = access
  const methodFlags = Object.fromEntries(
    methods.map(({kind, summary}) => [`with-${kind}`, flag.boolean({summary})]),
  )
  return actionCommand({
    summary: `save an address of ${panel.title} and how to log in there`,
    description: `The context is called ${panel.name} unless --context names it. To get in: ${panel.credentialHint}`,
    examples,
    flags: {...methodFlags, ...(access.signIn ? accountFlags : {}), ...commonFlags},
    perform: async run => {
      const {flags, env, io, speech} = run
      const name = flags.context ?? panel.name
      const configDir = run.configDir()
      const existing = (await readConfig(configDir)).contexts.get(name)
      if (existing && !flags.replace) {
        throw usageError(
          `the context ${name} exists (${existing.panel}, ${existing.url})`,
          'pass --replace, or another name with --context',
        )
      }
      const url = await urlOf(access, run)
      const command = flags['token-command']
      const method = methodOf(access, run)
      if (method === 'account' && flags['no-check']) {
        throw usageError('a password is only good for asking the panel', 'leave out --no-check')
      }
      const caFile = flags['ca-file'] === undefined ? undefined : resolve(flags['ca-file'])

      const place = {
        url,
        caFile: caFile ?? null,
        insecure: flags.insecure,
        acceptedRisks: {insecure: false, plainHttp: false},
      }
      const given = async (): Promise<Credential> => {
        if (method !== 'account') {
          const value =
            command === undefined ? await secretOf(method, run) : await runTokenCommand(command, env, name)
          return {kind: method.kind, value}
        }
        if (!access.signIn) throw new TypeError(`${panel.name} takes no password`)
        const {call} = run.client(panel, {...place, credential: async () => null})
        return access.signIn(call, await accountOf(run))
      }
      const credential = await given()
      // A session that the panel has just made needs no other check.
      if (!flags['no-check'] && method !== 'account') {
        await access.check(run.client(panel, {...place, credential: async () => credential}).call)
      }
      if (flags['dry-run']) {
        speech.note(`would save the context ${name} for ${url}`)
        return {context: name, panel: panel.name, url, store: null}
      }

      const store =
        command === undefined
          ? await chooseStore({requested: flags.store, stdinIsTTY: io.stdin.isTTY === true, env})
          : 'file'
      const {protocol, hostname} = new URL(url)
      await saveContext(
        {configDir, env},
        {
          name,
          context: {
            panel: panel.name,
            url,
            store,
            ...(caFile === undefined ? {} : {caFile}),
            ...(flags.insecure ? {insecure: true} : {}),
            ...(protocol === 'http:' && !isPrivateHost(hostname) ? {acceptedPlainHttp: true} : {}),
            ...(command === undefined ? {} : {tokenCommand: command, credential: credential.kind}),
          },
          secret: command === undefined ? credential : undefined,
          replace: flags.replace,
        },
      )
      speech.note(
        command !== undefined
          ? `the token comes from the command each time`
          : store === 'keychain'
            ? `the ${credential.kind} is in the system keychain; cron cannot read it: use --store file for that`
            : `the ${credential.kind} is in ${resolve(configDir, 'credentials.yaml')}, which only you can read`,
      )
      if (env[panel.urlVariable]) speech.warn(`${panel.urlVariable} is set and goes before saved contexts`)
      return {context: name, panel: panel.name, url, store: command === undefined ? store : null}
    },
    done: ({flags}, {context, url}) =>
      flags['dry-run']
        ? 'nothing was saved'
        : `saved the context ${context} for ${url}; it is the current one now`,
  })
}
