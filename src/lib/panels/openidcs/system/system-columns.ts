import {list, moment, type Tone, type TypedCell, yesNo} from '../../../output/cell.js'
import type {Columns} from '../../../output/columns.js'
import {fieldsOf, numberOf, textOf} from '../loose-values.js'
import type {Engine, LogEntry, Stats, Task} from '../schemas.js'
import {writtenAt} from './system.js'

/** Without those that run: the panel never counts them (contracts/openidcs.md trap 16). */
export const statsColumns: Columns<Stats> = {
  hosts: stats => stats.host_count,
  vms: stats => stats.vm_count,
}

export const engineColumns: Columns<Engine> = {
  name: engine => textOf(engine.name),
  enabled: engine => yesNo(engine.enabled),
  description: engine => textOf(engine.description),
  platforms: engine => list(engine.platform),
  architectures: engine => list(engine.arch),
  remarks: {value: engine => textOf(engine.message), hidden: true},
}

const levels = new Map<string | null, Tone>([
  ['WARNING', 'warn'],
  ['ERROR', 'bad'],
])

function level(value: unknown): TypedCell {
  const word = textOf(value)
  return {raw: word, text: () => word ?? '-', tone: levels.get(word)}
}

/** Without the host: it is the one that was asked for, whoever wrote (2.1 no. 8). */
export const logColumns: Columns<LogEntry> = {
  time: entry => moment(writtenAt(entry)),
  level: entry => level(entry.level),
  ok: entry => yesNo(entry.success),
  action: entry => textOf(entry.actions),
  message: entry => textOf(entry.message),
}

export const taskColumns: Columns<Task> = {
  ok: task => yesNo(task.success),
  result: task => numberOf(task.results),
  action: task => textOf(fieldsOf(task.message).actions),
  message: task => textOf(fieldsOf(task.message).message),
}
