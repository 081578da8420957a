import type {AgentFlags} from '../../../agent/agent-flags.js'

// The script joins everything with blanks and writes it into a unit or an init script without quotes (contracts/komari.md
// 3.9): these characters mean nothing there.
const harmless = /^[A-Za-z0-9.:,_/[\]~][A-Za-z0-9.:,_/[\]~-]*$/

/** Whether a text reaches the agent as it is. */
export function isHarmless(text: string): boolean {
  return harmless.test(text)
}

const text = (words: string, example: string) => ({pattern: harmless, words, example})
const number = (words: string, example: string) => ({pattern: /^[1-9]\d{0,5}$/, words, example})

/** The flags of agent 1.2.60 (3.9): one that it does not know ends it, again and again. */
export const flagsOfAgent: AgentFlags = {
  agent: 'agent 1.2.60',
  flags: {
    'disable-auto-update': 'alone',
    'disable-web-ssh': 'alone',
    interval: {pattern: /^[1-9]\d{0,5}(\.\d)?$/, words: 'a number of seconds', example: '3'},
    'ignore-unsafe-cert': 'alone',
    'max-retries': number('a number', '3'),
    'reconnect-interval': number('a number of seconds', '5'),
    'info-report-interval': number('a number of minutes', '5'),
    'include-nics': text('names with commas between', 'eth0,eth1'),
    'exclude-nics': text('names with commas between', 'docker0,lo'),
    'include-mountpoint': text('a folder', '/data'),
    'month-rotate': {pattern: /^([1-9]|[12]\d|3[01])$/, words: 'a day of the month', example: '1'},
    'memory-include-cache': 'alone',
    'memory-exclude-bcf': 'alone',
    'custom-dns': text('an address', '1.1.1.1'),
    gpu: 'alone',
    'custom-ipv4': text('an address', '192.0.2.1'),
    'custom-ipv6': text('an address', '2001:db8::1'),
    'get-ip-addr-from-nic': 'alone',
    'protocol-version': {pattern: /^[12]$/, words: '1 or 2', example: '1'},
    'disable-compression': 'alone',
    'prefer-ip-version': {pattern: /^[46]$/, words: '4 or 6', example: '4'},
  },
  short: {
    e: 'endpoint',
    t: 'token',
    i: 'interval',
    u: 'ignore-unsafe-cert',
    r: 'max-retries',
    c: 'reconnect-interval',
  },
  own: {
    endpoint: '--endpoint',
    token: 'no flag: the token is the one that the panel gives',
    'auto-discovery': 'no flag: the node is added with its own token',
    config: 'no file: what is in it beats the token',
  },
}
