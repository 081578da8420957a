import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {binary, nezhaSandbox, root, temporaryFolder} from '../harness.js'
import {shell} from './shell.js'

/** A home whose code cache can be looked at, and what a run there made of it. */
function cachedHome() {
  const home = temporaryFolder()
  const folder = join(home, '.cache', 'panelctl')
  const log = join(home, 'log')
  const spy = join(home, 'spy.cjs')
  // The only way to see from outside whether V8 was given a cache: what the program hands to vm.Script.
  writeFileSync(
    spy,
    `const fs = require('node:fs')
    for (const name of ['openSync', 'readFileSync']) {
      const read = fs[name]
      fs[name] = (file, ...rest) => {
        const {SPY_THEIRS: theirs} = process.env
        if (/\\/code-[0-9a-f]{8}-[^/]*$/.test(file) && theirs && fs.existsSync(theirs)) fs.renameSync(theirs, file)
        return read(file, ...rest)
      }
    }
    const vm = require('node:vm')
    vm.Script = class extends vm.Script {
      constructor(source, options) {
        super(source, options)
        const seen = options.cachedData === undefined ? 'none' : this.cachedDataRejected ? 'rejected' : 'used'
        require('node:fs').appendFileSync(process.env.SPY_LOG, seen + '\\n')
      }
      createCachedData() {
        const data = super.createCachedData()
        return process.env.SPY_FORGETS ? data.subarray(0, data.length >> 1) : data
      }
    }`,
  )
  return {
    home,
    folder,
    files: () => (existsSync(folder) ? readdirSync(folder) : []),
    cacheFile: (command = '') => join(folder, readdirSync(folder).find(name => name.endsWith(command)) ?? ''),
    /** Runs a command; `cache` says whether V8 had one. */
    async run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
      writeFileSync(log, '')
      const outcome = await binary(args, {
        // Help is made anew, and not printed as the build made it.
        env: {HOME: home, SPY_LOG: log, FORCE_COLOR: '0', ...env},
        nodeArgs: ['--require', spy],
      })
      return {...outcome, cache: readFileSync(log, 'utf8').trim()}
    },
  }
}

const line = ['nezha', 'server', 'list', '-o', 'json']

