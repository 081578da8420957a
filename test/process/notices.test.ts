import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {root} from '../harness.js'

const read = (path: string) => readFileSync(join(root, path), 'utf8')

test('each package that is bundled is named with its version and licence', () => {
  const text = read('dist/THIRD-PARTY-NOTICES.txt')
  // What esbuild says that the bundles are made of.
  const paths = [...read('dist/meta.json').matchAll(/"([^"]*node_modules\/[^"]+)":\{"bytesInOutput"/g)]
  const folders = new Set(
    paths.map(([, path = '']) => {
      const [scope = '', name = ''] = path.slice(path.lastIndexOf('node_modules/') + 13).split('/')
      const inside = scope.startsWith('@') ? `${scope}/${name}` : scope
      return path.slice(0, path.lastIndexOf('node_modules/') + 13) + inside
    }),
  )
  expect(folders.size).toBeGreaterThan(40)
  for (const folder of folders) {
    const {name, version, license} = JSON.parse(read(`${folder}/package.json`))
    expect(license).toMatch(/^(MIT|ISC|Apache-2\.0|BlueOak-1\.0\.0|0BSD|BSD-[23]-Clause)$/)
    expect(text).toContain(`\n${name} ${version} (${license})\n\n`)
  }
  // Those of the licences that have to go along.
  expect(text.match(/permission notice shall be included/gi)?.length).toBeGreaterThan(35)
})

test('no module beside the program is loaded because a proxy asks for it', () => {
  expect(read('dist/panelctl.cjs')).not.toMatch(/(require|import)\("kerberos"\)/)
})
