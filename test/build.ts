import {execFileSync} from 'node:child_process'
import {join} from 'node:path'

/** The process tests run the real binary: of these very sources. `npm test` has just built it. */
export default function build(): void {
  if (process.env.PANELCTL_BUILT) return
  execFileSync(process.execPath, [join(import.meta.dirname, '..', 'scripts', 'build.js')], {stdio: 'inherit'})
  // For the other project of vitest.config.ts.
  process.env.PANELCTL_BUILT = '1'
}
