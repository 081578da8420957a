import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {Config} from '@oclif/core/config'
import {CommandHelp, Help} from '@oclif/core/help'
import {commands} from '@oclif/plugin-help'
import {fileProblem, notWhole, PanelctlError} from '../errors.js'
import type {Access} from '../http/access.js'
import {fieldOf} from '../json-object.js'
import {aliasesOf} from './argv.js'
import {globalGroup} from './global-flags.js'
import {helpTopics, type Topic} from './help-topics.js'
import {type Environment, type Io, terminalWidth} from './io.js'
import {reportedAt} from './report.js'

// This file is a bundle of its own, which only help loads, and which package.json names as oclif's `helpClass`: what
// `panelctl help` prints, and the reference, which oclif makes, are the same pages.

/** oclif's configuration for a program that takes the pages itself. */
class PagesConfig extends Config {
  text = ''
  /** The terminal's columns; undefined in a pipe. */
  width: number | undefined
}

type AnyConfig = ConstructorParameters<typeof Help>[0]

/** By what it has: whoever calls may be another bundle. */
function takesPages(config: AnyConfig): config is PagesConfig {
  return 'text' in config && 'width' in config
}

/** oclif takes what stands below a name, indented by four, for indented by two, and lets it run over the width. */
function fittedList(
  render: (more: {multiline?: true; indentation?: number}) => string,
  width: number,
  {indentation}: {indentation: number},
): string {
  const list = render({})
  const fits = list.split('\n').every(line => line.length <= width - indentation)
  return fits ? list : render({multiline: true, indentation: indentation + 2})
}

/** The page of a command: its summary stands above it, and the flags of every command are on a page of their own. */
class CommandPage extends CommandHelp {
  protected override description(): string | undefined {
    const {description} = this.command
    return description ? this.wrap(description) : undefined
  }

  protected override aliases(): string | undefined {
    return super.aliases(aliasesOf(this.command.id))
  }

  protected override examples(examples: Parameters<CommandHelp['examples']>[0]): string | undefined {
    return super.examples(examples)?.replaceAll('\n\n', '\n')
  }

  override renderList(...[input, opts]: Parameters<CommandHelp['renderList']>): string {
    return fittedList(more => super.renderList(input, {...opts, ...more}), this.opts.maxWidth, opts)
  }

  protected override sections(): ReturnType<CommandHelp['sections']> {
    const made = new Map(super.sections().map(section => [section.header, section]))
    const order = ['USAGE', 'DESCRIPTION', 'EXAMPLES', 'ARGUMENTS', 'FLAGS', 'ALIASES']
    return order.flatMap(header => made.get(header) ?? [])
  }

  protected override groupFlags(flags: Parameters<CommandHelp['groupFlags']>[0]) {
    return {mainFlags: flags.filter(({helpGroup}) => helpGroup !== globalGroup), flagGroups: {}}
  }

  override generate(): string {
    const shared = Object.entries(this.command.flags ?? {}).filter(
      ([, {helpGroup, hidden}]) => helpGroup === globalGroup && !hidden,
    )
    if (shared.length === 0) return super.generate()
    const names = shared.map(([name]) => `--${name}`).join(', ')
    const line = this.wrap(`${names}: see ${this.config.bin} help flags`)
    return `${super.generate()}\n\n${this.section('GLOBAL FLAGS', line)}`
  }
}

/** The pages of oclif's help command, as this program writes them. */
export default class Pages extends Help {
  protected override CommandHelpClass = CommandPage

  constructor(config: AnyConfig, opts: ConstructorParameters<typeof Help>[1]) {
    // Of the width that our stdout has, which need not be the process's.
    super(config, takesPages(config) ? {maxWidth: Math.max(40, config.width ?? 80), ...opts} : opts)
  }

  protected override log(...parts: string[]): void {
    const text = parts.join(' ')
    // What is one line is the summary, which oclif does not wrap.
    const shown = text.trimEnd().includes('\n') ? text : this.wrap(text, 0)
    if (takesPages(this.config)) this.config.text += `${shown}\n`
    else super.log(shown)
  }

  /** With something to begin with: the first examples of the sandbox and of each way to log in. */
  override formatRoot(): string {
    const {bin, commands: all, pjson, userAgent} = this.config
    const first = [...all.filter(({id}) => id === 'sandbox'), ...all.filter(({id}) => id.endsWith(':login'))]
    const examples = first.flatMap(({examples}) => examples?.[0] ?? []).map(line => `$ ${line}`)
    return [
      this.wrap(pjson.description ?? '', 0),
      this.section('VERSION', userAgent),
      this.section('USAGE', `$ ${bin} [COMMAND]\n$ ${bin} --version`),
      this.section('EXAMPLES', examples.join('\n')),
    ].join('\n\n')
  }

