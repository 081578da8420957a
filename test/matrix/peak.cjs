// Loaded before the program (--require): as it ends, the most memory that it had, in KiB, is written where FAULTS_PEAK says.
const {readFileSync, writeFileSync} = require('node:fs')

const {FAULTS_PEAK: path} = process.env
delete process.env.FAULTS_PEAK

/** What getrusage says, which macOS has alone, begins on Linux with what the parent had when it forked. */
function peak() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS
  return /^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]
}

process.on('exit', () => writeFileSync(path, `${peak()}`))
