import {afterEach} from 'vitest'
import {checkStdout, checkWords, takePrinted} from './printed.js'

for (const name of Object.keys(process.env)) {
  if (/^(NEZHA|KOMARI|OPENIDCS)_|^PANELCTL_(?!LIVE_)|_PROXY$|^(NO_COLOR|FORCE_COLOR|CLICOLOR)/i.test(name)) {
    delete process.env[name]
  }
}

// Tables show local time: tests assert that of UTC, and of others where they say so.
process.env.TZ = 'UTC'

afterEach(async () => {
  const printed = takePrinted()
  if (printed.length === 0) return
  checkStdout(printed)
  checkWords(printed)
  // Only now: a test that ran no command may be about what is loaded.
  const {checkHints} = await import('./printed-hints.js')
  await checkHints(printed)
})
