#!/usr/bin/env node
'use strict'

// In syntax that Node 12 reads: whoever has an old Node is to be told so, and not to get a stack.
const path = require('path')

const NEEDED = [20, 19]
const INSTALL = 'install panelctl anew'

// Answered before anything else loads: it is what scripts ask in a loop, and what a person tries first.
const asksVersion =
  process.argv.length === 3 && ['--version', '-v', '-V', 'version'].indexOf(process.argv[2]) !== -1
const version = asksVersion && !process.env.PANELCTL_OUTPUT && ownVersion()
if (version) {
  const machine = process.platform + '-' + process.arch + ' node-' + process.version
  print('panelctl/' + version + ' ' + machine + '\n')
} else {
  start()
}

/** Hands text to stdout, and says what keeps it. */
function print(text) {
  process.stdout.on('error', error => {
    // The reader may have gone away (`| true`), which is nothing to fail for.
    if (error.code === 'EPIPE') return
    process.exitCode = 1
    const reason = error.message.replace(/^E[A-Z0-9]+: ([^,]+).*/, '$1')
    process.stderr.write('panelctl: cannot write the output: ' + reason + '\n')
  })
  process.stdout.write(text)
}

/** Undefined where package.json is damaged or missing: the program knows it too. */
function ownVersion() {
  try {
    return require('../package.json').version
  } catch (_) {
    return undefined
  }
}

function start() {
  const found = process.versions.node.split('.').map(Number)
  if (found[0] < NEEDED[0] || (found[0] === NEEDED[0] && found[1] < NEEDED[1])) {
    refuse(
      'this is Node ' + process.versions.node + ', and panelctl needs Node ' + NEEDED.join('.') + ' or newer',
      'which node; node --version: put a newer one in front of it in PATH'
    )
    return
  }
  leaveOutCertificates()
  const page = builtPage(process.argv.slice(2))
  if (page) return print(page)
  // What a shell asks when Tab is pressed is answered by a small bundle, which loads the other one only to ask a panel.
  const completes = process.argv[2] === '__complete'
  const dist = path.join(__dirname, '..', 'dist')
  const bundle = path.join(dist, completes ? 'completion.cjs' : 'panelctl.cjs')
  try {
    const load = require('./code-cache.js').load
    if (!load) throw new SyntaxError('bin/code-cache.js is empty')
    const program = completes ? load(bundle, ['completion']) : load(bundle)
    program.start(completes ? () => load(path.join(dist, 'panelctl.cjs')) : undefined)
  } catch (error) {
    const code = error && error.code
    if (code === 'ENOENT' && error.path === bundle) {
      refuse(
        'this copy of panelctl was not built: ' + bundle + ' is missing',
        'in a clone: npm install --include=dev, then npm run build; else ' + INSTALL
      )
    } else if (code === 'EACCES' || code === 'EPERM') {
      refuse(
        'this copy of panelctl cannot be read: permission denied for ' + (error.path || bundle),
        'as its owner: chmod -R a+rX ' + word(path.dirname(__dirname)) + '; or ' + INSTALL
      )
    } else if (
      error instanceof SyntaxError ||
      // What is cut may still be read, to a name that nothing has.
      error instanceof ReferenceError ||
      code === 'EISDIR' ||
      // Of bin/package.json, which says what code-cache.js is.
      /^(MODULE_NOT_FOUND|ERR_INVALID_PACKAGE_CONFIG|ERR_REQUIRE_ESM)$/.test(code)
    ) {
      const reason = code === 'EISDIR' ? bundle + ' is a folder' : error.message
      refuse('this copy of panelctl is not whole: ' + reason, INSTALL, error.stack)
    } else {
      refuse(
        'unexpected: ' + (error && error.message ? error.message : String(error)),
        'run it again with --debug and report what it prints',
        error && error.stack
      )
    }
  }
}

/** One word for a shell, as src/lib/shell-word.ts has it. */
function word(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : "'" + text.replace(/'/g, "'\\''") + "'"
}

/**
 * The page of help that the build made for a pipe, where it is what the program would print: `nezha server list --help` and
 * `help nezha server list`. Whatever else is asked, or not there to be read, the program sees to.
 */
function builtPage(argv) {
  const env = process.env
  const words = argv[0] === 'help' ? argv.slice(1) : argv.slice(0, -1)
  const asks = argv[0] === 'help' || ['--help', '-h'].indexOf(argv[argv.length - 1]) !== -1
  if (!asks || words.length === 0 || !words.every(word => /^[a-z][a-z0-9-]*$/.test(word))) return undefined
  // Colours, how errors are told, and warnings of Node's own.
  if (env.FORCE_COLOR !== undefined || env.PANELCTL_OUTPUT || env.NODE_OPTIONS || env.NODE_EXTRA_CA_CERTS)
    return undefined
  if (process.stdout.isTTY) return undefined
  try {
    return require('fs').readFileSync(
      path.join(__dirname, '..', 'dist', 'help', words.join('.') + '.txt'),
      'utf8'
    )
  } catch (_) {
    return undefined
  }
}

/** Whether errors are asked for as JSON: as the program itself reads argv and PANELCTL_OUTPUT, before it exists. */
function wantsJson(argv, preferred) {
  let format = preferred
  for (let index = 0; index < argv.length && argv[index] !== '--'; index++) {
    const word = argv[index]
    const joined = /^(?:--output=|-o=?(?=[^=]))(.+)$/.exec(word)
    if (word === '--json') return true
    if (word === '-o' || word === '--output') format = argv[index + 1]
    else if (joined) format = joined[1]
  }
  return format === 'json' || format === 'ndjson'
}

/** One line and a hint on stderr, or one JSON object; exit code 1. The stack only with --debug. */
function refuse(message, hint, stack) {
  const argv = process.argv.slice(2)
  process.exitCode = 1
  const line = message.split('\n')[0]
  if (wantsJson(argv, process.env.PANELCTL_OUTPUT)) {
    const error = {code: 'UNEXPECTED', exitCode: 1, message: line, hint: hint}
    process.stderr.write(JSON.stringify({error: error}) + '\n')
    return
  }
  process.stderr.write('panelctl: ' + line + '\nhint: ' + hint + '\n')
  if (stack && argv.indexOf('--debug') !== -1) process.stderr.write(stack + '\n')
}

/**
 * NODE_EXTRA_CA_CERTS with a file that is none makes Node itself write to stderr when TLS is first used, in the middle of JSON. It has
 * read the variable by now, so what it takes is a start without it. Node 20 has written already, and cannot start anew in its place.
 */
function leaveOutCertificates() {
  const env = process.env
  const ignored = env.PANELCTL_IGNORED_CERTIFICATES
  if (ignored !== undefined) {
    delete env.PANELCTL_IGNORED_CERTIFICATES
    env.NODE_EXTRA_CA_CERTS = ignored
    process.emitWarning('NODE_EXTRA_CA_CERTS is ignored: there are no certificates to be read in ' + ignored)
    return
  }
  const file = env.NODE_EXTRA_CA_CERTS
  if (!file || !process.execve || process.platform === 'win32' || hasCertificates(file)) return
  // Under --permission, which may let it start nothing.
  if (process.permission && !process.permission.has('child')) return
  const rest = Object.assign({}, env, {PANELCTL_IGNORED_CERTIFICATES: file})
  delete rest.NODE_EXTRA_CA_CERTS
  process.execve(process.execPath, [process.execPath].concat(process.execArgv, process.argv.slice(1)), rest)
}

function hasCertificates(file) {
  try {
    return /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/.test(require('fs').readFileSync(file, 'latin1'))
  } catch (_) {
    return false
  }
}
