import {Interrupted, main, type Program} from './lib/command/main.js'

/**
 * Runs the program for this process. Gives the exit code over to the process instead of exiting, as output may
 * still be on its way; only a second signal ends it at once.
 */
export async function runProcess(program: Pick<Program, 'ids' | 'load' | 'root' | 'version'>): Promise<void> {
  const interruption = new AbortController()
  process.once('SIGINT', () => interruption.abort(new Interrupted(130)))
  process.once('SIGTERM', () => interruption.abort(new Interrupted(143)))
  // A closed pipe shows as an error of the write, where `writeOut` deals with it.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  process.exitCode = await main(process.argv.slice(2), {
    ...program,
    io: {stdin: process.stdin, stdout: process.stdout, stderr: process.stderr},
    env: process.env,
    now: () => new Date(),
    signal: interruption.signal,
  })
  // What is left open after a signal (a prompt, a socket) must not keep the process.
  if (interruption.signal.aborted) process.stdout.write('', () => process.exit())
}
