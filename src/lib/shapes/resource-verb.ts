import type {Command} from '../command/command.js'
import {arg} from '../flags/flags.js'
import {named, rowOf} from '../resource/resource.js'
import {typed} from '../resource/target.js'
import type {Verb} from '../resource/verb.js'
import {actionCommand} from './action.js'
import {namesOf, sampleName, turnOf} from './resource.js'

/** A verb that one resource has, for one thing of it or several. */
export function resourceVerb({resource, word, summary, remark, perform, missed, done}: Verb): Command {
  const sample = `${resource.topic} ${word} ${sampleName(resource)}`
  return actionCommand({
    summary,
    description: remark,
    examples: [sample, `${sample} 3 -o json`],
    args: {
      name: arg.text({
        summary: 'ids or unique names',
        required: true,
        each: true,
        among: namesOf(resource),
      }),
    },
    things: async ({api}) => (await resource.read(api)).map(row => named(resource, row)),
    turn: () => turnOf(resource),
    async perform({api, now, speech, args}) {
      const row = rowOf({resource, rows: await resource.read(api)}, typed(args.name))
      await perform(api, row)
      const done = named(resource, row)
      // It is done, whether or not there is more to see.
      const warning = await missed?.({api, now}, row, done.name).catch(() => undefined)
      if (warning !== undefined) speech.warn(warning)
      return done
    },
    columns: {id: ({id}) => id, name: ({name}) => name},
    id: ({id}) => id,
    done: (_run, {name}) => done(name),
  })
}
