import type {Surroundings} from '../command/command.js'
import {usageError} from '../errors.js'
import {flag, type ValuesOf} from '../flags/flags.js'
import {type Input, inputFlags, inputOf, textOfFile} from './document-flags.js'

/** For what is refused because it may hit another one. */
export const forceFlags = {
  force: flag.boolean({summary: 'send it although the panel may take another virtual machine for it'}),
}

/** What a virtual machine is to be. */
export const vmFlags = {
  os: flag.text({summary: 'image of its system', placeholder: 'image', filled: true}),
  cpu: flag.integer({summary: 'processors', min: 1}),
  'cpu-percent': flag.integer({summary: 'limit of the processors, in percent'}),
  memory: flag.megabytes({summary: 'memory, as 4G'}),
  disk: flag.megabytes({summary: 'disk, as 40G'}),
  gpu: flag.integer({summary: 'graphics processors'}),
  'gpu-memory': flag.megabytes({summary: 'graphics memory'}),
  up: flag.integer({summary: 'speed to the network', placeholder: 'mbps'}),
  down: flag.integer({summary: 'speed from the network', placeholder: 'mbps'}),
  traffic: flag.megabytes({summary: 'traffic that it may use'}),
  'nat-limit': flag.integer({summary: 'ports that it may have forwarded'}),
  'proxy-limit': flag.integer({summary: 'domains that it may have'}),
  nic: flag.text({
    summary: 'network card: name, and ip4, ip6, type, mac, gateway, mask, device',
    placeholder: 'name=ethernet0,ip4=…,type=nat',
    multiple: true,
    filled: true,
  }),
  'os-password-file': flag.text({
    summary: 'file with the password of the system, - for stdin',
    placeholder: 'file',
    filled: true,
  }),
  ...inputFlags,
}

/**
 * Reads what files hold of a virtual machine.
 * @throws PanelctlError USAGE where they cannot be read, or stdin is to be both
 */
export async function vmInputOf(
  flags: ValuesOf<typeof vmFlags>,
  surroundings: Pick<Surroundings, 'io'>,
): Promise<Input & {readonly password: string | undefined}> {
  const secret = flags['os-password-file']
  if (secret === '-' && flags.file === '-') {
    throw usageError('--file and --os-password-file cannot both be stdin')
  }
  const input = await inputOf(flags, surroundings)
  if (secret === undefined) return {...input, password: undefined}
  // A file ends with a line break, which is no part of a password.
  const password = (await textOfFile(secret, surroundings)).replace(/\r?\n$/, '')
  if (password === '') throw usageError(`${secret === '-' ? 'stdin' : secret} is empty`)
  return {...input, password}
}
