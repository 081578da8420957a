import {execFileSync} from 'node:child_process'
import {cpSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {cli, commandIds, root, temporaryFolder} from '../harness.js'
import {isInstalled, shell} from './shell.js'

const folder = join(root, 'dist', 'help')
const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const ids = [...commandIds, ...Object.keys(description.oclif.topics)]
const fileOf = (id: string) => `${id.replaceAll(':', '.')}.txt`

/** What a folder of pages holds, by their names. */
function pagesIn(place: string) {
  return Object.fromEntries(readdirSync(place).map(name => [name, readFileSync(join(place, name), 'utf8')]))
}

test('each command and each group has its page in the build: the one that the program makes for a pipe', async () => {
  const made = new Map<string, string>()
  for (const id of ids) {
    const {stdout, stderr, exitCode} = await cli([...id.split(':'), '--help'])
    expect({stderr, exitCode}).toEqual({stderr: '', exitCode: 0})
    made.set(fileOf(id), stdout)
  }
  expect(made.size).toBeGreaterThan(150)
  expect(pagesIn(folder)).toEqual(Object.fromEntries(made))
})

test('another build makes the same ones, at a terminal with colours too', () => {
  const script = `import {helpPages} from ${JSON.stringify(join(root, 'scripts', 'help-pages.js'))}
    process.stdout.write(JSON.stringify(Object.fromEntries(await helpPages(${JSON.stringify(root)}))))`
  const pages = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: {PATH: process.env.PATH, HOME: temporaryFolder(), FORCE_COLOR: '3', COLUMNS: '40'},
    maxBuffer: 1e8,
  })
  expect(JSON.parse(pages)).toEqual(pagesIn(folder))
})

test('what npm packs has each of them', () => {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const [{files}] = JSON.parse(execFileSync('npm', args, {cwd: root, encoding: 'utf8', stdio: 'pipe'}))
  const packed = files.map(({path}: {path: string}) => path)
  expect(packed).toEqual(expect.arrayContaining(ids.map(id => `dist/help/${fileOf(id)}`)))
})

describe('bin/run.js', () => {
  const line = 'nezha server list --help'
  const colour = '\u001B['

  /** The program with one page that tells by itself where it was taken from, and one that is missing. */
  function marked() {
    const place = temporaryFolder()
    for (const name of ['bin', 'dist', 'package.json', 'oclif.manifest.json'])
      cpSync(join(root, name), join(place, name), {recursive: true})
    writeFileSync(join(place, 'dist', 'help', 'nezha.server.list.txt'), 'of the build\n')
    rmSync(join(place, 'dist', 'help', 'nezha.server.txt'))
    const command = `"${process.execPath}" "${join(place, 'bin', 'run.js')}"`
    return (words: string, env = {}, around = (typed: string) => typed) =>
      shell(around(`${command} ${words}`), env)
  }
  const ofBuild = {stdout: 'of the build\n', stderr: '', exitCode: 0}
  const page = readFileSync(join(folder, 'nezha.server.list.txt'), 'utf8')

  test.each([line, 'nezha server list -h', 'help nezha server list'])(
    'prints the page that the build made: %s',
    async words => {
      const run = marked()
      expect(await run(words)).toEqual(ofBuild)
      expect(await run(words, {COLUMNS: '50', NO_COLOR: '1', DEBUG: '*'})).toEqual(ofBuild)
    },
  )

  test.each([
    'nezha server list --help --help',
    'nezha server list -o json --help',
    '--quiet nezha server list --help',
    'nezha:server:list --help',
    'nezha server ls --help',
  ])('leaves to the program what is asked otherwise: %s', async words => {
    expect(await marked()(words)).toEqual({...ofBuild, stdout: page})
  })

  test('leaves to it what colours or JSON are asked for', async () => {
    const run = marked()
    expect((await run(line, {FORCE_COLOR: ''})).stdout).toContain(colour)
    expect(await run(line, {FORCE_COLOR: '0'})).toEqual({...ofBuild, stdout: page})
    expect(await run(line, {PANELCTL_OUTPUT: 'json'})).toEqual({...ofBuild, stdout: page})
  })

  // util-linux; what else would make a terminal is a native module
  test.skipIf(!isInstalled('script'))('leaves to it what goes to a terminal (needs script)', async () => {
    const onTerminal = (typed: string) => `script -qec '${typed}' /dev/null < /dev/null`
    const run = marked()
    const [narrow, wide] = [
      await run(line, {TERM: 'xterm', COLUMNS: '50'}, onTerminal),
      await run(line, {TERM: 'xterm', COLUMNS: '120'}, onTerminal),
    ]
    expect(narrow.stdout).toContain(`${colour}1mUSAGE`)
    expect(narrow.stdout.split('\n').length).toBeGreaterThan(wide.stdout.split('\n').length)
  })

  test('leaves to it a page that is missing, and words that are no command', async () => {
    const run = marked()
    const groups = readFileSync(join(folder, 'nezha.server.txt'), 'utf8')
    expect(await run('nezha server --help')).toEqual({...ofBuild, stdout: groups})
    expect(await run('nezha server lst --help')).toMatchObject({stdout: '', exitCode: 2})
    expect(await run('../help/nezha.server.list --help')).toMatchObject({stdout: '', exitCode: 2})
    expect(await run('help exit-codes')).toMatchObject({
      ...ofBuild,
      stdout: expect.stringContaining('EXIT CODES'),
    })
  })
})
