import {PanelctlError} from '../errors.js'
import type {Endpoint} from './endpoint.js'
import type {NoSuchRoute, Panel} from './panel.js'

/** The panel that answers there is, or most likely is, of another generation than the call. */
class OtherGeneration extends PanelctlError {
  constructor(
    panel: Panel,
    /** Those that it may be of. */
    readonly generations: readonly string[],
    cause?: PanelctlError,
  ) {
    super('REJECTED', `${panel.title} ${generations.join(' or ')} cannot do this`, {panel: panel.name, cause})
  }
}

type Call = Pick<Endpoint, 'panel' | 'generations'>

/** What a client knows of the generation of its panel: what is expected, until an answer shows it. */
export function generationSeen() {
  let shown: readonly string[] | undefined
  const doubted = new WeakSet<Call>()
  return {
    /**
     * Before a call is sent. What is only expected refuses it once: whoever finds no other way asks again, and it is sent.
     * @throws OtherGeneration
     */
    refuse(call: Call, expected: readonly string[] | undefined): void {
      const known = shown ?? expected
      if (!known || !call.generations || call.generations.some(name => known.includes(name))) return
      if (!shown && doubted.has(call)) return
      doubted.add(call)
      throw new OtherGeneration(call.panel, known)
    },
    /** The only one that it can be. */
    known: () => (shown?.length === 1 ? shown[0] : undefined),
    /** The panel took a call. */
    taken({generations}: Call): void {
      if (generations) shown = shown?.filter(name => generations.includes(name)) ?? generations
    },
    /** What a call comes to whose route is missing: OtherGeneration, with which it is known that others have none. */
    missing(call: Call, missing: NoSuchRoute): PanelctlError {
      const others = missing.generations.filter(name => !call.generations?.includes(name))
      if (!call.generations || others.length === 0) return missing
      shown = others
      return new OtherGeneration(call.panel, others, missing)
    },
  }
}

/**
 * Does something in the way that the panel's generation knows: of several ways each calls endpoints of its own, and the first
 * whose calls are not refused for their generation is the one.
 * @throws PanelctlError REJECTED, saying why, where no way is of this generation
 */
export async function byGeneration<Result>(
  ways: readonly (() => Promise<Result>)[],
  why?: string,
): Promise<Result> {
  let refusal: OtherGeneration | undefined
  // The second time what was only expected is asked.
  for (const way of [...ways, ...ways]) {
    try {
      return await way()
    } catch (error) {
      if (!(error instanceof OtherGeneration)) throw error
      refusal = error
    }
  }
  throw new PanelctlError('REJECTED', [refusal?.message, why].filter(Boolean).join(': '), {
    panel: refusal?.panel,
    cause: refusal,
  })
}
