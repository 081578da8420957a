// Loaded before the program (--require, --expose-gc): each SIGUSR2 is answered on fd 3 with what lives in memory after
// everything that nobody holds has gone, and with what the process takes, in bytes.
const {writeSync} = require('node:fs')

process.on('SIGUSR2', () => {
  globalThis.gc()
  const {heapUsed, external, rss} = process.memoryUsage()
  writeSync(3, `${heapUsed + external} ${rss}\n`)
})
