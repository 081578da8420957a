import {expect, onTestFinished, test} from 'vitest'
import {startDashboard} from '../emulated.js'
import {binary} from '../harness.js'
import {refusedUrl} from './serve.js'

test('a dashboard that is down is one line, and no token', async () => {
  const env = {NEZHA_DASHBOARD_URL: refusedUrl, NEZHA_TOKEN: 'nzp_canaryOfTheStatus'}
  const outcome = await binary(['nezha', 'server', 'status', '--retries', '0'], {env})
  expect(outcome).toMatchObject({exitCode: 6, stdout: ''})
  expect(outcome.stderr).toMatch(/^panelctl: .*\nhint: .*\n$/)
  expect(outcome.stderr).not.toContain('canary')
})

test('--follow goes on where the dashboard is started again', async () => {
  const panel = await startDashboard({generation: 'v2'})
  onTestFinished(() => panel.close())
  panel.state.feedEveryMs = 20
  let text = ''
  const args = ['nezha', 'server', 'status', '--follow', '--interval', '10ms', '-o', 'ndjson']
  const outcome = await binary(args, {
    env: panel.environment,
    started(child) {
      child.stdout?.on('data', async (chunk: Buffer) => {
        const before = text.split('\n').length
        text += chunk
        if (before <= 2 && text.split('\n').length > 2) await panel.restart()
      })
      child.stderr?.on('data', (chunk: Buffer) => {
        if (String(chunk).includes('connected again')) child.kill('SIGINT')
      })
    },
  })
  expect(outcome).toMatchObject({exitCode: 130})
  expect(outcome.stderr).not.toContain(panel.pat)
})
