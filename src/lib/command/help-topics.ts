import {headersVariable} from '../config/connection/gateway-headers.js'
import {type ErrorCode, exitCodes} from '../errors.js'
import type {Flags} from '../flags/flags.js'
import type {Access} from '../http/access.js'
import {globalFlags, watchFlags} from './global-flags.js'

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
  CHECK_FAILED: 'a check found that something is not as it is to be',
  REMOTE_FAILED:
    'exec: the command ran there and failed; its code is in the JSON, and --pass-exit-code hands it on',
}

type Row = readonly [left: string, right: string]

/** A page about no command: paragraphs, and lists in two columns. */
export interface Topic {
  readonly title: string
  readonly parts: readonly (string | readonly Row[])[]
}

function exitCodeTopic(): Topic {
  const codes = Object.entries(exitCodes).map(
    ([code, number]): Row => [`${String(number).padEnd(3)}  ${code}`, meanings[code as ErrorCode]],
  )
  return {
    title: 'EXIT CODES',
    parts: [
      'The exit code does not depend on the output format, nor on whether there is a terminal.',
      [
        ['0', 'done; also when the reader of the output closed the pipe'],
        ...codes,
        ['130  SIGINT', 'interrupted by Ctrl-C'],
        ['143  SIGTERM', 'ended by a signal'],
      ],
    ],
  }
}

function environmentTopic(panels: readonly Access[]): Topic {
  const names = panels.map(({panel}) => `PANELCTL_${panel.name.toUpperCase()}_CONTEXT`)
  return {
    title: 'ENVIRONMENT',
    parts: [
      'Flags win over the environment, the environment over saved contexts and what panelctl config prefers. Each secret also as ..._FILE, the path of a file that holds it. A credential only goes to the address that it was meant for: panelctl context show says which. A token or cookie alone in the environment, while the context in use has one of its own, is ambiguous and ends with exit 2: unset it, or say which with --context or the variable of the address.',
      ...panels.map(({panel, variables}): Row[] => [
        ...variables,
        [headersVariable(panel), 'headers for what stands before it, one a line, as --header has them'],
      ]),
      [
        ['PANELCTL_CONTEXT', `saved connection to use; for one panel alone: ${names.join(', ')}`],
        [
          'PANELCTL_CONFIG_DIR',
          'folder of config.yaml and credentials.yaml (default $XDG_CONFIG_HOME/panelctl or ~/.config/panelctl)',
        ],
        [
          'PANELCTL_STATE_DIR',
          'folder of what an interrupted auto-register needs to go on (default /var/lib/panelctl for root, else $XDG_STATE_HOME/panelctl or ~/.local/state/panelctl)',
        ],
        [
          'PANELCTL_CACHE_DIR',
          'folder of the names that completion keeps for a minute (default $XDG_CACHE_HOME/panelctl or ~/.cache/panelctl)',
        ],
        ['PANELCTL_TAB_TIMEOUT', 'how long Tab may wait for the names that a panel has (default 1s)'],
        ['PANELCTL_OUTPUT', 'preferred format of the output; a command that it does not fit prints a table'],
        ['PANELCTL_TIMEOUT', 'longest time for one attempt, as --timeout'],
        ['PANELCTL_CA_FILE', 'PEM file of certificates to trust as well'],
        ['PANELCTL_INSECURE', '1: do not check certificates'],
      ],
      [
        ['HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY', 'proxies; host:port is http://host:port'],
        ['COLUMNS', 'width of the terminal, before what the terminal says itself'],
        ['NO_COLOR, FORCE_COLOR, CLICOLOR, CLICOLOR_FORCE', 'colours'],
      ],
    ],
  }
}

function flagsTopic(): Topic {
  const shared = Object.entries<Flags[string]>({...globalFlags, ...watchFlags})
  return {
    title: 'GLOBAL FLAGS',
    parts: [
      'They stand before the command, between its words or behind it; of one that is given twice the last counts. Each command lists those that do something for it.',
      shared.map(([name, {type, char, helpValue, options, default: usual, summary}]): Row => {
        const value = type === 'option' ? `=${options ? '<format>' : helpValue}` : ''
        const notes = [options?.join('|'), usual && `default ${usual}`].filter(Boolean).join('; ')
        return [`${char ? `-${char}, ` : '    '}--${name}${value}`, `${summary}${notes ? ` (${notes})` : ''}`]
      }),
    ],
  }
}

const output: Topic = {
  title: 'OUTPUT',
  parts: [
    'stdout holds data only; notes, warnings, questions and errors are on stderr. A command that fails prints nothing on stdout, unless it exits with 8, 9, 11 or 12, with 5 of node auto-register, which prints the node whose agent does not run, or --watch or --follow had printed before.',
    [
      [
        '-o table',
        'for people: fitted into the terminal (or COLUMNS), never cut in a pipe; - for what is unknown',
      ],
      ['-o json', "one document, with the panel's own field names and values; a list is always an array"],
      ['-o ndjson', 'one element per line'],
      ['-o yaml', 'as json'],
      [
        '-o csv',
        'the columns of the table, with raw values: bytes, percent, RFC 3339 times; charts only where --columns names them',
      ],
      [
        '-o id',
        'the identifier alone, one a line: panelctl ... list -o id | while IFS= read -r id; do ...; done',
      ],
    ],
    '--jq EXPRESSION puts the JSON through jq 1.8, which is built in: a text is printed as it is, all else as JSON, one result a line; with -o json as jq prints it, with -o ndjson the expression sees one element after the other. What jq does not take is exit 2 before anything is sent, and so is what it fails on; after an action the JSON is printed as it is then, with exit 9.',
    'With -o json and -o ndjson each line on stderr is one JSON object: {"note":...}, {"warning":...} or, last, {"error":{"code":...,"exitCode":...,"message":...,"hint":...}}.',
    '--columns and --no-header go with table and csv, --sort with every format of a list.',
  ],
}

/** The pages of `panelctl help` that are about no command. */
export const helpTopics: Readonly<Record<string, (panels: readonly Access[]) => Topic>> = {
  environment: environmentTopic,
  'exit-codes': exitCodeTopic,
  flags: flagsTopic,
  output: () => output,
}
