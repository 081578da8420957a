'use strict'

// Compiling a bundle takes longer than most commands do. V8 can keep what it compiled, but believes what it is given: a
// damaged cache, or one of another source of the same length, runs as if it were right. So a cache says of which bundle, Node
// and command it is, carries a checksum, is written by rename, and is only read where nobody else can have written it. Against
// whoever can write here as we do no checksum helps; against damage this one is as good as those of `crypto`, which takes
// as long to load as all else here. Whatever goes wrong costs speed, no more.
//
// Each command has a file of its own: one for all would be three times as long to read, and a command that runs for long would
// spoil it for the others, as V8 drops the code of what it has not called for a while.

const fs = require('node:fs')
const {homedir} = require('node:os')
const {basename, dirname, isAbsolute, join} = require('node:path')
const vm = require('node:vm')
const {crc32} = require('node:zlib')

/** What `require` itself calls: `node:module` would be compiled for it. */
const {createRequire} = module.constructor

const CHECKSUM_LENGTH = 8

const HELP = ['help']

/** So many files, and none that was written so long ago, are left when one is written. */
const MOST_FILES = 60
const MONTH = 30 * 24 * 3600 * 1000

function hex(number) {
  return number.toString(16).padStart(CHECKSUM_LENGTH, '0')
}

function cacheFolder() {
  // Under sudo the home folder may be the caller's: root must not run what they wrote, nor leave its files there.
  if (process.env.SUDO_UID !== undefined) return undefined
  const base = process.env.XDG_CACHE_HOME
  if (base !== undefined && isAbsolute(base)) return join(base, 'panelctl')
  if (process.platform === 'win32' && process.env.LOCALAPPDATA)
    return join(process.env.LOCALAPPDATA, 'panelctl', 'cache')
  const home = homedir()
  return isAbsolute(home) ? join(home, '.cache', 'panelctl') : undefined
}

/** Whether only this user can have written it. */
function isOurs(stats) {
  if (process.geteuid === undefined) return true
  return stats.uid === process.geteuid() && (stats.mode & 0o022) === 0
}

/** What is looked at is what is read: where others can rename our folder, they could put theirs in its place between the two. */
function readOurs(file) {
  const {O_RDONLY, O_NOFOLLOW, O_NONBLOCK} = fs.constants
  const opened = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const stats = fs.fstatSync(opened)
    return stats.isFile() && isOurs(stats) ? fs.readFileSync(opened) : undefined
  } finally {
    fs.closeSync(opened)
  }
}

/** What V8 compiled for a command, and which parts had been loaded then. Undefined where there is none to trust. */
function readCache(file, key) {
  try {
    if (!isOurs(fs.lstatSync(dirname(file)))) return undefined
    const bytes = readOurs(file)
    if (bytes === undefined) return undefined
    const content = bytes.subarray(CHECKSUM_LENGTH)
    if (hex(crc32(content)) !== bytes.latin1Slice(0, CHECKSUM_LENGTH)) return undefined
    const end = content.indexOf(10)
    const head = JSON.parse(content.toString('utf8', 0, end))
    if (head.key !== key || head.name !== basename(file)) return undefined
    return {parts: head.parts, code: content.subarray(end + 1)}
  } catch {
    return undefined
  }
}

function writeCache(file, key, parts, code) {
  const temporary = `${file}.${process.pid}`
  try {
    makeFolder(dirname(dirname(file)))
    makeFolder(dirname(file))
    if (!isOurs(fs.lstatSync(dirname(file)))) return
    const head = JSON.stringify({key, name: basename(file), parts})
    const content = Buffer.concat([Buffer.from(`${head}\n`), code])
    const checksum = Buffer.from(hex(crc32(content)))
    fs.writeFileSync(temporary, Buffer.concat([checksum, content]), {mode: 0o600, flag: 'wx'})
    fs.renameSync(temporary, file)
    removeOld(file)
  } catch {
    removeIfThere(temporary)
  }
}

/** One at a time: below /proc, a recursive mkdir of Node 20 never ends. */
function makeFolder(folder) {
  try {
    fs.mkdirSync(folder, {mode: 0o700})
  } catch {
    // It is there, or what follows fails.
  }
}

function removeIfThere(file) {
  try {
    fs.rmSync(file)
  } catch {
    // It never came to be.
  }
}

