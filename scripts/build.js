// Bundles the sources: the program into one CommonJS file whose modules are evaluated when first used,
// and the commands as oclif classes, from which manifest and reference are made.
import {mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join, relative} from 'node:path'
import {pathToFileURL} from 'node:url'
import {build} from 'esbuild'
import {lateBuiltins} from './bundle/late-builtins.js'
import {partsUsed} from './bundle/parts-used.js'
import {changedFile, standIn} from './bundle/stand-in.js'
import {commandFiles} from './command-ids.js'
import {helpPages} from './help-pages.js'
import {manPages} from './man-pages.js'
import {notices} from './notices.js'
import {published} from './published.js'

const root = join(import.meta.dirname, '..')
const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The table of all commands, so that nothing is looked up in folders at start-up. */
const commandTable = standIn(
  'command-table',
  /^command-table$/,
  `export default {\n${commandFiles()
    .map(({id, file}) => `${JSON.stringify(id)}: () => import(${JSON.stringify(file)}),`)
    .join('\n')}\n}`,
  {resolveDir: root},
)

/** What completion knows, made from the commands that were just built. A text: V8 is quicker at JSON than at its own language. */
function completionTable(table) {
  const text = JSON.stringify(JSON.stringify(table))
  return standIn('completion-table', /^completion-table$/, `export default JSON.parse(${text})`)
}

/** What groups of commands are about, as package.json says it. */
function topicsOf({oclif}) {
  return Object.fromEntries(Object.entries(oclif.topics).map(([id, {description}]) => [id, description]))
}

/** What got brings and this program never uses: HTTP/2, a cache, its own DNS. A third of its time to load. */
const unusedPartsOfGot = standIn(
  'unused-parts-of-got',
  /^(http2-wrapper|cacheable-lookup|cacheable-request)$/,
  'export default class Unused {}\nexport class CacheError extends Error {}',
)

/** Lines of got that are changed: the file, what stands there, and what is to stand there. */
const changesOfGot = [
  // Newer Nodes (24.21) tell the callback of `end` what the request's own error says as well, and got 14 takes that for a
  // failure which ends its retries. Mended in got 16, which needs Node 22.
  ['core/index', 'if (this._request?._writableState?.errored) {', 'if (error) {'],
  // A request over http needs nothing of tls, and nobody listens to what has a UUID for each: crypto is not loaded for that.
  ['core/options', '?? checkServerIdentity,', '?? ((...asked) => checkServerIdentity(...asked)),'],
  ['core/diagnostics-channel', 'return randomUUID();', "return '';"],
]

const changedGot = changesOfGot.map(([file, before, after]) =>
  changedFile('changed-got', `/got/dist/source/${file}`, source => {
    const contents = source.replace(before, after)
    if (contents === source)
      throw new Error(`got is another one: see whether ${file} still has to be changed`)
    return contents
  }),
)

/** What oclif brings for a program of its own, and this one sees to itself. */
const unusedPartsOfOclif = [
  // The parser's errors bring oclif's last resort for errors along, and that brings its help: `main` does that work.
  changedFile(
    'no-last-resort',
    '@oclif/core/lib/errors/handle',
    () => 'exports.handle = error => { throw error }',
  ),
  // Whoever asks for the home folder or the login shell of a user id without an account ends there. Help needs neither.
  changedFile(
    'no-account',
    '@oclif/core/lib/util/os',
    () => 'module.exports = {getHomeDir: () => "/", getShell: () => "", getPlatform: () => process.platform}',
  ),
  // Shortens stacks for a printer that is not used, and asks for the home folder to do so.
  standIn('no-clean-stack', /^clean-stack$/, 'module.exports = stack => stack'),
]

/** What oclif's parser would say by itself, in colour and wrapped: `explain` says it here, of the error's fields. */
const unusedPartsOfParser = [
  changedFile(
    'unused-parts-of-parser',
    '@oclif/core/lib/(ux/(index|list|theme|write)|screen|parser/help|errors/(error|warn)|errors/errors/pretty-print)',
    () => 'exports.__esModule = true; exports.default = () => ""; exports.colorize = (_, text) => text',
  ),
  standIn('unused-by-parser', /^(wrap-ansi|indent-string)$/, 'module.exports = text => text', {
    isFor: importer => importer.includes('oclif'),
  }),
]

/** cli-table3 counts columns with a quicker `string-width`. */
const quickWidth = {
  name: 'quick-width',
  setup(build) {
    build.onResolve({filter: /^string-width$/}, ({importer}) =>
      importer.includes('cli-table3')
        ? {path: join(root, 'scripts', 'bundle', 'string-width.cjs')}
        : undefined,
    )
  },
}

/** `DEBUG=*` is other programs' variable: it must not fill our stderr with what happens inside the libraries. */
const noDebug = standIn(
  'no-debug',
  /^debug$/,
  'module.exports = () => Object.assign(() => {}, {enabled: false, extend: () => () => {}})',
)

/** A proxy that asks for it must not make us load a module of that name from wherever we lie. */
const noKerberos = standIn('no-kerberos', /^kerberos$/, 'throw new Error("there is no Kerberos here")')

/** The sandbox, jq and the help pages are bundles of their own, which nothing else loads. */
const apart = {
  name: 'apart',
  setup(build) {
    build.onResolve({filter: /\/sandbox\/index\.js$/}, () => ({path: './sandbox.cjs', external: true}))
    build.onResolve({filter: /\/output\/jq\.js$/}, () => ({path: './jq.cjs', external: true}))
    build.onResolve({filter: /^\.\/help\.js$/}, ({importer}) =>
      importer.endsWith('main.ts') ? {path: './help.cjs', external: true} : undefined,
    )
  },
}

