import {type Environment, variable} from '../config/environment.js'
import {usageError} from '../errors.js'
import type {Plan} from './agent-kind.js'
import type {Machine} from './machine.js'

/** What flags say of the nodes, the same in every command of this flow. */
export interface NodesFlags {
  readonly name: readonly string[]
  readonly tag: string | undefined
  readonly note: string | undefined
  readonly 'hide-for-guest': boolean | undefined
}

/**
 * The nodes of the names that were given, or of this machine's: `NODE_NAME`, else what it is called.
 * @throws PanelctlError USAGE where it has none
 */
export function planNodes(flags: NodesFlags, env: Environment, machine: Machine): Plan['nodes'] {
  const given = flags.name.length > 0 ? flags.name : [variable(env, 'NODE_NAME') ?? machine.hostname]
  const [first, ...others] = [...new Set(given)].map(name => ({
    name,
    tag: flags.tag,
    note: flags.note,
    hidden: flags['hide-for-guest'],
  }))
  if (first === undefined || first.name === '') {
    throw usageError('this machine has no name', 'give one with --name or NODE_NAME')
  }
  return [first, ...others]
}
