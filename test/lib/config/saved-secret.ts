import {saveContext} from '../../../src/lib/config/contexts.js'
import type {ConfigPlace, Store, StoredSecret} from '../../../src/lib/config/saved-context.js'

/** Saves a context with a secret as `login --replace` does. */
export async function saveSecret(
  place: ConfigPlace,
  store: Store,
  name: string,
  secret: StoredSecret,
): Promise<void> {
  const context = {panel: 'nezha', url: 'https://lab.example.com', store}
  await saveContext(place, {name, context, secret, replace: true})
}
