const printed: string[] = []

/** Keeps what a run wrote to stderr, for whoever looks at the hints of all tests. */
export function keepPrinted(stderr: string): void {
  if (stderr !== '') printed.push(stderr)
}

/** What was kept since the last call. */
export function takePrinted(): string[] {
  return printed.splice(0)
}
