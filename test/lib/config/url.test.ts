import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {isSameOrigin, normaliseUrl} from '../../../src/lib/config/url.js'
import {failure} from './failure.js'

const brackets = 'an IPv6 address stands in brackets, as in http://[::1]:8008'

describe('the URL of a panel', () => {
  it.each([
    ['https://host', 'https://host'],
    ['https://host/', 'https://host'],
    ['https://host:443//', 'https://host'],
    ['http://HOST:8008/nezha/', 'http://host:8008/nezha'],
    ['https://host/@me', 'https://host/@me'],
    ['http://[::1]:8008', 'http://[::1]:8008'],
    [' https://host\n', 'https://host'],
  ])('%j is used as %s', (text, url) => {
    expect(normaliseUrl(text, '--url')).toBe(url)
  })

  it.each([
    ['', '--url: the URL is empty', undefined],
    ['host:8008', '--url: host:8008 has no scheme', 'did you mean https://host:8008 ?'],
    ['https:/host/nezha', '--url: https:/host/nezha has no scheme', 'did you mean https://host/nezha ?'],
    ['http//host:8008', '--url: http//host:8008 has no scheme', 'did you mean http://host:8008 ?'],
    ['https;//host', '--url: https;//host has no scheme', 'did you mean https://host ?'],
    [
      'https.example.com',
      '--url: https.example.com has no scheme',
      'did you mean https://https.example.com ?',
    ],
    ['http:host', '--url: http:host has no scheme', 'did you mean http://host ?'],
    ['::1:8008', '--url: ::1:8008 has no scheme', brackets],
    ['http://::1:8008/nezha', '--url: http://::1:8008/nezha is not a URL', brackets],
    ['[::1]:8008', '--url: [::1]:8008 has no scheme', 'did you mean https://[::1]:8008 ?'],
    ['my panel', '--url: my panel has no scheme', 'a URL looks like https://panel.example.com'],
    ['host:99999', '--url: host:99999 has no scheme', 'a URL looks like https://panel.example.com'],
    ['ftp://my host', '--url: ftp://my host is not a URL', 'a URL looks like https://panel.example.com'],
    ['host?a=b', '--url: host?a=b has no scheme', 'did you mean https://host ?'],
    ['//host', '--url: //host has no scheme', 'did you mean https://host ?'],
    ['ftp://host', '--url: ftp://host must start with http:// or https://', undefined],
    [
      'http://127.0.0.1:99999/x',
      '--url: the port 99999 of http://127.0.0.1:99999/x is too big',
      'ports go up to 65535',
    ],
    ['https://', '--url: https:// is not a URL', 'a URL looks like https://panel.example.com'],
    [
      'https://host/a?b=c',
      '--url: the URL of a panel has no query or fragment',
      'did you mean https://host/a ?',
    ],
    ['https://host/?', '--url: the URL of a panel has no query or fragment', 'did you mean https://host ?'],
    ['https://host/#/x', '--url: the URL of a panel has no query or fragment', 'did you mean https://host ?'],
  ])('%j is refused: %s', async (text, message, hint) => {
    expect(await failure(() => normaliseUrl(text, '--url'))).toMatchObject({code: 'USAGE', message, hint})
  })

  it.each([
    'https://me:hunter2@host',
    'https://hunter2@host',
    'me:hunter2@host',
    'https://me:hunter2/x@host',
    'ssh://me:hunter2@host',
  ])('%s is refused without repeating the password, and says how to give credentials', async text => {
    const error = await failure(() => normaliseUrl(text, 'NEZHA_DASHBOARD_URL'))
    expect(error.message).toBe('NEZHA_DASHBOARD_URL: a URL must not carry a user name or password')
    expect(`${error.message} ${error.hint}`).not.toContain('hunter2')
    expect(error.hint).toContain('login or the environment')
  })

  it('stays as it is when normalised again, whatever it was', () => {
    fc.assert(
      fc.property(fc.webUrl(), text => {
        const once = normaliseUrl(text, '--url')
        expect(normaliseUrl(once, '--url')).toBe(once)
      }),
    )
  })

  it('is never guessed to be one that is refused too', async () => {
    const words = fc.stringMatching(/^[a-z:/.[\]?#%8 -]{1,12}$/)
    await fc.assert(
      fc.asyncProperty(fc.oneof(words, fc.string()), async text => {
        const {hint} = await failure(() => normaliseUrl(text, '--url')).catch(() => ({hint: undefined}))
        const guess = /^did you mean (.*) \?$/.exec(String(hint))?.[1]
        if (guess !== undefined) expect(normaliseUrl(guess, '--url')).toBe(guess.replace(/\/+$/, ''))
      }),
    )
  })

  it('is the same panel whatever its path, and another one on another port or scheme', () => {
    expect(isSameOrigin('https://host', 'https://host/nezha')).toBe(true)
    expect(isSameOrigin('https://host', 'https://host:8443')).toBe(false)
    expect(isSameOrigin('https://host', 'http://host')).toBe(false)
  })
})
