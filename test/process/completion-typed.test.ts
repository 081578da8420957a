import {stripVTControlCharacters} from 'node:util'
import {describe, expect, test} from 'vitest'
import {nezhaSandbox, openidcsSandbox} from '../harness.js'
import {isInstalled} from './shell.js'
import {typeInto} from './typed.js'

// Real shells, in which Tab is pressed. On Linux a run without bash and `script` fails, so that none is empty.

const tab = '\t'

/** Names that a shell could take for something else, by how each begins. */
const difficult = {
  机: '机房 3',
  n1: 'n1 $HOME `id` $(id)',
  n2: "n2'it's",
  n3: 'n3"quoted" \\back\\',
  n4: 'n4:a=b@c',
  n5: 'n5;&|<x>(y){z}[0]*?',
  n6: 'n6!#~^%, é',
} as const

/** How often Tab is pressed until a shell shows what fits, where the word cannot go on. */
const listedAfter = {bash: 2, zsh: 2, fish: 1}

/** Without colours and what else moves the cursor. */
function plain(screen: string): string {
  return stripVTControlCharacters(screen).replaceAll('\x1b(B', '')
}

test.runIf(process.platform === 'linux')('bash and a terminal for it are there', () => {
  expect(isInstalled('bash') && isInstalled('script'), 'apt-get install bash bsdutils').toBe(true)
})

describe.each(['bash', 'zsh', 'fish'] as const)('Tab in %s (skipped where it is not installed)', shell => {
  const there = isInstalled(shell) && isInstalled('script')

  test.runIf(there)('completes commands, flags, choices and columns', async () => {
    const {words} = await typeInto(shell, [
      `panelctl nez${tab}serve${tab}sho${tab}x`,
      `panelctl openidcs host l${tab}--outp${tab}js${tab}`,
      `panelctl nezha server list --output=js${tab}`,
      `panelctl nezha server list -o js${tab}`,
      `panelctl nezha server list --columns id,na${tab}`,
      `panelctl nezha server list --columns=id,na${tab}`,
      `panelctl nezha server list --sort name:d${tab}`,
      `panelctl nezha server rm${tab}--ye${tab}`,
      `panelctl context show --ins${tab}`,
      `panelctl openidcs host power node1 of${tab}`,
      `panelctl help exit${tab}`,
    ])
    expect(words.map(line => line.slice(1).join(' '))).toEqual([
      'nezha server show x',
      'openidcs host list --output json',
      'nezha server list --output=json',
      'nezha server list -o json',
      'nezha server list --columns id,name',
      'nezha server list --columns=id,name',
      'nezha server list --sort name:desc',
      'nezha server rm --yes',
      'context show --insecure',
      'openidcs host power node1 off',
      'help exit-codes',
    ])
  })

  test.runIf(there)("completes a server's name, which the panel is asked for once", async () => {
    const sandbox = await nezhaSandbox()
    const {words} = await typeInto(
      shell,
      [`panelctl nezha server show hu${tab}`, `panelctl nezha monitor show db${tab}`],
      {
        env: sandbox.environment,
      },
    )
    expect(words).toEqual([
      ['panelctl', 'nezha', 'server', 'show', 'hub1'],
      ['panelctl', 'nezha', 'monitor', 'show', 'db1'],
    ])
    expect(sandbox.requests).toHaveLength(1)
  })

  test.runIf(there)('quotes names, whatever they hold, and goes on in quotes that are open', async () => {
    const hosts = Object.values(difficult).map(name => ({name}))
    const {environment} = await openidcsSandbox({hosts})
    const begun = Object.entries(difficult).flatMap(([begin, name]) => [
      {line: `panelctl openidcs host show ${begin}${tab}`, name},
      {line: `panelctl openidcs host show '${begin}${tab}`, name},
      {line: `panelctl openidcs host show "${begin}${tab}`, name},
      {line: `panelctl openidcs system logs --host=${begin}${tab}`, name: `--host=${name}`},
    ])
    const {words} = await typeInto(
      shell,
      begun.map(({line}) => line),
      {env: environment},
    )
    expect(words.map(line => line.at(-1))).toEqual(begun.map(({name}) => name))
  })

  test.runIf(there)('shows all that fit, and adds what they have in common', async () => {
    const {environment} = await openidcsSandbox({hosts: [{name: '机房 1'}, {name: '机房 2'}]})
    const {words, screen} = await typeInto(
      shell,
      [
        `panelctl openidcs host show 机${tab}2`,
        `panelctl openidcs host show 机房\\ ${tab.repeat(listedAfter[shell])}\x15`,
      ],
      {env: environment},
    )
    expect(words[0]?.at(-1)).toBe('机房 2')
    expect(plain(screen)).toMatch(/机房\\? 1\s+机房\\? 2/)
  })

  test.runIf(there)('completes files where a flag takes one', async () => {
    const {words} = await typeInto(
      shell,
      [
        `panelctl openidcs host update node1 --file hosts-${tab}`,
        `panelctl nezha server list --ca-file=hosts-${tab}`,
      ],
      {prepare: "touch 'hosts-of ours.yaml'"},
    )
    expect(words.map(line => line.at(-1))).toEqual(['hosts-of ours.yaml', '--ca-file=hosts-of ours.yaml'])
  })

  test.runIf(there)('says and asks nothing where there is nothing to complete', async () => {
    const {words, screen} = await typeInto(
      shell,
      [
        `panelctl nezha server show x${tab}`,
        `panelctl nonsense ${tab}`,
        `panelctl openidcs vm show node1 ${tab}y`,
      ],
      {env: {NEZHA_DASHBOARD_URL: 'http://127.0.0.1:1', NEZHA_TOKEN: 'x'}},
    )
    expect(words.map(line => line.at(-1))).toEqual(['x', 'nonsense', 'y'])
    expect(screen).not.toMatch(/hint:|panelctl:|assword/)
  })
})
