import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {root} from '../harness.js'

const lib = join(root, 'src', 'lib')

function filesOf(folder: string) {
  return readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .filter(file => file.endsWith('.ts'))
    .map(file => ({file, text: readFileSync(join(folder, file), 'utf8')}))
}

/** Who reads a name there: everybody, one panel, or one generation of it, whose files have the names of the other's. */
function readersOf(file: string): string {
  return /^panels\/\w+\/(?:v\d+\/)?/.exec(file)?.[0] ?? ''
}

/** The names that each file exports; several signatures of a function are one. */
const exported = filesOf(lib).flatMap(({file, text}) => {
  const names = text.matchAll(/^export (?:async )?(function\*?|const|class|interface|type) (\w+)/gm)
  const kinds = new Map([...names].map(([, kind = '', name = '']) => [name, kind]))
  return [...kinds].map(([name, kind]) => ({file, name, kind}))
})

test('one word has one meaning: no two files export the same name to the same readers, emulators apart', () => {
  expect(exported.length).toBeGreaterThan(1000)
  const files = new Map<string, string[]>()
  const ours = exported.filter(({file}) => !file.startsWith('sandbox/'))
  for (const {file, name} of ours) files.set(name, [...(files.get(name) ?? []), file])
  const twice = [...files].filter(([, places]) =>
    places.some((one, at) =>
      places.slice(at + 1).some(other => {
        const [some, others] = [readersOf(one), readersOf(other)]
        return some === '' || others === '' || some === others
      }),
    ),
  )
  expect(twice.map(([name, places]) => `${name}: ${places.join(', ')}`)).toEqual([])
})

test('what is exported is used by another file', () => {
  const words = [join(root, 'src'), join(root, 'test'), join(root, 'scripts')]
    .flatMap(folder => filesOf(folder))
    .map(({text}) => new Set(text.match(/\w+/g)))
  const unused = exported
    .filter(({kind}) => kind !== 'interface' && kind !== 'type')
    .filter(({name}) => words.filter(each => each.has(name)).length < 2)
  expect(unused.map(({file, name}) => `${file}: ${name}`)).toEqual([])
})
