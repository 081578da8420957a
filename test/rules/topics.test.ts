import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {commandIds, root} from '../harness.js'

const {oclif} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  oclif: {topics: Readonly<Record<string, {readonly description: string}>>}
}

/** The groups that commands are in: `openidcs:system:token:show` is in three. */
const topics = new Set(
  commandIds.flatMap(id =>
    id
      .split(':')
      .slice(0, -1)
      .map((_, index, words) => words.slice(0, index + 1).join(':')),
  ),
)

test('each topic is described in oclif.topics of package.json, or help would show it without a word', () => {
  expect(topics).toContain('openidcs:system:token')
  const missing = [...topics].filter(topic => !oclif.topics[topic]?.description)
  expect(missing).toEqual([])
})

test('no topic is described that has no command', () => {
  expect(Object.keys(oclif.topics).filter(topic => !topics.has(topic))).toEqual([])
})
