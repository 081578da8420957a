// The licences of the packages that are in the bundles, out of what esbuild says that it read.
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

/** The folders of the packages of which something is in a bundle: `node_modules/got`. */
export function packagesIn(metafiles) {
  const folders = metafiles.flatMap(({outputs}) =>
    Object.values(outputs).flatMap(({inputs}) =>
      Object.keys(inputs).flatMap(path => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
    ),
  )
  return [...new Set(folders)].toSorted()
}

/** Name, version and licence of each, one below the other. */
export function notices(root, metafiles) {
  const parts = packagesIn(metafiles).map(folder => {
    const {name, version, license} = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    const texts = readdirSync(join(root, folder))
      .filter(file => /^(licen[cs]e|copying|notice)/i.test(file))
      .map(file => readFileSync(join(root, folder, file), 'utf8').trim())
    return [`${name} ${version} (${license})`, ...texts].join('\n\n')
  })
  return `panelctl contains these packages.\n\n${parts.join(`\n\n${'-'.repeat(72)}\n\n`)}\n`
}
