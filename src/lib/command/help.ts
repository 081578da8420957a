import {Config} from '@oclif/core/config'
import {Help} from '@oclif/core/help'
import {PanelctlError} from '../errors.js'
import type {Access} from '../http/access.js'
import {helpTopics} from './help-topics.js'
import {writeOut} from './io.js'
import type {Runtime} from './run.js'

/** Whether there is a page about these words: a topic, a command or a group of them. */
export function hasHelp(words: readonly string[], ids: readonly string[]): boolean {
  const path = words.join(':')
  return (
    path === '' || Object.hasOwn(helpTopics, path) || ids.some(id => id === path || id.startsWith(`${path}:`))
  )
}

/**
 * A topic of ours, or oclif's help as it is made from the manifest, into our stdout.
 * @throws PanelctlError UNEXPECTED where the manifest lacks a command that the page is about
 */
export async function printHelp(
  words: readonly string[],
  runtime: Runtime & {panels(): Promise<readonly Access[]>},
  ids: readonly string[],
): Promise<void> {
  const topic = helpTopics[words.join(' ')]
  if (topic) return writeOut(runtime.io, topic(await runtime.panels()))
  const config = await Config.load({root: runtime.root, devPlugins: false, userPlugins: false})
  const asked = words.join(':')
  const lacking = ids.find(
    id => (asked === '' || `${id}:`.startsWith(`${asked}:`)) && config.findCommand(id) === undefined,
  )
  // Only in a clone: what is published has passed the tests, which compare the two.
  if (lacking !== undefined) {
    throw new PanelctlError(
      'UNEXPECTED',
      `oclif.manifest.json is stale: it lacks ${lacking.replaceAll(':', ' ')}`,
      {hint: 'npm run reference'},
    )
  }
  let text = ''
  class CollectedHelp extends Help {
    protected override log(...parts: string[]) {
      text += `${parts.join(' ')}\n`
    }
  }
  await new CollectedHelp(config, {all: false}).showHelp([...words])
  const more =
    words.length === 0 ? `\nMORE HELP\n  panelctl help ${Object.keys(helpTopics).join(' | ')}\n` : ''
  await writeOut(runtime.io, `${text.trimEnd()}\n${more}`)
}

/** `panelctl/0.1.0 linux-x64 node-v20.20.2` */
export async function printVersion({version, io}: Runtime): Promise<void> {
  await writeOut(io, `panelctl/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
}
