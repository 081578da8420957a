// Builds, and writes what is made from the commands: oclif.manifest.json, docs/reference, and the table of commands in
// both READMEs. With --check it fails where they were not current.
import {execFileSync} from 'node:child_process'
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {withCommandTable} from './command-table.js'

const root = join(import.meta.dirname, '..')
const manifest = join(root, 'oclif.manifest.json')
const reference = join(root, 'docs', 'reference')
const readmes = ['README.md', 'README.zh-CN.md'].map(name => join(root, name))

/** What is generated, by file. */
function generated() {
  const pages = readdirSync(reference).map(name => join(reference, name))
  return new Map([manifest, ...readmes, ...pages].map(file => [file, readFileSync(file, 'utf8')]))
}

function node(...args) {
  execFileSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {...process.env, OCLIF_SKIP_NEW_VERSION_CHECK: 'true'},
  })
}

function generate() {
  // oclif reads the commands from what was built: of an old build it would make an old manifest. `npm test` has just
  // built.
  if (!process.env.PANELCTL_BUILT) node(join(root, 'scripts', 'build.js'))
  const oclif = join(root, 'node_modules', 'oclif', 'bin', 'run.js')
  node(oclif, 'manifest')
  // A page that no command has any more would stay. oclif wants a README to write to, which is not ours.
  for (const name of readdirSync(reference)) rmSync(join(reference, name))
  const folder = mkdtempSync(join(tmpdir(), 'panelctl-reference-'))
  try {
    const readme = join(folder, 'README.md')
    writeFileSync(readme, '<!-- commands -->\n')
    const flags = ['--multi', '--output-dir=docs/reference', '--no-aliases', '--no-source-links']
    node(oclif, 'readme', ...flags, `--readme-path=${readme}`, `--tsconfig-path=${join(folder, 'none')}`)
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
  const {help, ...commands} = JSON.parse(readFileSync(manifest, 'utf8')).commands
  const {topics} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).oclif
  for (const readme of readmes) {
    const translated = readme !== readmes[0]
    writeFileSync(readme, withCommandTable(readFileSync(readme, 'utf8'), {commands, topics, translated}))
  }
}

const before = generated()
try {
  generate()
} catch (error) {
  if (error.status === undefined) throw error
  // oclif takes the manifest away when it fails, and a half-made reference is worse than an old one.
  for (const [file, text] of before) writeFileSync(file, text)
  process.stderr.write('nothing was generated: manifest and reference are as they were; the cause is above\n')
  process.exit(1)
}
if (process.argv.includes('--check')) {
  const after = generated()
  const stale = [...new Set([...before.keys(), ...after.keys()])].filter(
    file => before.get(file) !== after.get(file),
  )
  if (stale.length > 0) {
    process.stderr.write(
      `were not current, and are now: ${stale.map(file => file.slice(root.length + 1)).join(', ')}; ` +
        'npm run reference does it, look at the difference\n',
    )
    process.exitCode = 1
  }
}
