import {figuresOf, type Machine} from '../machine.js'
import type {Features} from './features.js'
import type {JsonObject} from './json.js'
import {hardwareStatus} from './models.js'
import type {Power} from './power.js'

/** A megabyte, which this panel counts in. */
const megabyte = 1024 ** 2
const model = 'AMD EPYC 7443P'

/** A machine that was booted when time began, as nobody asks it; memory and disk in megabytes. */
export function machineOf(cores: number, memory: number, disk: number, name: string): Machine {
  const seed = [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) | 0, 7)
  return {cores, memory, swap: 0, disk, bootedAt: 0, seed}
}

/** What an agent says of a machine at a moment (milliseconds since 1970): of one that is off only what it has. */
export function liveStatus(machine: Machine, power: Power, features: Features, at: number): JsonObject {
  const {cpu, memory, disk, incoming, outgoing} = figuresOf(machine, at)
  const isOn = power === 'STARTED' || power === 'UNKNOWN'
  const moving: JsonObject = {
    cpu_usage: Math.round(cpu),
    mem_usage: memory,
    network_u: Math.round(outgoing.speed / 10_000),
    network_d: Math.round(incoming.speed / 10_000),
  }
  return hardwareStatus(
    {
      ac_status: power,
      cpu_model: model,
      cpu_total: machine.cores,
      mem_total: machine.memory,
      hdd_total: machine.disk,
      hdd_usage: disk,
      flu_total: 102_400,
      flu_usage: Math.floor(outgoing.total / megabyte) % 102_400,
      network_a: 1000,
      ...(isOn && moving),
    },
    features,
    at,
  )
}