describe('the code cache', () => {
  test('a second run is served from it and prints the same', async () => {
    const {environment} = await nezhaSandbox()
    const {run, cacheFile, files, folder} = cachedHome()
    const first = await run(line, environment)
    expect(first).toMatchObject({exitCode: 0, stderr: '', cache: 'none'})
    const before = readFileSync(cacheFile())
    expect(await run(line, environment)).toEqual({...first, cache: 'used'})
    expect(readFileSync(cacheFile()).equals(before)).toBe(true)
    expect(files()).toEqual([expect.stringMatching(/^code-[0-9a-f]{8}-nezha\.server\.list$/)])
    expect(statSync(cacheFile()).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  test('another command, and a failing one, print the same with it', async () => {
    const {run} = cachedHome()
    const help = await run(['nezha', '--help'])
    const failure = await run(['nezha', 'server', 'list', '--nope', '--json'])
    // The pages are a bundle of their own.
    expect([help.cache, failure.cache]).toEqual(['none\nnone', 'none'])
    expect(await run(['nezha', '--help'])).toEqual({...help, cache: 'used\nused'})
    expect(await run(['nezha', 'server', 'list', '--nope', '--json'])).toEqual({...failure, cache: 'used'})
  })

  test('is found behind global flags and before arguments', async () => {
    const {environment} = await nezhaSandbox()
    const {run} = cachedHome()
    const show = ['nezha', 'server', 'show', 'hub1']
    const first = await run([...show, '-o', 'json'], environment)
    expect(first).toMatchObject({exitCode: 0, cache: 'none'})
    expect(await run(['-o', 'json', ...show], environment)).toEqual({...first, cache: 'used'})
  })

  test('of a command is as it was after other commands, and after its own page', async () => {
    const {environment} = await nezhaSandbox()
    const {run, cacheFile} = cachedHome()
    const first = await run(line, environment)
    const before = readFileSync(cacheFile('nezha.server.list'))
    await run(['nezha', 'server', 'details'], environment)
    await run(['nezha', 'server', 'list', '--help'])
    expect(readFileSync(cacheFile('nezha.server.list')).equals(before)).toBe(true)
    expect(await run(line, environment)).toEqual({...first, cache: 'used'})
  })

  test.each([[['nezha', 'server', 'list', '--help']], [['help', 'nezha', 'server', 'list']]])(
    'of a page holds nothing of a command that ran before: %j',
    async page => {
      const {environment} = await nezhaSandbox()
      const [alone, after] = [cachedHome(), cachedHome()]
      await alone.run(page)
      await after.run(line, environment)
      expect(await after.run(page)).toMatchObject({exitCode: 0, cache: 'none\nnone'})
      const sizes = ({folder, files}: typeof alone) =>
        files()
          .filter(name => name.endsWith('-help'))
          .map(name => statSync(join(folder, name)).size)
          .sort((one, other) => one - other)
      const expected = sizes(alone)
      expect(expected).toHaveLength(2)
      // By a few hundred bytes, as V8 compiles a bit more or less: the list's code is 300 kB.
      sizes(after).forEach((size, index) => {
        expect(Math.abs(size - (expected[index] ?? 0))).toBeLessThan(20_000)
      })
    },
  )

  test('behind `--`, a word that asks for a page takes no cache from the command', async () => {
    const {environment} = await nezhaSandbox()
    const {run} = cachedHome()
    await run(['nezha', '--help'])
    const show = ['nezha', 'server', 'show', '--', '-h']
    const first = await run(show, environment)
    expect(await run(show, environment)).toEqual({...first, cache: 'used'})
    expect(first.cache).toBe('none')
  })

  test('holds what a run needed that the first one did not, and loses nothing that V8 forgot meanwhile', async () => {
    const {environment} = await nezhaSandbox()
    const {run, cacheFile} = cachedHome()
    const unreached = {...environment, NEZHA_DASHBOARD_URL: 'http://127.0.0.1:1'}
    expect(await run([...line, '--retries', '0'], unreached)).toMatchObject({cache: 'none'})
    const small = statSync(cacheFile()).size
    const table = await run(['nezha', 'server', 'list'], environment)
    expect(table).toMatchObject({exitCode: 0, cache: 'used'})
    const large = statSync(cacheFile()).size
    expect(large).toBeGreaterThan(small)
    // Over TLS, whose parts are new, in a run after which half of what had been compiled is gone.
    const overTls = {...environment, NEZHA_DASHBOARD_URL: 'https://127.0.0.1:1', SPY_FORGETS: '1'}
    expect(await run([...line, '--retries', '0'], overTls)).toMatchObject({cache: 'used'})
    expect(statSync(cacheFile()).size).toBeGreaterThanOrEqual(large)
    expect(await run(['nezha', 'server', 'list'], environment)).toEqual(table)
  })

  test('of another command is not used under the name of this one', async () => {
    const {run, cacheFile} = cachedHome()
    const list = await run(['context', 'list'])
    await run(['completion', 'bash'])
    cpSync(cacheFile('completion.bash'), cacheFile('context.list'))
    expect(await run(['context', 'list'])).toEqual({...list, cache: 'none'})
  })

  test('is one of sixty at most, and those of a month ago are gone; other files are left', async () => {
    const {run, folder, files} = cachedHome()
    await run(['context', 'list'])
    const old = 'f'.repeat(64)
    const strangers = ['names.json', 'code', 'code-notes.txt']
    const many = Array.from({length: 80}, (_, index) => `code-${String(index).padStart(8, '0')}-context.list`)
    for (const name of [old, ...strangers, ...many]) writeFileSync(join(folder, name), '')
    utimesSync(join(folder, old), 0, 0)
    await run(['completion', 'bash'])
    const left = files()
    expect(left.filter(name => /^code-[0-9a-f]{8}-/.test(name))).toHaveLength(60)
    expect(left).toEqual(expect.arrayContaining([expect.stringMatching(/-completion\.bash$/), ...strangers]))
    expect(left).not.toContain(old)
  })

  type Home = ReturnType<typeof cachedHome>
  /** What happens to a good cache. */
  const accidents: readonly [string, (home: Home) => void][] = [
    [
      'damaged',
      ({cacheFile}) => {
        const bytes = readFileSync(cacheFile())
        const middle = bytes.length >> 1
        bytes[middle] = (bytes[middle] ?? 0) ^ 0xff
        writeFileSync(cacheFile(), bytes)
      },
    ],
    ['cut off', ({cacheFile}) => writeFileSync(cacheFile(), readFileSync(cacheFile()).subarray(0, 50_000))],
    ['empty', ({cacheFile}) => writeFileSync(cacheFile(), '')],
    ['longer than it was', ({cacheFile}) => appendFileSync(cacheFile(), 'x')],
    ['writable by its group', ({cacheFile}) => chmodSync(cacheFile(), 0o620)],
    ['in a folder that its group can write', ({folder}) => chmodSync(folder, 0o770)],
    [
      'a link',
      ({cacheFile, home}) => {
        const file = cacheFile()
        renameSync(file, join(home, 'elsewhere'))
        symlinkSync(join(home, 'elsewhere'), file)
      },
    ],
    [
      'in a folder that is a link',
      ({folder, home}) => {
        renameSync(folder, join(home, 'elsewhere'))
        symlinkSync(join(home, 'elsewhere'), folder)
      },
    ],
    [
      'a folder',
      ({cacheFile}) => {
        const file = cacheFile()
        rmSync(file)
        mkdirSync(file)
      },
    ],
  ]

  test.each(accidents)('that is %s is not used and changes no output', async (_, happen) => {
    const {environment} = await nezhaSandbox()
    const home = cachedHome()
    const {cache, ...good} = await home.run(line, environment)
    expect(cache).toBe('none')
    happen(home)
    expect(await home.run(line, environment)).toEqual({...good, cache: 'none'})
    expect(await home.run(line, environment)).toMatchObject(good)
  })

  test.runIf(process.getuid?.() === 0)('that belongs to somebody else is not used', async () => {
    const {environment} = await nezhaSandbox()
    const {run, cacheFile} = cachedHome()
    const {cache: _, ...good} = await run(line, environment)
    chownSync(cacheFile(), 65534, 65534)
    expect(await run(line, environment)).toEqual({...good, cache: 'none'})
  })

  test.runIf(process.getuid?.() === 0)(
    'that takes the place of ours after a look at it is not used',
    async () => {
      const {environment} = await nezhaSandbox()
      const {run, cacheFile, home} = cachedHome()
      const {cache: _, ...good} = await run(line, environment)
      const theirs = join(home, 'theirs')
      cpSync(cacheFile(), theirs)
      chownSync(theirs, 65534, 65534)
      expect(await run(line, {...environment, SPY_THEIRS: theirs})).toEqual({...good, cache: 'none'})
      expect(existsSync(theirs)).toBe(false)
    },
  )

  test.each([
    ['a file stands where its folder should be', (home: string) => writeFileSync(join(home, '.cache'), '')],
    [
      'a file stands where its own folder should be',
      (home: string) => {
        mkdirSync(join(home, '.cache'))
        writeFileSync(join(home, '.cache', 'panelctl'), '')
      },
    ],
  ])('%s: nothing changes', async (_, prepare) => {
    const {environment} = await nezhaSandbox()
    const {home, run} = cachedHome()
    prepare(home)
    const outcome = await run(line, environment)
    expect(outcome).toMatchObject({exitCode: 0, stderr: '', cache: 'none'})
    expect(await run(line, environment)).toEqual(outcome)
  })

  test.each(['/proc/self', '/dev/null/x', '/nonexistent/folder/of/nobody'])(
    'where XDG_CACHE_HOME is %s: nothing changes',
    async base => {
      const {environment} = await nezhaSandbox()
      const {run} = cachedHome()
      expect(await run(line, {...environment, XDG_CACHE_HOME: base})).toMatchObject({exitCode: 0, stderr: ''})
    },
  )

  test('under sudo none is written and none is read', async () => {
    const {environment} = await nezhaSandbox()
    const {run, files} = cachedHome()
    const {cache: _, ...good} = await run(line, {...environment, SUDO_UID: '1000'})
    expect(files()).toEqual([])
    await run(line, environment)
    expect(await run(line, {...environment, SUDO_UID: '1000'})).toEqual({...good, cache: 'none'})
  })

  test('of another bundle of the same length is never run', async () => {
    const {home, folder} = cachedHome()
    const programs = ['one', 'two'].map(name => {
      for (const part of ['bin', 'package.json', 'oclif.manifest.json', 'dist']) {
        cpSync(join(root, part), join(home, name, part), {recursive: true})
      }
      return join(home, name)
    })
    const [one = '', two = ''] = programs
    const bundle = join(two, 'dist', 'panelctl.cjs')
    const source = readFileSync(bundle, 'latin1')
    writeFileSync(bundle, source.replace('no command was given', 'NO COMMAND WAS GIVEN'), 'latin1')
    // A package has one and the same time for all that was ever in it, as npm unpacks it.
    const dated = (file: string) => utimesSync(file, packed, packed)
    const packed = new Date('1985-10-26T08:15:00Z')
    const place = join(one, 'dist', 'panelctl.cjs')
    for (const file of [place, bundle]) dated(file)
    const run = async (program: string) =>
      (await shell(`"${process.execPath}" "${program}/bin/run.js" --quiet`, {HOME: home})).stderr.split(
        '\n',
      )[0]
    expect(await run(one)).toBe('panelctl: no command was given')
    const [ofOne = ''] = readdirSync(folder)
    expect(await run(two)).toBe('panelctl: NO COMMAND WAS GIVEN')
    const ofTwo = readdirSync(folder).find(name => name !== ofOne) ?? ''
    // As if it had been copied over the other's.
    cpSync(join(folder, ofOne), join(folder, ofTwo))
    expect(await run(two)).toBe('panelctl: NO COMMAND WAS GIVEN')
    expect(await run(one)).toBe('panelctl: no command was given')
    // As an update puts it in the same place.
    cpSync(bundle, place)
    dated(place)
    expect(await run(one)).toBe('panelctl: NO COMMAND WAS GIVEN')
  })

  test('is whole when many first runs write it at once', async () => {
    const {run, files} = cachedHome()
    const outcomes = await Promise.all(Array.from({length: 6}, () => run(['completion', 'bash'])))
    for (const {exitCode, stderr} of outcomes) expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''})
    expect(files()).toHaveLength(1)
    expect((await run(['completion', 'bash'])).cache).toBe('used')
  })
})
