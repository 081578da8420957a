import {randomUUID} from 'node:crypto'
import {PanelctlError, reworded} from '../../../errors.js'
import {hint, panelctl} from '../../../hint.js'
import type {Client} from '../../../http/client.js'
import {isHarmless} from '../agent/allow-list.js'
import {nezha} from '../panel.js'
import {listUsers, showProfile, showSettings} from './endpoints.js'
import {tokenIdentity} from './token-identity.js'

/** What an agent of v1 and v2 is told: it makes its server by itself with its first report (contracts/nezha.md 3.6). */
export interface AgentSettings {
  /** Of the account, not of the server. */
  readonly secret: string
  /** Host and port, which are those of the dashboard where nobody set others. */
  readonly server: string
  readonly tls: boolean
}

const giveIt =
  'give the one of the account: NEZHA_AGENT_SECRET, or a user name and a password in place of the token'

/** @throws PanelctlError AUTH for an API token that is none, or no administrator's */
async function usersSeen(client: Client) {
  try {
    return await client.call(listUsers, {})
  } catch (error) {
    const mayNot = error instanceof PanelctlError && error.code === 'AUTH' && error.status === 403
    throw mayNot ? reworded(error, {hint: giveIt}) : error
  }
}

/** The accounts whose secret may be meant: the one that is logged in, or of an API token the one that it is of, where it can tell. */
async function accounts(client: Client) {
  if ((await client.credentialKind(nezha)) !== 'token') return [await client.call(showProfile, {})]
  const all = (await usersSeen(client)) ?? []
  if (all.length < 2) return all
  const owner = (await tokenIdentity(client))?.user_id
  return owner === undefined ? all : all.filter(({id}) => id === owner)
}

/**
 * The secret of the account's agents: an account tells its own, an API token those of all accounts, where it may.
 * @throws PanelctlError AUTH where the credential cannot tell it, REJECTED where it cannot tell which of several
 */
async function agentSecret(client: Client): Promise<string> {
  const secrets = new Set((await accounts(client)).flatMap(({agent_secret}) => agent_secret || []))
  const [secret] = secrets
  if (secret !== undefined && secrets.size === 1) return secret
  if (secret === undefined)
    throw new PanelctlError('REJECTED', 'the panel tells no secret for agents', {
      hint: giveIt,
      panel: 'nezha',
    })
  throw new PanelctlError(
    'REJECTED',
    `there are ${secrets.size} accounts, and where MCP is switched off an API token does not tell whose it is`,
    {
      hint: hint`${panelctl('nezha api GET /api/v1/user')} has the secret of each account; ${giveIt}`,
      panel: 'nezha',
    },
  )
}

/**
 * Makes sure that agents with a secret are taken, as far as the credential can tell: each that is refused counts towards a
 * block of its address (contracts/nezha.md 3.1, trap 54).
 * @throws PanelctlError AUTH
 */
export async function checkAgentSecret(client: Client, secret: string): Promise<void> {
  const isToken = (await client.credentialKind(nezha)) === 'token'
  const own = isToken ? [] : [await client.call(showProfile, {})]
  if (own.some(account => account.agent_secret === secret)) return
  const others = await client.call(listUsers, {}).catch(error => {
    // For administrators alone.
    if (error instanceof PanelctlError && ['AUTH', 'BAD_RESPONSE'].includes(error.code)) return undefined
    throw error
  })
  if (isToken && others === undefined) return
  if (others?.some(account => account.agent_secret === secret)) return
  throw new PanelctlError('AUTH', 'the panel has no account whose agents have the secret that was given', {
    hint: 'leave it out and the panel is asked for it; --skip-preflight if it is the one of its config.yaml',
    panel: 'nezha',
  })
}

/** What the dashboard says of where agents report; of its own address where it says nothing (contracts/nezha.md 3.13). */
export async function agentSettings(client: Client, given: string | undefined): Promise<AgentSettings> {
  const secret = given ?? (await agentSecret(client))
  const settings = await client.call(showSettings, {})
  const config = settings.config ?? settings
  const {protocol, hostname, port} = await client.address(nezha, '/')
  const isTls = protocol === 'https:'
  const server = config.install_host || `${hostname}:${port || (isTls ? 443 : 80)}`
  return {secret, server, tls: config.install_host ? (config.tls ?? false) : isTls}
}

/** The script of v1 and v2 (contracts/nezha.md 2.3). */
export const scriptUrl = 'https://raw.githubusercontent.com/nezhahq/scripts/main/agent/install.sh'

/** What a new agent needs, and the line that installs one with it: null where no script takes it. */
export interface NewAgent extends AgentSettings {
  /** What its server is known by. */
  readonly uuid: string
  readonly command: string | null
}

export async function newAgent(client: Client, given: string | undefined): Promise<NewAgent> {
  const {secret, server, tls} = await agentSettings(client, given)
  const uuid = randomUUID()
  // The script puts them through `eval`, and the line goes to a shell (contracts/nezha.md 2.3): an IPv6 address has to go into
  // the agent's own configuration.
  if (![secret, server].every(isHarmless)) return {secret, uuid, server, tls, command: null}
  const variables = `NZ_SERVER=${server} NZ_TLS=${tls} NZ_CLIENT_SECRET=${secret} NZ_UUID=${uuid}`
  const command = `curl -fsSLo nezha-agent.sh ${scriptUrl} && env ${variables} sh nezha-agent.sh`
  return {secret, uuid, server, tls, command}
}

/** What to do with a new agent, without its secret, which is printed alone. */
export function installation({secret, uuid, server, tls, command}: NewAgent): string {
  return command === null
    ? `what goes into its config.yml, besides the secret as client_secret, is server: ${server}, tls: ${tls}, uuid: ${uuid}`
    : `with the secret in SECRET, this installs it: ${command.replace(secret, '$SECRET')}`
}
