import {flag, type ValuesOf} from '../flags/flags.js'
import {formatNames} from '../output/formats.js'

/** What marks the flags that `help flags` explains, and no other page. */
export const globalGroup = 'GLOBAL'
const group = globalGroup

/** What a shell completes a name of a context from. */
export const contextNames = 'context list --columns name,panel'

/** What only a command heeds that asks a panel. */
export const panelFlags = {
  context: flag.text({
    summary: 'saved connection to use',
    placeholder: 'name',
    filled: true,
    group,
    among: contextNames,
  }),
  url: flag.text({summary: 'address of the panel', placeholder: 'url', filled: true, group}),
  timeout: flag.duration({
    summary: 'longest time for one attempt (default 30s; some writes take longer by themselves)',
    group,
  }),
  retries: flag.integer({summary: 'how often a read is tried again (default 3)', max: 20, group}),
  'ca-file': flag.text({
    summary: 'PEM file of certificates to trust as well',
    placeholder: 'file',
    filled: true,
    group,
  }),
  insecure: flag.boolean({summary: 'do not check the certificate', group}),
  header: flag.text({
    summary: 'header for what stands before the panel, such as a login gateway; repeatable',
    placeholder: 'name: value|name: @file',
    multiple: true,
    group,
  }),
  'show-secrets': flag.boolean({summary: 'show secrets in answers', group}),
}

/** The flags of every command. There is none for a token: argv is public. */
export const globalFlags = {
  output: flag.choice(formatNames, {char: 'o', summary: 'format of the output', group}),
  json: flag.boolean({summary: 'the same as -o json', group}),
  jq: flag.text({
    summary: 'print what this jq expression makes of the JSON',
    placeholder: 'expression',
    filled: true,
    group,
  }),
  columns: flag.text({
    summary: 'columns to show, in this order, or all',
    placeholder: 'a,b|all',
    filled: true,
    group,
  }),
  sort: flag.text({
    summary: 'column to sort by, or several',
    placeholder: 'col[:desc],…',
    filled: true,
    group,
  }),
  'no-header': flag.boolean({summary: 'leave out the header line', group}),
  ...panelFlags,
  quiet: flag.boolean({summary: 'no notes and no warnings', group}),
  debug: flag.boolean({summary: 'log each request on stderr, without secrets', group}),
  'no-color': flag.boolean({summary: 'no colours', group}),
  help: flag.boolean({char: 'h', summary: 'show help', group}),
}

/** What only a result of rows and columns heeds. */
export const tableFlags = ['columns', 'sort', 'no-header'] as const

export type GlobalValues = ValuesOf<typeof globalFlags>

/** The flags of lists and shows besides. */
export const watchFlags = {
  watch: flag.boolean({
    summary: 'repeat until interrupted: a redrawn table, or one JSON document a line',
    group,
  }),
  interval: flag.duration({summary: 'time between two polls of --watch (default 5s)', group}),
}

/** The flags of actions besides. */
export const actionFlags = {
  'dry-run': flag.boolean({summary: 'print the request that would be sent, and send no write'}),
}

export const confirmFlags = {
  yes: flag.boolean({summary: 'do not ask'}),
}
