import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {isSecretName, redactBody, redactHeaders, redactUrl} from '../../../src/lib/http/redact.js'
import {MASK} from '../../../src/lib/mask.js'

const secretName = fc.constantFrom(
  'Authorization',
  'cookie',
  'Set-Cookie',
  'x-csrf-token',
  'X-API-Key',
  'secret',
  'agent_secret',
  'password',
  'Password',
  'os_pass',
  'api_key',
  'apiKey',
  'session_token',
  'otp',
  '2fa_code',
)
const plainName = fc.constantFrom('name', 'tag', 'note', 'id', 'accept', 'user-agent', 'passage')
const secret = fc.string({minLength: 1}).map(text => `s3cr3t-${text}`)

test.each([
  ['Authorization', true],
  ['cookie', true],
  ['server_pass', true],
  ['vc_pass', true],
  ['token', true],
  ['Name', false],
  ['accept', false],
  ['passage', false],
  ['compass_heading', false],
])('isSecretName(%s) is %s', (name, expected) => {
  expect(isSecretName(name)).toBe(expected)
})

describe('no secret is left in', () => {
  test('headers', () => {
    fc.assert(
      fc.property(
        fc.dictionary(secretName, secret),
        fc.dictionary(plainName, fc.string()),
        (secrets, others) => {
          const headers = redactHeaders({...secrets, ...others})
          expect(JSON.stringify(headers)).not.toContain('s3cr3t-')
          expect(headers).toEqual({
            ...Object.fromEntries(Object.keys(secrets).map(name => [name, MASK])),
            ...others,
          })
        },
      ),
    )
  })

  test('the query and the user part of an address', () => {
    fc.assert(
      fc.property(secretName, fc.array(secret, {minLength: 1}), secret, (name, values, password) => {
        const url = new URL('https://panel.example.com/a?tag=b')
        url.username = 'me'
        url.password = password
        for (const value of values) url.searchParams.append(name, value)
        const text = redactUrl(url)
        expect(decodeURIComponent(text)).not.toContain('s3cr3t-')
        expect(text).toContain('https://panel.example.com/a?tag=b')
        // The address itself is still needed.
        expect(url.searchParams.getAll(name)).toEqual(values)
      }),
    )
  })

  test('a body, at any depth and of any type', () => {
    const {value} = fc.letrec(tie => ({
      value: fc.oneof(
        {maxDepth: 4},
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), {maxLength: 3}),
        fc.dictionary(plainName, tie('value'), {maxKeys: 3}),
        fc.dictionary(secretName, fc.oneof(secret, fc.array(secret), fc.dictionary(plainName, secret)), {
          maxKeys: 3,
        }),
      ),
    }))
    fc.assert(
      fc.property(value, body => {
        expect(JSON.stringify(redactBody(body))).not.toContain('s3cr3t-')
      }),
    )
  })
})

test('what holds no secret stays as it is', () => {
  const body = {Name: 'a', list: [1, null, {note: ''}], nested: {tag: true}, secret: '', token: null}
  expect(redactBody(body)).toEqual(body)
  for (const value of [undefined, null, 5, 'text', true]) expect(redactBody(value)).toBe(value)
})
