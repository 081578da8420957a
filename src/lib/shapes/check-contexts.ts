import type {Surroundings} from '../command/command.js'
import {type Connected, leadingBack} from '../command/hints.js'
import {type ListedContext, listContexts, namedContext} from '../config/saved.js'
import {PanelctlError} from '../errors.js'
import type {Access} from '../http/access.js'

async function checkOne(
  surroundings: Surroundings,
  panels: readonly Access[],
  {name, panel: topic}: ListedContext,
): Promise<PanelctlError | undefined> {
  let connected: Connected | undefined
  try {
    const access = panels.find(({panel}) => panel.name === topic)
    if (!access) throw new PanelctlError('USAGE', `panelctl knows no panel "${topic}"`)
    const {panel} = access
    connected = {panel, connection: await surroundings.connect(panel, name)}
    await access.check(surroundings.client(panel, connected.connection).call)
    return undefined
  } catch (thrown) {
    const flags = {context: name, url: undefined, 'ca-file': undefined, insecure: false}
    const error = leadingBack(thrown, {id: topic, flags, connected})
    if (error instanceof PanelctlError) return error
    throw error
  }
}

/**
 * Asks the panels of these contexts, or of all, at once.
 * @returns the contexts, when all of them work
 * @throws PanelctlError of the worst of them: what is refused needs somebody, what cannot be reached may pass
 */
export async function checkContexts(
  surroundings: Surroundings,
  panels: readonly Access[],
  names: readonly string[],
): Promise<ListedContext[]> {
  for (const name of names) await namedContext(surroundings.configDir(), name)
  const all = await listContexts(surroundings.configDir())
  const asked = names.length === 0 ? all : all.filter(({name}) => names.includes(name))
  const answers = await Promise.all(
    asked.map(async context => ({context, failure: await checkOne(surroundings, panels, context)})),
  )
  const failed = answers.filter(({failure}) => failure !== undefined)
  if (failed.length === 0) return asked
  for (const {context, failure} of answers) {
    surroundings.speech.note(`${context.name}: ${failure?.message ?? 'works'}`)
  }
  const worst = failed.find(({failure}) => failure?.code !== 'UNREACHABLE') ?? failed[0]
  const error = worst?.failure
  throw new PanelctlError(
    error?.code ?? 'UNEXPECTED',
    `${failed.length} of ${asked.length} contexts ${failed.length === 1 ? 'does' : 'do'} not work: ${failed.map(({context}) => context.name).join(', ')}`,
    {hint: error?.hint, panel: error?.panel, status: error?.status},
  )
}
