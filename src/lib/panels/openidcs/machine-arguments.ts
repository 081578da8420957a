import {arg} from '../../flags/flags.js'

/** A host by its name. */
export const hostArguments = {host: arg.name({summary: 'name of the host', required: true})}

/** A virtual machine by its host's name and its own. */
export const vmArguments = {
  ...hostArguments,
  vm: arg.name({summary: 'name of the virtual machine', required: true}),
}
