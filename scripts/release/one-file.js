// Makes the one file: a Node that holds the files of the package, by Node's own way for it
// (https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html).
import {execFileSync} from 'node:child_process'
import {copyFileSync, readFileSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'

const require = createRequire(import.meta.url)
/** What Node looks for in itself (`NODE_SEA_FUSE_…` of its documentation). */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** What of the package the file holds: all that runs, and the licences. */
const isPart = path => !/^docs\/|^dist\/(man\/|client\.)|\.md$/.test(path)

/**
 * @param root the folder of the package, built
 * @param names the files of the package
 * @param runtime the folder of the Node that it is to be
 * @param builder the Node that packs, of the same line as that one and for this machine
 */
export async function makeOneFile({root, names, runtime, builder, to, folder}) {
  const output = join(folder, 'blob')
  const config = {
    main: join(import.meta.dirname, 'one-file-main.cjs'),
    output,
    disableExperimentalSEAWarning: true,
    assets: Object.fromEntries(names.filter(isPart).map(name => [name, join(root, name)])),
  }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  execFileSync(builder, ['--experimental-sea-config', join(folder, 'config.json')], {stdio: 'ignore'})
  copyFileSync(join(runtime, 'bin', 'node'), to)
  const postject = join(dirname(require.resolve('postject')), 'cli.js')
  const words = [to, 'NODE_SEA_BLOB', output, '--sentinel-fuse', fuse]
  // It warns of each note of the file without a name, of which there are many.
  execFileSync(process.execPath, [postject, ...words], {stdio: 'ignore'})
  if (!readFileSync(to).includes(`${fuse}:1`))
    throw new Error(`${to} holds nothing: postject did not do its work`)
}
