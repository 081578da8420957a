import {arg, flag, type ValuesOf} from '../../flags/flags.js'
import {openidcs} from './panel.js'

// The commands that a shell completes from what names a host or a virtual machine.
export const hostNames = 'openidcs host list --columns name'
const vmNames = 'openidcs vm list --columns name'

/** A host by its name. */
export const hostArguments = {host: arg.name({summary: 'name of the host', required: true, among: hostNames})}

/** A virtual machine by its host's name and its own. */
export const vmArguments = {
  ...hostArguments,
  vm: arg.name({summary: 'name of the virtual machine', required: true, among: vmNames}),
}
export type VmNames = ValuesOf<typeof vmArguments>

/** Virtual machines of one host, each by its name. */
export const vmsArguments = {
  ...hostArguments,
  vm: arg.name({summary: 'names of virtual machines', required: true, each: true, among: vmNames}),
}

/**
 * What two runs at once would take from each other: the panel replaces configurations as a whole, shifts lists and
 * serialises nothing (contracts/openidcs.md trap 30).
 */
export function machineTurn({host, vm}: {readonly host: string; readonly vm?: string | undefined}) {
  return {panel: openidcs, names: vm === undefined ? [host] : [vm, 'on', host]}
}

/** For what is refused because it may hit another one. */
export const forceFlags = {
  force: flag.boolean({summary: 'send it although the panel may take another virtual machine for it'}),
}
