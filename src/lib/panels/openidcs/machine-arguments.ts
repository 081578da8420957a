import {arg, flag, type ValuesOf} from '../../flags/flags.js'

/** A host by its name. */
export const hostArguments = {host: arg.name({summary: 'name of the host', required: true})}

/** A virtual machine by its host's name and its own. */
export const vmArguments = {
  ...hostArguments,
  vm: arg.name({summary: 'name of the virtual machine', required: true}),
}
export type VmNames = ValuesOf<typeof vmArguments>

/** Virtual machines of one host, each by its name. */
export const vmsArguments = {
  ...hostArguments,
  vm: arg.name({summary: 'names of virtual machines', required: true, each: true}),
}

/** For what is refused because it may hit another one. */
export const forceFlags = {
  force: flag.boolean({summary: 'send it although the panel may take another virtual machine for it'}),
}
