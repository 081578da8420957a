/** Made by the build: every command by its id. */
declare module 'command-table' {
  import type {Command} from './lib/command/command.js'

  const table: Readonly<Record<string, () => Promise<{default: Command}>>>
  export default table
}

/** Made by the build: the parts that not every command needs, as they are loaded. */
declare module 'parts-used' {
  const parts: ReadonlySet<string>
  export default parts
}
