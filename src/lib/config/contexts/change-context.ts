import type {Pair, YAMLMap} from 'yaml'
import {PanelctlError, usageError} from '../../errors.js'
import {hint, panelctl} from '../../hint.js'
import {type ConfigLock, withConfigLock} from '../files/lock.js'
import type {ConfigPlace, Secret, Store} from '../secrets/secret.js'
import {putSecret, readSecret, removeSecret} from '../secrets/stores.js'
import {isSameOrigin, normaliseUrl} from '../url.js'
import {editConfig, mayHaveSecret, readConfig} from './config-file.js'
import {type Config, checkContextName, contextNamed, type SavedContext} from './saved-context.js'
import {finishRenames, noteRename, removeIfReachable} from './unfinished-rename.js'

/** Runs `work` while nobody else changes the contexts, and on no leavings of who was killed at it. */
export function changeContexts<T>(place: ConfigPlace, work: (lock: ConfigLock) => Promise<T>): Promise<T> {
  return withConfigLock(place, async lock => {
    await finishRenames(lock, place)
    return work(lock)
  })
}

export interface ContextToSave {
  name: string
  /** Its `credential` counts only beside a `tokenCommand`; otherwise it is the kind of `secret`. */
  context: SavedContext
  /** Absent for a context without a secret or with a `tokenCommand`. */
  secret?: Secret | undefined
  /** An existing context of that name is replaced, its secret and TLS options too. */
  replace: boolean
}

/**
 * Saves a context with its secret and makes it its panel's current one.
 * @throws PanelctlError USAGE when the name is taken and `replace` is false, AUTH when the secret cannot be stored: then
 * the contexts are as before
 */
export async function saveContext(
  place: ConfigPlace,
  {name, context, secret, replace}: ContextToSave,
): Promise<void> {
  checkContextName(name)
  await changeContexts(place, async lock => {
    const config = await readConfig(place.configDir)
    const previous = config.contexts.get(name)
    if (previous && !replace)
      throw usageError(
        `the context ${name} exists (${previous.panel}, ${previous.url})`,
        'pass --replace',
        'exists',
      )
    // Put back if the new one cannot be stored; a keychain that cannot be read keeps nothing from being replaced.
    const kept =
      previous && mayHaveSecret(previous)
        ? await readSecret(place, previous.store, name).catch(() => undefined)
        : undefined
    // the old secret goes first: at no moment may it stand beside the new URL
    for (const store of new Set<Store>(['file', previous?.store ?? 'file']))
      await removeIfReachable(() => removeSecret(lock, place, store, name))
    const {undo} = await editConfig(lock, map => {
      const printed = context.tokenCommand === undefined ? undefined : context.credential
      setFields(map('contexts', name), {...context, credential: secret?.kind ?? printed})
      for (const panel of currentOf(config, name)) map('current').delete(panel)
      map('current').set(context.panel, name)
    })
    if (secret === undefined) return
    try {
      await putSecret(lock, place, context.store, name, secret)
    } catch (error) {
      await undo()
      if (previous && kept) await putSecret(lock, place, previous.store, name, kept)
      throw error
    }
  })
}

/** A context, and whether it was the current one of its panel. */
export interface UsedContext {
  readonly context: SavedContext
  readonly wasCurrent: boolean
}

/**
 * Makes a context its panel's current one and gives it, and whether it was that already.
 * @throws PanelctlError USAGE when there is none of that name
 */
export async function useContext(place: ConfigPlace, name: string): Promise<UsedContext> {
  return changeContexts(place, async lock => {
    const used = await lookAtContext(place.configDir, name)
    if (!used.wasCurrent) await editConfig(lock, map => map('current').set(used.context.panel, name))
    return used
  })
}

/**
 * What using a context would change.
 * @throws as `contextNamed`
 */
export async function lookAtContext(configDir: string, name: string): Promise<UsedContext> {
  const config = await readConfig(configDir)
  const context = contextNamed(config, name)
  return {context, wasCurrent: config.current.get(context.panel) === name}
}

/**
 * What a renaming would refuse.
 * @throws PanelctlError USAGE for an unknown name, a taken one, and one that no context can have
 */
export async function checkRename(configDir: string, from: string, to: string): Promise<SavedContext> {
  checkContextName(to)
  const {contexts} = await readConfig(configDir)
  const context = contextNamed({contexts}, from)
  if (from !== to && contexts.has(to)) {
    const first = panelctl('context delete', [to])
    throw usageError(`the context ${to} exists`, hint`take another name, or first: ${first}`, 'exists')
  }
  return context
}

/**
 * Renames a context; its secret follows, and it stays current where it was.
 * @throws PanelctlError USAGE for an unknown or a taken name, AUTH when its keychain cannot be reached: then nothing is
 * changed
 */
export async function renameContext(place: ConfigPlace, from: string, to: string): Promise<void> {
  await changeContexts(place, async lock => {
    const context = await checkRename(place.configDir, from, to)
    if (from === to) return
    const {store} = context
    // copied before and removed after, so that a kill in between leaves the context its secret
    const secret = mayHaveSecret(context) ? await readSecret(place, store, from) : undefined
    if (secret !== undefined) {
      await noteRename(lock, {from, to, store})
      await putSecret(lock, place, store, to, secret)
    }
    const config = await readConfig(place.configDir)
    await editConfig(lock, map => {
      renameKey(map('contexts'), from, to)
      for (const panel of currentOf(config, from)) map('current').set(panel, to)
    })
    await finishRenames(lock, place)
  })
}

