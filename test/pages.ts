import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {root} from './harness.js'

/** What stands between two fences, with the line of the first. */
export interface Block {
  readonly language: string
  readonly text: string
  readonly line: number
}

export interface Page {
  /** From the root of the repository: `docs/guide/output.md`. */
  readonly name: string
  readonly text: string
  readonly blocks: readonly Block[]
}

const fences = /^```(\w*)\n([\s\S]*?)^```$/gm

/** The blocks of a page, or of a part of one. */
export function blocksOf(text: string): Block[] {
  return [...text.matchAll(fences)].map(match => ({
    language: match[1] ?? '',
    text: match[2] ?? '',
    line: text.slice(0, match.index).split('\n').length,
  }))
}

export function readPage(name: string): Page {
  const text = readFileSync(join(root, name), 'utf8')
  return {name, text, blocks: blocksOf(text)}
}

/** A page's text with something else in one of its blocks. */
export function withBlock({text, blocks}: Page, block: Block, words: string): string {
  let index = 0
  return text.replace(fences, (whole, language: string) =>
    blocks[index++] === block ? `\`\`\`${language}\n${words}\`\`\`` : whole,
  )
}

/** The pages that people read who use the program. */
export const userPages: readonly string[] = [
  'README.md',
  ...readdirSync(join(root, 'docs', 'guide')).map(file => `docs/guide/${file}`),
]

/** The same page in several languages, the first of which leads. */
export const readmes = ['README.md', 'README.zh-CN.md'] as const
