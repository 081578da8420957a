import table from 'command-table'
import help from './commands/help.js'
import {start} from './entry.js'
import {helpTopics} from './lib/command/help-topics.js'
import {oclifClass} from './lib/command/oclif-class.js'
import {completionTable} from './lib/completion/table.js'
import {panels} from './lib/panels/index.js'

const commands = await Promise.all(
  Object.entries(table).map(async ([id, load]) => [id, (await load()).default] as const),
)

/** What `oclif manifest` and `oclif readme` read (package.json, `oclif.commands`); no part of the program. */
export const COMMANDS = {
  help,
  ...Object.fromEntries(commands.map(([id, command]) => [id, oclifClass(id, command, start)])),
}

/** What the build puts into the bundle that answers a shell's Tab. */
export const COMPLETION = completionTable(Object.fromEntries(commands), {
  pages: Object.keys(helpTopics),
  variables: panels.flatMap(({variables}) => variables.map(([name]) => name)),
})

/** What `panelctl help` says besides, for the manual. */
export const HELP_TOPICS = Object.values(helpTopics).map(topic => topic(panels))
