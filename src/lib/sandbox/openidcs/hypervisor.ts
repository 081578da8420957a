import type {MachinePower, Power} from './power.js'

export interface Change {
  readonly at: number
  readonly power: MachinePower
  /** What it was on the way, unless it was so from the beginning. */
  readonly on?: Power
}

/** A VM as its hypervisor knows it, whatever the panel knows. */
export interface Machine {
  readonly name: string
  /** VMware's `.vmx` file; the name itself elsewhere. */
  readonly path: string
  /** Oldest first, never empty. */
  readonly changes: Change[]
}

/** What a host is a panel for: VMware's REST service, or another one (contracts/openidcs.md 8). */
export class Hypervisor {
  /** In the order it lists them: trap 27 depends on it. */
  readonly machines: Machine[] = []
  /** Whether anything answers at its address. */
  isReachable = true
  /** Whoever sends another `server_pass` is refused; any will do while it is undefined. */
  password: string | undefined
  /** Why it refuses to delete, in its words; it does not while this is undefined. */
  refusesDelete: string | undefined
  /** What the tool that enlarges disks does (8). */
  diskTool: 'works' | 'fails' | 'missing' = 'works'
  /** Files in `images_path`. */
  images: readonly string[] = defaultImages

  add(name: string, path: string, power: MachinePower, at: number): Machine {
    const machine: Machine = {name, path, changes: [{at, power}]}
    this.machines.push(machine)
    return machine
  }

  remove(machine: Machine): void {
    const index = this.machines.indexOf(machine)
    if (index >= 0) this.machines.splice(index, 1)
  }
}

const defaultImages: readonly string[] = ['windows10x64', 'debian12.vmdk', 'ubuntu2404.vmdk', 'disk.vhd']

export function powerOf({changes}: Machine): MachinePower {
  return changes.at(-1)?.power ?? 'off'
}

export function setPower(machine: Machine, power: MachinePower, at: number, on: Power): void {
  machine.changes.push({at, power, on})
}
