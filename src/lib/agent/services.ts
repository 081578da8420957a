import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {basename} from 'node:path'
import {endGroup, type Machine} from './machine.js'

/** What to type about a service that starts an agent; it ends with 0 where that is so, or is done. */
export interface Service {
  readonly isRunning: string
  readonly start: string
  /** Stops it for good. */
  readonly stop: string
}

/** What a service of a name is, as one kind of init system has it. */
export type ServiceKind = (name: string) => Service

/** What the service is called that a file is of. */
export function serviceName(path: string): string {
  return basename(path).replace(/\.(service|conf)$/, '')
}

/** A unit of systemd. */
export function systemdService(name: string): Service {
  return {
    isRunning: `systemctl is-active --quiet ${name}`,
    start: `systemctl daemon-reload && systemctl enable --now ${name}`,
    stop: `systemctl disable --now ${name}`,
  }
}

/** A script in `/etc/init.d`. */
export function initScript(name: string): Service {
  const script = `/etc/init.d/${name}`
  return {isRunning: `${script} status`, start: `${script} start`, stop: `${script} stop`}
}

/** The same where it is OpenRC's. */
export function openrcService(name: string): Service {
  const script = initScript(name)
  return {
    ...script,
    start: `rc-update add ${name}; ${script.start}`,
    stop: `${script.stop}; rc-update delete ${name}`,
  }
}

/** A job of upstart. */
export function upstartJob(name: string): Service {
  return {
    isRunning: `initctl status ${name} | grep start/`,
    start: `initctl start ${name}`,
    stop: `initctl stop ${name}`,
  }
}

/** Milliseconds: an init system gives up sooner by itself. */
const LONGEST = 120_000

/**
 * Types a line on this machine: those above, or what removes what they start.
 * @returns its exit code, as a shell gives it; 1 where it was ended, as it took two minutes
 * @throws the reason of the signal, after what it started has been ended
 */
export async function typeLine(
  {path}: Machine,
  line: string,
  signal: AbortSignal,
  longest = LONGEST,
): Promise<number> {
  signal.throwIfAborted()
  const shell = spawn('/bin/sh', ['-c', line], {env: {PATH: path}, stdio: 'ignore', detached: true})
  const stop = () => endGroup(shell)
  signal.addEventListener('abort', stop, {once: true})
  // A signal made of this one and of a time would let go of the time whenever memory is cleared.
  const timer = setTimeout(stop, longest)
  try {
    const [code] = (await once(shell, 'exit')) as [number | null]
    signal.throwIfAborted()
    return code ?? 1
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
