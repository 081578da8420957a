import {isUtf8} from 'node:buffer'
import type {Surroundings} from '../command/command.js'
import {bytesIn} from '../command/io.js'
import {usageError} from '../errors.js'
import {flag, type ValuesOf} from '../flags/flags.js'
import {bytesOfNamed} from '../named-file.js'

/** What a command gets along, where a panel hands that on. */
export const execInputFlags = {
  stdin: flag.text({
    summary: 'file that it reads as its stdin, - for that of panelctl',
    placeholder: 'file',
    filled: true,
  }),
  cwd: flag.text({summary: 'folder to run it in', placeholder: 'folder', filled: true}),
  env: flag.text({
    summary: 'variable for it; by its name alone, with the value it has here',
    placeholder: 'name[=value]',
    multiple: true,
  }),
}

function variable(text: string, here: Surroundings['env']): [string, string] {
  const [, name, value] = /^([^=]+)(?:=(.*))?$/s.exec(text) ?? []
  if (name === undefined) throw usageError('--env is not name=value', 'as in --env LANG=C')
  const given = value ?? here[name]
  if (given === undefined) throw usageError(`--env: ${name} is not set here`, `give --env ${name}=VALUE`)
  return [name, given]
}

/**
 * What was given along with a command. stdin is read where `--stdin -` asks for it: a loop's own is its own.
 * @throws PanelctlError USAGE where it cannot be had, or is no text
 */
export async function execInputOf({
  io,
  env,
  flags,
}: Pick<Surroundings, 'io' | 'env'> & {readonly flags: ValuesOf<typeof execInputFlags>}) {
  const {stdin: file, cwd} = flags
  const bytes = file === undefined ? undefined : file === '-' ? await bytesIn(io) : await bytesOfNamed(file)
  if (bytes && !isUtf8(bytes))
    throw usageError(`${file === '-' ? 'stdin' : file} is no text in UTF-8, which is all that arrives there`)
  const variables = Object.fromEntries(flags.env.map(text => variable(text, env)))
  return {stdin: bytes?.toString(), cwd, env: variables}
}
