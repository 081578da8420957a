import {type Command, defineCommand} from '../command/command.js'
import {actionFlags, tableFlags} from '../command/global-flags.js'
import {writeOut} from '../command/io.js'
import {usageError} from '../errors.js'
import {arg, flag} from '../flags/flags.js'
import {judge} from '../http/judge.js'
import type {Panel} from '../http/panel.js'
import {isPlainJson, jsonLine} from '../output/formats.js'
import {printable} from '../output/printable.js'
import {printDocument, printPlanned, withoutRows} from './document-output.js'
import {fieldFlags, requestFields, requestInput} from './request-fields.js'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Any call of a panel, with our credentials, errors and exit codes. */
export function apiCommand(panel: Panel, examples: readonly string[]): Command {
  const command = defineCommand(
    {
      summary: `send any request to ${panel.title}`,
      description:
        'With the credentials, errors and exit codes of every command. Fields are the query of GET and HEAD, and the JSON body otherwise. Nothing is masked.',
      examples,
      args: {
        method: arg.choice(methods, {summary: 'HTTP method', required: true}),
        path: arg.text({summary: 'path below the address of the panel', required: true}),
      },
      flags: {
        ...fieldFlags,
        include: flag.boolean({summary: 'print status and headers on stderr'}),
        raw: flag.boolean({summary: "keep the panel's envelope, and pass on what is not JSON"}),
      },
    },
    actionFlags,
    async given => {
      const context = withoutRows(given)
      const {args, flags, io, format, speech} = context
      if (!args.path.startsWith('/')) {
        const url = URL.canParse(args.path) ? new URL(args.path) : undefined
        const path = url ? `${url.pathname}${url.search}` : `/${args.path}`
        throw usageError(
          `the path "${args.path}" does not start with /`,
          `as in ${path}; --url says of which panel`,
        )
      }
      if (args.path.includes('#')) throw usageError('the path holds a #', 'write it as %23')
      const reads = args.method === 'GET' || args.method === 'HEAD'
      const fields = requestFields(flags.field, flags['json-field'])
      const hasFields = Object.keys(fields).length > 0
      if (flags.input !== undefined && (hasFields || reads)) {
        throw usageError(reads ? `${args.method} has no body` : '--input and fields contradict each other')
      }
      const body =
        flags.input === undefined
          ? hasFields && !reads
            ? fields
            : undefined
          : await requestInput(flags.input, context)

      try {
        const {answer, call} = await context.client(panel).send({
          panel,
          method: args.method,
          path: args.path,
          query: reads ? fields : undefined,
          body,
          repeatable: reads,
          keepBytes: flags.raw,
        })
        if (flags.include) {
          const headers = Object.entries(answer.headers).map(
            ([name, value]) => `${name}: ${[value].flat().join(', ')}`,
          )
          // Asked for, so that --quiet does not silence it.
          for (const line of [`HTTP ${answer.status}`, ...headers]) {
            io.stderr.write(`${speech.asJson ? jsonLine({note: line}) : `${printable(line)}\n`}`)
          }
        }
        const passes =
          answer.json === undefined && answer.status < 300 && (flags.raw || args.method === 'HEAD')
        if (passes) {
          await writeOut(io, answer.bytes ?? '')
          return
        }
        const data = judge(call, answer)
        if (flags.raw && answer.bytes && isPlainJson(format)) {
          // The wire: numbers beyond 2^53 as the panel wrote them.
          await writeOut(io, `${answer.bytes.toString().trimEnd()}\n`)
          return
        }
        await printDocument(context, flags.raw ? answer.json : data)
      } catch (error) {
        await printPlanned(context, error)
      }
    },
    [...tableFlags, 'show-secrets'],
  )
  return {...command, sendsAsTyped: true}
}
