// Makes a package for Debian and Ubuntu: the one file, manual pages, and completion where shells look for it.
import {execFileSync} from 'node:child_process'
import {mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {gzipSync} from 'node:zlib'

const completions = {
  'panelctl.bash': 'usr/share/bash-completion/completions/panelctl',
  _panelctl: 'usr/share/zsh/vendor-completions/_panelctl',
  'panelctl.fish': 'usr/share/fish/vendor_completions.d/panelctl.fish',
}

/** As `dpkg-shlibdeps` would say: what the Node of npm's package is linked against. */
const depends = 'libc6 (>= 2.28), libgcc-s1 | libgcc1, libstdc++6 (>= 5)'

function control({version, description, homepage, author}, architecture, bytes) {
  return `Package: panelctl
Version: ${version.replace('-', '~')}
Architecture: ${architecture}
Maintainer: ${author}
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: ${depends}
Section: admin
Priority: optional
Homepage: ${homepage}
Description: ${description}
 Lists and watches servers, registers them and installs their agents, keeps
 what panels hold in files, and manages virtual machines, for scripts and for
 people. It brings the Node that it runs on.
`
}

/**
 * @param root the folder of the package, built
 * @param architecture as Debian calls it
 * @param seconds when it was made, since 1970: the same sources give the same package
 */
export function makeDebian({root, description, file, notices, architecture, seconds, folder, to}) {
  const tree = join(folder, `debian-${architecture}`)
  const put = (path, content, mode = 0o644) => {
    mkdirSync(dirname(join(tree, path)), {recursive: true, mode: 0o755})
    writeFileSync(join(tree, path), content, {mode})
  }
  const text = name => readFileSync(join(root, name), 'utf8')
  put('DEBIAN/control', control(description, architecture, statSync(file).size))
  put('usr/bin/panelctl', readFileSync(file), 0o755)
  for (const [name, path] of Object.entries(completions)) put(path, text(join('completions', name)))
  const pages = join(root, 'dist', 'man')
  for (const name of readdirSync(pages)) {
    put(`usr/share/man/man1/${name}.gz`, gzipSync(readFileSync(join(pages, name)), {level: 9}))
  }
  put('usr/share/doc/panelctl/copyright', `${text('LICENSE')}\n${readFileSync(notices, 'utf8')}`)
  put('usr/share/doc/panelctl/changelog.gz', gzipSync(text('CHANGELOG.md'), {level: 9}))
  // Its next step takes four times as long, and saves a twentieth.
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', tree, to], {
    env: {...process.env, SOURCE_DATE_EPOCH: String(seconds)},
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
