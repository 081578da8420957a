'use strict'

// Compiling the bundle takes longer than most commands do. V8 can keep what it compiled, but believes what it is
// given: a damaged cache, or one of another source of the same length, runs as if it were right. So the cache is
// named after the bundle's hash and path, the Node version, the architecture and V8's flags, carries its own checksum, is
// written by rename, and is only read where nobody else can have written it. Whatever goes wrong costs speed, no more.

const {createHash} = require('node:crypto')
const fs = require('node:fs')
const {createRequire} = require('node:module')
const {homedir} = require('node:os')
const {basename, dirname, isAbsolute, join} = require('node:path')
const v8 = require('node:v8')
const vm = require('node:vm')

const CHECKSUM_LENGTH = 32

function sha256(...parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
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

/** Of the name too, which says what the code was compiled from: V8 runs what belongs to another source. */
function checksum(file, content) {
  return sha256(basename(file), content)
}

/** Whether only this user can have written it. */
function isOurs(stats) {
  if (process.geteuid === undefined) return true
  return stats.uid === process.geteuid() && (stats.mode & 0o022) === 0
}

/** The commands that the cache has seen, and what V8 compiled for them. Undefined where there is none to trust. */
function readCache(file) {
  try {
    if (!isOurs(fs.lstatSync(dirname(file)))) return undefined
    const stats = fs.lstatSync(file)
    if (!stats.isFile() || !isOurs(stats)) return undefined
    const bytes = fs.readFileSync(file)
    const content = bytes.subarray(CHECKSUM_LENGTH)
    if (!checksum(file, content).equals(bytes.subarray(0, CHECKSUM_LENGTH))) return undefined
    const end = content.indexOf(10)
    return {commands: JSON.parse(content.toString('utf8', 0, end)), code: content.subarray(end + 1)}
  } catch {
    return undefined
  }
}

function writeCache(file, commands, code) {
  const temporary = `${file}.${process.pid}`
  try {
    makeFolder(dirname(dirname(file)))
    makeFolder(dirname(file))
    if (!isOurs(fs.lstatSync(dirname(file)))) return
    const content = Buffer.concat([Buffer.from(`${JSON.stringify(commands)}\n`), code])
    fs.writeFileSync(temporary, Buffer.concat([checksum(file, content), content]), {mode: 0o600, flag: 'wx'})
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

/** Caches of bundles and Node versions that are gone would pile up with each update. */
function removeOld(file) {
  const monthAgo = Date.now() - 30 * 24 * 3600 * 1000
  for (const name of fs.readdirSync(dirname(file))) {
    const other = join(dirname(file), name)
    if (/^[0-9a-f]{64}(\.\d+)?$/.test(name) && other !== file && fs.statSync(other).mtimeMs < monthAgo)
      fs.rmSync(other)
  }
}

/**
 * Evaluates a bundle, from the cache where there is one, and keeps what V8 compiled for the next time. What that is
 * depends on the command, whose name the bundle's `lastCommand` tells: never words of argv, which may be anything.
 */
function load(bundle) {
  const source = fs.readFileSync(bundle)
  let file
  try {
    const folder = cacheFolder()
    // The path too: the code names it in stacks, and another copy of the bundle would name this one.
    const key = sha256(
      sha256(source),
      `${process.version} ${process.arch} ${v8.cachedDataVersionTag()} ${bundle}`,
    )
    file = folder && join(folder, key.toString('hex'))
  } catch {
    // No home folder.
  }
  const cache = file && readCache(file)
  // The bundle is ASCII, which V8 takes as it is.
  const script = new vm.Script(
    `(function (exports, require, module, __filename, __dirname) {${source.latin1Slice()}\n})`,
    {filename: bundle, cachedData: cache?.code},
  )
  const commands = script.cachedDataRejected ? [] : (cache?.commands ?? [])
  const module = {exports: {}}
  script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, dirname(bundle))
  process.once('exit', () => {
    // Nothing has run where the file holds no program: `run.js` says so.
    if (!module.exports.lastCommand) return
    const command = module.exports.lastCommand()
    if (file && !commands.includes(command)) {
      writeCache(file, [...commands, command], script.createCachedData())
    }
  })
  return module.exports
}

module.exports = {load}
