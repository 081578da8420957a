/**
 * Parts of Node of which a start loads some, and of which each takes a millisecond or two to compile: most of what a small
 * command takes. Those that are functions or have a `this` of their own are not among them, nor those that Node has loaded.
 */
const parts =
  'child_process|crypto|fs/promises|http|https|module|net|readline|readline/promises|' +
  'stream/consumers|stream/promises|timers/promises|tls|tty|zlib'

/** Lets a bundle load them when they are first used, and not where they are imported; yaml as well, of our own files. */
export const lateBuiltins = {
  name: 'late-builtins',
  setup(build) {
    build.onResolve({filter: /^yaml$/}, ({path, kind}) =>
      kind === 'import-statement' ? {path, namespace: 'late'} : undefined,
    )
    build.onResolve({filter: new RegExp(`^(node:)?(${parts})$`)}, ({path, namespace, kind}) => {
      if (namespace === 'late' || kind === 'dynamic-import') return undefined
      return {path: path.replace(/^(node:)?/, 'node:'), namespace: 'late'}
    })
    // An importer inherits from what is exported here, so that names need not be known.
    build.onLoad({filter: /.*/, namespace: 'late'}, ({path}) => ({
      loader: 'js',
      resolveDir: import.meta.dirname,
      contents: `
        let part
        const load = () => {
          require('parts-used').add('${path}')
          return require('${path}')
        }
        const get = (_, name) => (name === '__esModule' ? undefined : (part ??= load())[name])
        module.exports = Object.create(new Proxy({}, {get}))`,
    }))
  },
}
