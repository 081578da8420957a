import {spawn} from 'node:child_process'
import type {Surroundings} from '../command/command.js'
import {withoutCredentials} from '../config/environment.js'

const openers: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** Opens an address in the person's browser; where that is not possible, says so and nothing more. */
export async function openInBrowser({speech, env}: Surroundings, address: string): Promise<void> {
  const [program = 'xdg-open', ...before] = openers[process.platform] ?? ['xdg-open']
  await new Promise<void>(resolve => {
    const options = {env: withoutCredentials(env), stdio: 'ignore', detached: true} as const
    const child = spawn(program, [...before, address], options)
    child.once('error', ({message}) => {
      speech.warn(`cannot open a browser: ${message}`)
      resolve()
    })
    child.once('spawn', () => {
      child.unref()
      resolve()
    })
  })
}
