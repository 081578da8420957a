import {usageError} from '../../../errors.js'
import {type Flags, flag} from '../../../flags/flags.js'
import type {Assignment, Given} from '../../../flags/given.js'
import {didYouMean} from '../../../nearest-names.js'
import type {Shape} from '../configuration.js'
import {type ConfigField, type ConfigFields, nicFields, vmFields} from '../fields.js'

/** What `vm show` prints; `config` of it is what is taken. */
export const vmShape: Shape = {
  fields: vmFields,
  besides: ['uuid', 'status', 'user_permissions', 'is_admin', 'current_user'],
}

/** The fields that a flag sets, or a part of one, by its name. */
function byFlag(fields: ConfigFields): ReadonlyMap<string, {readonly name: string} & ConfigField> {
  return new Map(
    Object.entries(fields).flatMap(([name, field]) => (field.flag ? [[field.flag, {...field, name}]] : [])),
  )
}

const vmByFlag = byFlag(vmFields)
const nicByPart = byFlag(nicFields)

function flagFor({kind, summary = '', min = 0, placeholder}: ConfigField) {
  const options = {summary, ...(placeholder === undefined ? {} : {placeholder})}
  if (kind === 'megabytes') return flag.megabytes({...options, min})
  return kind === 'text' ? flag.text({...options, filled: true}) : flag.integer({...options, min})
}

const flagsOfFields: Flags = Object.fromEntries([...vmByFlag].map(([name, field]) => [name, flagFor(field)]))

/** What a virtual machine is to be. */
export const vmFlags = {
  ...flagsOfFields,
  nic: flag.text({
    summary: `network card: name, and ${[...nicByPart.keys()].join(', ')}`,
    placeholder: 'name=ethernet0,ip4=…,type=nat',
    multiple: true,
    filled: true,
  }),
  'os-password-file': flag.text({
    summary: 'file with the password of the system, - for stdin',
    placeholder: 'file',
    filled: true,
  }),
}

/** What flags say of a VM: those of the table by their name, and the network cards. */
export interface VmWishes {
  readonly [flag: string]: unknown
  readonly nic: readonly string[]
  readonly 'os-password-file': string | undefined
}

/** The fields whose values are in files of their own. */
export function vmSecrets(wishes: VmWishes) {
  return [{field: 'os_pass', flag: 'os-password-file', file: wishes['os-password-file']}]
}

const nicExample = '--nic name=ethernet0,ip4=192.168.1.100,type=nat'

/** The fields of `name=ethernet0,ip4=192.168.1.100,type=nat`. */
function nicOf(text: string): Assignment[] {
  const parts = text.split(',').map((part): [string, string] => {
    const end = part.indexOf('=')
    if (end < 1) throw usageError(`--nic "${text}": "${part}" is not name=value`, nicExample)
    return [part.slice(0, end), part.slice(end + 1)]
  })
  const card = parts.find(([key]) => key === 'name')?.[1]
  if (!card) throw usageError(`--nic "${text}" has no name`, nicExample)
  const [twice] = parts.find(([key], index) => parts.findIndex(([first]) => first === key) < index) ?? []
  if (twice !== undefined) throw usageError(`--nic "${text}" has ${twice} twice`, nicExample)
  const others = parts.filter(([key]) => key !== 'name')
  if (others.length === 0) throw usageError(`--nic "${text}" says nothing of ${card}`, nicExample)
  return others.map(([key, value]) => {
    const field = nicByPart.get(key)
    if (field) return {where: '--nic', path: ['nic_all', card, field.name], value}
    const known = [...nicByPart.keys()]
    throw usageError(
      `--nic "${text}": there is no "${key}"`,
      didYouMean(key, known, `there are name, ${known.join(', ')}`),
    )
  })
}

/**
 * What a person gave: a file, flags on top of it, and `--set` on top of both.
 * @throws PanelctlError USAGE
 */
export function givenVm(name: string | undefined, wishes: VmWishes, {document, assignments}: Given): Given {
  const named: Assignment[] = name === undefined ? [] : [{where: '--name', path: ['vm_uuid'], value: name}]
  const flags = [...vmByFlag].flatMap(([flagName, field]): Assignment[] => {
    const value = wishes[flagName]
    return value === undefined ? [] : [{where: `--${flagName}`, path: [field.name], value}]
  })
  const cards = wishes.nic.map(nicOf)
  const names = cards.map(([part]) => part?.path[1])
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined)
    throw usageError(`two --nic are called ${twice}`, 'give each network card a name of its own')
  return {document, assignments: [...named, ...flags, ...cards.flat(), ...assignments]}
}
