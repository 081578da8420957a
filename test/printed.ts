/** What a run wrote, how it ended, and the words that it was called with where they are known. */
export interface Printed {
  readonly stdout?: string
  readonly stderr: string
  readonly exitCode?: number | null
  readonly argv?: readonly string[]
}

const printed: Printed[] = []

/** Keeps what a run that failed wrote, for whoever looks at all tests. */
export function keepPrinted(run: Printed): void {
  if (run.stderr !== '') printed.push(run)
}

/** What was kept since the last call. */
export function takePrinted(): Printed[] {
  return printed.splice(0)
}

/**
 * No message tells what a program computed of nothing.
 * @throws Error naming the first that does
 */
export function checkWords(printed: readonly Printed[]): void {
  for (const {stderr, argv = []} of printed) {
    const made = /\b(NaN|-?Infinity|undefined)\b|\[object \w+\]/.exec(stderr)?.[0]
    // The word may be what was typed, or what is said of JSON.
    if (
      made &&
      !argv.some(word => word.includes(made)) &&
      !/--debug|Unexpected token|is not valid JSON/.test(`${argv} ${stderr}`)
    )
      throw new Error(`"${made}" on stderr: ${argv.join(' ')}\n${stderr}`)
  }
}

/** The exit codes with which a result is printed; besides 5 of a node that is registered and whose agent does not run. */
export const printing = [8, 9, 11, 12]

/**
 * A run that failed has printed nothing but what docs/guide/exit-codes.md says.
 * @throws Error naming the first that has
 */
export function checkStdout(printed: readonly Printed[]): void {
  for (const {stdout = '', exitCode, argv = []} of printed) {
    const goesOn = argv.some(word => ['--watch', '--follow', '--pass-exit-code', 'sandbox'].includes(word))
    const isMade = exitCode === 5 && argv.includes('auto-register')
    if (stdout !== '' && exitCode && !printing.includes(exitCode) && !goesOn && !isMade)
      throw new Error(`exit ${exitCode} with something on stdout: ${argv.join(' ')}\n${stdout}`)
  }
}
