import {loadJq} from 'jq-wasm/inline'

// A bundle of its own, which only --jq loads. It shares no code with the others.

/** Variables of the environment, of which an expression sees all. */
type Environment = Readonly<Record<string, string | undefined>>

/** What jq made of a text: its results, what it said besides (`debug`), and why it failed, which may be behind some results. */
export interface Filtered {
  readonly text: string
  readonly said: string
  readonly failure?: string
}

/** Runs a jq expression on texts that hold any number of JSON values. Blocks until jq has ended. */
export interface Filter {
  /** Why jq does not take the expression, in its words; undefined where it does. */
  readonly mistake: string | undefined
  /** @param flags jq's own: `-c` */
  run(text: string, flags: readonly string[]): Filtered
}

/** Before each runtime error, of which there may be one a value; `error` takes what is no text as well. */
const runtimeError = /^jq: error(?: \(at [^)]*\))?(?:: | \(not a string\): )/gm

/** The build for WebAssembly has an environment of its own, and no way to set another: so it is bound in front. */
function withEnvironment(expression: string, env: Environment): {expression: string; flags: string[]} {
  if (!/\bENV\b|\benv\b/.test(expression)) return {expression, flags: []}
  return {
    expression: `$__environment as $ENV | def env: $ENV;\n${expression}`,
    flags: ['--argjson', '__environment', JSON.stringify(env)],
  }
}

/** jq 1.8 with an expression; `$ENV` and `env` are `env`. */
export async function openFilter(expression: string, env: Environment): Promise<Filter> {
  const jq = await loadJq()
  // Compiled, and run on no value.
  const {exitCode, stderr} = jq.raw('', expression, ['--'])
  const bound = withEnvironment(expression, env)
  return {
    mistake: exitCode === 0 ? undefined : mistakeOf(stderr),
    run(text, flags) {
      try {
        const ran = jq.raw(text, bound.expression, [...flags, ...bound.flags, '--'])
        // It goes on behind a value that it failed on, and ends as the last one did.
        const isFailure = ran.exitCode !== 0 || ran.stderr.search(runtimeError) !== -1
        const said = ran.stderr.replaceAll(runtimeError, '')
        const results = ran.stdout === '' ? '' : `${ran.stdout}\n`
        return isFailure
          ? {text: results, said: '', failure: said || `it ended with ${ran.exitCode}`}
          : {text: results, said}
      } catch (error) {
        // jq aborts where its memory or its stack is used up.
        if (!(error instanceof Error && /^(Runtime|Range)Error$/.test(error.name))) throw error
        return {text: '', said: '', failure: 'it used up its memory'}
      }
    },
  }
}

/** `bar/0 is not defined at <top-level>, line 1, column 8`, without the drawing below it. */
function mistakeOf(stderr: string): string {
  const [first = ''] = stderr.split('\n')
  return first
    .replace(/^jq: (?:error: )?/, '')
    .replace(/ at <top-level>,/, ' at')
    .replace(/:$/, '')
}
