import {type ChildProcess, spawn} from 'node:child_process'
import {basename, join, resolve} from 'node:path'
import {build} from 'esbuild'

/** Bundles a script, of this folder or with its whole path, to plain JavaScript, so that a real node process starts it quickly. */
export async function bundleScript(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${basename(name)}.cjs`)
  await build({
    entryPoints: [resolve(import.meta.dirname, name)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // What oclif would load where plugins are developed is three quarters of it.
    external: ['keytar', 'typescript'],
    logLevel: 'error',
  })
  return outfile
}

export function startNode(script: string, args: string[]): ChildProcess {
  return spawn(process.execPath, [script, ...args], {stdio: ['pipe', 'ignore', 'pipe']})
}

/** How a process ended, and what it said on stderr. */
export function ending(
  child: ChildProcess,
): Promise<{code: number | null; signal: string | null; stderr: string}> {
  let stderr = ''
  child.stderr?.on('data', data => {
    stderr += data
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({code, signal, stderr}))
  })
}
