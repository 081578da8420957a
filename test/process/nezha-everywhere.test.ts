import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {startDashboard} from '../emulated.js'
import {nezhaSandbox, root} from '../harness.js'
import {isInstalled, shell} from './shell.js'

// The very script that is run against real dashboards of the three generations: the same lines, keys and exit codes.

const script = join(root, 'test', 'contract', 'nezha-everywhere.sh')

async function environmentOf(generation: 'v0' | 'v1' | 'v2'): Promise<Record<string, string>> {
  if (generation === 'v0') return (await nezhaSandbox()).environment
  const panel = await startDashboard({generation})
  onTestFinished(() => panel.close())
  panel.state.feedEveryMs = 50
  const {url, pat, username, password} = panel
  if (generation === 'v2') return {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: pat}
  return {NEZHA_DASHBOARD_URL: url, NEZHA_USERNAME: username, NEZHA_PASSWORD: password}
}

test.skipIf(!isInstalled('jq')).each(['v0', 'v1', 'v2'] as const)(
  'what operators do is the same on Nezha %s',
  async generation => {
    const environment = await environmentOf(generation)
    const {stderr, exitCode} = await shell(`sh '${script}' ${generation}`, environment)
    expect({exitCode, end: stderr.trimEnd().split('\n').slice(-10)}).toMatchObject({exitCode: 0})
  },
  120_000,
)
