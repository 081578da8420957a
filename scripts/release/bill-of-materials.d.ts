import type {Runtime} from './runtimes.js'

export function billOfMaterials(given: {
  readonly root: string
  readonly bundles: unknown
  readonly runtimes: readonly Runtime[]
  readonly seconds: number
}): unknown
