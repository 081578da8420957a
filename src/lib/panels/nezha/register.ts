import {readEnvironmentSecret} from '../../config/environment.js'
import type {Client} from '../../http/client.js'
import {byGeneration} from '../../http/generation.js'
import type {Panel} from '../../http/panel.js'
import {nezha} from './panel.js'
import {registerServer} from './v0/endpoints.js'
import {registration, type ServerOptions} from './v0/registration.js'
import {type NewAgent, newAgent} from './v1/agents.js'

interface Run {
  readonly env: Readonly<Record<string, string | undefined>>
  client(panel: Panel): Client
}

/** A server and its secret: that of v0 is there at once, that of v1 and v2 with the first report of its agent (contracts/nezha.md 3.8). */
export async function register({client, env}: Run, options: ServerOptions) {
  const panel = client(nezha)
  const ofV0 = async () => {
    const body = registration(options)
    const {secret} = await panel.call(registerServer, {body})
    return {secret, ...body}
  }
  const newer = async () => newAgent(panel, await readEnvironmentSecret(env, 'NEZHA_AGENT_SECRET'))
  return byGeneration<{readonly secret: string; readonly uuid?: undefined} | NewAgent>([ofV0, newer])
}
