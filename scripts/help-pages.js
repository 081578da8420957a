// The pages of help as a pipe gets them, made by the code that makes them for a terminal: bin/run.cjs prints them as they are.
import {cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Plugin} from '@oclif/core'

// Asked when help is loaded: colours would be in the pages, and change where their lines break.
process.env.FORCE_COLOR = '0'

/** The page of each command and each group, by the names of their files: of the commands and help that were just built. */
export async function helpPages(root) {
  const {helpPage} = createRequire(import.meta.url)(join(root, 'dist', 'help.cjs'))
  const plugin = new Plugin({root, isRoot: true, ignoreManifest: true, respectNoCacheDefault: true})
  await plugin.load()
  const ids = plugin.commands.map(({id}) => id).filter(id => id !== 'help')
  const named = ids.flatMap(id => id.split(':').map((_, at, words) => words.slice(0, at + 1).join(':')))
  const folder = mkdtempSync(join(tmpdir(), 'panelctl-help-'))
  const pages = new Map()
  try {
    // The manifest in the clone may be older than the commands.
    writeFileSync(join(folder, 'oclif.manifest.json'), JSON.stringify(plugin.manifest, undefined, 2))
    cpSync(join(root, 'package.json'), join(folder, 'package.json'))
    symlinkSync(join(root, 'dist'), join(folder, 'dist'), 'junction')
    for (const id of new Set(named)) {
      const words = id.split(':')
      pages.set(
        `${words.join('.')}.txt`,
        await helpPage(words, {root: folder, ids, io: {stdout: {}}, env: {}}),
      )
    }
  } finally {
    rmSync(folder, {recursive: true})
  }
  return pages
}
