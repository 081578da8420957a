// package.json as it is while npm packs: `add` before, `remove` after. npm links those manual pages that it names one by
// one, and nobody wants to read two hundred names there. And npm asks whoever installs the package to allow `prepare`,
// which builds in a clone alone.
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

const prepare = 'node scripts/prepare.js'

const root = join(import.meta.dirname, '..')
const read = name => JSON.parse(readFileSync(join(root, name), 'utf8'))
const {man: _, ...description} = read('package.json')
const {prepare: __, ...scripts} = description.scripts
const ids = [...Object.keys(description.oclif.topics), ...Object.keys(read('oclif.manifest.json').commands)]
const names = ['panelctl', ...ids.map(id => `panelctl-${id.replaceAll(':', '-')}`)]
const packs = process.argv[2] === 'add'
const changed = packs
  ? {...description, scripts, man: names.map(name => `dist/man/${name}.1`)}
  : {...description, scripts: {prepare, ...scripts}}
writeFileSync(join(root, 'package.json'), `${JSON.stringify(changed, null, 2)}\n`)
