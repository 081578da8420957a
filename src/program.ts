import {setMaxListeners} from 'node:events'
import {speechOptions} from './lib/command/argv.js'
import {globalFlags} from './lib/command/global-flags.js'
import {Interrupted} from './lib/command/interrupted.js'
import {main, type Program} from './lib/command/main.js'
import {reportHint} from './lib/command/report.js'
import {createSpeech} from './lib/command/speech.js'
import {PanelctlError} from './lib/errors.js'

/** In the place of what Node says of it: each connection here says by itself whether certificates are checked. */
const uncheckedIgnored = 'NODE_TLS_REJECT_UNAUTHORIZED is ignored: --insecure is what checks no certificate'

const signals = {SIGINT: 130, SIGTERM: 143} as const
const signalNames = ['SIGINT', 'SIGTERM'] as const

type Given = Pick<Program, 'ids' | 'load' | 'root' | 'version' | 'bugs'>

/**
 * Runs the program for this process. Gives the exit code over to the process instead of exiting, as output may
 * still be on its way; only a second signal ends it at once.
 */
export async function runProcess(argv: readonly string[], program: Given): Promise<void> {
  const io = {
    // Made where somebody reads it: a part of Node of its own, which hardly any command needs.
    get stdin() {
      return process.stdin
    },
    stdout: process.stdout,
    stderr: process.stderr,
  }
  // Node's own warnings are said as ours are, or they would stand between the lines of JSON. It has no listener where
  // they are switched off.
  if (process.listenerCount('warning') > 0) {
    process.removeAllListeners('warning')
    process.on('warning', ({message}) =>
      createSpeech(io, speechOptions(argv, globalFlags, process.env)).warn(
        message.includes(' NODE_TLS_REJECT_UNAUTHORIZED ') ? uncheckedIgnored : message,
      ),
    )
  }
  const interruption = new AbortController()
  const onSignal = (signal: keyof typeof signals) => {
    if (interruption.signal.aborted) process.exit(signals[signal])
    interruption.abort(new Interrupted(signals[signal]))
  }
  // Each request of a run ends with it, and there may be many at once.
  setMaxListeners(0, interruption.signal)
  // Stays on: a library that finds itself the only listener would end the process in its own way.
  const listen = () => signalNames.forEach(signal => void process.on(signal, onSignal))
  listen()
  // A closed pipe shows as an error of the write, where `writeOut` deals with it.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  // A failure that nobody waits for: Node would print it with all that it holds, headers of requests too.
  process.on('uncaughtException', (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    const failure =
      error instanceof PanelctlError
        ? error
        : new PanelctlError('UNEXPECTED', `unexpected: ${reason}`, {hint: reportHint(program.bugs)})
    createSpeech(io, speechOptions(argv, globalFlags, process.env)).fail(failure)
    process.exit(failure.exitCode)
  })
  // Whatever never answers must not look like success when nothing is left to wait for.
  process.exitCode = 1
  const unanswered = () =>
    process.stderr.write(
      `panelctl: unexpected: it ended without an answer\nhint: ${reportHint(program.bugs)}\n`,
    )
  process.once('beforeExit', unanswered)
  process.exitCode = await main(argv, {
    ...program,
    io,
    env: process.env,
    panels,
    now: () => new Date(),
    signal: interruption.signal,
    blocking(work) {
      interruption.signal.throwIfAborted()
      // No listener would hear of it.
      for (const signal of signalNames) process.off(signal, onSignal)
      try {
        return work()
      } finally {
        listen()
      }
    },
  })
  process.off('beforeExit', unanswered)
  // A prompt or socket that a signal left open must not keep the process.
  if (interruption.signal.aborted)
    process.stdout.write('', () => process.stderr.write('', () => process.exit()))
}

const panels = async () => (await import('./lib/panels/index.js')).panels

/** Runs the program in this process where nobody looks or can be asked. Gives what it prints; undefined where it fails. */
export async function printedBy(argv: readonly string[], program: Given): Promise<string | undefined> {
  // Not at every start: Tab alone asks so.
  const [{PassThrough}, {text}] = await Promise.all([import('node:stream'), import('node:stream/consumers')])
  const [stdin, stdout, stderr] = [new PassThrough().end(), new PassThrough(), new PassThrough().resume()]
  const [exitCode, all] = await Promise.all([
    main(argv, {
      ...program,
      io: {stdin, stdout, stderr},
      env: process.env,
      panels,
      now: () => new Date(),
      signal: new AbortController().signal,
      unattended: true,
    }).finally(() => stdout.end()),
    text(stdout),
  ])
  return exitCode === 0 ? all : undefined
}
