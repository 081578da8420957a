import table from 'command-table'
import help from './commands/help.js'
import {start} from './entry.js'
import {oclifClass} from './lib/command/oclif-class.js'

/** What `oclif manifest` and `oclif readme` read (package.json, `oclif.commands`); no part of the program. */
export const COMMANDS = {
  help,
  ...Object.fromEntries(
    await Promise.all(
      Object.entries(table).map(
        async ([id, load]) => [id, oclifClass(id, (await load()).default, start)] as const,
      ),
    ),
  ),
}
