import {MASK} from '../mask.js'
import type {AgentPlan} from './agent-kind.js'
import type {AgentRun} from './run.js'

/** A text without what an agent proves itself with, unless secrets may be shown. */
export function withoutSecret(run: AgentRun, agent: AgentPlan, secret: string, text: string): string {
  return run.showSecrets ? text : text.replaceAll(agent.accountSecret ?? secret, MASK)
}

/** How the install script is called, as a person would type it. */
export function commandLine(run: AgentRun, agent: AgentPlan, secret: string): string {
  const {words, env} = agent.call(secret)
  const variables = Object.entries(env).flatMap(([name, value]) => (value === '' ? [] : `${name}=${value}`))
  const line = [...variables, `./${run.kind.script.name}`, ...words].join(' ')
  return withoutSecret(run, agent, secret, line)
}
