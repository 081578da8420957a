import type {Panel} from './panel.js'
import type {Admission} from './request-headers.js'
import type {Target} from './target.js'
import {certificateAuthorities, risksOf} from './trust.js'

/** A target with all that had to be read for it. */
export interface Destination extends Admission {
  readonly url: string
  /** The generations that are expected there: what was found before, else those that the credential is of. */
  readonly generations: readonly string[] | undefined
  readonly keepGeneration: Target['keepGeneration']
  readonly tls: {readonly rejectUnauthorized: boolean; readonly ca?: string[]}
}

/**
 * Reads the headers, the credential, unless nobody is to be asked for one, and the certificates.
 * @throws PanelctlError USAGE where the CA file is of no use, and what `credential` throws
 */
export async function destinationOf(
  target: Target,
  panel: Panel,
  {anonymous, warn}: {anonymous: boolean; warn(risk: string): void},
): Promise<Destination> {
  const {url, caFile, insecure} = target
  const headers = (await target.headers?.()) ?? {}
  const credential = anonymous ? undefined : await target.credential()
  const ca = caFile === undefined ? {} : {ca: await certificateAuthorities(caFile)}
  for (const risk of risksOf(panel.title, target, credential !== undefined)) warn(risk)
  const generations = target.generation === undefined ? undefined : [target.generation]
  return {
    url,
    keepGeneration: target.keepGeneration,
    generations: generations ?? (credential && panel.generations?.of(credential)),
    headers,
    credential,
    tls: {rejectUnauthorized: !insecure, ...ca},
  }
}
