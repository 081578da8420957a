import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {cli, dashboardSandbox, temporaryFolder} from '../../harness.js'

async function told(generation: 'v1' | 'v2') {
  const {environment: env} = await dashboardSandbox({generation})
  const file = join(temporaryFolder(), 'url.txt')
  writeFileSync(file, 'https://hook.example.com/T0KEN\n')
  const run = (line: string) => cli(`nezha ${line}`, {env})
  await run(`notification create ops --url-file ${file}`)
  await run(`ddns create edge --provider cloudflare --access-secret-file ${file}`)
  return {run, env}
}

const notifications = 'Nezha v2 tells nobody these fields of notifications: url, request_header, request_body'
const ddns = 'Nezha v2 tells nobody these fields of DDNS profiles: access_secret, webhook_headers'

test.each([
  ['notification show ops', `${notifications}\n`],
  ['notification list --show-secrets', `${notifications}\n`],
  ['notification list', ''],
  ['ddns show edge --show-secrets', `${ddns}\n`],
  ['export notification ddns --show-secrets', `warning: ${notifications}\nwarning: ${ddns}\n`],
  ['export notification', ''],
])('what v2 tells nobody is not shown as none without a word: %s', async (line, stderr) => {
  const {run} = await told('v2')
  expect(await run(line)).toMatchObject({exitCode: 0, stderr})
})

test('v1 tells it, and no word is needed', async () => {
  const {run} = await told('v1')
  const shown = await run('notification show ops --show-secrets')
  expect(shown).toMatchObject({exitCode: 0, stderr: '', stdout: expect.stringContaining('T0KEN')})
})

test('what is shown of one may be given again, and what was not told of it stays', async () => {
  const {run, env} = await told('v2')
  const {stdout: stdin} = await run('notification show ops -o yaml')
  expect(stdin).toContain('url: null')
  const edited = await cli('nezha notification edit ops --file -', {env, stdin})
  expect(edited).toMatchObject({exitCode: 0, stderr: 'nothing to change in the notification ops\n'})
})
