import {execFileSync, spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {roff} from '../../scripts/man-pages.js'
import {cli, commandIds, root, temporaryFolder} from '../harness.js'
import {isInstalled} from './shell.js'

const folder = join(root, 'dist', 'man')
const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const pages = readdirSync(folder).toSorted()

test('each command and each group has a page, and nothing else has', () => {
  const ids = ['help', ...commandIds, ...Object.keys(description.oclif.topics)]
  const names = ['panelctl', ...ids.map(id => `panelctl-${id.replaceAll(':', '-')}`)]
  expect(pages).toEqual(names.map(name => `${name}.1`).toSorted())
})

test('what npm packs names each page, or npm would link none, and no script that npm would ask to allow; package.json is afterwards what it was', () => {
  const clone = temporaryFolder()
  const file = join(clone, 'package.json')
  mkdirSync(join(clone, 'scripts'))
  for (const name of ['package.json', 'oclif.manifest.json', 'scripts/as-packed.js']) {
    cpSync(join(root, name), join(clone, name))
  }
  const list = (verb: string) =>
    execFileSync(process.execPath, [join(clone, 'scripts', 'as-packed.js'), verb])
  list('add')
  const {man, ...others} = JSON.parse(readFileSync(file, 'utf8'))
  expect(man.toSorted()).toEqual(pages.map(name => `dist/man/${name}`))
  const {prepare: _, ...scripts} = description.scripts
  expect(others).toEqual({...description, scripts})
  list('remove')
  expect(readFileSync(file, 'utf8')).toBe(readFileSync(join(root, 'package.json'), 'utf8'))
})

/** What groff prints, and what it says about that. */
function printed(files: readonly string[], {input = '', width = 80} = {}): {stdout: string; stderr: string} {
  const args = ['-man', '-Tutf8', '-ww', '-P-cbou', `-rLL=${width}n`, ...files]
  return spawnSync('groff', args, {cwd: folder, input, encoding: 'utf8', maxBuffer: 1e9})
}

/** Without what lines are broken and prompts are shown by. */
const letters = (text: string) => text.replaceAll(/[\s$]/g, '')

describe.skipIf(!isInstalled('groff'))('as man prints them (needs groff)', () => {
  test('no page has anything that the printer warns of', () => {
    expect(printed(pages).stderr).toBe('')
  })

  test('text is printed as it was written', () => {
    const nasty = [
      '.TP',
      "'quoted'",
      '\\fBbold\\*[x]\\',
      ' in',
      '-o "a" `b` ^~|x|',
      '…',
      '机房 3',
      'é€😀',
      '\\(em --',
    ]
    const input = ['.TH X 1', '.SH NAME', '.in 0', '.EX', ...nasty.map(roff), '.EE'].join('\n')
    const {stdout, stderr} = printed(['-'], {input})
    expect(stderr).toBe('')
    expect(stdout).toContain(`\nNAME\n${nasty.join('\n')}\n`)
  })

  test('a page says what the reference says of its command', () => {
    const references = readdirSync(join(root, 'docs', 'reference')).map(name =>
      readFileSync(join(root, 'docs', 'reference', name), 'utf8'),
    )
    const blocks = references.flatMap(text => [
      ...text.matchAll(/^## `(panelctl[a-z0-9 -]*).*`\n\n(.*)\n\n```\nUSAGE\n([\s\S]*?)\n```$/gm),
    ])
    expect(blocks).toHaveLength(commandIds.length + 1)
    const names = blocks.map(([, name = '']) => name.trim().replaceAll(' ', '-'))
    const {stdout} = printed(
      names.map(name => `${name}.1`),
      {width: 10_000},
    )
    const made = [...stdout.matchAll(/^NAME\n([\s\S]*?)\nSYNOPSIS\n([\s\S]*?)\nSEE ALSO$/gm)]
    expect(made.map(([, name = '', body = '']) => letters(`${name}|${body}`))).toEqual(
      blocks.map(([, , summary, help], at) => letters(`${names[at]} - ${summary}|${help}`)),
    )
  })

  test.each(['environment', 'exit-codes', 'flags', 'output'])(
    'panelctl(1) has what panelctl help %s says',
    async topic => {
      const {stdout} = await cli(`help ${topic}`)
      expect(letters(printed(['panelctl.1'], {width: 10_000}).stdout)).toContain(letters(stdout))
    },
  )
})
