import {type KeychainAccess, openKeychain} from './keychain.js'
import type {Store} from './saved-context.js'

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
