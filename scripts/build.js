// Bundles the sources: the program into one CommonJS file whose modules are evaluated when first used,
// and the commands as oclif classes, from which manifest and reference are made.
import {readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {build} from 'esbuild'
import {commandFiles} from './command-ids.js'

const root = join(import.meta.dirname, '..')
const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The table of all commands, so that nothing is looked up in folders at start-up. */
const commandTable = {
  name: 'command-table',
  setup(build) {
    build.onResolve({filter: /^command-table$/}, () => ({path: 'command-table', namespace: 'table'}))
    build.onLoad({filter: /.*/, namespace: 'table'}, () => ({
      resolveDir: root,
      loader: 'js',
      contents: `export default {\n${commandFiles()
        .map(({id, file}) => `${JSON.stringify(id)}: () => import(${JSON.stringify(file)}),`)
        .join('\n')}\n}`,
    }))
  },
}

rmSync(join(root, 'dist'), {recursive: true, force: true})
const result = await build({
  absWorkingDir: root,
  entryPoints: {panelctl: 'src/entry.ts'},
  outdir: 'dist',
  outExtension: {'.js': '.cjs'},
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  minify: true,
  keepNames: true,
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
  define: {PANELCTL_VERSION: JSON.stringify(version)},
  external: ['keytar', 'typescript', 'ts-node', 'tsx'],
  plugins: [commandTable],
})
if (process.argv.includes('--meta')) console.log(JSON.stringify(result.metafile))
