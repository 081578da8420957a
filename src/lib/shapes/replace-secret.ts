import type {Surroundings} from '../command/command.js'
import {interruption} from '../command/interrupted.js'
import {readIn} from '../command/io.js'
import {firstKind, loginAgain} from '../config/connection/connection-parts.js'
import type {Connection} from '../config/connection/resolve.js'
import {replaceSecret} from '../config/contexts/change-context.js'
import {cleanSecret} from '../config/secrets/clean-secret.js'
import {PanelctlError, usageError} from '../errors.js'
import {flag, type ValuesOf} from '../flags/flags.js'
import {hint, panelctl} from '../hint.js'
import type {Api} from '../http/client.js'
import type {Panel} from '../http/panel.js'
import {isMask} from '../mask.js'
import type {Unfinished} from '../outcome.js'
import {askSecret} from './confirm.js'
import {textOfFile} from './document-flags.js'

/** How a new secret is given: never on the command line. */
export const newSecretFlags = {
  'token-file': flag.text({
    summary: 'file with the new token, instead of stdin',
    placeholder: 'file',
    filled: true,
  }),
}

/** What is read, unless a signal comes first: these commands end themselves, and what is piped in may never end. */
async function unlessInterrupted(signal: AbortSignal, reading: Promise<string>): Promise<string> {
  return Promise.race([reading, interruption(signal)])
}

/**
 * The new secret out of a file, of stdin, or of a person at a terminal, in the form in which it is sent.
 * @throws PanelctlError USAGE where it is empty, a mask, or where no header can carry it
 */
export async function newSecretOf(
  run: Surroundings & {readonly flags: ValuesOf<typeof newSecretFlags>},
  panel: Panel,
): Promise<string> {
  const {io, flags, id} = run
  const file = flags['token-file']
  const kind = panel.credentialVariables[0] ?? {kind: firstKind(panel)}
  const where = file === undefined || file === '-' ? 'stdin' : file
  const text = await unlessInterrupted(
    run.signal,
    file !== undefined
      ? textOfFile(file, run)
      : io.stdin.isTTY
        ? askSecret(run, `New ${kind.kind}: `)
        : readIn(io),
  )
  if (text.trim() === '') {
    const command = panelctl(id.replaceAll(':', ' '), [], {flags: {yes: true}})
    throw usageError(
      `no ${kind.kind} came ${where === 'stdin' ? 'on stdin' : `out of ${where}`}`,
      hint`printf %s "$TOKEN" | ${command}`,
    )
  }
  const secret = cleanSecret(text, where, kind)
  if (isMask(secret)) throw usageError(`${where}: that is a mask and not a ${kind.kind}`)
  return secret
}

/** Puts the new secret where this run found the old one, or says where a person has to. */
async function keepSecret(
  {configDir, env, speech}: Surroundings,
  {origin, url}: Connection,
  secret: {kind: string; value: string},
): Promise<void> {
  const {kind} = secret
  // A panel that wants no credential has nothing that could be kept.
  if (origin === undefined) return
  if (origin.from === 'environment') {
    const {name, variable} = origin
    const place = variable === name ? variable : `the file that ${variable} names`
    speech.warn(`${place} still has the old ${kind}: put the new one there`)
    return
  }
  const {name, tokenCommand} = origin.context
  if (tokenCommand !== undefined) {
    speech.warn(
      `the command of the context ${name} (tokenCommand) still prints the old ${kind}: let it print the new one`,
    )
    return
  }
  const {store} = await replaceSecret({configDir: configDir(), env, note: speech.note}, {name, url, secret})
  speech.note(`the context ${name} (${store}) has the new ${kind}`)
}

/**
 * Lets a panel change the secret that this very run came in with, and keeps the new one so that the same context goes
 * on working. `change` gets the panel as this run calls it, and as whoever has another secret does.
 */
export async function rotate(
  run: Surroundings,
  panel: Panel,
  change: (api: Api, apiWith: (secret: string) => Api) => Promise<string>,
): Promise<{token: string} | Unfinished<{token: string}>> {
  const connection = await run.connect(panel)
  const kind = (await connection.credential())?.kind ?? firstKind(panel)
  const acceptedRisks = {insecure: true, plainHttp: true}
  const token = await change(
    run.client(panel, connection).call,
    value => run.client(panel, {...connection, acceptedRisks, credential: async () => ({kind, value})}).call,
  )
  const result = {token}
  try {
    await keepSecret(run, connection, {kind, value: token})
    return result
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    const name = connection.contextName ?? panel.name
    const problem = new PanelctlError(
      'PARTIAL',
      `${panel.title} has the new ${kind}, but the context ${name} could not keep it: ${error.message}`,
      {
        hint: hint`put it into ${kind}.txt, and then: ${loginAgain(panel, {context: name})}`,
        panel: panel.name,
        cause: error,
      },
    )
    return {result, problem}
  }
}
