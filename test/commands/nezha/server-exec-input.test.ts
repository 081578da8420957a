import {expect, test} from 'vitest'
import {cli, dashboardSandbox} from '../../harness.js'

async function run(line: string, stdin: string) {
  const panel = await dashboardSandbox({mcp: true})
  const outcome = await cli(line, {env: panel.environment, stdin})
  return {outcome, sent: panel.requests.filter(({path}) => path === '/mcp').length}
}

// Of the second each is six bytes to the agent.
test.each([
  ['longer', 'x'.repeat(4_200_000)],
  ['longer as JSON', '<'.repeat(700_000)],
])('input that is %s than an agent takes is refused before it breaks its connection', async (_, stdin) => {
  const {outcome, sent} = await run('nezha server exec hub1 --stdin - -- wc -c', stdin)
  expect(outcome).toEqual({
    stdout: '',
    stderr:
      'panelctl: Nezha takes no more than 4 MiB for a command, with its input, as JSON\nhint: bring it as a file: panelctl nezha server cp FILE SERVER:/tmp/FILE\n',
    exitCode: 2,
  })
  expect(sent).toBe(0)
})

test('input of nearly that length arrives', async () => {
  const {outcome, sent} = await run('nezha server exec hub1 --stdin - -- wc -c', 'x'.repeat(4_150_000))
  expect(outcome).toEqual({stdout: '4150000\n', stderr: '', exitCode: 0})
  expect(sent).toBe(1)
})
