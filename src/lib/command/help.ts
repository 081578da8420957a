import {Config} from '@oclif/core/config'
import {Help} from '@oclif/core/help'
import {commands} from '@oclif/plugin-help'
import {PanelctlError} from '../errors.js'
import type {Access} from '../http/access.js'
import {helpTopics} from './help-topics.js'

// This file is a bundle of its own, which only help loads, and which package.json names as oclif's `helpClass`: what
// `panelctl help` prints, and the reference, which oclif makes, are the same pages.

/** oclif's configuration for a program that takes the pages itself. */
class PagesConfig extends Config {
  text = ''
}

/** The pages of oclif's help command, as this program writes them. */
export default class Pages extends Help {
  protected override log(...parts: string[]): void {
    const {config} = this
    if ('text' in config) config.text += `${parts.join(' ')}\n`
    else super.log(...parts)
  }
}

interface Surroundings {
  readonly root: string
  readonly ids: readonly string[]
  panels(): Promise<readonly Access[]>
}

/**
 * The page about these words: a topic of ours, or what oclif's help command makes of the manifest for a command, a group
 * of them or nothing. Undefined where there is none.
 * @throws PanelctlError UNEXPECTED where the manifest lacks a command that the page is about
 */
export async function helpPage(
  words: readonly string[],
  {root, ids, panels}: Surroundings,
): Promise<string | undefined> {
  const topic = helpTopics[words.join(' ')]
  if (topic) return topic(await panels())
  const path = words.join(':')
  const about = ids.filter(id => path === '' || `${id}:`.startsWith(`${path}:`))
  if (about.length === 0) return undefined
  const config = new PagesConfig({root, devPlugins: false, userPlugins: false})
  await config.load()
  const lacking = about.find(id => config.findCommand(id) === undefined)
  // Only in a clone: what is published has passed the tests, which compare the two.
  if (lacking !== undefined) {
    const message = `oclif.manifest.json is stale: it lacks ${lacking.replaceAll(':', ' ')}`
    throw new PanelctlError('UNEXPECTED', message, {hint: 'npm run reference'})
  }
  // Asked about nothing it would read its argument from stdin, which belongs to the script.
  await new commands.help(path === '' ? ['help'] : [...words], config).run()
  const more =
    words.length === 0 ? `\nMORE HELP\n  panelctl help ${Object.keys(helpTopics).join(' | ')}\n` : ''
  return `${config.text.trimEnd()}\n${more}`
}
