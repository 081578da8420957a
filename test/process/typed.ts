import {spawn} from 'node:child_process'
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import {root, temporaryFolder} from '../harness.js'

/** The shells that Tab is pressed in, each with how it is started and the file that it reads then. */
const shells = {
  bash: {
    start: 'bash --noprofile --rcfile .bashrc -i',
    startup: '.bashrc',
    // As bash-completion does for what is in its folder of the user.
    settings: `PS1='ready$ '\nunset HISTFILE\nfor file in ~/.local/share/bash-completion/completions/*; do source "$file"; done\n`,
  },
  zsh: {start: 'zsh -i', startup: '.zshrc', settings: `PS1='ready$ '\n`},
  fish: {
    start: 'fish -i',
    startup: '.config/fish/config.fish',
    settings: `function fish_prompt; echo -n 'ready$ '; end\nset -g fish_greeting\n`,
  },
} as const

export type TypedShell = keyof typeof shells

/** A home where `panelctl` is the built program, with the settings of a shell. */
function homeOf(shell: TypedShell) {
  const home = temporaryFolder()
  const {startup, settings} = shells[shell]
  mkdirSync(dirname(join(home, startup)), {recursive: true})
  writeFileSync(join(home, startup), settings)
  const program = join(home, 'bin', 'panelctl')
  mkdirSync(dirname(program))
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin', 'run.js')}' "$@"\n`)
  chmodSync(program, 0o755)
  return {
    home,
    env: {
      PATH: `${dirname(program)}${delimiter}${process.env.PATH}`,
      HOME: home,
      ZDOTDIR: home,
      SHELL: shell,
      TERM: 'xterm',
      LC_ALL: 'C.UTF-8',
      // A busy machine is no slow panel.
      PANELCTL_TAB_TIMEOUT: '20s',
    },
  }
}

/**
 * Types lines into a real shell on a pseudo-terminal, where completion was installed before. Gives for each line the words
 * that the shell took it for, and all that was on the screen.
 */
export async function typeInto(
  shell: TypedShell,
  lines: readonly string[],
  {
    env = {},
    prepare = '',
  }: {readonly env?: Readonly<Record<string, string | undefined>>; readonly prepare?: string} = {},
): Promise<{words: string[][]; screen: string}> {
  const own = homeOf(shell)
  const {start} = shells[shell]
  const script = `panelctl completion install ${shell} --quiet > /dev/null && ${prepare || 'true'} && exec ${start}`
  const child = spawn('script', ['-qfec', script, '/dev/null'], {cwd: own.home, env: {...own.env, ...env}})
  let screen = ''
  let seen = () => {}
  child.stdout.on('data', chunk => {
    screen += chunk
    seen()
  })
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  const shows = (pattern: RegExp) =>
    Promise.race([
      ended.then(() => {
        throw new Error(`${shell} ended: ${screen}`)
      }),
      new Promise<RegExpExecArray>(resolve => {
        seen = () => {
          const found = pattern.exec(screen)
          if (found) resolve(found)
        }
        seen()
      }),
    ])
  const words: string[][] = []
  try {
    await shows(/ready\$ /)
    for (const [number, line] of lines.entries()) {
      // From the beginning of the line on: what follows are its words as the shell understands them. Before the next prompt
      // the terminal would take some keys for itself.
      child.stdin.write(`${line}\x01printf '<%s>' begin${number} \x05; printf '<%s>\\n' end${number}\r`)
      const [, found = ''] = await shows(new RegExp(`<begin${number}>(.*?)<end${number}>.*ready\\$ `, 's'))
      words.push([...found.matchAll(/<(.*?)>(?=<|$)/gs)].map(([, word = '']) => word))
    }
  } finally {
    child.stdin.end('\x03exit\r')
    await ended.catch(() => {})
  }
  return {words, screen}
}
