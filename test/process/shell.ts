import {spawn} from 'node:child_process'
import {existsSync, writeFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import type {Outcome} from '../harness.js'
import {root, sharedCache, temporaryFolder} from '../harness.js'
import {keepPrinted} from '../printed.js'

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, program)))
}

/** Runs a script in a shell where `panelctl` is the built program, in a folder and a home of its own. */
export async function shell(
  script: string,
  env: Readonly<Record<string, string | undefined>> = {},
  program = 'sh',
): Promise<Outcome> {
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'panelctl'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin', 'run.js')}' "$@"\n`,
    {mode: 0o755},
  )
  const child = spawn(program, ['-c', script], {
    cwd: folder,
    env: {
      PATH: `${folder}${delimiter}${process.env.PATH}`,
      HOME: folder,
      PANELCTL_CONFIG_DIR: folder,
      PANELCTL_STATE_DIR: folder,
      ...sharedCache(env),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks = {stdout: [] as Buffer[], stderr: [] as Buffer[]}
  child.stdout.on('data', chunk => chunks.stdout.push(chunk))
  child.stderr.on('data', chunk => chunks.stderr.push(chunk))
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) =>
      code === null ? reject(new Error(`the shell was ended by ${signal}`)) : resolve(code),
    )
  })
  const stderr = Buffer.concat(chunks.stderr).toString()
  keepPrinted({stderr})
  return {stdout: Buffer.concat(chunks.stdout).toString(), stderr, exitCode}
}
