import {join} from 'node:path'
import type {YAMLMap} from 'yaml'
import {errorCode, PanelctlError} from '../../errors.js'
import {shellWord} from '../../shell-word.js'
import type {ConfigLock} from '../files/lock.js'
import {stat} from '../files/look.js'
import {fileError, readTextFile} from '../files/text-file.js'
import {type KeychainAccess, openKeychain} from './keychain.js'
import type {ConfigPlace, Secret, Store} from './secret.js'

/**
 * The secret of a context in its store, or undefined when there is none. Never locks.
 * @throws PanelctlError AUTH when the keychain cannot be reached or others can read the file (not on Windows, where a mode
 * says nothing), USAGE when the file is broken
 */
export async function readSecret(
  place: ConfigPlace,
  store: Store,
  context: string,
): Promise<Secret | undefined> {
  if (store === 'keychain') {
    const entry = await (await openKeychain(place)).get(context)
    const {parseEntry} = await import('./secrets-document.js')
    const secret = entry === undefined ? undefined : parseEntry(entry)
    if (entry === undefined || secret !== undefined) return secret
    throw new PanelctlError('AUTH', `the keychain's entry panelctl/${context} was not written by panelctl`)
  }
  const file = secretsFile(place.configDir)
  await refuseShared(file, place.platform ?? process.platform)
  const text = await readTextFile(file)
  if (text === undefined) return undefined
  const {parseSecrets} = await import('./secrets-document.js')
  return parseSecrets(text, file).secrets.get(context)
}

/**
 * Stores a secret, replacing an older one; the file becomes 0600 whatever it was.
 * @throws as `readSecret`
 */
export async function putSecret(
  lock: ConfigLock,
  place: ConfigPlace,
  store: Store,
  context: string,
  {kind, value, user}: Secret,
): Promise<void> {
  const entry = {kind, value, ...(user === undefined ? {} : {user})}
  if (store === 'file') return editSecrets(lock, map => map.set(context, entry))
  await (await openKeychain(place)).set(context, JSON.stringify(entry))
}

/**
 * Removes a secret, if there is one.
 * @throws as `readSecret`
 */
export async function removeSecret(
  lock: ConfigLock,
  place: ConfigPlace,
  store: Store,
  context: string,
): Promise<void> {
  if (store === 'keychain') await (await openKeychain(place)).delete(context)
  else if ((await readTextFile(secretsFile(lock.configDir))) !== undefined)
    await editSecrets(lock, map => map.delete(context))
}

async function editSecrets(lock: ConfigLock, change: (secrets: YAMLMap) => void): Promise<void> {
  const [{parseSecrets}, {editYamlFile}] = await Promise.all([
    import('./secrets-document.js'),
    import('../files/yaml-document.js'),
  ])
  await editYamlFile(lock, secretsFile(lock.configDir), parseSecrets, map => change(map()))
}

function secretsFile(configDir: string): string {
  return join(configDir, 'credentials.yaml')
}

async function refuseShared(file: string, platform: NodeJS.Platform): Promise<void> {
  if (platform === 'win32') return
  const mode = await modeOf(file)
  if (mode === undefined || (mode & 0o077) === 0) return
  const shown = (mode & 0o777).toString(8).padStart(4, '0')
  throw new PanelctlError('AUTH', `${file} holds secrets and others can use it (mode ${shown})`, {
    hint: `chmod 600 ${shellWord(file)}`,
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
 * within 3 s, else the file, which cron can read. It never throws.
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
