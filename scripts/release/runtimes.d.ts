/** A Node that the one file is made of, as npm has it. */
export interface Runtime {
  readonly debian: string
  readonly package: string
  readonly version: string
  readonly integrity: string
}
export const runtimes: Readonly<Record<'x64' | 'arm64', Runtime>>
