import type {Surroundings} from '../command/command.js'
import {type Connected, leadingBack} from '../command/hints.js'
import {type ListedContext, listContexts, namedContext} from '../config/contexts/config-file.js'
import {PanelctlError} from '../errors.js'
import type {Access} from '../http/access.js'
import {list} from '../output/cell.js'
import {type Columns, hidden} from '../output/columns.js'

/** What was found of a context that works. */
interface Found {
  readonly may: readonly string[] | undefined
  /** Another than was kept where the panel was upgraded. */
  readonly generation: string | undefined
}

async function checkOne(
  surroundings: Surroundings,
  panels: readonly Access[],
  {name, panel: topic, generation: kept}: ListedContext,
): Promise<PanelctlError | Found> {
  let connected: Connected | undefined
  try {
    const access = panels.find(({panel}) => panel.name === topic)
    if (!access) throw new PanelctlError('USAGE', `panelctl knows no panel "${topic}"`)
    const {panel} = access
    connected = {panel, connection: await surroundings.connect(panel, name)}
    const client = surroundings.client(panel, connected.connection)
    await access.check(client.call)
    const may = await access.rights?.(client)
    const generation = await client.generation(panel)
    if (generation !== undefined && generation !== kept)
      await connected.connection.keepGeneration?.(generation)
    return {may, generation}
  } catch (thrown) {
    const flags = {context: name, url: undefined, 'ca-file': undefined, insecure: false}
    const error = leadingBack(thrown, {id: topic, flags, connected})
    if (error instanceof PanelctlError) return error
    throw error
  }
}

/** A context that was asked, and that works. */
export interface CheckedContext extends ListedContext {
  readonly result: 'works'
  /** What its credential may do; null where the panel does not tell. */
  readonly may: readonly string[] | null
}

/**
 * Asks the panels of these contexts, or of all, at once.
 * @returns the contexts, when all of them work
 * @throws PanelctlError of the worst of them: what is refused needs somebody, what cannot be reached may pass
 */
export async function checkContexts(
  surroundings: Surroundings & {readonly flags: {readonly quiet: boolean}},
  panels: readonly Access[],
  names: readonly string[],
): Promise<CheckedContext[]> {
  for (const name of names) await namedContext(surroundings.configDir(), name)
  const all = await listContexts(surroundings.configDir())
  const asked = names.length === 0 ? all : all.filter(({name}) => names.includes(name))
  const answers = await Promise.all(
    asked.map(async context => {
      const found = await checkOne(surroundings, panels, context)
      if (found instanceof PanelctlError) return {context, failure: found}
      const {may = null, generation = context.generation} = found
      return {context: {...context, ...(generation && {generation})}, may}
    }),
  )
  const failures = answers.flatMap(({failure}) => failure ?? [])
  const [first] = failures
  if (first === undefined) return answers.map(({context, may = null}) => ({...context, result: 'works', may}))
  const worst =
    failures.find(({code}) => code === 'AUTH') ?? failures.find(({code}) => code !== 'UNREACHABLE') ?? first
  const {code, hint, panel, status} = worst
  // What is said of each is a note, and a note is not there with --quiet.
  const told = (name: string, {message}: PanelctlError) =>
    surroundings.flags.quiet && answers.length > 1 ? `${name}: ${message}` : name
  const failed = answers.flatMap(({context, failure}) => (failure ? told(context.name, failure) : []))
  if (answers.length === 1)
    throw new PanelctlError(code, `the context ${failed} does not work: ${first.message}`, {
      hint,
      panel,
      status,
    })
  for (const {context, failure} of answers)
    surroundings.speech.note(`${context.name}: ${failure?.message ?? 'works'}`)
  const verb = failed.length === 1 ? 'does' : 'do'
  const which = failed.join(surroundings.flags.quiet ? '; ' : ', ')
  const message = `${failed.length} of ${answers.length} contexts ${verb} not work: ${which}`
  throw new PanelctlError(code, message, {hint, panel, status})
}

export const contextColumns: Columns<ListedContext> = {
  name: context => context.name,
  panel: context => context.panel,
  url: context => context.url,
  // A mark: blank where another context is the current one, as nothing is unknown there.
  current: ({current}) => ({raw: current ? '*' : null, text: () => (current ? '*' : '')}),
  credential: context => context.credential ?? null,
  store: context => context.store ?? null,
}

/** The same of contexts that were asked. */
export const checkedColumns: Columns<CheckedContext> = {
  ...contextColumns,
  result: context => context.result,
  may: hidden(context => list(context.may)),
}
