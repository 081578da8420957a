import {shellWord} from '../shell-word.js'
import type {AgentKind, AgentPlan} from './agent-kind.js'

/** The line that a person types on a machine to install its agent: downloads the script, checks it where its sum is known, and runs it. */
export function installLine(
  {script: {name, interpreter = 'sh'}}: Pick<AgentKind, 'script'>,
  {installUrl, sha256, call}: Pick<AgentPlan, 'installUrl' | 'sha256' | 'call'>,
  secret: string,
): string {
  const {words, env} = call(secret)
  const variables = Object.entries(env).map(([variable, value]) => `${variable}=${shellWord(value)}`)
  return [
    `curl -fsSLo ${name} ${shellWord(installUrl.href)}`,
    ...(sha256 === undefined ? [] : [`echo '${sha256}  ${name}' | sha256sum -c -`]),
    [...variables, interpreter, name, ...words.map(shellWord)].join(' '),
  ].join(' && ')
}
