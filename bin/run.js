#!/usr/bin/env node
// For `node bin/run.js`. What is installed starts run.cjs, which needs no package.json to say what it is.
typeof require === 'undefined' ? import('./run.cjs') : require('./run.cjs')
