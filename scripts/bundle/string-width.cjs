'use strict'

// Stands in the bundle for the `string-width` of cli-table3, which makes a pattern of all emoji for each cell.

const stringWidth = require('string-width')
const {isPlain, plainWidth} = require('../../src/lib/output/plain.ts')

module.exports = text => (isPlain(text) ? plainWidth(text) : stringWidth(text))
