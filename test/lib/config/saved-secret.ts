import {saveContext} from '../../../src/lib/config/contexts/change-context.js'
import type {ConfigPlace, Secret, Store} from '../../../src/lib/config/secrets/secret.js'

/** Saves a context with a secret as `login --replace` does. */
export async function saveSecret(
  place: ConfigPlace,
  store: Store,
  name: string,
  secret: Secret,
): Promise<void> {
  const context = {panel: 'nezha', url: 'https://lab.example.com', store}
  await saveContext(place, {name, context, secret, replace: true})
}
