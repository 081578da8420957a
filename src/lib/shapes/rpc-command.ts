import {
  type Command,
  type Context,
  type Description,
  defineCommand,
  type Surroundings,
} from '../command/command.js'
import {actionFlags, tableFlags} from '../command/global-flags.js'
import {type PanelctlError, usageError} from '../errors.js'
import {type Arguments, arg, type Flags} from '../flags/flags.js'
import {panelctl} from '../hint.js'
import {printDocument, printPlanned, withoutRows} from './document-output.js'
import {fieldFlags, json, requestFields, requestInput} from './request-fields.js'

/** What is to be called: one method, or what stdin holds. */
export type Calls =
  | {readonly kind: 'one'; readonly method: string; readonly params: unknown}
  | {readonly kind: 'document'; readonly document: unknown}

/** What came of the calls; with a problem where some of several failed. */
export interface Called {
  readonly data: unknown
  readonly problem?: PanelctlError | undefined
}

export interface CallDefinition
  extends Pick<Description<Arguments, Flags>, 'summary' | 'description' | 'examples'> {
  call(surroundings: Surroundings, calls: Calls): Promise<Called>
}

const args = {
  method: arg.text({summary: 'name of the method; left out where --input holds whole calls'}),
  params: arg.text({summary: 'its parameters as JSON'}),
}

type CallContext = Context<typeof args, typeof fieldFlags>

async function callsOf(context: CallContext): Promise<Calls> {
  const {args: given, flags} = context
  const fields = requestFields(flags.field, flags['json-field'])
  const hasFields = Object.keys(fields).length > 0
  const ways = [given.params !== undefined, hasFields, flags.input !== undefined].filter(Boolean).length
  if (ways > 1) throw usageError('PARAMS, fields and --input contradict each other', 'give one of them')
  if (given.method === undefined) {
    if (flags.input === undefined)
      throw usageError(
        'missing argument METHOD',
        panelctl(context.id.replaceAll(':', ' '), [], {flags: {help: true}}),
      )
    return {kind: 'document', document: await requestInput(flags.input, context)}
  }
  if (flags.input !== undefined) {
    return {kind: 'one', method: given.method, params: await requestInput(flags.input, context)}
  }
  const params = given.params === undefined ? (hasFields ? fields : undefined) : json(given.params, 'PARAMS')
  return {kind: 'one', method: given.method, params}
}

/** A command that calls methods of a panel by name, and prints what they give. Nothing is masked: it is what was asked for. */
export function callCommand({call, ...description}: CallDefinition): Command {
  return defineCommand(
    {...description, args, flags: fieldFlags},
    actionFlags,
    async given => {
      const context = withoutRows(given)
      const calls = await callsOf(context)
      try {
        const {data, problem} = await call(context, calls)
        await printDocument(context, data)
        if (problem) throw problem
      } catch (error) {
        await printPlanned(context, error)
      }
    },
    [...tableFlags, 'show-secrets'],
  )
}
