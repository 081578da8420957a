import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {dispatch} from '../../src/lib/command/argv.js'
import type {Command} from '../../src/lib/command/command.js'
import {globalFlags, globalGroup, panelFlags} from '../../src/lib/command/global-flags.js'
import {parseArguments} from '../../src/lib/command/parse.js'
import {isSecretName} from '../../src/lib/http/redact.js'
import {withFlags} from '../example-lines.js'
import {cli, commandIds, loadCommand, root, words} from '../harness.js'
import {refusedUrl} from '../process/serve.js'
import {asJson, stored} from './stored.js'

const commands: readonly (readonly [string, Command])[] = await Promise.all(
  commandIds.map(async id => [id, await loadCommand(id)] as const),
)

/** What a person types, up to where the shell takes over. */
function typed(example: string): string {
  return example.split(/ [|<>] ?/)[0] ?? ''
}

/** The part of a flag or an argument that people and scripts depend on. */
function surface(definition: object): object {
  const kept = [
    'type',
    'char',
    'allowNo',
    'required',
    'multiple',
    'options',
    'default',
    'helpValue',
    'summary',
  ]
  return Object.fromEntries(Object.entries(definition).filter(([key]) => kept.includes(key)))
}

function surfaces(definitions: Readonly<Record<string, object>>): object {
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, surface(definition)]),
  )
}

