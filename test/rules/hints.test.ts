import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {commandIds, root} from '../harness.js'
import {checkHints, commandsIn} from '../printed-hints.js'

const lib = join(root, 'src', 'lib')
const sources = readdirSync(lib, {recursive: true, encoding: 'utf8'})
  .filter(file => file.endsWith('.ts') && !file.startsWith('sandbox'))
  .map(file => ({file, text: readFileSync(join(lib, file), 'utf8')}))

describe('a command in a hint', () => {
  test('is one that there is', () => {
    const commands = sources.flatMap(({text}) =>
      [...text.matchAll(/\bpanelctl\('([a-z][a-z -]*)'|\blookWith: '([a-z][a-z -]*?)(?: :[a-z]+)*'/g)].map(
        ([, made, looked]) => made ?? looked ?? '',
      ),
    )
    expect(commands).toContain('nezha server list')
    expect(commands).toContain('openidcs nat list')
    expect(
      commands.filter(
        command => !/^help /.test(command) && !commandIds.includes(command.replaceAll(' ', ':')),
      ),
    ).toEqual([])
  })

  test('is a value and no text that somebody else would have to understand', () => {
    const typed = /[`'"][^`'"\n]*\bpanelctl (?:nezha|komari|openidcs|context) [a-z]/
    const wrong = sources.flatMap(({file, text}) =>
      text
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .split('\n')
        .filter(line => typed.test(line))
        .map(line => `${file}: ${line.trim()}`),
    )
    // A page of help, which is no hint, and what is written at the top of files that are run elsewhere.
    expect(wrong.filter(line => !/^(command\/help-topics|agent\/emit\/\w+)\.ts/.test(line))).toEqual([])
  })

  test('is found and read by what looks at the hints of all tests', async () => {
    expect(commandsIn("look: panelctl nezha server show 'a;b'\\''c' --url https://a.b, or set X")).toEqual([
      ['nezha', 'server', 'show', "a;b'c", '--url', 'https://a.b'],
    ])
    const told = (hint: string, argv?: readonly string[]) => [
      {stderr: `${JSON.stringify({error: {hint}})}\n`, ...(argv ? {argv} : {})},
    ]
    await checkHints([
      {stderr: 'hint: panelctl nezha server show 3\n'},
      ...told('see: panelctl nezha server list'),
    ])
    await expect(checkHints([{stderr: 'hint: panelctl nezha server lst\n'}])).rejects.toThrow(
      'cannot be typed',
    )
    await expect(checkHints(told('or: panelctl openidcs nat list node1'))).rejects.toThrow(
      'missing argument VM',
    )
    for (const name of ['a&b', '$HOST', 'node*', "it's"])
      await expect(checkHints(told(`panelctl openidcs vm list ${name}`)), name).rejects.toThrow(
        'a shell reads',
      )
    // The words run into the flag, and all of it can still be typed.
    const run = ['openidcs', 'nat', 'delete', 'node1', 'web01', '--context', 'lab']
    const mangled = 'panelctl openidcs nat list node --context lab1 web01'
    await expect(checkHints(told(mangled, run))).rejects.toThrow('--context was lab')
    await checkHints(told('panelctl openidcs nat list node1 web01 --context lab', run))
  })
})
