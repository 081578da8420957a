import {commands} from '@oclif/plugin-help'

// oclif's own command, for manifest and reference; `main` prints what it would.
export default commands.help
