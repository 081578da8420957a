import {describe, expect, test} from 'vitest'
import {failureOf} from '../../failure.js'
import {cli, openidcsSandbox, temporaryFolder} from '../../harness.js'

/** A panel in the context `prod`, which is not the current one, with a VM `web01` on `node1`. */
async function panel() {
  const sandbox = await openidcsSandbox()
  const folder = temporaryFolder()
  const run = (line: string, stdin?: string) =>
    cli(line, {
      env: {PANELCTL_CONFIG_DIR: folder, OPENIDCS_TOKEN: sandbox.token},
      ...(stdin === undefined ? {} : {stdin}),
    })
  await run(`openidcs login --context prod --url ${sandbox.url} --with-token`, sandbox.token)
  return {sandbox, run}
}

describe('a command in a hint keeps its arguments apart from the flags that lead to the panel', () => {
  test('with --context, --url and --insecure', async () => {
    const {sandbox, run} = await panel()
    const remove = 'openidcs nat delete node1 web01 --port 1 --yes -o json'
    const hint = async (flags: string) => failureOf(await run(`${remove} ${flags}`)).hint
    const list = 'panelctl openidcs nat list node1 web01'
    expect(await hint('--context prod')).toBe(`${list} --context prod`)
    expect(await hint(`--url ${sandbox.url}`)).toBe(`${list} --url ${sandbox.url}`)
    expect(await hint(`--url ${sandbox.url} --insecure`)).toBe(`${list} --url ${sandbox.url} --insecure`)
  })

  test('where a deletion was cut off, exit 7', async () => {
    const {sandbox, run} = await panel()
    const [rule] = JSON.parse((await run('openidcs nat list node1 web01 --context prod -o json')).stdout)
    sandbox.faults.next({kind: 'reset'}, {method: 'DELETE'})
    const line = `openidcs nat delete node1 web01 --port ${rule.external_port} --yes --context prod -o json`
    expect(failureOf(await run(line))).toMatchObject({
      exitCode: 7,
      hint: 'look before you repeat it: panelctl openidcs nat list node1 web01 --context prod',
    })
  })
})

test('a token that is refused may be one that a proxy takes out: the panel says the same where there is none', async () => {
  const {sandbox} = await panel()
  const hintOf = async (OPENIDCS_TOKEN: string) =>
    failureOf(await cli('openidcs host list -o json', {env: {OPENIDCS_URL: sandbox.url, OPENIDCS_TOKEN}}))
      .hint
  const lost = '; where it is right, a proxy before the panel takes it out of the requests'
  expect(await hintOf('wrong')).toContain(lost)
  expect(await hintOf('')).not.toContain(lost)
})
