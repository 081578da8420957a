import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/**
 * What a reviewed file holds of a value. With `UPDATE=1` the file is written first: its change is then what is
 * reviewed.
 */
export function stored(name: string, value: unknown): unknown {
  const file = join(import.meta.dirname, name)
  if (process.env.UPDATE === '1') writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : `no ${name}: run the test with UPDATE=1`
}

/** A value as JSON keeps it. */
export function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
