import type {Caller} from '../../../agent/auto-register.js'
import {installLine} from '../../../agent/install-line.js'
import {refuseRelative} from '../../../agent/work-folder.js'
import {PanelctlError} from '../../../errors.js'
import {panelctl} from '../../../hint.js'
import {nodeWithToken} from '../administration.js'
import {komari} from '../panel.js'
import {komariAgent} from './kind.js'
import {type InstallFlags, scriptCallOf} from './plan.js'

/**
 * The line that installs the agent of a node that is there (contracts/komari.md 7.11, step 4).
 * @throws PanelctlError REJECTED for a token that the script would take apart
 */
export async function installCommand({
  args: {node},
  flags,
  ...run
}: Pick<Caller, 'env' | 'connect' | 'client'> & {
  readonly args: {readonly node: string}
  readonly flags: InstallFlags & {readonly workdir: string | undefined}
}): Promise<{name: string; uuid: string; command: string}> {
  if (flags.workdir !== undefined) refuseRelative(flags.workdir)
  const connection = await run.connect(komari)
  const script = scriptCallOf(flags, {env: run.env, url: connection.url})
  const {name, uuid, token} = await nodeWithToken(run.client(komari, connection), node)
  if (komariAgent.takesSecret(token)) return {name, uuid, command: installLine(komariAgent, script, token)}
  throw new PanelctlError(
    'REJECTED',
    `the token of ${name} has characters that the install script would take apart`,
    {
      hint: panelctl('komari node edit', [node], {flags: {'token-file': 'token.txt'}}),
      panel: 'komari',
    },
  )
}
