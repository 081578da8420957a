/** What a run wrote to stderr, and the words that it was called with where they are known. */
export interface Printed {
  readonly stderr: string
  readonly argv?: readonly string[]
}

const printed: Printed[] = []

/** Keeps what a run wrote to stderr, for whoever looks at the hints of all tests. */
export function keepPrinted(run: Printed): void {
  if (run.stderr !== '') printed.push(run)
}

/** What was kept since the last call. */
export function takePrinted(): Printed[] {
  return printed.splice(0)
}
