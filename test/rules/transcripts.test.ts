import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {type Sandbox, startSandbox} from '../../src/lib/sandbox/start.js'
import {root, temporaryFolder} from '../harness.js'
import {type Block, readmes, readPage, userPages, withBlock} from '../pages.js'
import {isInstalled, shell} from '../process/shell.js'

/** Pages that log in by themselves. The others find what `panelctl sandbox` sets. */
const withoutEnvironment = ['README.md', 'docs/guide/credentials.md']

/** A panel of each kind, where the pages say it is. */
const addresses = {
  nezha: 'https://nezha.example.com',
  komari: 'https://komari.example.com',
  openidcs: 'https://idc.example.com',
} as const

/** What a reader has put into files before. */
const readersFiles = {
  'nezha-token.txt': 'sandboxNezhaApiToken000000000001',
  'komari-key.txt': 'sandboxKomariApiKey0000000000001',
  'password.txt': 'sandboxKomariPassw0rd',
  'cf-secret.txt': 'sandboxGatewaySecret00001',
  'openidcs-token.txt': 'sandboxOpenidcsToken000000000001',
}

/**
 * In the place of npm, the one program of the pages that is not run here: `npm ci` made what these tests run with,
 * `npm test` is this very run, and scripts/packed.js packs and installs.
 */
const npm = '#!/bin/sh\nexit 0\n'

interface World {
  readonly home: string
  readonly sandbox: Sandbox
  readonly env: Readonly<Record<string, string | undefined>>
}

async function worldFor(page: string): Promise<World> {
  const sandbox = await startSandbox()
  onTestFinished(() => sandbox.close())
  const folder = temporaryFolder()
  const [home, programs] = [join(folder, 'ann'), join(folder, 'programs')]
  for (const path of [home, programs]) mkdirSync(path)
  writeFileSync(join(programs, 'npm'), npm, {mode: 0o755})
  for (const [name, text] of Object.entries(readersFiles)) writeFileSync(join(home, name), text)
  // The clone that the README begins in.
  symlinkSync(join(root, 'bin'), join(home, 'bin'))
  const environment = withoutEnvironment.includes(page) ? {} : sandbox.environment
  return {
    home,
    sandbox,
    env: {...environment, HOME: home, PROGRAMS: programs, PANELCTL_CONFIG_DIR: undefined},
  }
}

/** What differs between the page and this run: where panels are, and who reads. */
function places({home, sandbox: {panels}}: World): readonly (readonly [onPage: string, here: string])[] {
  return [
    [addresses.nezha, panels.nezha.url],
    [addresses.komari, panels.komari.url],
    [addresses.openidcs, panels.openidcs.url],
    ['/home/ann', home],
  ]
}

/** Runs a block as a reader would who pastes it, and stops where a line fails; what begins with `#!` is a script. */
async function run(block: Block, world: World): Promise<{printed: string; exitCode: number}> {
  const isScript = block.text.startsWith('#!')
  const text = places(world).reduce((words, [onPage, here]) => words.replaceAll(onPage, here), block.text)
  if (isScript) writeFileSync(join(world.home, 'script'), text, {mode: 0o755})
  const {stdout, exitCode} = await shell(
    `exec 2>&1; cd; PATH="$PROGRAMS:$PATH"; ${isScript ? './script' : `set -e\n${text}`}`,
    world.env,
  )
  return {
    printed: places(world).reduce((words, [onPage, here]) => words.replaceAll(here, onPage), stdout),
    exitCode,
  }
}

/** Without what is another one each time: measured figures, ages, curves, and the width of columns that follows. */
function steady(printed: string): string[] {
  return printed
    .replace(/\d+\.\d+(?= (%|ms)(\s|$))/g, '#')
    .replace(/(\d+[smhd] )+ago\b/g, '# ago')
    .replace(/[▁-█·]{2,}/gu, '▁')
    .split('\n')
    .map(line => line.replace(/ +/g, ' ').trim())
}

/**
 * With UPDATE=1 a page gets what was printed, in every language that it is written in. Columns with an address or a path
 * are to be narrowed by hand: they were as wide as those of this run.
 */
function quote(name: string, index: number, printed: string): void {
  for (const each of readmes.some(readme => readme === name) ? readmes : [name]) {
    const page = readPage(each)
    const block = page.blocks[index]
    if (block) writeFileSync(join(root, each), withBlock(page, block, printed))
  }
}

/** Not the recipes, each of which wants a world of its own: test/process/recipes.test.ts runs them. */
const pages = userPages.filter(page => page !== 'docs/guide/recipes.md').map(readPage)

/** In `panelctl sandbox -- bash`, the README says, all but the logins works as it stands. */
const inSandbox = pages
  .filter(({name}) => name === 'README.md')
  .map(page => ({
    ...page,
    name: 'README.md without its logins',
    blocks: page.blocks.map(block => ({
      ...block,
      text: block.text.replace(/^(panelctl \w+ login|the token is in|saved the context) .*\n/gm, ''),
    })),
  }))

for (const {name, blocks} of process.env.UPDATE === '1' ? pages : [...pages, ...inSandbox]) {
  const needsJq = blocks.some(({text}) => /\bjq\b/.test(text))
  const title = `${name} quotes what the program prints${needsJq ? ' (needs jq)' : ''}`
  test.skipIf(needsJq && !isInstalled('jq'))(title, {timeout: 60_000}, async () => {
    const world = await worldFor(name)
    for (const [index, block] of blocks.entries()) {
      const where = `${name}:${block.line}`
      // What is TypeScript is compiled and run by test/process/library.test.ts.
      expect(['sh', 'text', 'yaml', 'ts'], `${where} is of a kind that this test knows`).toContain(
        block.language,
      )
      if (block.language === 'text') {
        expect(blocks[index - 1]?.language, `${where} quotes the block before it`).toBe('sh')
      }
      // `# world.yaml` in its first line, below `#!/bin/sh` if that is there, is the name of the file to write.
      const file = /^(?:#!.*\n)?# (\S+\.\w+)\n/.exec(block.text)?.[1]
      if (file !== undefined) writeFileSync(join(world.home, file), block.text, {mode: 0o755})
      if (block.language !== 'sh') continue
      const {printed, exitCode} = await run(block, world)
      const next = blocks[index + 1]
      const quoted = next?.language === 'text' ? next : undefined
      if (quoted && process.env.UPDATE === '1' && String(steady(quoted.text)) !== String(steady(printed))) {
        quote(name, index + 1, printed)
        continue
      }
      if (quoted) expect(steady(printed), where).toEqual(steady(quoted.text))
      // A block that fails shows it.
      if (!/^panelctl: |^{"error":/m.test(quoted?.text ?? ''))
        expect({where, exitCode}).toEqual({where, exitCode: 0})
    }
  })
}
