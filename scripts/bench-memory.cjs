'use strict'

// Loaded before a program whose memory is measured: writes the most it ever held, in KiB, as it ends.
// Linux counts what resourceUsage() tells from before the exec on, where the process was still its parent's copy.

const {readFileSync, writeFileSync} = require('node:fs')

function peak() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
}

process.once('exit', () => writeFileSync(process.env.PANELCTL_BENCH_MEMORY, String(peak())))
