import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {dispatch} from '../../src/lib/command/argv.js'
import {helpTopics} from '../../src/lib/command/help-topics.js'
import {exitCodes} from '../../src/lib/errors.js'
import {panels} from '../../src/lib/panels/index.js'
import {commandIds, loadCommand, root, words} from '../harness.js'
import {readmes, readPage, userPages} from '../pages.js'
import {printing} from '../printed.js'

const {scripts} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {scripts: object}

const [english, chinese] = readmes.map(readPage)
if (!english || !chinese) throw new Error('two READMEs')

/** What is set in code outside of blocks. */
function codeOf(text: string): string[] {
  return [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
}

/** A page cut at its headings, which begin the parts. */
function sectionsOf(text: string): string[] {
  return text.replace(/^```[\s\S]*?^```$/gm, fenced => fenced.replace(/^#/gm, '')).split(/^(?=#)/m)
}

/** A block without what a translation may say in its own words. */
function withoutComments(text: string): string {
  return text.replace(/(^|\s)# .*$/gm, '$1').trimEnd()
}

describe('README.md', () => {
  test.each(readmes.map(readPage))('$name fits into 150 lines', ({text}) => {
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(150)
  })

  test.each(readmes.map(readPage))(
    '$name begins with the line that shows it and the line that tests it',
    ({blocks}) => {
      expect(blocks[0]?.text.trimEnd().split('\n')).toEqual([
        'npm ci && node bin/run.js sandbox -- panelctl nezha server list',
        'npm test',
      ])
    },
  )

  test('leads to each page of the guide', () => {
    const guide = readdirSync(join(root, 'docs', 'guide')).map(name => `docs/guide/${name}`)
    expect(guide.filter(name => !english.text.includes(`](${name})`))).toEqual([])
  })
})

describe('README.zh-CN.md follows README.md', () => {
  const sections = [english, chinese].map(({text}) => sectionsOf(text))

  test('heading by heading', () => {
    const [levels, translated] = sections.map(parts => parts.map(part => /^#*/.exec(part)?.[0]))
    expect(levels?.length).toBeGreaterThan(8)
    expect(translated).toEqual(levels)
  })

  test('block by block, but for comments', () => {
    const [blocks, translated] = [english, chinese].map(page =>
      page.blocks.map(({language, text}) => ({language, text: withoutComments(text)})),
    )
    expect(blocks?.length).toBeGreaterThan(5)
    expect(translated).toEqual(blocks)
  })

  test('with the same names in code and the same links in each part', () => {
    const named = sections.map(parts =>
      parts.map(part => ({
        code: [...new Set(codeOf(part))].toSorted(),
        links: [...part.matchAll(/\]\(([^)]+)\)/g)]
          .map(([, link]) => link)
          .filter(link => !readmes.includes(link as never)),
      })),
    )
    expect(named[1]).toEqual(named[0])
  })

  test('in Chinese, the table of commands included', () => {
    const rows = [...chinese.text.matchAll(/^\| \[`.+?`\]\S+ \| (.*?) \|/gm)].map(([, words = '']) => words)
    expect(rows.length).toBeGreaterThan(3)
    const prose = chinese.text.replace(/^```[\s\S]*?^```$/gm, '').split('\n')
    const untranslated = [...rows, ...prose.filter(line => line.length > 40 && !line.startsWith('|'))]
    expect(untranslated.filter(line => !/\p{Script=Han}/u.test(line))).toEqual([])
  })
})

describe('what the pages name exists', () => {
  const pages = [
    ...new Set([...readmes, ...userPages, ...readdirSync(root).filter(name => name.endsWith('.md'))]),
  ].map(readPage)
  const guides = [...new Set([...readmes, ...userPages])].map(readPage)

  test.each(pages)('the links of $name', ({name, text}) => {
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(
      ([, title = '']) => `#${title.toLowerCase().replaceAll(' ', '-')}`,
    )
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    const dead = links.filter(link => {
      if (/^https?:/.test(link)) return false
      return link.startsWith('#') ? !anchors.includes(link) : !existsSync(join(root, dirname(name), link))
    })
    expect(dead).toEqual([])
  })

  test.each(guides)('the commands of $name', ({text}) => {
    for (const code of codeOf(text).filter(code => code.startsWith('panelctl '))) {
      expect(dispatch(words(code.replace(/^panelctl /, '')), commandIds), code).toHaveProperty('kind')
    }
  })

  test.each(pages)('the scripts of package.json in $name', ({text}) => {
    const named = [...text.matchAll(/\bnpm (?:run )?(?:-s )?(test(?::\w+)?|(?<=run )[\w:]+)/g)].map(
      ([, script = '']) => script,
    )
    expect(named.filter(script => !(script in scripts))).toEqual([])
  })

  test('the flags', async () => {
    const commands = await Promise.all(commandIds.map(loadCommand))
    const flags = new Set(
      commands
        .flatMap(({flags}) => Object.entries(flags))
        .flatMap(([name, flag]) => [
          `--${name}`,
          ...('allowNo' in flag && flag.allowNo ? [`--no-${name}`] : []),
        ]),
    )
    // Of npm and other programs, and what is answered before a command is known; the one that does not exist, which a page says.
    const others = ['--ignore-scripts', '--version', '--token', '--now', '--collector', '--chgexit']
    const named = guides
      .flatMap(({text}) => codeOf(text))
      .flatMap(code => code.match(/(?<!\S)--[a-z][a-z-]+/g) ?? [])
    expect(named.length).toBeGreaterThan(20)
    expect([...new Set(named)].filter(flag => !flags.has(flag) && !others.includes(flag))).toEqual([])
  })

  test('the variables', () => {
    const known = JSON.stringify(helpTopics.environment?.(panels))
    const named = guides.flatMap(
      ({text}) => text.match(/\b(NEZHA|KOMARI|OPENIDCS|PANELCTL)_[A-Z_]+\b/g) ?? [],
    )
    expect(named.length).toBeGreaterThan(10)
    expect([...new Set(named)].filter(name => !known.includes(name.replace(/_FILE$/, '')))).toEqual([])
  })

  test('the exit codes, all of them', () => {
    const {text} = readPage('docs/guide/exit-codes.md')
    const rows = [...text.matchAll(/^\| (\d+) \| ([A-Z_]+) \|/gm)].map(([, number, code]) => [
      code,
      Number(number),
    ])
    expect(Object.fromEntries(rows)).toEqual(exitCodes)
  })

  // What `checkStdout` holds all runs of all tests to.
  test('with which exit codes something is on stdout, as help has it', () => {
    const texts = [readPage('docs/guide/exit-codes.md').text, JSON.stringify(helpTopics.output?.(panels))]
    const sentences = texts.map(
      text => /stdout\b[^.]*\bunless ([^.]*)\./.exec(text.replace('errors are on stderr.', ''))?.[1],
    )
    expect(sentences.map(sentence => sentence?.match(/\d+/g)?.map(Number).filter(Boolean))).toEqual([
      [...printing, 5],
      [...printing, 5],
    ])
    for (const flag of ['--watch', '--follow']) for (const each of sentences) expect(each).toContain(flag)
  })
})
