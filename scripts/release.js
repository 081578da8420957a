// Makes all that a release consists of, in `release/`, and says what is left to type. It publishes nothing.
//   npm run release -- --dry-run    goes on where something would stop a release, and says it
import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {billOfMaterials} from './release/bill-of-materials.js'
import {unmet} from './release/checks.js'
import {makeDebian} from './release/debian.js'
import {makeOneFile} from './release/one-file.js'
import {fetchRuntime, runtimes} from './release/runtimes.js'
import {compare} from './release/smoke.js'

const root = join(import.meta.dirname, '..')
const dryRun = process.argv.includes('--dry-run')
const release = join(root, 'release')
const folder = mkdtempSync(join(tmpdir(), 'panelctl-release-'))
const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const {version} = description
const say = text => process.stdout.write(`${text}\n`)
const at = name => join(release, name)

/** Runs a step, and says how long it took. */
async function step(name, work) {
  const began = performance.now()
  const found = await work()
  say(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
  return found
}

function node(...words) {
  execFileSync(process.execPath, words, {cwd: root, stdio: ['ignore', 'ignore', 'inherit']})
}

/** The package as npm has it. Gives the names of its files. */
function pack() {
  const words = ['pack', '--json', '--loglevel=warn', '--pack-destination', release]
  const printed = execFileSync('npm', words, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // What runs before npm packs may print as well.
  const [{files}] = JSON.parse(printed.slice(printed.search(/^\[/m)))
  return files.map(({path}) => path)
}

/** When the sources were last changed, since 1970: the same sources give the same files. */
function changed() {
  const words = ['log', '-1', '--format=%ct']
  return Number(execFileSync('git', words, {cwd: root, encoding: 'utf8'}))
}

async function make() {
  process.umask(0o022)
  rmSync(release, {recursive: true, force: true})
  mkdirSync(release)
  await step('build', () => node(join(root, 'scripts', 'build.js')))
  // For the reference and for what npm runs before it packs.
  process.env.PANELCTL_BUILT = '1'
  const hindrances = await step('checks', () => unmet({root, description, runtimes}))
  for (const hindrance of hindrances) say(`  would stop a release: ${hindrance}`)
  if (hindrances.length > 0 && !dryRun) throw new Error('nothing was made')
  const seconds = changed()
  const names = await step('npm package', pack)
  const notices = at('THIRD-PARTY-NOTICES.txt')
  const texts = [readFileSync(join(root, 'dist', 'THIRD-PARTY-NOTICES.txt'), 'utf8')]
  const folders = {}
  await step('Node, from npm', () => {
    for (const machine of Object.keys(runtimes)) folders[machine] = fetchRuntime(machine, folder)
  })
  texts.push(
    'The one file and the Debian package contain Node.js.',
    readFileSync(join(folders.x64, 'LICENSE'), 'utf8'),
  )
  writeFileSync(notices, texts.join(`\n${'-'.repeat(72)}\n\n`))
  const builder = join(folders[process.arch] ?? folders.x64, 'bin', 'node')
  for (const [machine, {debian: architecture}] of Object.entries(runtimes)) {
    const file = join(folder, `panelctl-linux-${machine}`)
    const runtime = folders[machine]
    await step(`one file for ${machine}`, async () => {
      await makeOneFile({root, names, runtime, builder, to: file, folder})
      chmodSync(file, 0o755)
      writeFileSync(at(`panelctl-linux-${machine}.gz`), gzipSync(readFileSync(file)))
    })
    if (machine === process.arch)
      await step('smoke test', async () =>
        say(`  ${await compare(file, builder)} lines of sh: as by the npm package`),
      )
    const to = at(`panelctl_${version}_${architecture}.deb`)
    await step(`Debian package for ${architecture}`, () =>
      makeDebian({root, description, file, notices, architecture, seconds, folder, to}),
    )
  }
  copyFileSync(join(root, 'install.sh'), at('install.sh'))
  copyFileSync(join(root, 'scripts', 'release', 'Dockerfile'), at('Dockerfile'))
  const bundles = JSON.parse(readFileSync(join(root, 'dist', 'meta.json'), 'utf8'))
  const bill = billOfMaterials({root, bundles, runtimes: Object.values(runtimes), seconds})
  writeFileSync(at('bom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`)
  const made = readdirSync(release).toSorted()
  const sums = made.map(
    name =>
      `${createHash('sha256')
        .update(readFileSync(at(name)))
        .digest('hex')}  ${name}\n`,
  )
  writeFileSync(at('SHA256SUMS'), sums.join(''))
  say('\nin release/:')
  for (const name of readdirSync(release).toSorted()) {
    say(`  ${(statSync(at(name)).size / 1e6).toFixed(1).padStart(6)} MB  ${name}`)
  }
  say(rest())
}

/** What cannot be done or tried here. */
function rest() {
  return `
what is left, in this order:
  npm test
  git tag -a v${version} -m 'panelctl ${version}' && git push origin v${version}
  on arm64:  gzip -dc release/panelctl-linux-arm64.gz >panelctl && chmod 755 panelctl && ./panelctl sandbox -- ./panelctl nezha server list
  in CI, where npm can say where it was built (provenance):
    npm publish release/panelctl-${version}.tgz
  elsewhere:
    npm publish --provenance=false release/panelctl-${version}.tgz
  docker buildx build --platform linux/amd64,linux/arm64 --tag REGISTRY/panelctl:${version} --push release
  docker run --rm -e NEZHA_DASHBOARD_URL -e NEZHA_TOKEN REGISTRY/panelctl:${version} nezha server list
  put the files of release/ to where install.sh looks for them, with SHA256SUMS, then:
    curl -fsSL URL/install.sh | sh -s -- --mirror URL`
}

try {
  await make()
} catch (error) {
  process.stderr.write(`release: ${error.message}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, {recursive: true, force: true})
}
