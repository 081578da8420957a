import {expect, test} from 'vitest'
import {networkReason} from '../../../src/lib/http/connection-failure.js'

const unchecked = 'to connect without checking: --insecure'

test.each<readonly [string, string]>([
  [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    `if it has a CA of its own: --ca-file FILE; else its server has to send the whole chain (fullchain.pem); ${unchecked}`,
  ],
  ['SELF_SIGNED_CERT_IN_CHAIN', `if it has a CA of its own: --ca-file FILE; ${unchecked}`],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', `if it has a CA of its own: --ca-file FILE; ${unchecked}`],
  [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    `it is its own CA: --ca-file FILE with the certificate itself; ${unchecked}`,
  ],
  // No CA makes these good; the last is what Node says of a weak key or hash.
  ...['CERT_REVOKED', 'INVALID_PURPOSE', 'PATH_LENGTH_EXCEEDED', 'CERT_SIGNATURE_FAILURE', 'UNSPECIFIED'].map(
    code => [code, `the panel needs another one; ${unchecked}`] as const,
  ),
])('the hint for a certificate with %s is what mends it', (code, hint) => {
  expect(networkReason(code, 'words')).toEqual({reason: 'its certificate is not trusted (words)', hint})
})

test('a name that nobody could be asked about is not said to be wrong', () => {
  expect(networkReason('EAI_AGAIN', 'getaddrinfo EAI_AGAIN panel.example.com')).toEqual({
    reason: 'the host name cannot be resolved now (EAI_AGAIN)',
    hint: 'is this machine online, and does its DNS server answer? then check the host name in the URL',
  })
})

test('files that this machine has open are no matter of the panel', () => {
  const {reason} = networkReason('EMFILE', 'connect EMFILE 127.0.0.1:80 - Local (undefined:undefined)')
  expect(reason).toBe('too many files are open here (EMFILE)')
})

test.each([
  [
    'DNS:panel.example, IP Address:192.0.2.1',
    'use a name that is in the certificate (panel.example, 192.0.2.1)',
  ],
  [undefined, 'use a name that is in the certificate'],
])('an address that is not in a certificate with the names %s', (subjectaltname, hint) => {
  const message =
    "Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: "
  const cause = Object.assign(new Error(message), {cert: {subjectaltname}})
  for (const error of [cause, new Error(message, {cause})])
    expect(networkReason('ERR_TLS_CERT_ALTNAME_INVALID', message, error).hint).toBe(hint)
})

test.each([
  ['EPERM', 'this machine does not let it connect there (EPERM)'],
  ['EACCES', 'this machine does not let it connect there (EACCES)'],
  ['EADDRNOTAVAIL', 'this machine has no address or port left to connect from (EADDRNOTAVAIL)'],
  ['EINVAL', 'the system takes no such address (EINVAL)'],
  ['ENETDOWN', 'no route to the host'],
])('what this machine keeps from leaving is told of it, in words (%s)', (code, said) => {
  const {reason} = networkReason(code, `connect ${code} fe80::1:80 - Local (:::0)`)
  expect(reason).toBe(said)
})
