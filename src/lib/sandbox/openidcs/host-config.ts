import type {Features} from './features.js'
import type {Json, JsonObject} from './json.js'

const first: JsonObject = {
  server_name: '',
  server_type: '',
  server_addr: '',
  server_user: '',
  server_pass: '',
  filter_name: '',
  images_path: '',
  system_path: '',
  backup_path: '',
  extern_path: '',
  launch_path: '',
  network_nat: '',
  network_pub: '',
  i_kuai_addr: '',
  i_kuai_user: '',
  i_kuai_pass: '',
  ports_start: 0,
  ports_close: 0,
  remote_port: 0,
  system_maps: {},
  public_addr: [],
  extend_data: {},
}

const nameServers = ['119.29.29.29', '223.5.5.5']
const more: JsonObject = {
  ...first,
  server_port: 22,
  dvdrom_path: '',
  limits_nums: 0,
  images_maps: {},
  ipaddr_maps: {},
}
const tagged: JsonObject = {...more, server_dnss: [], ipaddr_dnss: nameServers}

/** HSConfig of each source (contracts/openidcs.md 3.1). */
const defaults: Readonly<Record<Features['models'], JsonObject>> = {
  S: first,
  S2: first,
  'v0.4': tagged,
  'v0.5': {...tagged, enable_host: false},
  N: {...more, server_area: '', enable_host: false, ipaddr_ddns: nameServers, server_plan: {}},
}

/** What a panel makes of a config: unknown keys are dropped, missing ones get defaults, no type is checked (12). */
export function hostConfig(given: JsonObject, {models}: Features): JsonObject {
  return withDefaults(defaults[models], given)
}

/** The fields of a model, as they were sent or else as they are made; nulls that were sent stay. */
export function withDefaults(fallback: JsonObject, given: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fallback).map(([key, value]): [string, Json] => {
      const sent = given[key]
      return [key, sent === undefined ? value : sent]
    }),
  )
}
