import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {Document} from 'yaml'
import {PanelctlError} from '../errors.js'
import type {ConfigLock} from './config-lock.js'
import {errorCode, fileError} from './file-error.js'
import type {ConfigPlace} from './place.js'
import type {StoredSecret} from './saved-context.js'
import {readTextFile, replaceTextFile} from './text-file.js'

export function secretsFile(configDir: string): string {
  return join(configDir, 'credentials.yaml')
}

/**
 * A context's secret in `credentials.yaml`, or null. Never locks. Throws AUTH when others can read the
 * file (not on Windows, where a mode says nothing), USAGE when it is broken.
 */
export async function readFileSecret(place: ConfigPlace, context: string): Promise<StoredSecret | null> {
  const file = secretsFile(place.configDir)
  await refuseShared(file, place.platform ?? process.platform)
  const text = await readTextFile(file)
  if (text === null) return null
  const {parseSecrets} = await import('./secrets-document.js')
  return parseSecrets(text, file).secrets.get(context) ?? null
}

/** Stores a secret in `credentials.yaml`, which becomes 0600 whatever it was. */
export async function writeFileSecret(
  lock: ConfigLock,
  context: string,
  secret: StoredSecret,
): Promise<void> {
  await editSecrets(lock, document => {
    document.set(context, document.createNode({kind: secret.kind, value: secret.value}))
  })
}

/** Removes a secret from `credentials.yaml`; false when there was none. */
export async function deleteFileSecret(lock: ConfigLock, context: string): Promise<boolean> {
  if ((await readTextFile(secretsFile(lock.configDir))) === null) return false
  return editSecrets(lock, document => document.has(context) && document.delete(context))
}

async function editSecrets<T>(lock: ConfigLock, change: (document: Document) => T): Promise<T> {
  const file = secretsFile(lock.configDir)
  const [{parseSecrets}, {yamlText}] = await Promise.all([
    import('./secrets-document.js'),
    import('./yaml-document.js'),
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
  if (mode === null || (mode & 0o077) === 0) return
  const shown = (mode & 0o777).toString(8).padStart(4, '0')
  throw new PanelctlError('AUTH', `${file} holds secrets and others can use it (mode ${shown})`, {
    hint: `chmod 600 ${file}`,
  })
}

async function modeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).mode
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw fileError('read', file, error)
  }
}
