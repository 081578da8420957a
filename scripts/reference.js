// Writes oclif.manifest.json and docs/reference from the commands; with --check it fails where they were not current.
import {execFileSync} from 'node:child_process'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

const root = join(import.meta.dirname, '..')
const oclif = join(root, 'node_modules', 'oclif', 'bin', 'run.js')

/** What is generated, by file; oclif removes the manifest when it fails. */
function generated() {
  const reference = join(root, 'docs', 'reference')
  const pages = existsSync(reference) ? readdirSync(reference).map(name => join(reference, name)) : []
  return new Map(
    [join(root, 'oclif.manifest.json'), join(root, 'README.md'), ...pages]
      .filter(file => existsSync(file))
      .map(file => [file, readFileSync(file, 'utf8')]),
  )
}

function generate(...args) {
  execFileSync(process.execPath, [oclif, ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {...process.env, OCLIF_SKIP_NEW_VERSION_CHECK: 'true'},
  })
}

const before = generated()
generate('manifest')
generate('readme', '--multi', '--output-dir', 'docs/reference', '--no-aliases', '--no-source-links')
if (process.argv.includes('--check')) {
  const after = generated()
  const stale = [...new Set([...before.keys(), ...after.keys()])].filter(
    file => before.get(file) !== after.get(file),
  )
  if (stale.length > 0) {
    process.stderr.write(
      `not current: ${stale.map(file => file.slice(root.length + 1)).join(', ')}; run npm run reference\n`,
    )
    process.exitCode = 1
  }
}
