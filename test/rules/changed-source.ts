import {cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {PassThrough} from 'node:stream'
import {text} from 'node:stream/consumers'
import {expect} from 'vitest'
import {commandFiles} from '../../scripts/command-ids.js'
import type {Program} from '../../src/lib/command/main.js'
import {now, type Outcome, root, temporaryFolder, words} from '../harness.js'

/** The program as it is after a change of one file. */
export interface ChangedSource {
  cli(
    typed: string,
    env: Readonly<Record<string, string>>,
    /** Whether it is interrupted as soon as something was printed. */
    until?: 'printed',
  ): Promise<Outcome>
  remove(): void
}

/** A copy of the sources in which `lines` stand before what `place` finds in one file, and which runs. */
export async function changedSource(file: string, place: RegExp, lines: string): Promise<ChangedSource> {
  const copy = mkdtempSync(join(tmpdir(), 'panelctl-changed-'))
  cpSync(join(root, 'src'), join(copy, 'src'), {recursive: true})
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
  writeFileSync(join(copy, 'package.json'), '{"type": "module"}')
  const source = readFileSync(join(copy, file), 'utf8')
  const extended = source.replace(place, found => `${lines}${found}`)
  expect(extended).not.toBe(source)
  writeFileSync(join(copy, file), extended)
  const {main}: {main: (argv: readonly string[], program: Program) => Promise<number>} = await import(
    join(copy, 'src/lib/command/main.ts')
  )

  const {Interrupted}: typeof import('../../src/lib/command/interrupted.js') = await import(
    join(copy, 'src/lib/command/interrupted.ts')
  )

  async function cli(typed: string, env: Readonly<Record<string, string>>, until?: 'printed') {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const files = new Map(commandFiles().map(({id, file}) => [id, file.replace(root, copy)]))
    const interruption = new AbortController()
    if (until) stdout.once('data', () => interruption.abort(new Interrupted(130)))
    // Read from the beginning on: a full pipe would make the program wait.
    const printed = Promise.all([text(stdout), text(stderr)])
    const exitCode = await main(words(typed), {
      io: {stdin, stdout, stderr},
      env: {HOME: temporaryFolder(), ...env},
      root,
      version: '0.0.0-test',
      now: () => now,
      signal: interruption.signal,
      ids: [...files.keys()],
      panels: async () => [],
      load: async id => (await import(files.get(id) ?? '')).default,
    })
    stdout.end()
    stderr.end()
    const [out, err] = await printed
    return {exitCode, stdout: out, stderr: err}
  }

  return {cli, remove: () => rmSync(copy, {recursive: true, force: true})}
}
