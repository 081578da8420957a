import {constants} from 'node:os'
import {dirname} from 'node:path'
import type {Hint} from './hint.js'
import {shellWord} from './shell-word.js'

/** Exit codes, one for each thing a script wants to tell apart; 130 and 143 (signals) stand apart. */
export const exitCodes = {
  UNEXPECTED: 1,
  USAGE: 2,
  NOT_FOUND: 3,
  AUTH: 4,
  REJECTED: 5,
  UNREACHABLE: 6,
  UNCERTAIN: 7,
  WAIT_TIMEOUT: 8,
  PARTIAL: 9,
  BAD_RESPONSE: 10,
  CHECK_FAILED: 11,
  REMOTE_FAILED: 12,
} as const

export type ErrorCode = keyof typeof exitCodes

/**
 * `exists`: it is there already. `missing`: what was named, and was to be deleted, is not there. `untold`: this version of the panel does
 * not tell what was to be waited for.
 */
export type Reason = 'exists' | 'missing' | 'untold'

export interface ErrorDetails {
  /** The next command to type, or what to change; one line. */
  hint?: Hint | undefined
  /** Why, where a script has to tell that from other failures of the code. */
  reason?: Reason | undefined
  /** The panel that answered, by its topic name. */
  panel?: string | undefined
  /** The HTTP status, where an answer had one. */
  status?: number | undefined
  cause?: unknown
}

/**
 * Every failure a user can meet. The code decides the exit code and nothing else does;
 * the message says what failed and where, in one line, without a stack.
 */
export class PanelctlError extends Error {
  override readonly name = 'PanelctlError'
  readonly code: ErrorCode
  readonly hint: Hint | undefined
  readonly reason: Reason | undefined
  readonly panel: string | undefined
  readonly status: number | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, {cause: details.cause})
    this.code = code
    this.hint = details.hint
    this.reason = details.reason
    this.panel = details.panel
    this.status = details.status
  }

  get exitCode(): number {
    return exitCodes[this.code]
  }
}

/** The system's code of a failure (`ENOENT`), where it has one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  // libuv has no name for it.
  if ('errno' in error && error.errno === -constants.errno.EDQUOT) return 'EDQUOT'
  return typeof error.code === 'string' ? error.code : undefined
}

/** What is wrong with a file that the system did not let us read, without its `ENOENT: …, open '…'`. */
export function fileProblem(file: string, error: unknown): string {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `there is no file ${file}`
    case 'EACCES':
    case 'EPERM':
      return `you may not read ${file}`
    case 'EISDIR':
      return `${file} is a folder, not a file`
    default:
      return `cannot read ${file}: ${systemReason(error)}`
  }
}

/** The words of a system error alone: `no space left on device` of `ENOSPC: no space left on device, write`. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (errorCode(error) === 'EDQUOT') return 'disk quota exceeded'
  return /^E[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] ?? error.message
}

/** The same failure, in words of who knows more about it. */
export function reworded(
  error: PanelctlError,
  words: {message?: string; hint?: Hint; reason?: Reason},
): PanelctlError {
  const {code, reason, panel, status, stack} = error
  const other = new PanelctlError(code, words.message ?? error.message, {
    hint: words.hint ?? error.hint,
    reason: words.reason ?? reason,
    panel,
    status,
    cause: error,
  })
  return stack === undefined ? other : Object.assign(other, {stack})
}

/** What is said after a write; whoever knows with which command says it behind. */
export const lookNow = 'do not repeat it: look at what is there now'

/**
 * What nobody foresaw, after a write was sent: a script that took it for nothing done would do it twice.
 * @param lost what to do about what is told only once
 */
export function afterWrite(error: unknown, known: string, lost?: Hint): PanelctlError {
  const failure = new PanelctlError('UNCERTAIN', `${known}, but ${systemReason(error)}`, {
    hint: lost === undefined ? lookNow : [lookNow, '; ', lost],
    cause: error,
  })
  return error instanceof Error && error.stack ? Object.assign(failure, {stack: error.stack}) : failure
}

/** Whether the disk, its owner's share of it or the size that files may have is used up. */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(errorCode(error) ?? '')
}

/** Whether it is the disk's doing, and neither a mistake of who typed nor of ours. */
export function isOfDisk(error: unknown): boolean {
  return isFull(error) || errorCode(error) === 'EIO'
}

/** Whether a path could not be worked out, as the folder that one stands in was removed: a job that was cleaned up. */
export function isOutOfFolder(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd'
}

/** Whether the system says that we may not. */
export function isForbidden(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(errorCode(error) ?? '')
}

/** A file of the program itself that is missing, damaged or kept from us: exit 1, and no bug to report. */
export function notWhole(reason: string, cause?: unknown): PanelctlError {
  const file =
    cause instanceof Error && isForbidden(cause) && 'path' in cause ? String(cause.path) : undefined
  if (file !== undefined) {
    const folder = dirname(file).replace(/[/\\]dist$/, '')
    return new PanelctlError(
      'UNEXPECTED',
      `this copy of panelctl cannot be read: permission denied for ${file}`,
      {
        hint: `as its owner: chmod -R a+rX ${shellWord(folder)}; or install panelctl anew`,
        cause,
      },
    )
  }
  return new PanelctlError('UNEXPECTED', `this copy of panelctl is not whole: ${reason}`, {
    hint: 'install panelctl anew',
    cause,
  })
}

/** `missing argument HOST`, `missing required flags --port, --to`. */
export function missingWords(what: string, names: readonly string[]): string {
  return `missing ${what}${names.length > 1 ? 's' : ''} ${names.join(', ')}`
}

/** Bad flags, arguments, names of contexts or columns: exit 2. */
export function usageError(message: string, hint?: Hint, reason?: Reason): PanelctlError {
  return new PanelctlError('USAGE', message, {hint, reason})
}
