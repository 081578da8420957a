import {shortened} from '../http/said.js'
import {printable} from '../output/printable.js'
import {withoutSecrets} from './without-secrets.js'

/** Longer than anything that panelctl says by itself. */
const LONGEST_MESSAGE = 10_000

/** A text that a server may have had a part in, as it is shown: without these secrets, and without what a terminal acts on. */
export function showable(text: string, secrets: ReadonlySet<string>): string {
  return withoutSecrets(secrets, printable(shortened(text, LONGEST_MESSAGE)))
}