describe.each(commands)('%s', (id, command) => {
  const line = id.replaceAll(':', ' ')

  test('says in one line what it does', () => {
    expect(command.summary).toMatch(/^[a-z].*[^.\s]$/)
    expect(command.summary).not.toContain('\n')
  })

  test('has examples of itself that parse', async () => {
    expect(command.examples.length).toBeGreaterThan(0)
    for (const example of command.examples) {
      expect(`${example} `).toContain(`${line} `)
      // What zsh would look for among the files here, and run nothing where there is none.
      expect(typed(example).replace(/'[^']*'|"[^"]*"/g, '')).not.toMatch(/[*?[\]{}~^#]/)
      const request = dispatch(words(typed(example)), commandIds)
      expect(request).toMatchObject({kind: 'command', id})
      if (request.kind === 'command') await parseArguments(id, command, request.argv)
    }
  })

  test('has the flags of every command, and redefines none', () => {
    expect(command.flags).toMatchObject(globalFlags)
    const chars = Object.values(command.flags).flatMap(({char}) => char ?? [])
    expect(chars).toEqual([...new Set(chars)])
  })

  test('describes each flag and argument in lower case, without a full stop', () => {
    for (const [name, {summary}] of Object.entries({...command.args, ...command.flags})) {
      expect(summary, name).toMatch(/^\S.*[^.\s]$/)
      expect(summary, name).not.toMatch(/^[A-Z][a-z]/)
    }
  })

  test('reads no argument from stdin, and has no flag that swallows an argument', () => {
    for (const argument of Object.values(command.args)) expect(argument.ignoreStdin).toBe(true)
    for (const flag of Object.values(command.flags)) {
      expect(flag).not.toHaveProperty('env')
      if (flag.multiple) expect(flag.multipleNonGreedy).toBe(true)
    }
  })

  test('takes no secret from argv', () => {
    const secret = /token$|password$|secret$|cookie$|api-key$/
    for (const [name, {type}] of Object.entries(command.flags)) {
      if (secret.test(name)) expect(`${name} ${type}`).toBe(`${name} boolean`)
    }
  })

  test('has help that shows all of it', async () => {
    const {stdout, stderr, exitCode} = await cli(`${line} --help`)
    expect({stderr, exitCode}).toEqual({stderr: '', exitCode: 0})
    expect(stdout).toContain(`panelctl ${line}`)
    const [own = '', shared = ''] = stdout.split('\nGLOBAL FLAGS\n')
    for (const [name, {hidden, helpGroup}] of Object.entries(command.flags)) {
      const flag = new RegExp(`(?<![-\\w])--(\\[no-\\])?${name}(?![-\\w])`)
      if (helpGroup === globalGroup && hidden) expect(shared).not.toMatch(flag)
      else expect(helpGroup === globalGroup ? shared : own).toMatch(flag)
    }
    expect(stdout.split(command.summary)).toHaveLength(2)
    for (const name of Object.keys(command.args)) expect(stdout).toContain(name.toUpperCase())
    for (const example of command.examples) expect(stdout).toContain(typed(example))
    expect(await cli(`-h ${line}`)).toEqual({stdout, stderr, exitCode})
  })
})

/** Where nothing listens, so that a command which gets as far as asking ends there. */
const nowhere = {
  NEZHA_DASHBOARD_URL: refusedUrl,
  NEZHA_TOKEN: 'x',
  KOMARI_URL: refusedUrl,
  KOMARI_API_KEY: 'x',
  OPENIDCS_URL: refusedUrl,
  OPENIDCS_TOKEN: 'x',
}

describe('a global flag is offered where it does something, and nowhere else', () => {
  test.each(commands)('%s', async (id, {flags, examples}) => {
    const shown = examples.map(typed).filter(example => !/ -o |--follow/.test(example))
    const line = shown.find(example => !example.includes(' -- ')) ?? shown[0] ?? ''
    for (const [name, value] of [
      ['sort', ' nonexistent'],
      ['columns', ' nonexistent'],
      ['no-header', ' --sort nonexistent'],
    ] as const) {
      const {stderr} = await cli(withFlags(line, `--${name}${value} --retries 0`), {env: nowhere, stdin: ''})
      const isRefused = new RegExp(`which --${name} needs|--${name} goes with lists`).test(stderr)
      expect(`${id} ${name}: ${stderr}`).toMatch(isRefused === (flags[name]?.hidden ?? false) ? /^/ : /^$/)
    }
    // A schema is of panelctl itself.
    const isPanelsOwn =
      /^(nezha|komari|openidcs):(?!schema$)/.test(id) || ['context:show', 'context:check'].includes(id)
    for (const name of Object.keys(panelFlags)) {
      const isAbout = id.startsWith('config:') && name === 'context'
      const isOffered =
        isAbout || (isPanelsOwn && !(name === 'show-secrets' && /:(api|rpc|exec|cp)$/.test(id)))
      expect(`${id} ${name} ${!flags[name]?.hidden}`).toBe(`${id} ${name} ${isOffered}`)
    }
  })
})

test('the surface of all commands is the reviewed one', () => {
  const now = commands.map(([id, {args, flags}]) => ({
    id,
    args: surfaces(args),
    flags: surfaces(Object.fromEntries(Object.entries(flags).filter(([name]) => !(name in globalFlags)))),
  }))
  const snapshot = {global: surfaces(globalFlags), commands: now}
  expect(asJson(snapshot)).toEqual(stored('commands.json', snapshot))
})

describe('oclif.manifest.json is current', () => {
  interface Described {
    readonly summary: string
    readonly description?: string
    readonly examples: readonly string[]
    readonly args: Readonly<Record<string, object>>
    readonly flags: Readonly<Record<string, object>>
  }
  const manifest: {commands: Record<string, Described>} = JSON.parse(
    readFileSync(join(root, 'oclif.manifest.json'), 'utf8'),
  )

  test('it has every command and no other', () => {
    const known = Object.keys(manifest.commands).filter(id => id !== 'help')
    expect(known.toSorted()).toEqual([...commandIds].toSorted())
  })

  test.each(commands)('%s', (id, {summary, description, examples, args, flags}) => {
    const described = manifest.commands[id]
    const manifested = (definitions: Readonly<Record<string, object>>) =>
      Object.fromEntries(
        Object.entries(definitions).map(([name, definition]) => {
          const {
            type,
            char,
            allowNo = false,
            required = false,
            multiple = false,
            options,
            default: value,
            helpValue,
            helpGroup,
            summary: text,
            description: words,
          } = definition as Record<string, unknown>
          // oclif leaves out a default that is false, and some of what is empty.
          const usual = value === false ? undefined : value
          return [
            name,
            {
              type,
              char,
              allowNo,
              required,
              multiple,
              options,
              value: usual,
              helpValue,
              helpGroup,
              text: text ?? words,
            },
          ]
        }),
      )
    expect(described).toMatchObject({
      summary,
      description: description ?? '',
      examples: examples.map(example => `<%= config.bin %> ${example}`),
    })
    expect(manifested(described?.flags ?? {})).toEqual(manifested(flags))
    const argumentsOf = (definitions: Readonly<Record<string, object>>) =>
      Object.fromEntries(
        Object.entries(manifested(definitions)).map(([name, definition]) => [
          name,
          {...definition, type: undefined},
        ]),
      )
    expect(argumentsOf(described?.args ?? {})).toEqual(argumentsOf(args))
    expect(Object.keys(described?.args ?? {})).toEqual(Object.keys(args))
  })
})

test('no flag takes a secret, which others could read among the arguments of a program', () => {
  const names = commands.flatMap(([, {flags}]) =>
    Object.entries(flags).flatMap(([name, {type}]) =>
      type === 'option' && isSecretName(name.replaceAll('-', '_')) ? [name] : [],
    ),
  )
  // Where a secret is, and a code that is worth nothing a minute later.
  const places = [
    'access-secret-file',
    'api-key-file',
    'auto-discovery-key-file',
    'os-password-file',
    'otp',
    'password-file',
    'secret-file',
    'ssl-key',
    'token-command',
    'token-file',
  ]
  expect([...new Set(names)].toSorted()).toEqual(places)
})
