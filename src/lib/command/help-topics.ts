import {type ErrorCode, exitCodes} from '../errors.js'
import type {Access} from '../http/access.js'

/** Of the names of variables. */
const WIDTH = 22

/** When each code is the exit code, and whether a retry helps. */
const meanings: Readonly<Record<ErrorCode, string>> = {
  UNEXPECTED: 'a bug in panelctl, or output that could not be written; --debug shows the stack',
  USAGE:
    'wrong flags, arguments, context or column; a question answered no, or not asked for want of a terminal',
  NOT_FOUND: 'the thing that was named does not exist',
  AUTH: 'no, wrong, expired or insufficient credentials',
  REJECTED: 'the panel said no: invalid, conflict, quota, or its version cannot',
  UNREACHABLE: 'no connection, no answer in time, 429 or 5xx after retries; a retry helps',
  UNCERTAIN: 'a write was sent and no usable answer came: it may have been done; look before a retry',
  WAIT_TIMEOUT: 'the action was accepted, and --wait ran out; a retry helps',
  PARTIAL: 'some of several failed; those that worked are printed',
  BAD_RESPONSE:
    'the panel answered in a shape that panelctl does not know: a web page, cut off, another product',
  CHECK_FAILED: 'a check found something that is not healthy',
}

function exitCodeTopic(): string {
  const rows = Object.entries(exitCodes).map(
    ([code, number]) => `  ${String(number).padStart(3)}  ${code.padEnd(13)} ${meanings[code as ErrorCode]}`,
  )
  return `EXIT CODES
  The exit code does not depend on the output format, nor on whether there is a terminal.

    0                done; also when the reader of the output closed the pipe
${rows.join('\n')}
  130  SIGINT        interrupted by Ctrl-C
  143  SIGTERM       ended by a signal
`
}

function environmentTopic(panels: readonly Access[]): string {
  const own = panels.map(({variables}) =>
    variables.map(([name, holds]) => `  ${name.padEnd(WIDTH)}  ${holds}\n`).join(''),
  )
  const names = panels.map(({panel}) => `PANELCTL_${panel.name.toUpperCase()}_CONTEXT`)
  return `ENVIRONMENT
  Flags win over the environment, the environment over saved contexts. Each secret also as ..._FILE, the path of a file
  that holds it. A credential only goes to the address that it was meant for: panelctl context show says which.
  A token or cookie alone in the environment, while the context in use has one of its own, is ambiguous and ends with
  exit 2: unset it, or say which with --context or the variable of the address.

${own.join('\n')}
  PANELCTL_CONTEXT        saved connection to use; for one panel alone:
                          ${names.join(', ')}
  PANELCTL_CONFIG_DIR     folder of config.yaml and credentials.yaml
  PANELCTL_STATE_DIR      folder of what an interrupted auto-register needs to go on
  PANELCTL_OUTPUT         preferred format of the output; a command that it does not fit prints a table
  PANELCTL_TIMEOUT        longest time for one attempt, as --timeout
  PANELCTL_CA_FILE        PEM file of certificates to trust as well
  PANELCTL_INSECURE       1: do not check certificates

  HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY    proxies; host:port is http://host:port
  NO_COLOR, FORCE_COLOR, CLICOLOR, CLICOLOR_FORCE  colours
  COLUMNS                 width of the terminal, before what the terminal says itself
`
}

const output = `OUTPUT
  stdout holds data only; notes, warnings, questions and errors are on stderr. A command that fails prints nothing on
  stdout, unless it exits with 8, 9 or 11.

  -o table    for people: fitted into the terminal (or COLUMNS), never cut in a pipe; - for what is unknown
  -o json     one document, with the panel's own field names and values; a list is always an array
  -o ndjson   one element per line
  -o yaml     as json
  -o csv      the columns of the table, with raw values: bytes, percent, RFC 3339 times; no charts
  -o id       the identifier alone, one a line: for id in $(panelctl ... list -o id)

  With -o json and -o ndjson each line on stderr is one JSON object: {"note":...}, {"warning":...} or, last,
  {"error":{"code":...,"exitCode":...,"message":...,"hint":...}}.

  --columns and --no-header go with table and csv, --sort with every format of a list.
`

/** The pages of `panelctl help` that are about no command. */
export const helpTopics: Readonly<Record<string, (panels: readonly Access[]) => string>> = {
  environment: environmentTopic,
  'exit-codes': exitCodeTopic,
  output: () => output,
}
