import {describe, expect, it} from 'vitest'
import {isMask, MASK} from '../../../src/lib/mask.js'
import {mask} from '../../../src/lib/output/mask.js'

const secrets = new Set(['server_pass', 'tokens'])

describe('secrets in answers', () => {
  it('are masked at any depth, texts and numbers, and nothing else is', () => {
    const value = {
      hosts: [{name: 'a', server_pass: 'x', os: {server_pass: 123}}],
      Server_Pass: 'kept',
      tokens: ['t1', '', {name: 'n', server_pass: 'y'}],
    }
    expect(mask(value, secrets)).toEqual({
      hosts: [{name: 'a', server_pass: MASK, os: {server_pass: MASK}}],
      Server_Pass: 'kept',
      tokens: [MASK, '', {name: 'n', server_pass: MASK}],
    })
  })

  it('that are empty stay visibly empty', () => {
    const value = {a: {server_pass: ''}, b: {server_pass: null}, c: {server_pass: false}}
    expect(mask(value, secrets)).toBe(value)
  })

  it('leave the value itself alone, for a merge works on unmasked data', () => {
    const value = {host: {server_pass: 'x'}, other: {name: 'b'}}
    const masked = mask(value, secrets)
    expect(value.host.server_pass).toBe('x')
    expect(masked.other).toBe(value.other)
  })

  it('are masked beside and below a field called __proto__', () => {
    const value: unknown = JSON.parse('{"__proto__": {"server_pass": "x"}, "server_pass": "y"}')
    expect(JSON.stringify(mask(value, secrets))).toBe(
      `{"__proto__":{"server_pass":"${MASK}"},"server_pass":"${MASK}"}`,
    )
  })

  it.each([
    [MASK, true],
    ['******', true],
    ['************', true],
    ['*****', false],
    ['******x', false],
    ['******\n', true],
    [' ******** ', true],
    ['', false],
  ])('%j is a mask: %s', (text, expected) => {
    expect(isMask(text)).toBe(expected)
  })
})
