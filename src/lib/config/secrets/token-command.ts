import {PanelctlError} from '../../errors.js'
import {hint, panelctl} from '../../hint.js'
import type {Environment} from '../environment.js'

const outputLimit = 64 * 1024
const timeLimit = 30_000

/**
 * Runs a context's `tokenCommand` (`pass show nezha`) through the shell, with nothing on its stdin, and
 * gives the first line of its stdout, trimmed.
 * @throws PanelctlError AUTH naming the context, with what the command said on stderr, when it exits non-zero, prints
 * nothing or more than 64 KiB, or takes over 30 s; what it printed on stdout is never part of it
 */
export async function runTokenCommand(
  command: string,
  env: Environment,
  contextName: string,
  limits: {milliseconds: number} = {milliseconds: timeLimit},
): Promise<string> {
  const {exec} = await import('node:child_process')
  const failure = (what: string, stderr: string) =>
    new PanelctlError('AUTH', `the token command of context ${contextName} ${what}${said(stderr)}`, {
      // Not the command itself: it may hold a secret of its own.
      hint: hint`try the tokenCommand of ${contextName} yourself: it is in config.yaml (${panelctl('context show')})`,
    })
  return new Promise((resolve, reject) => {
    const options = {
      env: {...env},
      timeout: limits.milliseconds,
      maxBuffer: outputLimit,
      killSignal: 'SIGKILL',
      windowsHide: true,
    } as const
    const child = exec(command, options, (error, stdout, stderr) => {
      if (error) {
        reject(failure(outcome(error, limits.milliseconds), stderr))
        return
      }
      const secret = stdout.split('\n', 1)[0]?.trim()
      if (secret) resolve(secret)
      else reject(failure('printed nothing on its first line', stderr))
    })
    // exec cannot ignore stdin; closed, it reads as empty, and a command that asks fails instead of waiting
    child.stdin?.on('error', () => {})
    child.stdin?.end()
  })
}

function outcome(error: import('node:child_process').ExecException, milliseconds: number): string {
  // exec puts a string here when the output was too long, whatever its type says
  const code: unknown = error.code
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'printed more than 64 KiB'
  if (error.killed) return `did not finish within ${milliseconds / 1000} s`
  if (error.signal) return `was ended by ${error.signal}`
  return typeof code === 'number' ? `failed with exit ${code}` : 'could not be started'
}

function said(stderr: string): string {
  const lines = stderr.split('\n').map(line => line.trim())
  const text = lines.filter(line => line !== '').join('; ')
  return text === '' ? '' : `: ${text.length > 500 ? `${text.slice(0, 500)}…` : text}`
}
