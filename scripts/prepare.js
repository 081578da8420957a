// What npm runs after an install in a clone, and before it packs: builds, if what builds is there.
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'

const root = join(import.meta.dirname, '..')

function hasBuilder() {
  try {
    import.meta.resolve('esbuild')
    return true
  } catch {
    return false
  }
}

/** Variables of the npm around this one, which would lead the inner one elsewhere: to the global folder, without dev. */
function environment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(npm_config_(global|prefix|location|omit|only|include|production)|NODE_ENV)$/i.test(name),
    ),
  )
}

if (!hasBuilder() && process.env.npm_config_global === 'true') {
  // `npm install -g git+…` prepares the clone without what it is built with (npm/cli#8440).
  const options = ['--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  spawnSync('npm', ['ci', ...options], {cwd: root, env: environment(), stdio: 'inherit', shell: true})
}
if (hasBuilder()) {
  await import('./build.js')
} else {
  process.stderr.write(
    'panelctl: what builds it is not installed, as NODE_ENV=production or --omit=dev leave it out\n' +
      'hint: npm ci --include=dev\n',
  )
  process.exitCode = 1
}
