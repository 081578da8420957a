#!/usr/bin/env node
'use strict'

// The program from its sources, without a build: slower, and always current.
const {join} = require('node:path')

async function start() {
  const {register} = await import('tsx/esm/api')
  register()
  const root = join(__dirname, '..')
  const {commandFiles} = await import('../scripts/command-ids.js')
  const files = new Map(commandFiles().map(({id, file}) => [id, file]))
  const {runProcess} = await import('../src/program.ts')
  await runProcess(process.argv.slice(2), {
    root,
    version: require('../package.json').version,
    ids: [...files.keys()],
    load: async id => (await import(files.get(id))).default,
  })
}

start()
