import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {readEnvironmentSecret} from '../../../src/lib/config/environment.js'
import {failure} from './failure.js'
import {temporaryFolder} from './temporary-folder.js'

function file(content: string): string {
  const path = join(temporaryFolder(), 'secret')
  writeFileSync(path, content)
  return path
}

describe('a secret in the environment', () => {
  it('comes from its variable', async () => {
    expect(await readEnvironmentSecret({NEZHA_TOKEN: 'abc'}, 'NEZHA_TOKEN')).toBe('abc')
  })

  it.each([['abc'], ['abc\n'], ['abc\r\n']])('comes from the file that _FILE names, %j', async content => {
    expect(await readEnvironmentSecret({NEZHA_TOKEN_FILE: file(content)}, 'NEZHA_TOKEN')).toBe('abc')
  })

  it('loses one newline at the end, as secrets made with echo have', async () => {
    expect(await readEnvironmentSecret({NEZHA_TOKEN: 'abc\n'}, 'NEZHA_TOKEN')).toBe('abc')
  })

  it('is none when the variables are unset or empty', async () => {
    expect(await readEnvironmentSecret({}, 'NEZHA_TOKEN')).toBeUndefined()
    expect(
      await readEnvironmentSecret({NEZHA_TOKEN: '', NEZHA_TOKEN_FILE: ''}, 'NEZHA_TOKEN'),
    ).toBeUndefined()
  })

  it('is refused when both variables are set, naming both', async () => {
    const env = {NEZHA_TOKEN: 'a', NEZHA_TOKEN_FILE: '/x'}
    const error = await failure(() => readEnvironmentSecret(env, 'NEZHA_TOKEN'))
    expect(error).toMatchObject({code: 'USAGE', message: 'both NEZHA_TOKEN and NEZHA_TOKEN_FILE are set'})
  })

  it.each(['secret\r', 'secret\n', 'secret\r\n'])('is the same with the end of its line: %j', async text => {
    expect(await readEnvironmentSecret({NEZHA_TOKEN: text}, 'NEZHA_TOKEN')).toBe('secret')
    expect(await readEnvironmentSecret({NEZHA_TOKEN_FILE: file(text)}, 'NEZHA_TOKEN')).toBe('secret')
  })

  it.each([
    ['missing', () => '/nowhere/at/all', /there is no file/],
    ['a folder', temporaryFolder, /is a folder/],
    ['empty', () => file(''), /is empty/],
    ['nothing but a newline', () => file('\n'), /is empty/],
    ['several lines', () => file('a\nb\n'), /has more than one line/],
    ['UTF-16 without a mark', () => file('a\0\r\0\n\0'), /is no UTF-8 text/],
  ])('is refused when its file is %s, naming variable and path', async (_, make, reason) => {
    const path = make()
    const error = await failure(() => readEnvironmentSecret({NEZHA_TOKEN_FILE: path}, 'NEZHA_TOKEN'))
    expect(error.code).toBe('USAGE')
    expect(error.message).toMatch(/^NEZHA_TOKEN_FILE\b/)
    expect(error.message).toContain(path)
    expect(error.message).toMatch(reason)
  })
})