const define = {
  PANELCTL_VERSION: JSON.stringify(description.version),
  PANELCTL_BUGS: JSON.stringify(published(description.bugs?.url) ? description.bugs.url : ''),
  'Intl.ListFormat': 'LazyListFormat',
  // ws would look for native helpers beside whatever program it is in.
  'process.env.WS_NO_BUFFER_UTIL': '"1"',
  'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
}

const common = {
  write: false,
  absWorkingDir: root,
  outdir: 'dist',
  outExtension: {'.js': '.cjs'},
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  minify: true,
  // All licences are in one file: comments have those of few packages.
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // What CommonJS has instead: the bundle's own path, from where keytar is found.
  define: {...define, 'import.meta.url': '__filename'},
  inject: [join(root, 'scripts', 'bundle', 'lazy-list-format.js')],
  // The code cache has no loader for import(): what stays outside is required.
  supported: {'dynamic-import': false},
  external: ['keytar', 'typescript', 'ts-node', 'tsx'],
}

/** One bundle. What is wrong with the sources has been printed by esbuild, with the line, and needs no stack of ours. */
async function bundle({plugins = [], ...options}) {
  try {
    return await build({...options, plugins: plugins.flat()})
  } catch (error) {
    if (!error.errors?.length) throw error
    process.stderr.write('nothing was built; dist is as it was\n')
    process.exit(1)
  }
}

const program = await bundle({
  ...common,
  entryPoints: {panelctl: 'src/entry.ts'},
  plugins: [
    partsUsed,
    lateBuiltins,
    commandTable,
    unusedPartsOfGot,
    changedGot,
    unusedPartsOfOclif,
    unusedPartsOfParser,
    quickWidth,
    noDebug,
    noKerberos,
    apart,
  ],
})
const sandbox = await bundle({...common, entryPoints: {sandbox: 'src/lib/sandbox/index.ts'}})
const jq = await bundle({
  ...common,
  entryPoints: {jq: 'src/lib/output/jq.ts'},
  // What it says when it aborts: that is told as all errors are.
  define: {...common.define, 'console.error': 'Boolean'},
})
const client = await bundle({
  ...common,
  entryPoints: {client: 'src/client.ts'},
  plugins: [unusedPartsOfGot, changedGot, unusedPartsOfOclif, noDebug, noKerberos],
})
const help = await bundle({
  ...common,
  entryPoints: {help: 'src/lib/command/help.ts'},
  plugins: [partsUsed, lateBuiltins, unusedPartsOfOclif, noDebug],
  // oclif's listener throws what goes wrong with stdout, which `writeOut` sees to: it is not put on. Nor does oclif warn
  // where the current folder is gone, which help does not need.
  define: {...common.define, 'process.stdout.on': 'Boolean', 'process.stderr.write': 'Boolean'},
})
// The classes for oclif's own tools. Not in the package, and not minified: their names are in the manifest.
const commands = await bundle({
  ...common,
  entryPoints: {commands: 'src/oclif.ts'},
  format: 'esm',
  outExtension: {'.js': '.mjs'},
  supported: {},
  define,
  plugins: [partsUsed, commandTable],
  packages: 'external',
})
// Each file in one step, so that a program which runs meanwhile finds the old one or the new one whole.
const dist = join(root, 'dist')
mkdirSync(dist, {recursive: true})
function write({path, contents}) {
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, contents)
  renameSync(temporary, path)
}
commands.outputFiles.forEach(write)
const {COMPLETION} = await import(`${pathToFileURL(join(dist, 'commands.mjs'))}?${Date.now()}`)
const completion = await bundle({
  ...common,
  entryPoints: {completion: 'src/completion.ts'},
  plugins: [partsUsed, lateBuiltins, completionTable({...COMPLETION, topics: topicsOf(description)})],
})
const built = [program, sandbox, jq, client, help, completion]
const bundles = built.map(({metafile}) => metafile)
const written = [
  {path: join(dist, 'THIRD-PARTY-NOTICES.txt'), contents: notices(root, bundles)},
  // Node reads the nearest one before it loads a bundle, and loads none beside one that is damaged.
  {path: join(dist, 'package.json'), contents: readFileSync(join(root, 'bin', 'package.json'))},
  // What is in the bundles, for tests and for whoever wonders about their size.
  {path: join(dist, 'meta.json'), contents: JSON.stringify(bundles)},
]
/** The first line is what the code cache knows a bundle by. */
function withHash({path, contents, hash}) {
  return {path, contents: Buffer.concat([Buffer.from(`/*${hash}*/\n`), contents])}
}
const files = built.flatMap(({outputFiles}) => outputFiles.map(withHash)).concat(written)
files.forEach(write)
const folders = {man: await manPages(root, description), help: await helpPages(root)}
const pages = Object.entries(folders).flatMap(([folder, made]) => {
  mkdirSync(join(dist, folder), {recursive: true})
  return [...made].map(([name, contents]) => ({path: join(dist, folder, name), contents}))
})
pages.forEach(write)
// The types of the client are made apart (scripts/client-types.js).
const names = [
  ...Object.keys(folders),
  'client.d.cts',
  ...[...files, ...commands.outputFiles, ...pages].map(({path}) => relative(dist, path)),
]
for (const name of readdirSync(dist, {recursive: true})) {
  if (!names.includes(name) && !/\.\d+$/.test(name)) rmSync(join(dist, name))
}
