import {
  bytesPerSecond,
  type Cell,
  celsius,
  milliseconds,
  percent,
  rawOf,
  rounded,
  type TypedCell,
} from '../../output/cell.js'
import type {Curve} from '../../output/chart.js'
import {readerOf} from '../../output/columns.js'
import {type LoadType, loadColumns} from './columns.js'
import type {LoadRow, PingRow} from './history.js'
import {timeOf} from './times.js'

/** What is drawn of a `load_type`; of all, what people look at first. */
const drawn: Readonly<Record<LoadType, readonly string[]>> = {
  all: ['cpu', 'memory', 'load', 'net_in', 'net_out'],
  cpu: ['cpu'],
  ram: ['memory'],
  swap: ['swap'],
  load: ['load'],
  temp: ['temp'],
  disk: ['disk'],
  network: ['net_in', 'net_out'],
  process: ['processes'],
  connections: ['connections', 'udp'],
}

const units: Readonly<Record<string, (value: number) => TypedCell>> = {
  cpu: percent,
  memory: percent,
  swap: percent,
  disk: percent,
  temp: celsius,
  net_in: bytesPerSecond,
  net_out: bytesPerSecond,
}

function numberIn(cell: Cell): number | null {
  const raw = rawOf(cell)
  return typeof raw === 'number' ? raw : null
}

/** The columns of the load history as curves. */
export function loadCurves(rows: readonly LoadRow[], type: LoadType | undefined): Curve[] {
  return drawn[type ?? 'all'].flatMap(name => {
    const column = loadColumns[name]
    if (column === undefined) return []
    return {
      title: name.replaceAll('_', ' '),
      points: rows.map(row => ({
        time: timeOf(row.time)?.getTime() ?? NaN,
        value: numberIn(readerOf(column)(row)),
      })),
      cell: units[name] ?? rounded,
    }
  })
}

/** Each row's delays as a curve, with gaps and marks where probes were lost. */
export function pingCurves(rows: readonly PingRow[]): Curve[] {
  return rows.map(({task, taskId, node, client, delays}) => ({
    title: [task?.name ?? `task ${taskId}`, node?.name ?? client].filter(Boolean).join(' from '),
    points: delays.series,
    cell: milliseconds,
    withoutValue: 'lost',
  }))
}
