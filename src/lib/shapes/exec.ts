import {type Command, type Context, type Description, defineCommand} from '../command/command.js'
import {actionFlags, tableFlags} from '../command/global-flags.js'
import {writeOut} from '../command/io.js'
import {afterWrite, PanelctlError, usageError} from '../errors.js'
import {type Arguments, arg, type Flags, flag} from '../flags/flags.js'
import {DryRun} from '../http/dry-run.js'
import type {Ran} from '../outcome.js'
import {documentText, formats, isPerElement} from '../output/formats.js'
import {printable} from '../output/printable.js'
import {withoutRows} from './document-output.js'
import {failedOne, type Outcome, problemOf, told} from './each.js'

const passFlags = {
  'pass-exit-code': flag.boolean({summary: 'end with the exit code of the command, of one machine'}),
}

/** How long a command may take where nobody says. */
const USUAL_LIMIT = 300_000

export type ExecContext<F extends Flags> = Context<Arguments, F> & {
  /** What to run, and its arguments: at least one word. */
  readonly words: readonly string[]
  /** Milliseconds that it may take: `--timeout`, which also ends a connection without an answer. */
  readonly limit: number
}

export interface ExecDefinition<F extends Flags, Machine> extends Omit<Description<Arguments, F>, 'args'> {
  /** What a machine is called, in the arguments and in JSON: `server`. */
  readonly noun: string
  /** What names one, for help. */
  readonly names: string
  /** What a shell completes such a name from. */
  readonly among: string
  /** Finds all of the machines, each once, before anything is sent: only reads. */
  machines(context: ExecContext<F>, names: readonly string[]): Promise<readonly Machine[]>
  /** Runs it on each of them, and gives what came of it in their order. */
  perform(context: ExecContext<F>, machines: readonly Machine[]): Promise<readonly Promise<Ran>[]>
}

/** The values of a repeatable argument. */
function listed(values: unknown): string[] {
  return Array.isArray(values) ? values.map(String) : []
}

interface Done extends Outcome<object> {
  readonly ran?: Ran
}

function doneWith(ran: Ran): Done {
  const {code, told: result, problem} = ran
  if (code === undefined || code === 0) return {result, ran, problem}
  const more = problem ? `; ${problem.message}` : ''
  const text = `the command ended with exit code ${code}${more}`
  return {result, ran, problem: new PanelctlError('REMOTE_FAILED', text, {hint: problem?.hint})}
}

function hasWord({ran, plan}: Done): boolean {
  return ran !== undefined || plan !== undefined
}

function notDone(error: unknown): Done {
  return error instanceof DryRun ? {plan: error.plan} : failedOne(error)
}

/**
 * A command that runs another one elsewhere. What that writes on stdout and stderr is written there as it came, of several
 * machines below the name of each; JSON has both, and its exit code.
 */
export function execCommand<F extends Flags, Machine extends {readonly name: string}>(
  definition: ExecDefinition<F, Machine>,
): Command {
  const {noun} = definition
  const args: Arguments = {
    [noun]: arg.text({
      summary: definition.names,
      required: true,
      multiple: true,
      among: definition.among,
    }),
    command: arg.words({summary: 'what to run there, with its arguments'}),
  }
  return defineCommand(
    {...definition, args},
    {...actionFlags, ...passFlags},
    async given => {
      const context = withoutRows(given)
      const {flags, io, format, speech} = context
      const [names = [], words = []] = [context.args[noun], context.args.command].map(listed)
      if (words[0]?.trim() === '') throw usageError('the command is empty')
      const passes = flags['pass-exit-code']
      if (passes && new Set(names).size > 1)
        throw usageError('--pass-exit-code goes with one machine', 'leave it out')
      const run = {...context, words, limit: flags.timeout ?? USUAL_LIMIT}
      const machines = await definition.machines(run, names)
      const isOne = machines.length === 1
      const isRaw = formats[format].carries === 'table'
      const pending = (await definition.perform(run, machines)).map(one => one.then(doneWith, notDone))
      // Until its turn comes a failure would be nobody's.
      for (const one of pending) one.catch(() => {})
      const outcomes: Done[] = []
      let printed = 0
      for (const [index, {name}] of machines.entries()) {
        const outcome = {name, ...(await (pending[index] ?? notDone(undefined)))}
        outcomes.push(outcome)
        if (outcome.ran?.doubt) speech.warn(isOne ? outcome.ran.doubt : [`${name}: `, outcome.ran.doubt])
        if (isRaw) await writeRaw(outcome)
        // Where nothing went well nothing is printed: those that failed wait for one that did not.
        if (!isPerElement(format) || !outcomes.some(hasWord)) continue
        for (const one of outcomes.slice(printed)) await print(await documentText(format, jsonOf(one)))
        printed = outcomes.length
      }
      if (!isRaw && !isPerElement(format) && outcomes.some(hasWord)) {
        const all = outcomes.map(jsonOf)
        await print(await documentText(format, isOne ? all[0] : all))
      }
      context.toldAll()
      const code = outcomes[0]?.ran?.code
      if (passes && isOne && code) return code
      const problem = problemOf(outcomes)
      if (problem) throw problem
      return undefined

      async function print(text: string): Promise<void> {
        try {
          await writeOut(io, text)
        } catch (error) {
          const isRun = error instanceof PanelctlError && outcomes.some(({ran}) => ran)
          throw isRun ? afterWrite(error, 'it was run') : error
        }
      }

      function jsonOf(outcome: Done): object {
        return (isOne ? outcome.plan : undefined) ?? told([outcome], noun, speech)[0] ?? {}
      }

      async function writeRaw({name = '', ran, plan}: Done): Promise<void> {
        if (plan) await print(await documentText(format, isOne ? plan : {[noun]: name, ...plan}))
        if (!ran) return
        const title = isOne ? '' : `==> ${printable(name)} <==\n`
        await print(`${title}${ran.stdout}${endOf(ran.stdout)}`)
        if (ran.stderr !== '') io.stderr.write(`${title}${ran.stderr}${endOf(ran.stderr)}`)
      }

      /** A block of several ends its last line, so that the next begins one. */
      function endOf(text: string): string {
        return isOne || text === '' || text.endsWith('\n') ? '' : '\n'
      }
    },
    [...tableFlags, 'show-secrets'],
  )
}
