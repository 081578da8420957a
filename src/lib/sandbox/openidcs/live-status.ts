import {noise} from '../random.js'
import type {Features} from './features.js'
import type {JsonObject} from './json.js'
import {hardwareStatus} from './models.js'
import type {Power} from './power.js'

export interface Machinery {
  readonly cores: number
  readonly memory: number
  readonly disk: number
  readonly model: string
  /** Decides its figures. */
  readonly seed: number
}

/** Figures of a machine that looks alive; the same at the same time. */
export function liveStatus(machine: Machinery, power: Power, features: Features, at: number): JsonObject {
  const minute = Math.floor(at / 60_000)
  const {cores, memory, disk, model, seed} = machine
  const isOn = power === 'STARTED' || power === 'UNKNOWN'
  const wave = (index: number, period: number) =>
    0.5 +
    0.35 * Math.sin((minute / period) * Math.PI + seed + index) +
    0.15 * (noise(seed, index, minute) - 0.5)
  const share = (index: number, whole: number, from: number, to: number) =>
    isOn ? Math.round(whole * (from + (to - from) * wave(index, 60 * (index + 1)))) : 0
  // Traffic only grows; each VM has its own pace.
  const traffic = Math.floor((minute % 43_200) * (2 + (seed % 7)) * 0.5)
  return hardwareStatus(
    {
      ac_status: power,
      cpu_model: model,
      cpu_total: cores,
      cpu_usage: share(0, 100, 0.04, 0.6),
      mem_total: memory,
      mem_usage: share(1, memory, 0.25, 0.7),
      hdd_total: disk,
      hdd_usage: Math.round(disk * (0.2 + 0.3 * noise(seed, 7))),
      flu_total: 102_400,
      flu_usage: traffic % 102_400,
      network_a: 1000,
      network_u: share(2, 40, 0, 1),
      network_d: share(3, 80, 0, 1),
    },
    features,
    at,
  )
}
