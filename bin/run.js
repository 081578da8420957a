#!/usr/bin/env node
'use strict'

const {join} = require('node:path')

// Answered before anything else loads: it is what scripts ask in a loop, and what a person tries first.
if (process.argv.length === 3 && process.argv[2] === '--version') {
  const {version} = require('../package.json')
  process.stdout.write(`panelctl/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else {
  require('./code-cache.js')
    .load(join(__dirname, '..', 'dist', 'panelctl.cjs'))
    .start()
}
