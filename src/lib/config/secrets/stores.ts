import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {Document} from 'yaml'
import {errorCode, PanelctlError} from '../../errors.js'
import type {ConfigLock} from '../files/lock.js'
import {fileError, readTextFile, replaceTextFile} from '../files/text-file.js'
import {type Keychain, type KeychainAccess, openKeychain} from './keychain.js'
import type {ConfigPlace, Secret, Store} from './secret.js'

/**
 * The secret of a context in its store, or undefined when there is none. Throws AUTH when the keychain cannot
 * be reached or others can read the file, USAGE when the file is broken.
 */
export async function readSecret(
  place: ConfigPlace,
  store: Store,
  context: string,
): Promise<Secret | undefined> {
  if (store === 'file') return readFileSecret(place, context)
  return readEntry(await openKeychain(place), context)
}

/** Stores a secret, replacing an older one. Throws as `readSecret`. */
export async function putSecret(
  lock: ConfigLock,
  place: ConfigPlace,
  store: Store,
  context: string,
  secret: Secret,
): Promise<void> {
  if (store === 'file') return writeFileSecret(lock, context, secret)
  const keychain = await openKeychain(place)
  await keychain.set(context, JSON.stringify({kind: secret.kind, value: secret.value}))
}

/** Removes a secret; false when there was none. Throws as `readSecret`. */
export async function removeSecret(
  lock: ConfigLock,
  place: ConfigPlace,
  store: Store,
  context: string,
): Promise<boolean> {
  if (store === 'file') return deleteFileSecret(lock, context)
  return (await openKeychain(place)).delete(context)
}

async function readEntry(keychain: Keychain, context: string): Promise<Secret | undefined> {
  const entry = await keychain.get(context)
  if (entry === undefined) return undefined
  const secret = parseEntry(entry)
  if (secret !== undefined) return secret
  throw new PanelctlError('AUTH', `the keychain's entry panelctl/${context} was not written by panelctl`)
}

function parseEntry(entry: string): Secret | undefined {
  try {
    const value: unknown = JSON.parse(entry)
    if (typeof value !== 'object' || value === null || !('kind' in value) || !('value' in value))
      return undefined
    return typeof value.kind === 'string' && typeof value.value === 'string'
      ? {kind: value.kind, value: value.value}
      : undefined
  } catch {
    return undefined
  }
}

function secretsFile(configDir: string): string {
  return join(configDir, 'credentials.yaml')
}

/**
 * A context's secret in `credentials.yaml`, or undefined. Never locks. Throws AUTH when others can read the
 * file (not on Windows, where a mode says nothing), USAGE when it is broken.
 */
async function readFileSecret(place: ConfigPlace, context: string): Promise<Secret | undefined> {
  const file = secretsFile(place.configDir)
  await refuseShared(file, place.platform ?? process.platform)
  const text = await readTextFile(file)
  if (text === undefined) return undefined
  const {parseSecrets} = await import('./secrets-document.js')
  return parseSecrets(text, file).secrets.get(context)
}

/** Stores a secret in `credentials.yaml`, which becomes 0600 whatever it was. */
async function writeFileSecret(lock: ConfigLock, context: string, secret: Secret): Promise<void> {
  await editSecrets(lock, document => {
    document.set(context, document.createNode({kind: secret.kind, value: secret.value}))
  })
}

/** Removes a secret from `credentials.yaml`; false when there was none. */
async function deleteFileSecret(lock: ConfigLock, context: string): Promise<boolean> {
  if ((await readTextFile(secretsFile(lock.configDir))) === undefined) return false
  return editSecrets(lock, document => document.has(context) && document.delete(context))
}

async function editSecrets<T>(lock: ConfigLock, change: (document: Document) => T): Promise<T> {
  const file = secretsFile(lock.configDir)
  const [{parseSecrets}, {yamlText}] = await Promise.all([
    import('./secrets-document.js'),
    import('../files/yaml-document.js'),
  ])
  const before = (await readTextFile(file)) ?? ''
  const {document} = parseSecrets(before, file)
  const result = change(document)
  const after = yamlText(document)
  if (after !== before) await replaceTextFile(lock, file, after)
  return result
}

async function refuseShared(file: string, platform: NodeJS.Platform): Promise<void> {
  if (platform === 'win32') return
  const mode = await modeOf(file)
  if (mode === undefined || (mode & 0o077) === 0) return
  const shown = (mode & 0o777).toString(8).padStart(4, '0')
  throw new PanelctlError('AUTH', `${file} holds secrets and others can use it (mode ${shown})`, {
    hint: `chmod 600 ${file}`,
  })
}

async function modeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mode
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw fileError('read', file, error)
  }
}

export interface StoreWish extends KeychainAccess {
  /** `--store`, which wins. */
  requested?: Store | undefined
  stdinIsTTY: boolean
}

/**
 * Where `login` puts a secret: the keychain only for a person at a terminal with a keychain that answers
 * within 3 s, else the file, which cron can read. Throws nothing.
 */
export async function chooseStore({requested, stdinIsTTY, ...access}: StoreWish): Promise<Store> {
  if (requested !== undefined) return requested
  if (!stdinIsTTY) return 'file'
  try {
    const keychain = await openKeychain(access)
    await keychain.get('probe')
    return 'keychain'
  } catch {
    return 'file'
  }
}
