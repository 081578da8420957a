for (const name of Object.keys(process.env)) {
  if (/^(NEZHA|KOMARI|OPENIDCS)_|^PANELCTL_(?!LIVE_)|_PROXY$|^(NO_COLOR|FORCE_COLOR|CLICOLOR)/i.test(name)) {
    delete process.env[name]
  }
}
