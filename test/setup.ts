import {afterEach} from 'vitest'

for (const name of Object.keys(process.env)) {
  if (/^(NEZHA|KOMARI|OPENIDCS)_|^PANELCTL_(?!LIVE_)|_PROXY$|^(NO_COLOR|FORCE_COLOR|CLICOLOR)/i.test(name)) {
    delete process.env[name]
  }
}

// Loaded by those that ran something: most of the start of a test file is loading what it does not use.
afterEach(async () => {
  const {checkPrintedHints} = await import('./printed-hints.js')
  await checkPrintedHints()
})
