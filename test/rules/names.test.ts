import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {root} from '../harness.js'

const lib = join(root, 'src', 'lib')

/** Who reads a name there: everybody, one panel, or one generation of it, whose files have the names of the other's. */
function readersOf(file: string): string {
  return /^panels\/\w+\/(?:v\d+\/)?/.exec(file)?.[0] ?? ''
}

/** The names that each file exports; several signatures of a function are one. */
const exported = readdirSync(lib, {recursive: true, encoding: 'utf8'})
  .filter(file => file.endsWith('.ts') && !file.startsWith('sandbox/'))
  .flatMap(file => {
    const text = readFileSync(join(lib, file), 'utf8')
    const names = text.matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm)
    return [...new Set([...names].map(([, name = '']) => name))].map(name => ({file, name}))
  })

test('one word has one meaning: no two files export the same name to the same readers, emulators apart', () => {
  expect(exported.length).toBeGreaterThan(1000)
  const files = new Map<string, string[]>()
  for (const {file, name} of exported) files.set(name, [...(files.get(name) ?? []), file])
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
