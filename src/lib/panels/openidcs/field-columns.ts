import {bytes, type Cell, percent} from '../../output/cell.js'
import type {Columns} from '../../output/columns.js'
import type {ConfigField, ConfigFields} from './fields.js'
import {bytesOf, numberOf, textOf} from './loose-values.js'

function cellOf({kind, unit, noneAt0}: ConfigField, value: unknown): Cell {
  if (noneAt0 && numberOf(value) === 0) return null
  if (unit === 'percent') return percent(numberOf(value))
  if (kind === 'megabytes') return bytes(bytesOf(value))
  return kind === 'count' || kind === 'number' ? numberOf(value) : textOf(value)
}

/** The columns that a table of fields names; `read` gives the fields of a row. */
export function fieldColumns<Row>(
  fields: ConfigFields,
  on: 'page' | ConfigField['on'],
  read: (row: Row) => Readonly<Record<string, unknown>>,
): Columns<Row> {
  const own = Object.entries(fields).flatMap(([name, field]) => {
    if (field.column === undefined || (field.on ?? 'page') !== on) return []
    const value = (row: Row) => cellOf(field, read(row)[name])
    return [[field.column, value] as const]
  })
  return Object.fromEntries(own)
}
