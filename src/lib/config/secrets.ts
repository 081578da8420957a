import {PanelctlError} from '../errors.js'
import {type ConfigLock, withConfigLock} from './config-lock.js'
import {type Keychain, openKeychain} from './keychain.js'
import type {ConfigPlace} from './place.js'
import type {Store, StoredSecret} from './saved-context.js'
import {deleteFileSecret, readFileSecret, writeFileSecret} from './secrets-file.js'

/**
 * The secret of a context in its store, or null when there is none. Throws AUTH when the keychain cannot
 * be reached or others can read the file, USAGE when the file is broken.
 */
export async function readSecret(
  place: ConfigPlace,
  store: Store,
  context: string,
): Promise<StoredSecret | null> {
  if (store === 'file') return readFileSecret(place, context)
  return readEntry(await openKeychain(place), context)
}

/** Stores a secret under the lock of the config folder, replacing an older one. Throws as `readSecret`. */
export async function writeSecret(
  place: ConfigPlace,
  store: Store,
  context: string,
  secret: StoredSecret,
): Promise<void> {
  await withConfigLock(place.configDir, lock => putSecret(lock, place, store, context, secret))
}

/** Removes a secret; false when there was none. Throws as `readSecret`. */
export async function deleteSecret(place: ConfigPlace, store: Store, context: string): Promise<boolean> {
  return withConfigLock(place.configDir, lock => removeSecret(lock, place, store, context))
}

/** Moves a secret to another context's name; false when there was none. Throws as `readSecret`. */
export async function renameSecret(
  place: ConfigPlace,
  store: Store,
  from: string,
  to: string,
): Promise<boolean> {
  return withConfigLock(place.configDir, async lock => {
    const secret = await readSecret(place, store, from)
    if (secret === null) return false
    await putSecret(lock, place, store, to, secret)
    return removeSecret(lock, place, store, from)
  })
}

/** `writeSecret` for who holds the lock already. */
export async function putSecret(
  lock: ConfigLock,
  place: ConfigPlace,
  store: Store,
  context: string,
  secret: StoredSecret,
): Promise<void> {
  if (store === 'file') return writeFileSecret(lock, context, secret)
  const keychain = await openKeychain(place)
  await keychain.set(context, JSON.stringify({kind: secret.kind, value: secret.value}))
}

/** `deleteSecret` for who holds the lock already. */
export async function removeSecret(
  lock: ConfigLock,
  place: ConfigPlace,
  store: Store,
  context: string,
): Promise<boolean> {
  if (store === 'file') return deleteFileSecret(lock, context)
  return (await openKeychain(place)).delete(context)
}

async function readEntry(keychain: Keychain, context: string): Promise<StoredSecret | null> {
  const entry = await keychain.get(context)
  if (entry === null) return null
  const secret = parseEntry(entry)
  if (secret !== null) return secret
  throw new PanelctlError('AUTH', `the keychain's entry panelctl/${context} was not written by panelctl`)
}

function parseEntry(entry: string): StoredSecret | null {
  try {
    const value: unknown = JSON.parse(entry)
    if (typeof value !== 'object' || value === null || !('kind' in value) || !('value' in value)) return null
    return typeof value.kind === 'string' && typeof value.value === 'string'
      ? {kind: value.kind, value: value.value}
      : null
  } catch {
    return null
  }
}
