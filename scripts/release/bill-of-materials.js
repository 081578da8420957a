// What is in a release, as CycloneDX: of what npm knows to be installed, the packages that are in the bundles, and the
// Nodes of the one file.
import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {packagesIn} from '../notices.js'

/**
 * @param bundles what esbuild says that it read, as `dist/meta.json` has it
 * @param runtimes the Nodes: package, version, integrity
 * @param seconds when it was made, since 1970: the same sources give the same list
 */
export function billOfMaterials({root, bundles, runtimes, seconds}) {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application']
  const bill = JSON.parse(
    execFileSync('npm', args, {cwd: root, encoding: 'utf8', maxBuffer: Number.POSITIVE_INFINITY}),
  )
  const inBundles = new Set(packagesIn(bundles).map(folder => referenceOf(join(root, folder))))
  const bundled = bill.components.filter(part => inBundles.has(part['bom-ref']))
  const lacking = inBundles.size - bundled.length
  if (lacking > 0) throw new Error(`npm sbom does not know ${lacking} of the packages that are bundled`)
  // Which of them are development dependencies is about the clone, and here they are what there is.
  const components = [...bundled.map(({properties: _, ...rest}) => rest), ...runtimes.map(component)]
  const known = new Set(components.map(part => part['bom-ref']))
  const {serialNumber: _, ...rest} = bill
  const own = bill.metadata.component
  return {
    ...rest,
    metadata: {
      ...bill.metadata,
      timestamp: new Date(seconds * 1000).toISOString(),
      component: {...own, name: 'panelctl'},
    },
    components,
    dependencies: [
      {ref: own['bom-ref'], dependsOn: [...known]},
      ...bill.dependencies
        .filter(({ref}) => known.has(ref))
        .map(({ref, dependsOn}) => ({ref, dependsOn: dependsOn.filter(other => known.has(other))})),
    ],
  }
}

function referenceOf(folder) {
  const {name, version} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return `${name}@${version}`
}

function component({package: name, version, integrity}) {
  const [, base64] = integrity.split('-')
  return {
    'bom-ref': `${name}@${version}`,
    type: 'platform',
    name,
    version,
    description: 'the Node of the one file and of the Debian package',
    purl: `pkg:npm/${name}@${version}`,
    hashes: [{alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex')}],
    licenses: [{license: {id: 'MIT'}}],
  }
}
