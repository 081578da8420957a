import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {transform} from 'esbuild'
import {expect, test} from 'vitest'
import {parse} from 'yaml'
import * as z from 'zod/mini'
import {root} from '../harness.js'

// `npm run promises` takes each of these lines away and expects the test to fail; here is seen to it that the list is whole.

const read = (path: string) => readFileSync(join(root, path), 'utf8')

const proof = z.strictObject({
  /** The words of the sentence that it is about, where there are several. */
  words: z.optional(z.string()),
  by: z.string(),
  line: z.string(),
  without: z.optional(z.string()),
  test: z.string(),
  title: z.string(),
})
const sentence = z.union([
  z.strictObject({says: z.string(), kept: z.tuple([proof], proof)}),
  /** Why there is nothing to take away. */
  z.strictObject({says: z.string(), plain: z.string()}),
])
const list = z.record(z.string(), z.array(sentence)).parse(parse(read('test/promises/promises.yaml')))
const proofs = Object.values(list).flatMap(sentences =>
  sentences.flatMap(({says, ...rest}) => ('kept' in rest ? rest.kept.map(one => ({says, ...one})) : [])),
)

/** What a page says under these headings, sentence by sentence, without what only points elsewhere. */
function sentencesOf(page: string, headings: readonly string[]): string[] {
  return read(page)
    .split(/^## /m)
    .filter(part => headings.includes(part.split('\n', 1)[0] ?? ''))
    .flatMap(part => part.split('\n').slice(1))
    .flatMap(paragraph =>
      paragraph
        .replace(/^- /, '')
        .replace(/(?<!\*)\*\*(?!\*)/g, '')
        .split(/(?<=[.!?])\s+/),
    )
    .filter(text => text !== '' && !/^See \[/.test(text))
}

test.each([
  ['SECURITY.md', ['What is protected, and how', 'What is not protected']],
  ['README.md', ['What holds for every command']],
] as const)('each sentence of what %s promises says what keeps it', (page, headings) => {
  expect(list[page]?.map(({says}) => says)).toEqual(sentencesOf(page, headings))
})

test.each(proofs)('$says ($by)', async ({says, words = says, by, line, without = '', test, title}) => {
  expect(says).toContain(words)
  const source = read(by)
  expect(source.split(line)).toHaveLength(2)
  expect(read(test)).toContain(title)
  // What no longer compiles would be taken for what fails.
  const weaker = source.replace(line, () => without)
  if (by.endsWith('.json')) JSON.parse(weaker)
  else await transform(weaker, {loader: 'ts'})
})
