import {type ChildProcess, spawn} from 'node:child_process'
import {join} from 'node:path'
import {build} from 'esbuild'

/** Bundles a script of this folder to plain JavaScript, so that a real node process starts it quickly. */
export async function bundleScript(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${name}.cjs`)
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['keytar'],
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
