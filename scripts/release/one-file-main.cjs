'use strict'

// What the one file runs first. The file stands for the package's folder: `/usr/bin/panelctl/dist/panelctl.cjs` is a part
// of `/usr/bin/panelctl`. Reading or loading such a path gives that part; nothing is unpacked, so no folder is needed.
const fs = require('node:fs')
const {createRequire, registerHooks} = require('node:module')
const {delimiter, extname, join, resolve, sep} = require('node:path')
const {getAsset, getAssetKeys} = require('node:sea')
const {fileURLToPath, pathToFileURL} = require('node:url')
const vm = require('node:vm')

/** Where the file lies. Without `/proc` Node knows no more of it than what was typed. */
const root = [
  process.execPath,
  ...(process.env.PATH ?? '').split(delimiter).map(folder => join(folder, process.execPath)),
]
  .map(path => resolve(path))
  .find(path => fs.existsSync(path))
process.execPath = root
const parts = new Set(getAssetKeys())

/** The name of a part of the file; undefined of any other path. */
function partAt(path) {
  if (typeof path !== 'string' || !path.startsWith(root + sep)) return undefined
  const name = path.slice(root.length + 1)
  return parts.has(name) ? name : undefined
}

function read(name, options) {
  const content = Buffer.from(getAsset(name))
  const encoding = typeof options === 'string' ? options : options?.encoding
  return encoding ? content.toString(encoding) : content
}

const {closeSync, existsSync, openSync, readFileSync} = fs
const {readFile} = fs.promises
/** The parts that are open. As a file each is this one, whose inode and times say what is in all of them. */
const open = new Map()
fs.openSync = (path, ...more) => {
  const name = partAt(path)
  const descriptor = openSync(name ? root : path, ...more)
  if (name) open.set(descriptor, name)
  return descriptor
}
fs.closeSync = descriptor => {
  open.delete(descriptor)
  closeSync(descriptor)
}
fs.existsSync = path => partAt(path) !== undefined || existsSync(path)
fs.readFileSync = (path, options) => {
  const name = open.get(path) ?? partAt(path)
  return name ? read(name, options) : readFileSync(path, options)
}
fs.promises.readFile = async (path, options) => {
  const name = partAt(path)
  return name ? read(name, options) : readFile(path, options)
}

registerHooks({
  resolve(specifier, context, next) {
    const parent = context.parentURL?.startsWith('file:') ? fileURLToPath(context.parentURL) : undefined
    const path = specifier.startsWith('.') && parent ? resolve(parent, '..', specifier) : specifier
    if (!partAt(path)) return next(specifier, context)
    const format = extname(path) === '.json' ? 'json' : 'commonjs'
    return {url: pathToFileURL(path).href, format, shortCircuit: true}
  },
  load(url, context, next) {
    const name = url.startsWith('file:') && partAt(fileURLToPath(url))
    return name
      ? {source: read(name, 'utf8'), format: context.format, shortCircuit: true}
      : next(url, context)
  },
})

// What starts another Node says `execPath` and `execArgv`; with these two words the file is a Node that can do `-e`.
const asNode = join(root, 'node')
const program = join(root, 'bin', 'run.js')
process.execArgv = [asNode]
let words = process.argv.slice(2)
const evaluates = words[0] === asNode && words.indexOf('-e')
if (words[0] === asNode) words = words.slice(1)
if (evaluates > 0) {
  process.argv = [root, ...words.slice(evaluates + 1)]
  globalThis.require = createRequire(join(process.cwd(), sep))
  vm.runInThisContext(words[evaluates], {filename: '[eval]'})
} else {
  // Node, too, is told the program before its words, as the sandbox and what starts itself anew do.
  process.argv = [root, program, ...(words[0] === program ? words.slice(1) : words)]
  createRequire(program)(program)
}
