import {shellQuoted} from '../shell-word.js'
import type {Handler} from './answer.js'
import {text} from './go/answers.js'
import {firstHeader} from './go/headers.js'

/** What an install script of the sandbox is, and what the agent tells that it pretends to install. */
export interface Installer {
  /** The script; the given shell words call back with the words behind them. */
  readonly script: (callBack: string) => string
  /** As a real agent's, failures are not told: it would retry for ever. */
  readonly report: (words: readonly string[]) => void
}

/** Serves the install script, and is what the agent reports to. */
export function installerHandler({script, report}: Installer): Handler {
  // The node that runs the sandbox calls back, as curl may be missing. The one file is a node by its `execArgv` alone.
  const call = `const [url, ...words] = process.argv.slice(1)
fetch(url, {method: 'POST', body: JSON.stringify(words)}).catch(() => {})`
  return ({method, path, rawHeaders, body}) => {
    if (method === 'GET' && path === '/install.sh') {
      const url = `http://${firstHeader(rawHeaders, 'host')}/agent`
      const words = [process.execPath, ...process.execArgv, '-e', call, url]
      return text(200, script(words.map(shellQuoted).join(' ')))
    }
    if (method !== 'POST' || path !== '/agent') return text(404, 'not found\n')
    report(JSON.parse(body) as string[])
    return text(200, '')
  }
}
