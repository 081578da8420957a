import {cpSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {dispatch} from '../../../src/lib/command/argv.js'
import {globalFlags, watchFlags} from '../../../src/lib/command/global-flags.js'
import {cli, commandIds, root, temporaryFolder, words} from '../../harness.js'

/** A package whose manifest was made before these commands were written. */
function packageWithout(...ids: readonly string[]): string {
  const folder = temporaryFolder()
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(root, 'dist'), join(folder, 'dist'))
  const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'))
  for (const id of ids) delete manifest.commands[id]
  writeFileSync(join(folder, 'oclif.manifest.json'), JSON.stringify(manifest))
  return folder
}

test.each(['komari me --help', 'help komari me', 'komari --help', '--help'])(
  'a command that the manifest does not know yet: "%s" says that it is stale, and what mends it',
  async line => {
    expect(await cli(line, {root: packageWithout('komari:me')})).toEqual({
      stdout: '',
      stderr: 'panelctl: oclif.manifest.json is stale: it lacks komari me\nhint: npm run reference\n',
      exitCode: 1,
    })
  },
)

test('a topic that the manifest does not know yet is told in the same way', async () => {
  const stale = packageWithout('openidcs:nat:add', 'openidcs:nat:delete', 'openidcs:nat:list')
  expect((await cli('openidcs nat --help', {root: stale})).stderr).toContain('it lacks openidcs nat add\n')
})

test('help on other commands does not ask for it', async () => {
  const stale = packageWithout('komari:me')
  expect(await cli('nezha server list --help', {root: stale})).toMatchObject({stderr: '', exitCode: 0})
  expect(await cli('nezha --help', {root: stale})).toMatchObject({stderr: '', exitCode: 0})
})

describe('a page', () => {
  test('of a command has what it is for, then what it takes, and one line for what all take', async () => {
    expect(
      (await cli('komari records ping --help')).stdout,
    ).toBe(`show the ping history of a node or of a task

USAGE
  $ panelctl komari records ping [NODE] [FLAGS]

DESCRIPTION
  The last 4 hours if nothing is said. A value of -1 is a lost probe. Since
  1.2.7 each point is the last probe of a stretch of time, which grows from 10,
  50 and 600 hours on; the figures of the table count every probe since 1.2.6,
  but for some before restarts of the panel from 10 hours on, and are statistics
  in the JSON.

  Columns: id, task, node, points, last, min, avg, max, loss, delay (not in
  csv); only with --columns: type, interval.

EXAMPLES
  $ panelctl komari records ping web1
  $ panelctl komari records ping --task 1 --hours 24
  $ panelctl komari records ping web1 --since 90m -o json | jq "[.records[] | select(.value >= 0) | .value] | max"

ARGUMENTS
  [NODE]  uuid, its beginning, or unique name

FLAGS
  --chart             draw curves instead of a table
  --hours=<n>         how many hours back
  --since=<duration>  how far back
  --task=<task>       only the task of this id or unique name

GLOBAL FLAGS
  --watch, --interval, --output, --json, --jq, --columns, --sort, --no-header,
  --context, --url, --timeout, --retries, --ca-file, --insecure, --header,
  --show-secrets, --quiet, --debug, --no-color, --help: see panelctl help flags
`)
  })

  test.each([
    '--help',
    'komari --help',
    'openidcs vm --help',
    'openidcs vm create --help',
    'nezha node auto-register --help',
    'help environment',
    'help exit-codes',
    'help flags',
    'help output',
  ])('is as wide as the terminal, its examples apart: panelctl %s', async line => {
    const widest = async (columns: number) => {
      const {stdout} = await cli(line, {tty: {stdout: true}, columns})
      const widths = stdout.split('\n').flatMap(text => (text.startsWith('  $ ') ? [] : [text.length]))
      return Math.max(...widths)
    }
    expect(await widest(60)).toBeLessThanOrEqual(60)
    if (line !== '--help') expect(await widest(40)).toBeLessThanOrEqual(40)
    expect(await widest(60)).toBeGreaterThan(40)
    expect(await widest(200)).toBeLessThanOrEqual(200)
    expect((await cli(line)).stdout).toBe((await cli(line, {tty: {stdout: true}, columns: 80})).stdout)
  })

  test('of the program itself has something to begin with, and where to report', async () => {
    const {stdout} = await cli('', {bugs: 'https://example.org/issues'})
    const [, examples = ''] = /EXAMPLES\n((?: .*\n)+)/.exec(stdout) ?? []
    const lines = examples.trimEnd().split('\n')
    expect(lines[0]).toBe('  $ panelctl sandbox -- panelctl nezha server list')
    for (const line of lines)
      expect(dispatch(words(line.replace('  $ panelctl ', '')), commandIds).kind).toBe('command')
    expect(stdout).toContain('\nBUGS\n  report them at https://example.org/issues\n')
    expect((await cli('')).stdout).toContain('\nBUGS\n  report them where you have panelctl from\n')
  })

  test('of the flags of every command explains each', async () => {
    const {stdout} = await cli('help flags')
    for (const [name, {summary}] of Object.entries({...globalFlags, ...watchFlags})) {
      expect(stdout).toMatch(new RegExp(`^ .*--${name}\\b`, 'm'))
      expect(stdout.replace(/\s+/g, ' ')).toContain(summary)
    }
  })
})
