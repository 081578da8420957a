import {commands} from '@oclif/plugin-help'

/** oclif's own command, for manifest and reference; `main` prints what it would. */
export default class Help extends commands.help {
  static override description = 'show help for a command or a topic'
}
