import type {Given} from '../../../flags/given.js'
import {isObject} from '../../../json-object.js'
import {isEmpty} from '../comparison.js'
import type {Configuration} from '../configuration.js'

/** What belongs to one VM alone (contracts/openidcs.md 3.2): a copy of it gets its own, or none. */
const originals = [
  'vc_port',
  'vc_pass',
  'own_all',
  'efi_all',
  'nat_all',
  'web_all',
  'backups',
  'vm_flag',
] as const

/** Like fields of an object, undefined for anything else, which is refused where it is read. */
function objectOf(value: unknown): Configuration | undefined {
  return isObject(value) ? value : undefined
}

function without(fields: Configuration, names: readonly string[]): Configuration {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}

/** A document that `vm show` printed without what belongs to that VM alone, and the names of it. Others stay. */
export function asCopy(given: Given): {readonly given: Given; readonly left: readonly string[]} {
  const {document} = given
  const whole = objectOf(document?.value)
  const config = objectOf(whole?.config)
  if (!document || !config) return {given, left: []}
  const left: string[] = originals.filter(name => !isEmpty(config[name]))
  let copy = without(config, originals)
  const cards = objectOf(config.nic_all)
  if (cards) {
    const hasMac = Object.values(cards).some(card => !isEmpty(objectOf(card)?.mac_addr))
    if (hasMac) left.unshift('mac_addr')
    const nic_all = Object.entries(cards).map(([name, card]) => {
      const fields = objectOf(card)
      return [name, fields ? without(fields, ['mac_addr']) : card]
    })
    copy = {...copy, nic_all: Object.fromEntries(nic_all)}
  }
  return {given: {...given, document: {...document, value: {...whole, config: copy}}}, left}
}
