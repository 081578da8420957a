// npm links those manual pages that package.json names one by one, and nobody wants to read two hundred names there: they
// are in it while npm packs. `add` before, `remove` after.
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

const root = join(import.meta.dirname, '..')
const read = name => JSON.parse(readFileSync(join(root, name), 'utf8'))
const {man: _, ...description} = read('package.json')
const ids = [...Object.keys(description.oclif.topics), ...Object.keys(read('oclif.manifest.json').commands)]
const names = ['panelctl', ...ids.map(id => `panelctl-${id.replaceAll(':', '-')}`)]
const man = process.argv[2] === 'add' ? {man: names.map(name => `dist/man/${name}.1`)} : {}
writeFileSync(join(root, 'package.json'), `${JSON.stringify({...description, ...man}, null, 2)}\n`)
