// What npm runs after an install in a clone, and before it packs: builds, if what builds is there.
import {spawnSync} from 'node:child_process'
import {mkdirSync, realpathSync, rmSync} from 'node:fs'
import {basename, join} from 'node:path'

const {env} = process
const root = join(import.meta.dirname, '..')
/** `npm install -g git+…` has cloned this into its cache, hands `global` on to the install in the clone, and so brings nothing. */
const clonedToInstall = env.npm_config_global === 'true' && basename(root).startsWith('git-clone')

function hasBuilder() {
  try {
    import.meta.resolve('esbuild')
    return true
  } catch {
    return false
  }
}

/** An install of the clone's own; what npm hands on of the outer one (`global`, `prefix`) would make it global again. Whether it worked shows after. */
function installBuilder() {
  const own = Object.entries(env).filter(
    ([name]) => !/^npm_config_(global|local|prefix|omit|include|production)/i.test(name),
  )
  spawnSync(
    process.execPath,
    [env.npm_execpath, 'ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'],
    {
      cwd: root,
      env: Object.fromEntries(own),
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
}

/** That install has put a link to the clone, which npm then deletes, in place of the folder that npm unpacks the package into. */
function putFolderBack() {
  const modules = process.platform === 'win32' ? 'node_modules' : join('lib', 'node_modules')
  const folder = join(env.npm_config_global_prefix, modules, 'panelctl')
  try {
    if (realpathSync(folder) !== realpathSync(root)) return
  } catch {
    return
  }
  rmSync(folder)
  mkdirSync(folder)
}

if (clonedToInstall && !hasBuilder()) installBuilder()
if (clonedToInstall && !env._PACOTE_NO_PREPARE_) putFolderBack()

/** Whether npm has been told to leave out what builds. */
const isLeftOut = env.NODE_ENV === 'production' || /\bdev\b/.test(env.npm_config_omit ?? '')

/** Why it is not installed, and what to type. */
function lacking() {
  if (clonedToInstall)
    return 'could not be installed; npm says above why\nhint: in a clone: npm ci, npm pack, then npm install -g ./panelctl-*.tgz'
  const why = isLeftOut ? ', as NODE_ENV=production and --omit=dev leave it out' : ''
  const again = env.npm_config_global === 'true' ? ', then npm install -g . again' : ''
  return `is not installed${why}\nhint: in a clone: npm ci --include=dev${again}`
}

if (hasBuilder()) {
  // Whoever packs it may have built it.
  if (!env.PANELCTL_BUILT) await import('./build.js')
  await import('./client-types.js')
} else {
  process.stderr.write(`panelctl: what builds it ${lacking()}\n`)
  process.exitCode = 1
}
