import type {ListedContext} from '../config/config-file.js'
import type {Columns} from '../output/columns.js'

export const contextColumns: Columns<ListedContext> = {
  name: context => context.name,
  panel: context => context.panel,
  url: context => context.url,
  // A mark: blank where another context is the current one, as nothing is unknown there.
  current: ({current}) => ({raw: current ? '*' : null, text: () => (current ? '*' : '')}),
  credential: context => context.credential ?? null,
  /** Where the secret is. */
  store: ({tokenCommand, credential, store}) =>
    tokenCommand === undefined ? (credential === undefined ? null : store) : 'command',
}