/** Caches of programs and Node versions that are gone, and of commands typed once, would pile up. */
function removeOld(file) {
  const others = fs
    .readdirSync(dirname(file))
    // As they are named here, and as they were by an earlier version.
    .filter(
      name => /^(code-[0-9a-f]{8}-[a-z.-]+|[0-9a-f]{64})(\.\d+)?$/.test(name) && name !== basename(file),
    )
    .map(name => join(dirname(file), name))
    .map(other => ({other, written: fs.statSync(other).mtimeMs}))
    .sort((one, another) => another.written - one.written)
  others.forEach(({other, written}, index) => {
    if (index >= MOST_FILES - 1 || written < Date.now() - MONTH) fs.rmSync(other)
  })
}

/** The bundle's text, and what tells it from any other one that was or will be in its place. */
function readBundle(bundle) {
  const file = fs.openSync(bundle)
  try {
    const {ino, mtimeNs, ctimeNs} = fs.fstatSync(file, {bigint: true})
    // A bundle is ASCII, which V8 takes as it is.
    const source = fs.readFileSync(file).latin1Slice()
    // Its first line is its hash: who unpacks a package may give all files one time.
    const build = source.slice(0, source.indexOf('\n'))
    return {source, key: [build, source.length, ino, mtimeNs, ctimeNs].join(' ')}
  } finally {
    fs.closeSync(file)
  }
}

/** The names of commands that argv may begin with, behind flags, the longest first. A page never takes a command's: it would keep it. */
function commandsIn(given) {
  const argv = given.slice(0, [...given, '--'].indexOf('--'))
  const words = argv.filter(word => /^[a-z][a-z-]*$/.test(word)).slice(0, 6)
  const found = words.flatMap((_, from) =>
    words.map((_, index) => words.slice(from, words.length - index).join('.')),
  )
  const asksHelp = words.length === 0 || words[0] === 'help' || argv.includes('--help') || argv.includes('-h')
  return asksHelp ? HELP : found
}

/** Where the caches of a bundle are, and the one of the first command that has one. `fileOf` is undefined where none may be. */
function find(bundle, build, commands) {
  try {
    // The first Nodes of 22 have no checksum.
    const folder = crc32 && cacheFolder()
    if (!folder) return {}
    // The path too: the code names it in stacks, and another copy of the bundle would name this one. V8 looks at its flags.
    const place = [bundle, process.version, process.arch, ...process.execArgv, process.env.NODE_OPTIONS]
    const slot = `code-${hex(crc32(place.join(' ')))}`
    const key = `${place.join(' ')} ${build}`
    const fileOf = command => join(folder, `${slot}-${command}`)
    const file = commands.map(fileOf).find(fs.existsSync)
    return {key, fileOf, file, cache: file && readCache(file, key)}
  } catch {
    // No home folder.
    return {}
  }
}

/** What a file of the program gives: one that is empty, as a full disk leaves it, gives nothing. */
function whole(file, exported) {
  if (Object.keys(exported).length > 0) return exported
  throw Object.assign(new Error(`${file} holds no program`), {code: 'MODULE_NOT_FOUND'})
}

/**
 * Evaluates a bundle, from the cache where there is one, and keeps what V8 compiled for the next time. What that is
 * depends on the command, which the bundle's `ran` tells: argv, whose words may be anything, names no file, and only
 * leads to one that is there.
 */
function load(bundle, commands = commandsIn(process.argv.slice(2))) {
  const {source, key: build} = readBundle(bundle)
  const {key, fileOf, file, cache} = find(bundle, build, commands)
  const script = new vm.Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: bundle,
    cachedData: cache?.code,
  })
  const module = {exports: {}}
  const requireFromBundle = createRequire(bundle)
  let isHelp = commands === HELP
  // The pages are a bundle of their own, and what leads to one is the same for each.
  const require = name => {
    if (!name.startsWith('./')) return requireFromBundle(name)
    const part = join(dirname(bundle), name)
    if (name !== './help.cjs') return whole(part, requireFromBundle(name))
    isHelp = true
    return load(part, HELP)
  }
  script.runInThisContext()(module.exports, require, module, bundle, dirname(bundle))
  whole(bundle, module.exports)
  const keep = () => {
    if (!fileOf) return
    const {command, parts} = isHelp ? {command: 'help', parts: []} : module.exports.ran()
    const written = fileOf(command)
    const known = written === file && !script.cachedDataRejected ? cache : undefined
    if (known && parts.every(part => known.parts.includes(part))) return
    const code = script.createCachedData()
    // After long it has less than it began with.
    const isLess = known && code.length < known.code.length
    writeCache(written, key, [...new Set([...(known?.parts ?? []), ...parts])], isLess ? known.code : code)
  }
  process.once('exit', () => {
    try {
      keep()
    } catch {
      // A bundle of which a part is missing has been told of, and has no more to keep.
    }
  })
  return module.exports
}

module.exports = {load}
