import {headersText} from '../../../resource/json-kind.js'
import {choice, text, toggle} from '../../../resource/kind.js'
import {restResource} from './rest-resource.js'

const untoldBy = 'v2'

/** Who is told: v2 keeps address, headers and body to itself (contracts/nezha.md 3.9). */
export const notifications = restResource({
  word: 'notification',
  path: '/api/v1/notification',
  noun: 'notification',
  many: 'notifications',
  key: 'name',
  example: 'ops --url-file url.txt --request-method post',
  remark: 'Making or changing one sends no message; "nezha notification test" does.',
  fields: {
    name: {kind: text(), summary: 'its name', required: true},
    url: {kind: text(), summary: 'URL', secret: true, untoldBy, required: true},
    request_method: {kind: choice({get: 1, post: 2}), summary: 'method', initial: 'post'},
    request_type: {kind: choice({json: 1, form: 2}), summary: 'what the body is', initial: 'json'},
    request_header: {kind: headersText(), summary: 'headers, a JSON object', secret: true, untoldBy},
    request_body: {kind: text(), summary: 'body, with #NEZHA# for the message', secret: true, untoldBy},
    verify_tls: {kind: toggle(), summary: 'check the certificate', initial: true},
    format_metric_units: {kind: toggle(), summary: 'write units for people', since: '1.14.13', aside: true},
  },
  // Without it a message is sent at once, and its failure is the answer (trap 47).
  sends: {skip_check: true},
})
