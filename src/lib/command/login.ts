import {resolve} from 'node:path'
import {chooseStore} from '../config/choose-store.js'
import {cleanSecret} from '../config/clean-secret.js'
import {readConfig, type SavedContext} from '../config/config-file.js'
import {saveContext} from '../config/contexts.js'
import {tlsSettings} from '../config/tls-settings.js'
import {runTokenCommand} from '../config/token-command.js'
import {isSameOrigin, normaliseUrl} from '../config/url.js'
import {PanelctlError, reworded, usageError} from '../errors.js'
import type {Access, LoginMethod} from '../http/access.js'
import {isPrivateHost, risksOf} from '../http/trust.js'
import {actionCommand} from './action.js'
import type {Command, Surroundings} from './command.js'
import {ask, askSecret, isInteractive} from './confirm.js'
import {flag, type ValuesOf} from './flags.js'
import type {GlobalValues} from './global-flags.js'
import {connectionFlags} from './hints.js'
import {readIn} from './io.js'

const commonFlags = {
  replace: flag.boolean({
    summary: 'replace the context of that name; address and TLS settings stay unless given',
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

type LoginFlags = ValuesOf<typeof commonFlags> & GlobalValues
type Run = Surroundings & {readonly flags: LoginFlags & Readonly<Record<string, unknown>>}

/** The address that flags give, else that of the context to replace, else of the environment, else of a person. */
async function urlOf(access: Access, run: Run, replaced: SavedContext | undefined): Promise<string> {
  const {panel, defaultUrl} = access
  const {url: flagged, context} = run.flags
  if (flagged !== undefined) return normaliseUrl(flagged, '--url')
  if (replaced) return normaliseUrl(replaced.url, `context ${context ?? panel.name}`)
  const stated = run.env[panel.urlVariable]
  if (stated) return normaliseUrl(stated, panel.urlVariable)
  if (!isInteractive(run)) {
    const named = context === undefined ? '' : ` --context ${context}`
    throw usageError(`where is ${panel.title}?`, `panelctl ${panel.name} login${named} --url https://…`)
  }
  const offer = defaultUrl ? ` [${defaultUrl}]` : ''
  const answer = (await ask(run, `${panel.title} URL${offer}: `)).trim()
  return normaliseUrl(answer || defaultUrl || '', 'the URL')
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
  if (!replaced || !isSameOrigin(url, normaliseUrl(replaced.url, 'the context to replace')))
    return {caFile: undefined, insecure: flags.insecure}
  return {caFile: replaced.caFile, insecure: flags.insecure || replaced.insecure === true}
}

function methodOf(access: Access, run: Run): LoginMethod {
  const chosen = access.methods.filter(({kind}) => run.flags[`with-${kind}`] === true)
  const names = access.methods.map(({kind}) => `--with-${kind}`).join(' or ')
  if (chosen.length > 1) throw usageError('there are two ways to log in at once', `give one of ${names}`)
  const [method] = chosen
  // of the other methods the flag says what the command prints
  if (method && method === access.methods[0] && run.flags['token-command'] !== undefined)
    throw usageError(
      `--with-${method.kind} reads stdin, and --token-command is given too`,
      'give one of them',
    )
  if (method) return method
  if (run.flags['token-command'] !== undefined) return access.methods[0]
  if (!isInteractive(run)) {
    throw usageError(
      'there is no terminal to ask for a credential',
      `${names}, with the credential on stdin; ${access.panel.credentialHint}`,
    )
  }
  return access.methods[0]
}

/** The secret: what the command prints, else from a prompt at a terminal, else from stdin. */
async function secretOf(
  {panel}: Access,
  {kind, prompt}: LoginMethod,
  run: Run,
  name: string,
): Promise<string> {
  const known = panel.credentialVariables.find(credential => credential.kind === kind) ?? {kind}
  const command = run.flags['token-command']
  if (command !== undefined)
    return cleanSecret(await runTokenCommand(command, run.env, name), '--token-command', known)
  const typed = run.io.stdin.isTTY ? await askSecret(run, prompt) : await readIn(run.io)
  if (typed.trim() === '')
    throw usageError(`no ${kind} came on stdin`, `printf %s "$TOKEN" | panelctl … --with-${kind}`)
  return cleanSecret(typed, 'stdin', known)
}

/** The same login with the file in the keychain's place, where that is what failed. */
function inFileInstead(error: unknown, {panel}: Access, {kind}: LoginMethod, {flags}: Run): unknown {
  if (!(error instanceof PanelctlError) || error.code !== 'AUTH') return error
  const switches = (['replace', 'no-check'] as const).filter(name => flags[name]).map(name => `--${name}`)
  const words = [`panelctl ${panel.name} login`, ...connectionFlags(flags), ...switches]
  const command = `${words.join(' ')} --store file --with-${kind} < ${kind}.txt`
  return reworded(error, {hint: `${error.hint}; to keep it in a file: ${command}`})
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
    flags: {...methodFlags, ...commonFlags},
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
      const replaced = existing?.panel === panel.name ? existing : undefined
      const url = await urlOf(access, run, replaced)
      const command = flags['token-command']
      const method = methodOf(access, run)
      // An image is built where the command may not work yet; what it prints is not saved anyway.
      const unneeded = flags['no-check'] && command !== undefined
      const value = unneeded ? '' : await secretOf(access, method, run, name)
      const {caFile, insecure} = trustOf(run, url, replaced)

      // as later commands will see it: the environment stays the environment's, and is not saved
      const tls = tlsSettings(
        {panel, env, configDir, flags: {caFile: flags['ca-file'], insecure: flags.insecure || undefined}},
        {name, chosenBy: '', panel: panel.name, url, store: 'file', caFile, insecure},
      )
      const target = {
        url,
        credential: async () => ({kind: method.kind, value}),
        caFile: tls.caFile?.value ?? null,
        insecure: tls.insecure?.value ?? false,
        acceptedRisks: {insecure: false, plainHttp: false},
      }
      if (flags['no-check']) for (const risk of risksOf(panel.title, target, true)) speech.warn(risk)
      else await access.check(run.client(panel, target).call)
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
        {configDir, env, note: speech.note},
        {
          name,
          context: {
            panel: panel.name,
            url,
            store,
            ...(caFile === undefined ? {} : {caFile}),
            ...(insecure ? {insecure: true} : {}),
            ...(protocol === 'http:' && !isPrivateHost(hostname) ? {acceptedPlainHttp: true} : {}),
            ...(command === undefined ? {} : {tokenCommand: command, credential: method.kind}),
          },
          secret: command === undefined ? {kind: method.kind, value} : undefined,
          replace: flags.replace,
        },
      ).catch((error: unknown) => {
        throw store === 'keychain' ? inFileInstead(error, access, method, run) : error
      })
      speech.note(
        command !== undefined
          ? `the ${method.kind} comes from the command each time`
          : store === 'keychain'
            ? `the ${method.kind} is in the system keychain; cron cannot read it: use --store file for that`
            : `the ${method.kind} is in ${resolve(configDir, 'credentials.yaml')}, which only you can read`,
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
