import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {rootCertificates} from 'node:tls'
import {expect, onTestFinished, test} from 'vitest'
import {certificateAuthorities, isPrivateHost} from '../../../src/lib/http/trust.js'
import {temporaryFolder} from '../../harness.js'

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.255.0.9', true],
  ['[::1]', true],
  ['10.0.0.5', true],
  ['172.16.0.1', true],
  ['172.31.255.255', true],
  ['172.32.0.1', false],
  ['192.168.1.1', true],
  ['192.169.1.1', false],
  ['169.254.1.1', true],
  ['100.64.0.1', true],
  ['100.128.0.1', false],
  ['[fd12::1]', true],
  ['[fe80::1]', true],
  ['[2001:db8::1]', false],
  ['[::ffff:10.0.0.1]', true],
  ['[::ffff:8.8.8.8]', false],
  ['8.8.8.8', false],
  ['nas', true],
  ['panel.lan', true],
  ['panel.local', true],
  ['panel.internal', true],
  ['panel.home.arpa', true],
  ['x.localhost', true],
  ['panel.example.com', false],
  ['localhost.example.com', false],
  ['10.0.0.5.example.com', false],
])('isPrivateHost(%s) is %s', (host, expected) => {
  expect(isPrivateHost(host)).toBe(expected)
  // As the client asks: of what `URL` makes of it.
  expect(isPrivateHost(new URL(`http://${host}/`).hostname)).toBe(expected)
})

test('a CA file is trusted besides the usual authorities', async () => {
  const file = join(temporaryFolder(), 'ca.pem')
  const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  writeFileSync(file, pem)
  const {NODE_EXTRA_CA_CERTS} = process.env
  onTestFinished(() => {
    if (NODE_EXTRA_CA_CERTS !== undefined) process.env.NODE_EXTRA_CA_CERTS = NODE_EXTRA_CA_CERTS
  })
  delete process.env.NODE_EXTRA_CA_CERTS
  expect(await certificateAuthorities(file)).toEqual([...rootCertificates, pem])
})

test('a CA file that is none, or not there, is a usage error that names it', async () => {
  const file = join(temporaryFolder(), 'ca.pem')
  await expect(certificateAuthorities(file)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining(file),
  })
  writeFileSync(file, 'hello')
  await expect(certificateAuthorities(file)).rejects.toMatchObject({
    code: 'USAGE',
    message: `the CA file ${file} holds no PEM certificate`,
  })
})
