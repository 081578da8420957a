import {type Command, defineCommand} from '../command/command.js'
import {tableFlags} from '../command/global-flags.js'
import {PanelctlError} from '../errors.js'
import {arg} from '../flags/flags.js'
import type {Api} from '../http/client.js'
import {mayNotBeRead} from '../http/gateway.js'
import {formats} from '../output/formats.js'
import {compareNatural} from '../output/natural.js'
import {
  named,
  type Resource,
  type Row,
  readings,
  type Seen,
  type Values,
  valuesOf,
  wordOf,
} from '../resource/resource.js'
import {schemaOf} from '../resource/schema.js'
import {straysIn, straysOf, strayWords, withoutStrays} from '../resource/stray.js'
import {printDocument, withoutRows} from './document-output.js'
import {showCommand} from './show.js'
import {sayUntold} from './untold.js'

/** What a panel keeps, in the order that references need. */
export interface Kept {
  /** What the commands begin with: `panel`. */
  readonly topic: string
  readonly resources: readonly Resource[]
}

/** What is there, as a file that `apply` takes. */
export function exportCommand({topic, resources}: Kept): Command {
  const words = resources.map(wordOf)
  const args = {
    resource: arg.choice(words, {
      summary: `what to export: ${words.join(', ')}; all without it`,
      multiple: true,
    }),
  }
  return defineCommand(
    {
      summary: 'print what the panel keeps, as a file for apply',
      description:
        'By names, without ids; secrets only with --show-secrets. What is left out stays as it is where the file is applied.',
      examples: [`${topic} export`, `${topic} export ${words.at(0)} ${words.at(1)}`],
      args,
    },
    {},
    async given => {
      const context = withoutRows(given)
      const {
        api,
        args: {resource: chosen},
        flags,
        speech,
      } = context
      const isChosen = chosen !== undefined && chosen.length > 0
      const read = readings(api)
      const document: Record<string, Values | Values[] | undefined> = {}
      const lacking = new Map<string, PanelctlError>()
      const own = await reasonIn(resources, api)
      for (const resource of resources) {
        const word = wordOf(resource)
        if (isChosen && !chosen.some(one => one === word)) continue
        const seen = await read.see(resource).catch((error: unknown) => {
          // What was not asked for by its name may be missing in this version, or be told to others alone.
          const isLeftOut =
            error instanceof PanelctlError &&
            (error.code === 'REJECTED' || ((own || resource.isOne) && mayNotBeRead(error)))
          if (!isLeftOut || isChosen) throw error
          lacking.set(word, error)
          return undefined
        })
        if (!seen) continue
        const unseen = own && unseenIn(seen)
        if (unseen) {
          lacking.set(word, new PanelctlError('AUTH', unseen, {hint: own.hint, panel: resource.panel.name}))
          continue
        }
        if (own) speech.warn(`${word}: others' may be missing, as this account may not see all`)
        if (flags['show-secrets']) await sayUntold(context, seen, speech.warn)
        warnOfTwins(seen, speech.warn)
        // By name: ids are in the order in which things were made, which is another one elsewhere.
        const rows = seen.rows.toSorted(byName(resource.key))
        const whole = own ? rows : withoutGone(seen, rows, speech.warn)
        const all = whole.map(row => exported(seen, valuesOf(seen, row), flags['show-secrets']))
        document[word] = resource.isOne ? all[0] : all
      }
      const [first] = lacking.values()
      if (first && Object.keys(document).length === 0) throw own ?? first
      for (const [word, {message}] of lacking) speech.warn(`left out, ${word}: ${message}`)
      const format = formats[context.format].carries === 'table' ? 'yaml' : context.format
      await printDocument({io: context.io, format}, document)
    },
    tableFlags,
  )
}

/** Why this account is told of some alone. */
async function reasonIn(resources: readonly Resource[], api: Api): Promise<PanelctlError | undefined> {
  for (const limit of new Set(resources.flatMap(({limit}) => limit ?? []))) {
    const reason = await limit(api)
    if (reason) return reason
  }
  return undefined
}

/** What leads to what is gone, without that, or not at all where it is nothing without: of who may see all. */
function withoutGone(seen: Seen, rows: readonly Row[], warn: (text: string) => void): Row[] {
  const {resource} = seen
  const gone = straysOf(seen, rows)
  for (const text of strayWords(gone, gone)) warn(`${text}: left out`)
  return rows.flatMap(row => {
    const strays = straysIn(seen, row)
    if (strays.length === 0) return [row]
    const left = {...row, wire: withoutStrays(resource, row.wire, strays)}
    const isWhole = straysIn(seen, left).length === 0 && !resource.check?.(valuesOf(seen, left))
    if (isWhole) return [left]
    const {name} = named(resource, row)
    warn(
      `left out, the ${resource.noun} ${name}: it can be made nowhere without that, and --prune would delete it`,
    )
    return []
  })
}

/** Why an account that may not see all can make no list: an empty one would have `apply --prune` delete others', and an id is another thing's elsewhere. */
function unseenIn(seen: Seen): string | undefined {
  if (seen.rows.length === 0) return 'this account has none, and may not see those of others'
  const [unseen] = seen.rows.flatMap(row => straysIn(seen, row))
  return unseen && `it leads to the ${unseen.target.noun} ${unseen.id}, which this account may not see`
}

/** A file finds things by their names. */
function warnOfTwins({resource, rows}: Seen, warn: (text: string) => void): void {
  const names = rows.map(row => named(resource, row).name)
  const twins = new Set(names.filter((name, at) => names.indexOf(name) !== at))
  if (twins.size > 0)
    warn(
      `several ${resource.many} have one name, so that no file can be applied to them: ${[...twins].join(', ')}`,
    )
}

function byName(key: string) {
  return ({wire: one}: Row, {wire: other}: Row) => compareNatural(String(one[key]), String(other[key]))
}

/** Values without what is nobody's to know, or is not known. */
function exported({resource: {fields}}: Seen, values: Values, showsSecrets: boolean): Values {
  const entries = Object.entries(values).filter(
    ([name, value]) =>
      !fields[name]?.told &&
      !fields[name]?.placed &&
      (!fields[name]?.secret || (showsSecrets && value !== null)),
  )
  return Object.fromEntries(entries)
}

/** The JSON Schema of the files, for editors. */
export function schemaCommand({topic, resources}: Kept): Command {
  return showCommand({
    summary: 'print the JSON Schema of the files that apply takes',
    examples: [`${topic} schema`],
    local: true,
    fetch: async () => schemaOf(resources),
  })
}
