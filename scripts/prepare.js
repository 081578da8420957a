// What npm runs after an install in a clone, and before it packs: builds, if what builds is there.
function hasBuilder() {
  try {
    import.meta.resolve('esbuild')
    return true
  } catch {
    return false
  }
}

if (hasBuilder()) {
  await import('./build.js')
} else {
  process.stderr.write(
    'panelctl: what builds it is not installed, as NODE_ENV=production, --omit=dev and a global install from git leave it out\n' +
      'hint: in a clone: npm ci --include=dev\n',
  )
  process.exitCode = 1
}
