import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join, relative} from 'node:path'
import {describe, expect, test} from 'vitest'
import {root} from '../harness.js'

interface Import {
  readonly file: string
  /** A file of ours from the folder `src`, or the name of a package. */
  readonly target: string
  readonly own: boolean
}

const src = join(root, 'src')

const sources = readdirSync(src, {recursive: true, withFileTypes: true})
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
  .map(entry => {
    const path = join(entry.parentPath, entry.name)
    return {file: relative(src, path), text: readFileSync(path, 'utf8')}
  })

const specifier =
  /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g

const imports: readonly Import[] = sources.flatMap(({file, text}) =>
  [...text.matchAll(specifier)].map(([, from, dynamic, bare]) => {
    const name = from ?? dynamic ?? bare ?? ''
    if (!name.startsWith('.')) return {file, target: name, own: false}
    return {file, target: join(dirname(file), name).replace(/\.js$/, '.ts'), own: true}
  }),
)

/**
 * Which parts of `src/lib` each may use, besides itself, as ARCHITECTURE.md says: `panels` and its `http, output`.
 * What a page says in parentheses is for people.
 */
const arrows: ReadonlyMap<string, readonly string[]> = new Map(
  [
    ...readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').matchAll(
      /^\| `src\/lib\/([\w-]+)(?:\/|\.ts)` \|.*\| (.*) \|$/gm,
    ),
  ].map(([, part = '', allowed = '']) => [
    part,
    allowed === 'nothing' ? [] : allowed.replace(/ \(.*?\)/g, '').split(', '),
  ]),
)

function partOf(file: string): string {
  return /^lib\/([^/]+?)(?:\.ts)?(?:\/|$)/.exec(file)?.[1] ?? 'program'
}

function show({file, target}: Import): string {
  return `${file} → ${target}`
}

describe('imports', () => {
  test('are found', () => {
    expect(imports.length).toBeGreaterThan(200)
    expect(imports.map(show)).toContain('commands/nezha/server/list.ts → lib/shapes/list.ts')
    expect(imports.map(show)).toContain('lib/command/main.ts → lib/command/help.ts')
    const files = new Set(sources.map(({file}) => file))
    expect(imports.filter(({own, target}) => own && !files.has(target)).map(show)).toEqual([])
  })

  test('go one way', () => {
    const parts = new Set(sources.map(({file}) => partOf(file)).filter(part => part !== 'program'))
    expect([...arrows.keys()].toSorted(), 'the folders of ARCHITECTURE.md').toEqual([...parts].toSorted())
    const wrong = imports.filter(({file, target, own}) => {
      const [from, to] = [partOf(file), partOf(target)]
      if (!own || from === 'program' || from === to) return false
      return !arrows.get(from)?.includes(to)
    })
    expect(wrong.map(show), 'not in ARCHITECTURE.md').toEqual([])
  })

  test('need each arrow that ARCHITECTURE.md has', () => {
    const needed = new Set(imports.map(({file, target}) => `${partOf(file)} → ${partOf(target)}`))
    const allowed = [...arrows].flatMap(([from, parts]) => parts.map(to => `${from} → ${to}`))
    expect(allowed.length).toBeGreaterThan(20)
    expect(allowed.filter(arrow => !needed.has(arrow))).toEqual([])
  })

  test('lead in no circle, types included', () => {
    // Takes away what leads nowhere any more until nothing changes: what is left are circles, and what leads to them.
    let left = imports.filter(({own}) => own)
    for (let before = -1; before !== left.length; ) {
      before = left.length
      const leading = new Set(left.map(({file}) => file))
      const reached = new Set(left.map(({target}) => target))
      left = left.filter(({file, target}) => leading.has(target) && reached.has(file))
    }
    expect(left.map(show)).toEqual([])
  })

  test('of the program itself are no concern of the library', () => {
    const wrong = imports.filter(
      ({file, target, own}) => own && partOf(file) !== 'program' && partOf(target) === 'program',
    )
    expect(wrong.map(show)).toEqual([])
  })

  test('of panels and agents bring no terminal', () => {
    const terminal = /^(node:)?(process|console|readline|tty)(\/|$)|^(chalk|cli-table3|@oclif\/)/
    const wrong = imports.filter(
      ({file, target}) => ['panels', 'agent'].includes(partOf(file)) && terminal.test(target),
    )
    expect(wrong.map(show)).toEqual([])
  })

  test('of the client for scripts bring no command line', () => {
    const allowed = ['connect', 'config', 'errors', 'hint', 'http', 'nearest-names', 'panels', 'program']
    const wrong = imports.filter(
      ({file, target, own}) => /^client[./]/.test(file) && own && !allowed.includes(partOf(target)),
    )
    // The words of a failure, as a command says them.
    const words = ['client.ts → lib/command/hints.ts', 'client.ts → lib/command/showable.ts']
    expect(wrong.map(show)).toEqual(words)
  })

  test('of one panel know no other', () => {
    const panelOf = (file: string) => /^lib\/panels\/([^/]+)\//.exec(file)?.[1]
    const wrong = imports.filter(({file, target}) => {
      const [from, to] = [panelOf(file), panelOf(target)]
      return from !== undefined && to !== undefined && from !== to
    })
    expect(wrong.map(show)).toEqual([])
  })

  test('of commands bring only the library', () => {
    const wrong = imports.filter(({file, own}) => file.startsWith('commands/') && !own)
    // oclif's own command, for manifest and reference (design §12).
    expect(wrong.map(show)).toEqual(['commands/help.ts → @oclif/plugin-help'])
    const other = imports.filter(
      ({file, target}) => file.startsWith('commands/') && target.startsWith('commands/'),
    )
    expect(other.map(show)).toEqual([])
  })

  test('of got are in the exchange and the downloads alone', () => {
    const users = ['lib/http/exchange.ts', 'lib/http/receive.ts', 'lib/http/download.ts']
    const wrong = imports.filter(({file, target}) => target === 'got' && !users.includes(file))
    expect(wrong.map(show)).toEqual([])
  })
})

