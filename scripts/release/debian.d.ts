export function makeDebian(given: {
  readonly root: string
  readonly description: unknown
  readonly file: string
  readonly notices: string
  readonly architecture: string
  readonly seconds: number
  readonly folder: string
  readonly to: string
}): void
