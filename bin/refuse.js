'use strict'

// In syntax that Node 12 reads, as run.js: what ends the program before there is one to end it.

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
module.exports = function refuse(message, hint, stack) {
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
