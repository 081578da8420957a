import {domainToASCII} from 'node:url'
import {PanelctlError} from '../../../errors.js'
import {isHostPort} from '../../../resource/host-port.js'
import {reference, text, toggle} from '../../../resource/kind.js'
import {nezha} from '../panel.js'
import {restResource} from './rest-resource.js'
import {servers} from './servers.js'

/** What is wrong with a domain: the panel compares it with what browsers ask for, letter by letter. */
function wrong(domain: string): string | undefined {
  if (!/^[^\s/:*]+$/.test(domain)) return 'is no domain, without scheme and port'
  const asked = domainToASCII(domain)
  return asked === domain || asked === '' ? undefined : `is not what a browser asks for: ${asked} is`
}

/** Web pages behind agents, shown under a domain of their own (contracts/nezha.md 3.9). */
export const nats = restResource({
  word: 'nat',
  path: '/api/v1/nat',
  noun: 'NAT profile',
  many: 'NAT profiles',
  key: 'name',
  example: 'wiki --server web1 --host 127.0.0.1:8080 --domain wiki.example.com',
  remark:
    'Whoever asks the dashboard for that domain is led through the agent to the host. The domain of one that is not enabled answers with the page of the firewall.',
  fields: {
    name: {kind: text(), summary: 'its name', required: true},
    enabled: {kind: toggle(), summary: 'lead there', initial: true, since: '1.6.3', without: true},
    server_id: {
      kind: reference(servers),
      summary: 'server whose agent leads there',
      flag: 'server',
      required: true,
    },
    host: {
      kind: text({wrong: host => (isHostPort(host) ? undefined : 'is not HOST:PORT')}),
      summary: 'where to, as seen from the agent: host:port',
      required: true,
    },
    domain: {
      kind: text({wrong}),
      summary: 'domain that leads there',
      required: true,
      unique: true,
    },
  },
  async refuses({address}, {domain}) {
    const {hostname} = await address(nezha, '/')
    if (domain !== hostname) return
    throw new PanelctlError(
      'REJECTED',
      `the dashboard itself is under ${hostname}, and nobody would reach it any more; nothing was sent`,
      {hint: 'give it a domain of its own', panel: 'nezha'},
    )
  },
})
