import {domainToASCII} from 'node:url'
import {headersText} from '../../../resource/json-kind.js'
import {choice, number, text, texts, toggle} from '../../../resource/kind.js'
import {restResource} from './rest-resource.js'

/** Where addresses of servers are made known (contracts/nezha.md 3.9). v2 keeps two of the fields to itself. */
export const ddns = restResource({
  word: 'ddns',
  path: '/api/v1/ddns',
  noun: 'DDNS profile',
  many: 'DDNS profiles',
  key: 'name',
  example: 'edge --provider cloudflare --access-secret-file token.txt --domain edge.example.com',
  fields: {
    name: {kind: text(), summary: 'its name', required: true},
    // The panel keeps any word (trap 46).
    provider: {
      kind: choice({
        dummy: 'dummy',
        webhook: 'webhook',
        cloudflare: 'cloudflare',
        tencentcloud: 'tencentcloud',
        he: 'he',
      }),
      summary: 'who is told',
      required: true,
    },
    domains: {kind: texts({normal: domainToASCII}), summary: 'domain; repeatable', flag: 'domain'},
    max_retries: {kind: number({min: 1, max: 10}), summary: 'how often it is tried', initial: 3},
    enable_ipv4: {kind: toggle(), summary: 'make IPv4 known', initial: true},
    enable_ipv6: {kind: toggle(), summary: 'make IPv6 known'},
    access_id: {kind: text(), summary: 'account at the provider', aside: true},
    access_secret: {kind: text(), summary: 'secret of that account', secret: true, untoldBy: 'v2'},
    webhook_url: {kind: text(), summary: 'URL of a webhook', secret: true},
    webhook_method: {kind: choice({none: 0, get: 1, post: 2}), summary: 'its method', aside: true},
    webhook_request_type: {
      kind: choice({none: 0, json: 1, form: 2}),
      summary: 'what its body is',
      aside: true,
    },
    webhook_request_body: {kind: text(), summary: 'body of a webhook', secret: true},
    webhook_headers: {
      kind: headersText(),
      summary: 'headers of a webhook, a JSON object',
      secret: true,
      untoldBy: 'v2',
    },
  },
  check({provider, webhook_url, webhook_method, webhook_request_type}) {
    if (provider !== 'webhook') return undefined
    if (!webhook_url) return 'webhook_url: a webhook has one'
    if (webhook_method === 'none') return 'webhook_method: a webhook has get or post'
    const isTyped = webhook_method === 'get' || webhook_request_type !== 'none'
    return isTyped ? undefined : 'webhook_request_type: the body of a webhook is json or form'
  },
})