  override renderList(...[input, opts]: Parameters<Help['renderList']>): string {
    return fittedList(more => super.renderList(input, {...opts, ...more}), this.opts.maxWidth, opts)
  }

  page({title, parts}: Topic): string {
    const texts = parts.map(part =>
      typeof part === 'string'
        ? this.wrap(part)
        : this.renderList(
            part.map(([left, right]) => [left, right]),
            {indentation: 2, spacer: '\n'},
          ),
    )
    return this.section(title, texts.join('\n\n'))
  }
}

/** oclif says of a file that is missing or damaged what nobody understands, or goes on without it. */
function readWhole(file: string, field: string): unknown {
  try {
    const whole: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (fieldOf(whole, field) !== undefined) return whole
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw notWhole(fileProblem(file, error), error)
  }
  throw notWhole(`${file} is cut off or damaged`)
}

type ManifestCommand = Parameters<Help['showCommandHelp']>[0]

/**
 * A command as the manifest has it, without reading the others, which is most of what its page would take: undefined where the
 * file is not as oclif writes it, and has to be looked at as a whole.
 */
function commandIn(manifest: string, id: string): ManifestCommand | undefined {
  try {
    const bytes = readFileSync(manifest)
    const from = bytes.indexOf(`\n    "${id}": {\n`)
    const to = bytes.indexOf('\n    }', from)
    const isWhole = bytes
      .toString('latin1', bytes.length - 3)
      .trimEnd()
      .endsWith('\n}')
    return isWhole && from >= 0 ? JSON.parse(`{${bytes.toString('utf8', from, to)}}}`)[id] : undefined
  } catch {
    return undefined
  }
}

interface HelpSources {
  readonly root: string
  readonly ids: readonly string[]
  readonly bugs?: string | undefined
  readonly io: Io
  readonly env: Environment
  panels(): Promise<readonly Access[]>
}

/**
 * The page about these words: a topic of ours, or what oclif's help command makes of the manifest for a command, a group
 * of them or nothing. Undefined where there is none.
 * @throws PanelctlError UNEXPECTED where a file that oclif reads is not whole, or the manifest lacks a command that the page is about
 */
export async function helpPage(
  words: readonly string[],
  {root, ids, bugs, io, env, panels}: HelpSources,
): Promise<string | undefined> {
  const name = words.join(' ')
  const topic = Object.hasOwn(helpTopics, name) ? helpTopics[name] : undefined
  const path = words.join(':')
  const about = ids.filter(id => path === '' || `${id}:`.startsWith(`${path}:`))
  if (!topic && about.length === 0) return undefined
  const config = new PagesConfig({root, devPlugins: false, userPlugins: false})
  config.width = terminalWidth({io, env})
  if (topic) return `${new Pages(config, {}).page(topic(await panels()))}\n`
  const pjson = readWhole(join(root, 'package.json'), 'oclif')
  const manifest = join(root, 'oclif.manifest.json')
  // oclif's own command shows what there is.
  const isAlone = about.length === 1 && about[0] === path && path !== 'help'
  const single = isAlone ? commandIn(manifest, path) : undefined
  if (single) {
    // What oclif would set, as far as a command's page has it.
    const oclif = fieldOf(pjson, 'oclif')
    Object.assign(config, {
      pjson,
      bin: fieldOf(oclif, 'bin'),
      topicSeparator: fieldOf(oclif, 'topicSeparator'),
    })
    await new Pages(config, {}).showCommandHelp(single)
    return `${config.text.trimEnd()}\n`
  }
  readWhole(manifest, 'commands')
  await config.load()
  const lacking = about.find(id => config.findCommand(id) === undefined)
  // Only in a clone: what is published has passed the tests, which compare the two.
  if (lacking !== undefined) {
    const message = `oclif.manifest.json is stale: it lacks ${lacking.replaceAll(':', ' ')}`
    throw new PanelctlError('UNEXPECTED', message, {hint: 'npm run reference'})
  }
  // Asked about nothing it would read its argument from stdin, which belongs to the script.
  await new commands.help(path === '' ? ['help'] : [...words], config).run()
  const more = `MORE HELP
  panelctl help ${Object.keys(helpTopics).join(' | ')}

BUGS
  report them ${reportedAt(bugs)}
`
  return `${config.text.trimEnd()}\n${path === '' ? `\n${more}` : ''}`
}
