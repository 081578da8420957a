#!/usr/bin/env node
'use strict'

const {join} = require('node:path')

// Answered before anything else loads: it is what scripts ask in a loop, and what a person tries first.
if (process.argv.length === 3 && process.argv[2] === '--version') {
  const {version} = require('../package.json')
  process.stdout.on('error', error => {
    // The reader may have gone away (`| true`), which is nothing to fail for.
    if (error.code === 'EPIPE') return
    process.exitCode = 1
    process.stderr.write(
      `panelctl: cannot write the output: ${error.message.replace(/^E[A-Z0-9]+: ([^,]+).*/, '$1')}\n`,
    )
  })
  process.stdout.write(`panelctl/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else {
  require('./code-cache.js')
    .load(join(__dirname, '..', 'dist', 'panelctl.cjs'))
    .start()
}
