import {expect, test} from 'vitest'
import {isInDomains, isInNetworks} from '../../../src/lib/http/networks.js'

test.each([
  ['http://127.0.0.1:8008', '127.0.0.0/8', true],
  ['http://127.9.9.9', 'localhost, 127.0.0.0/8', true],
  ['http://128.0.0.1', '127.0.0.0/8', false],
  ['https://10.1.2.3', '10.1.0.0/16 192.168.0.0/16', true],
  ['https://10.2.2.3', '10.1.0.0/16,192.168.0.0/16', false],
  ['https://10.1.2.3', '0.0.0.0/0', true],
  ['http://[::1]:8008', '::1', true],
  ['http://[::1]:8008', '[::1]', true],
  ['http://[::1]:8008', '[::1]:8008', true],
  ['https://[::1]', '[::1]:443', true],
  ['http://[::1]:8008', '[::1]:9000', false],
  ['http://[::1]', '::1/128', true],
  ['http://[0:0:0:0:0:0:0:1]', '::1', true],
  ['http://[fd00::5]', 'FD00::/8', true],
  ['http://[2001:db8::1]', 'fd00::/8', false],
  ['http://127.0.0.1', '::1', false],
  ['http://[::1]', '0.0.0.0/0', false],
  ['http://[::ffff:10.0.0.1]', '10.0.0.0/8', true],
  // No network at all, and a name that looks like one.
  ['http://127.0.0.1', '127.0.0.0/33', false],
  ['http://127.0.0.1', '127.0.0/8', false],
  ['http://127.0.0.1', '', false],
  ['http://panel.example.com', '0.0.0.0/0', false],
])('%s with NO_PROXY=%s goes around the proxy: %s', (url, list, expected) => {
  expect(isInNetworks(new URL(url), list)).toBe(expected)
})

test.each([
  ['https://panel.example.com', 'example.com', true],
  ['https://panel.example.com', 'localhost, Example.COM:443', true],
  ['https://panel.example.com', 'example.com:8443', false],
  ['https://panel.example.com', 'ample.com', false],
  ['https://panel.example.com', 'com', true],
  ['http://10.0.0.1', '0.1', false],
  ['https://example.com', 'panel.example.com', false],
  ['https://panel.example.com', '', false],
])('%s is in a domain of NO_PROXY=%s: %s', (url, list, expected) => {
  expect(isInDomains(new URL(url), list)).toBe(expected)
})
