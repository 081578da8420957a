import type {Surroundings} from '../command/command.js'
import type {Seen} from '../resource/resource.js'

/** A word on what the panel tells nobody, so that it is not taken for none. */
export async function sayUntold(
  {client}: Surroundings,
  {resource: {panel, fields, many}, rows}: Pick<Seen, 'resource' | 'rows'>,
  say: (text: string) => void,
): Promise<void> {
  const kept = Object.entries(fields).filter(([, {untoldBy}]) => untoldBy !== undefined)
  if (rows.length === 0 || kept.length === 0) return
  const generation = await client(panel).generation(panel)
  const names = kept.flatMap(([name, {untoldBy}]) => (untoldBy === generation ? name : []))
  if (names.length > 0)
    say(`${panel.title} ${generation} tells nobody these fields of ${many}: ${names.join(', ')}`)
}
