import {usageError} from '../errors.js'

const MEGA: Readonly<Record<string, number>> = {'': 1, m: 1, g: 1024, t: 1024 * 1024}

/**
 * Whole megabytes of a size: `4096` is 4096 of them, `4G`, `4GB` and `4GiB` are 4096 too, as panels count; `1.5G` is 1536.
 * @throws PanelctlError USAGE for anything else, and for less than `min`
 */
export function parseMegabytes(input: string, min = 0): number {
  const match = /^(\d+(?:\.\d+)?)\s?(?:([mgt])(?:i?b)?)?$/i.exec(input)
  const value = Number(match?.[1]) * (MEGA[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN)
  if (Number.isNaN(value)) {
    throw usageError(`"${input}" is not a size`, 'write it as 4096 (megabytes), 512M, 4G, 10GiB or 1T')
  }
  if (!Number.isSafeInteger(value))
    throw usageError(`${input} is not a whole number of megabytes`, 'write whole ones, as 1M, 512M or 1.5G')
  if (value < min) throw usageError(`${input} is less than ${min}M`, 'write it as 512M, 4G or 40G')
  return value
}
