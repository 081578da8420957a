import {execFileSync} from 'node:child_process'
import {join} from 'node:path'

/** The process tests run the real binary: of these very sources. */
export default function build(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, '..', 'scripts', 'build.js')], {stdio: 'inherit'})
}
