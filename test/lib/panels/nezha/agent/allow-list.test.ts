import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {agentFlagWords} from '../../../../../src/lib/agent/agent-flags.js'
import {PanelctlError} from '../../../../../src/lib/errors.js'
import {
  checkProbeHost,
  flagsOfAgent,
  isHarmless,
} from '../../../../../src/lib/panels/nezha/agent/allow-list.js'

const wordsOf = (text: string) => agentFlagWords(flagsOfAgent, text)

describe('a flag for the agent', () => {
  test.each([
    ['skip-conn', ['--skip-conn']],
    ['--skip-conn', ['--skip-conn']],
    ['-d', ['--debug']],
    ['report-delay=2', ['--report-delay', '2']],
    ['--report-delay 4', ['--report-delay', '4']],
    ['-u=1800', ['--ip-report-period', '1800']],
  ])('%s goes to the script as %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  test.each(['insecure', '-k', 'temperature', 'disable-nat', 'disable-send-query'])(
    '%s is refused: service install would drop it without a word',
    text => {
      expect(() => wordsOf(text)).toThrow('drops --')
    },
  )

  test.each([
    ['tls', 'is not set this way'],
    ['-p=x', 'is not set this way'],
    ['server', 'is not set this way'],
    ['report-delay', 'needs 1 to 4 seconds'],
    ['report-delay=5', 'needs 1 to 4 seconds'],
    ['skip-conn=1', 'takes no value'],
    ['toString', 'has no flag'],
    ['', 'has no flag'],
    ['yes-please', 'has no flag'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => wordsOf(text)).toThrow(message)
  })

  test('is made of harmless words or refused, whatever is given', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        try {
          return wordsOf(text).every(isHarmless)
        } catch (error) {
          return error instanceof PanelctlError
        }
      }),
    )
  })
})

describe('the host that agents report to', () => {
  test.each(['probe.example.com', '10.0.0.5', 'localhost', 'my_host-1'])('%s is fine', host => {
    expect(checkProbeHost(host, '--probe-address')).toBe(host)
  })

  test.each([
    ['https://probe.example.com', 'is a URL'],
    ['probe.example.com:5555', 'has a port in it'],
    ['2001:db8::1', 'an IPv6 address does not work'],
    ['[2001:db8::1]', 'an IPv6 address does not work'],
    ['a;reboot', 'is not a host name'],
    ['`reboot`', 'is not a host name'],
    ['a\nb', 'is not a host name'],
    ['', 'is not a host name'],
  ])('%j is refused: it %s', (host, message) => {
    expect(() => checkProbeHost(host, '--probe-address')).toThrow(message)
  })
})
