import {describe, expect, it} from 'vitest'
import {runTokenCommand} from '../../../src/lib/config/secrets/token-command.js'
import {failure} from './failure.js'

const env = {PATH: process.env.PATH, WORD: 'abc'}
const run = (command: string) => runTokenCommand(command, env, 'lab')

describe.skipIf(process.platform === 'win32')('the tokenCommand of a context', () => {
  it('gives the first line that it prints, trimmed', async () => {
    expect(await run('printf " secret \\nuser: me\\n"')).toBe('secret')
  })

  it('runs in the shell with the environment of panelctl', async () => {
    expect(await run('echo $WORD | tr a-z A-Z')).toBe('ABC')
  })

  it('finds nothing on its stdin instead of waiting for a person', async () => {
    expect(await run('cat; echo end')).toBe('end')
  })

  it.each([
    ['exit 3', 'failed with exit 3'],
    ['echo "not in the" >&2; echo store >&2; exit 1', 'failed with exit 1: not in the; store'],
    ['no-such-program-here 2>/dev/null', 'failed with exit 127'],
    [':', 'printed nothing on its first line'],
    ['echo; echo secret', 'printed nothing on its first line'],
    ['kill -TERM $$', 'was ended by SIGTERM'],
    ['head -c 70000 /dev/zero', 'printed more than 64 KiB'],
  ])('%s is told as: %s', async (command, what) => {
    const error = await failure(() => run(command))
    expect(error.code).toBe('AUTH')
    expect(error.message).toBe(`the token command of context lab ${what}`)
    expect(error.hint).toBe(
      'try the tokenCommand of lab yourself: it is in config.yaml (panelctl context show)',
    )
  })

  it('never shows what it printed on stdout', async () => {
    const error = await failure(() => run('echo hunter2; exit 1'))
    expect(error.message).not.toContain('hunter2')
  })

  it('is ended when it takes too long', async () => {
    const error = await failure(() =>
      runTokenCommand('exec tail -f /dev/null', env, 'lab', {milliseconds: 50}),
    )
    expect(error).toMatchObject({
      code: 'AUTH',
      message: 'the token command of context lab did not finish within 0.05 s',
    })
  })
})
