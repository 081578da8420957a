import {noise} from './random.js'

// How figures of emulated machines move: the same at the same second for ever, and different from machine to machine.

/** Between -1 and 1, with a phase of its own for each machine and use. */
export function wave(second: number, seed: number, use: number, period: number): number {
  return Math.sin((second / period + noise(seed, use)) * 2 * Math.PI)
}

/** Bytes a second now, and bytes since the machine started, which is the sum of it: `uptime` in seconds. */
export function traffic(uptime: number, seed: number, use: number): {speed: number; total: number} {
  const mean = 2000 + 400_000 * noise(seed, use) ** 2
  const turn = (2 * Math.PI) / 149
  const phase = 2 * Math.PI * noise(seed, use, 1)
  const swing = (Math.cos(phase) - Math.cos(turn * uptime + phase)) / turn
  return {
    speed: Math.round(mean * (1 + 0.7 * Math.sin(turn * uptime + phase))),
    total: Math.round(mean * (uptime + 0.7 * swing)),
  }
}