describe('sources', () => {
  const commands = sources.filter(({file}) => file.startsWith('commands/'))
  const code = (text: string) =>
    text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*/g, '').replace(/'[^'\n]*'|`[^`]*`/g, "''")

  test('of commands are short', () => {
    const long = commands.filter(({text}) => text.split('\n').length > 60).map(({file}) => file)
    expect(long).toEqual([])
  })

  test('of what knows no panel name none, but where a comment cites the wire notes of one', () => {
    const parts = ['command', 'shapes', 'http', 'resource', 'agent', 'output', 'flags', 'completion']
    const knowing = sources.filter(({file}) => parts.includes(partOf(file)))
    expect(new Set(knowing.map(({file}) => partOf(file))).size).toBe(parts.length)
    const notes = /contracts\/\w+\.md [^)]*/g
    const wrong = knowing.flatMap(({file, text}) =>
      (text.replace(notes, '').match(/.*(nezha|komari|openidcs).*/gi) ?? []).map(line => `${file}: ${line}`),
    )
    expect(wrong).toEqual([])
  })

  test('of commands need no cast and no any', () => {
    const wrong = commands.filter(({text}) => /\bas (?!const\b)|\bany\b|<any>|@ts-/.test(code(text)))
    expect(wrong.map(({file}) => file)).toEqual([])
  })

  test('of commands never print, catch, or look at the process', () => {
    const wrong = commands.filter(({text}) =>
      /\b(console|process|stdout|stderr|isTTY|statusCode|catch)\b/.test(code(text)),
    )
    expect(wrong.map(({file}) => file)).toEqual([])
  })

  test('name nothing after what it is not', () => {
    const vague = /(^|\/)(utils?|helpers?|common|misc|manager|service)\.ts$/
    expect(sources.map(({file}) => file).filter(file => vague.test(file))).toEqual([])
  })

  test('read the environment of the process where a process begins', () => {
    // The proxy beside `proxy-from-env`, and the certificates beside Node, which read it too and take no other from their caller.
    const readers = sources.filter(({text}) => /\bprocess\.env\b/.test(code(text))).map(({file}) => file)
    expect(readers.sort()).toEqual([
      'client.ts',
      'completion.ts',
      'lib/http/proxy.ts',
      'lib/http/trust.ts',
      'program.ts',
    ])
  })

  test('of the client and of contexts know no null: what is absent is undefined, and null is data', () => {
    const wrong = sources
      .filter(({file}) => ['config', 'http'].includes(partOf(file)))
      .filter(({text}) => /\| null\b|\?\? null,|: null[,}]/.test(code(text)))
    expect(wrong.map(({file}) => file)).toEqual([])
  })

  test('say what they throw in one way, emulators apart', () => {
    const told = sources
      .filter(({file}) => partOf(file) !== 'sandbox')
      .filter(({text}) =>
        /^\s*(\/\*)?\*.*(Throws (a|an|as|no|when|where|[A-Z]+)\b|\S.* @throws\b)/m.test(text),
      )
    expect(told.map(({file}) => file)).toEqual([])
  })

  test('end the process where it begins', () => {
    const exits = sources.filter(({text}) => /\bprocess\.exit\(/.test(code(text))).map(({file}) => file)
    expect(exits.sort()).toEqual(['completion.ts', 'program.ts'])
  })
})
