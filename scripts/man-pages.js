// The manual pages: what help says of each command, group and topic, in the language of man(1).
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {Config, Plugin} from '@oclif/core'

const signs = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '"': '\\(dq',
  '^': '\\(ha',
  '~': '\\(ti',
  '|': '|\\:',
}

/** A line that man prints as it stands: no request at its start, and a shell's signs, not a typesetter's; it may be broken at a bar. */
export function roff(line) {
  return line
    .replace(/[\\\-'`"^~|]/g, sign => signs[sign])
    .replace(
      /\P{ASCII}/gu,
      letter => `\\[u${letter.codePointAt().toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^(?=[. ])/, '\\&')
}

const lines = text => text.trim().split('\n').map(roff)
const paragraphs = text => lines(text).map(line => line || '.PP')
const literally = text => ['.EX', ...lines(text), '.EE']
const listed = pairs =>
  pairs.flatMap(([left, right = '']) => ['.TP', `.B ${roff(left.trim())}`, ...lines(right)])
/** A paragraph right behind its heading needs no distance. */
const section = (title, [first, ...rest]) => [
  `.SH ${roff(title)}`,
  ...(first === '.PP' ? [] : [first]),
  ...rest,
]
/** `nezha server list` as man is asked for it. */
const nameOf = (words, dash = '\\-') => ['panelctl', ...words].join('-').replaceAll('-', dash)

/** The page of a command, of the same parts as its help. */
function manualOf(CommandHelp) {
  return class extends CommandHelp {
    section(header, body) {
      if (typeof body !== 'string') return section(header, listed(body)).join('\n')
      const title = header === 'USAGE' ? 'SYNOPSIS' : header
      const text = this.render(body)
      const commands = /^\$ /.test(text)
      return section(title, commands ? literally(text.replace(/^\$ /gm, '')) : paragraphs(text)).join('\n')
    }
  }
}

/** All pages, by the names of their files: of the commands and help pages that were just built. */
export async function manPages(root, {version, description, oclif}) {
  const {default: Help} = createRequire(import.meta.url)(join(root, 'dist', 'help.cjs'))
  const {HELP_TOPICS} = await import(pathToFileURL(join(root, 'dist', 'commands.mjs')))
  const plugin = new Plugin({root, isRoot: true, ignoreManifest: true})
  await plugin.load()
  const config = new Config({root})
  await config.load()
  const Manual = manualOf(new Help(config, {}).CommandHelpClass)

  const pages = new Map()
  function page(words, summary, ...body) {
    const name = nameOf(words)
    const above = words.map((_, length) => `.BR ${nameOf(words.slice(0, length))} (1)`)
    const text = [
      `.TH ${name.toUpperCase()} 1 "" "panelctl ${version}" ""`,
      // Names and flags are copied: no hyphen that is not theirs.
      '.nr HY 0',
      '.nh',
      '.ad l',
      ...section('NAME', [`${name} \\- ${roff(summary)}`]),
      ...body.flat(),
      ...(above.length > 0 ? section('SEE ALSO', above) : []),
    ]
    pages.set(`${nameOf(words, '-')}.1`, `${text.join('\n')}\n`)
  }

  const summaries = plugin.commands.map(({id, summary, description}) => [id, summary ?? description])
  for (const [at, command] of plugin.commands.entries()) {
    const words = command.id.split(':')
    // As wide as can be: it is man that breaks lines.
    const manual = new Manual({...command, id: words.join(' ')}, config, {maxWidth: 100_000, stripAnsi: true})
    page(words, summaries[at][1], manual.generate().split('\n\n'))
  }

  /** Each with the page that says more. */
  const commandList = ids =>
    ids.flatMap(([id, summary]) => ['.TP', `.BR ${nameOf(id.split(':'))} (1)`, roff(summary)])
  const topics = Object.entries(oclif.topics).map(([id, topic]) => [id, topic.description])
  for (const [id, summary] of topics) {
    const words = id.split(':')
    const synopsis = literally(`panelctl ${words.join(' ')} COMMAND`)
    const below = summaries.filter(([other]) => other.startsWith(`${id}:`))
    page(words, summary, section('SYNOPSIS', synopsis), section('COMMANDS', commandList(below)))
  }
  const top = [...topics, ...summaries].filter(([id]) => !id.includes(':'))
  page(
    [],
    description,
    section('SYNOPSIS', literally('panelctl COMMAND\npanelctl --version')),
    section('COMMANDS', commandList(top)),
    ...HELP_TOPICS.map(({title, parts}) => {
      const texts = parts.map(part =>
        typeof part === 'string' ? ['.PP', ...paragraphs(part)] : listed(part),
      )
      return section(title, texts.flat())
    }),
  )
  return pages
}
