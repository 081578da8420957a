import * as z from 'zod/mini'
import {distinct, optionalFields, word} from '../seed-fields.js'
import {profiles} from './features.js'
import type {Json} from './json.js'
import {addressRules, natRules, proxyRules} from './rules.js'

const json: z.ZodMiniType<Json> = z.json()
const fields = z.record(z.string(), json)
const port = z.int().check(z.gte(0), z.lte(65_535))

export const nat = z.strictObject({
  ...optionalFields(natRules.defaults),
  protocol: z.optional(z.enum(['tcp', 'udp'])),
  external_port: port,
  internal_port: port,
})

const address = z.strictObject({
  ...optionalFields(addressRules.defaults),
  type: z.optional(z.enum(['ipv4', 'ipv6'])),
  address: z.string(),
})

const proxy = z.strictObject({
  ...optionalFields(proxyRules.defaults),
  domain: z.string(),
  backend_port: z.optional(port),
})

export const vm = z.strictObject({
  name: word,
  /** A missing one is unknown to the hypervisor. */
  state: z._default(z.enum(['running', 'stopped', 'paused', 'missing']), 'running'),
  /** It reports its figures. */
  agent: z._default(z.boolean(), true),
  ip: z.optional(z.string()),
  /** Any field of the VM's config. */
  config: z._default(fields, {}),
  nat: z._default(z.array(nat), []),
  /** Of the older versions alone. */
  addresses: z._default(z.array(address), []),
  proxies: z._default(z.array(proxy), []),
})

export const host = z.strictObject({
  name: word,
  /** Another one is LxContainer. */
  type: z._default(word, 'VMWareSetup'),
  /** The newest alone knows disabled hosts. */
  enabled: z._default(z.boolean(), true),
  /** Whether its hypervisor answers. */
  reachable: z._default(z.boolean(), true),
  /** Any field of the host's config; the rest is made. */
  config: z._default(fields, {}),
  /** Files in images_path. */
  images: z.optional(z.array(z.string())),
  /** How the hypervisor lists its VMs; others among them are not in the panel. */
  order: z._default(z.array(z.string()), []),
  vms: z._default(z.array(vm).check(distinct('name')), []),
})

/** The `openidcs:` part of a seed file; everything may be left out. */
export const openidcsSeed = z.strictObject({
  /** Other versions, their failures included. */
  profile: z._default(z.enum(profiles), 'seed'),
  token: z._default(word, 'sandboxOpenidcsToken000000000001'),
  /** A session cookie that is logged in. */
  session: z._default(word, 'sandboxOpenidcsSession0000000001'),
  /** How long each write takes. */
  slow: z._default(z.string().check(z.regex(/^\d+(\.\d+)?(ms|s)$/)), '0ms'),
  /** Otherwise JSON is in one line, and pages for crashes are short. */
  debug: z._default(z.boolean(), true),
  /** Those of the default world without them. */
  hosts: z.optional(z.array(host).check(distinct('name'))),
})

export type OpenidcsSeed = z.input<typeof openidcsSeed>
export type OpenidcsWorld = z.output<typeof openidcsSeed>
