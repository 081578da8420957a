import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {commandIds, root} from '../harness.js'

const lib = join(root, 'src', 'lib')
/** Words of a command as `src/lib/command/hints.ts` takes them from a hint, to put flags behind them. */
const command = /\bpanelctl((?: [a-z][a-z-]*(?![a-z-]|\.\w))+)/g

function commandsIn(text: string): string[] {
  const strings = text.match(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g) ?? []
  return strings.flatMap(string => [...string.matchAll(command)].map(([, words]) => words?.trim() ?? ''))
}

test('a command of a panel in a hint is one that there is, and no other words follow it', () => {
  const topics = new Set(commandIds.filter(id => !id.startsWith('context')).map(id => id.split(':')[0]))
  const found = readdirSync(lib, {recursive: true, encoding: 'utf8'})
    .filter(file => file.endsWith('.ts') && !file.startsWith('sandbox'))
    .flatMap(file => commandsIn(readFileSync(join(lib, file), 'utf8')))
    .filter(words => words.includes(' ') && topics.has(words.split(' ')[0]))
  expect(found).toContain('nezha server list')
  expect(found.filter(words => !commandIds.includes(words.replaceAll(' ', ':')))).toEqual([])
})