/**
 * Deletes a context and its secret; where it was current, no context is. A keychain out of reach does not stop it: the
 * answer's `leftIn` then says where the secret still lies.
 * @throws PanelctlError USAGE for an unknown name
 */
export async function deleteContext(place: ConfigPlace, name: string): Promise<{leftIn: Store | undefined}> {
  return changeContexts(place, async lock => {
    const config = await readConfig(place.configDir)
    const context = contextNamed(config, name)
    // before the context: a later one of the same name must not find it
    const removed =
      !mayHaveSecret(context) ||
      (await removeIfReachable(() => removeSecret(lock, place, context.store, name)))
    await editConfig(lock, map => {
      map('contexts').delete(name)
      for (const panel of currentOf(config, name)) map('current').delete(panel)
    })
    return {leftIn: removed ? undefined : context.store}
  })
}

/**
 * Whether there is a secret for `forgetCredential` to forget.
 * @throws PanelctlError USAGE for an unknown name, and for a context whose secret a command prints
 */
export async function checkForget(place: ConfigPlace, name: string): Promise<boolean> {
  const context = contextNamed(await readConfig(place.configDir), name)
  if (context.tokenCommand !== undefined)
    throw usageError(
      `the secret of context ${name} is not stored here: its tokenCommand prints it`,
      hint`to forget the context with its command: ${panelctl('context delete', [name])}`,
    )
  if (context.credential !== undefined) return true
  return context.store === 'file' && (await readSecret(place, 'file', name)) !== undefined
}

/**
 * Forgets a context's stored secret and keeps the context (`logout`); false when there was none.
 * @throws as `checkForget`, and PanelctlError AUTH when its keychain cannot be reached
 */
export async function forgetCredential(place: ConfigPlace, name: string): Promise<boolean> {
  return changeContexts(place, async lock => {
    if (!(await checkForget(place, name))) return false
    const {store} = contextNamed(await readConfig(place.configDir), name)
    await removeSecret(lock, place, store, name)
    await editConfig(lock, map => map('contexts', name).delete('credential'))
    return true
  })
}

/**
 * Notes which generation of its panel a context leads to. A context that has become another's meanwhile stays as it is, as does
 * one that cannot be written: the next run finds it out again.
 */
export async function keepGeneration(
  configDir: string,
  {name, url, generation}: {readonly name: string; readonly url: string; readonly generation: string},
): Promise<void> {
  try {
    await withConfigLock({configDir}, async lock => {
      const context = (await readConfig(configDir)).contexts.get(name)
      if (context?.url !== url || context.generation === generation) return
      await editConfig(lock, map => map('contexts', name).set('generation', generation))
    })
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
  }
}

export interface SecretToReplace {
  readonly name: string
  /** The panel that the new secret is for. */
  readonly url: string
  readonly secret: Secret
}

/**
 * Puts a new secret in the place of the stored one of a context, for a panel that has changed it.
 * @throws PanelctlError USAGE for an unknown name, for a context that has become another panel's in the meantime, and for
 * one whose secret a command prints; AUTH where its store cannot be reached. Then the old one stays
 */
export async function replaceSecret(
  place: ConfigPlace,
  {name, url, secret}: SecretToReplace,
): Promise<{store: Store}> {
  return changeContexts(place, async lock => {
    const context = contextNamed(await readConfig(place.configDir), name)
    if (!isSameOrigin(url, normaliseUrl(context.url, `the context ${name}`)))
      throw usageError(`the context ${name} is one of ${context.url} by now`)
    if (context.tokenCommand !== undefined)
      throw usageError(`the secret of context ${name} is not stored here: its tokenCommand prints it`)
    await putSecret(lock, place, context.store, name, secret)
    if (context.credential !== secret.kind)
      await editConfig(lock, map => map('contexts', name).set('credential', secret.kind))
    return {store: context.store}
  })
}

function setFields(map: YAMLMap, fields: SavedContext): void {
  const ordered: SavedContext = {
    panel: fields.panel,
    url: fields.url,
    generation: fields.generation,
    caFile: fields.caFile,
    insecure: fields.insecure || undefined,
    headers: fields.headers,
    credential: fields.credential,
    store: fields.store,
    tokenCommand: fields.tokenCommand,
    acceptedPlainHttp: fields.acceptedPlainHttp || undefined,
  }
  for (const [key, value] of Object.entries(ordered)) {
    if (value === undefined) map.delete(key)
    else map.set(key, value)
  }
}

function renameKey(map: YAMLMap, from: string, to: string): void {
  const pair: Pair | undefined = map.items.find(({key}) => String(key) === from)
  const key: unknown = pair?.key
  // the scalar stays, because it carries the comments above it
  if (typeof key === 'object' && key !== null && 'value' in key) key.value = to
}

function currentOf({current}: Config, name: string): string[] {
  return [...current].filter(([, context]) => context === name).map(([panel]) => panel)
}
