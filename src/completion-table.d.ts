/** Made by the build: what `completionTable` makes of the commands. */
declare module 'completion-table' {
  import type {CompletionTable} from './lib/completion/table.js'

  const table: CompletionTable
  export default table
}
