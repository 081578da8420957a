// What a bundle has in the place of modules and files: plugins for esbuild.
import {readFileSync} from 'node:fs'

/**
 * Puts `contents` in the place of the modules that are imported by a name which `filter` fits.
 * @param isFor whether it does so for an importer, a path; else for all
 * @param resolveDir from where what it imports itself is found
 */
export function standIn(name, filter, contents, {isFor = () => true, resolveDir} = {}) {
  return {
    name,
    setup(build) {
      build.onResolve({filter}, ({path, importer}) => (isFor(importer) ? {path, namespace: name} : undefined))
      build.onLoad({filter: /.*/, namespace: name}, () => ({loader: 'js', resolveDir, contents}))
    },
  }
}

/**
 * Changes the files at whose path, with slashes and without `.js`, the pattern fits.
 * @param change what stands there and its path, to what is to stand there
 */
export function changedFile(name, pattern, change) {
  const filter = new RegExp(`${pattern}\\.js$`.replaceAll('/', '[\\\\/]'))
  return {
    name,
    setup(build) {
      build.onLoad({filter}, ({path}) => ({loader: 'js', contents: change(readFileSync(path, 'utf8'), path)}))
    },
  }
}
