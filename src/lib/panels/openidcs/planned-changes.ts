import {DryRun} from '../../http/dry-run.js'
import {isSecretName, redactBody} from '../../http/redact.js'
import {MASK} from '../../mask.js'
import {differencesOf} from '../../output/difference.js'
import type {Configuration} from './configuration.js'

function shown(field: string, value: unknown): unknown {
  if (value === undefined) return null
  const isSecret = isSecretName(field.split('.').at(-1) ?? '')
  return isSecret && value !== '' ? MASK : redactBody(value)
}

/**
 * Sends a configuration in the place of another one.
 * @throws DryRun with what would change besides the request: secrets are not shown
 */
export async function sendChanged<Answer>(
  send: () => Promise<Answer>,
  {before, after}: {readonly before: Configuration; readonly after: Configuration},
): Promise<Answer> {
  try {
    return await send()
  } catch (error) {
    if (!(error instanceof DryRun)) throw error
    const changes = differencesOf(before, after).map(({field, from, to}) => ({
      field,
      from: shown(field, from),
      to: shown(field, to),
    }))
    throw new DryRun(error.request, {...error.request, changes})
  }
}
