import {once} from 'node:events'
import {join} from 'node:path'
import {type Command, type Context, type Description, defineCommand} from '../command/command.js'
import {tableFlags} from '../command/global-flags.js'
import {interruption} from '../command/interrupted.js'
import {writeOut} from '../command/io.js'
import type {Argument, Flag} from '../flags/flags.js'
import {documentText, formats} from '../output/formats.js'
import {withoutRows} from './document-output.js'

type SandboxArguments = {readonly command: Argument<string[]>}
type SandboxFlags = {readonly port: Flag<number | undefined>; readonly seed: Flag<string | undefined>}

/** Starts the emulated panels for a command, or for as long as nobody interrupts. */
export function sandboxCommand(description: Description<SandboxArguments, SandboxFlags>): Command {
  const command = defineCommand(
    description,
    {},
    async given => {
      const context = withoutRows(given)
      // A bundle of its own: nobody else pays for loading it.
      const {startSandbox, exportLines} = await import('../sandbox/index.js')
      const {args, flags} = context
      // The file may be a pipe that nobody fills.
      const sandbox = await Promise.race([
        startSandbox({seedFile: flags.seed, port: flags.port}),
        interruption(context.signal),
      ])
      try {
        if (args.command.length > 0) return await runCommand(context, Object.values(sandbox.panels))
        const {environment} = sandbox
        const lines =
          formats[context.format].carries === 'table'
            ? `${exportLines(environment).join('\n')}\n`
            : await documentText(context.format, environment)
        await writeOut(context.io, lines)
        context.speech.note('the panels run until Ctrl-C')
        if (!context.signal.aborted) await once(context.signal, 'abort')
        throw context.signal.reason
      } finally {
        await sandbox.close()
      }
    },
    tableFlags,
  )
  return {...command, endsItself: true}
}

async function runCommand(
  {args, env, io, root}: Context<SandboxArguments, SandboxFlags>,
  panels: readonly {readonly environment: Readonly<Record<string, string>>}[],
): Promise<number> {
  const {runInSandbox} = await import('../sandbox/index.js')
  return runInSandbox({
    panels,
    command: args.command,
    binPath: join(root, 'bin', 'run.js'),
    nodePath: process.execPath,
    env,
    stderr: io.stderr,
    interactive: io.stdin.isTTY === true,
  })
}
