// Packs the package, installs the tarball into an empty folder without install scripts, and runs it there:
// with keytar, and without optional dependencies.
import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'panelctl-packed-'))
// The node versions to run it on: this one, and those given as paths of binaries.
const nodes = [process.execPath, ...process.argv.slice(2)]

function npm(args, cwd) {
  execFileSync('npm', args, {cwd, stdio: ['ignore', 'ignore', 'inherit']})
}

function expectRun(node, installed, args, pattern) {
  const home = join(installed, 'home')
  mkdirSync(home, {recursive: true})
  const env = {PATH: process.env.PATH, HOME: home}
  const stdout = execFileSync(node, [join(installed, 'node_modules', 'panelctl', 'bin', 'run.js'), ...args], {
    env,
    encoding: 'utf8',
  })
  if (!pattern.test(stdout)) throw new Error(`panelctl ${args.join(' ')} printed ${JSON.stringify(stdout)}`)
}

try {
  npm(['pack', '--ignore-scripts', '--pack-destination', folder], root)
  const tarball = join(
    folder,
    readdirSync(folder).find(name => name.endsWith('.tgz')),
  )
  for (const [name, flags] of [
    ['with keytar', []],
    ['without keytar', ['--omit=optional']],
  ]) {
    const installed = join(folder, name.replace(' ', '-'))
    mkdirSync(installed)
    writeFileSync(join(installed, 'package.json'), '{"private": true}')
    npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', ...flags, tarball], installed)
    const modules = readdirSync(join(installed, 'node_modules')).filter(module => !module.startsWith('.'))
    for (const node of nodes) {
      expectRun(node, installed, ['--version'], /^panelctl\/\d/)
      expectRun(node, installed, ['--help'], /USAGE/)
      // Twice: the second run comes from the code cache.
      for (let round = 0; round < 2; round++) {
        expectRun(
          node,
          installed,
          ['sandbox', '--', 'panelctl', 'nezha', 'server', 'list', '-o', 'id'],
          /^1\n2\n3\n/,
        )
      }
      process.stdout.write(
        `${name}: works on ${execFileSync(node, ['--version'], {encoding: 'utf8'}).trim()} (installs ${modules.join(', ')})\n`,
      )
    }
  }
} finally {
  rmSync(folder, {recursive: true, force: true})
}
