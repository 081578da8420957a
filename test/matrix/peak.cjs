// Loaded before the program (--require): as it ends, the most memory that it had, in KiB, is written where FAULTS_PEAK says.
const {writeFileSync} = require('node:fs')

const {FAULTS_PEAK: path} = process.env
delete process.env.FAULTS_PEAK
process.on('exit', () => writeFileSync(path, `${process.resourceUsage().maxRSS}`))
