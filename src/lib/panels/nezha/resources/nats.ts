import {isHostPort} from '../../../resource/host-port.js'
import {reference, text, toggle} from '../../../resource/kind.js'
import {restResource} from './rest-resource.js'
import {servers} from './servers.js'

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
      kind: text({
        wrong: domain => (/^[^\s/:]+$/.test(domain) ? undefined : 'is no domain, without scheme and port'),
      }),
      summary: 'domain that leads there',
      required: true,
      unique: true,
    },
  },
})
