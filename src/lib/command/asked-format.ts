import {usageError} from '../errors.js'
import {type Format, formatNames, formats, isFormat, isPerElement} from '../output/formats.js'
import type {GlobalValues} from './global-flags.js'
import type {Environment} from './io.js'
import type {Preferred} from './preferences.js'

/** How results of `--jq` are printed: for shells, as `jq -rc`; with `-o json` as jq itself; with `-o ndjson` as `jq -c`. */
export type JqStyle = 'raw' | 'indented' | 'lines'

export interface AskedFormat {
  /** Of what the command prints, and an expression is given. */
  readonly format: Format
  /** True where nobody asked for it on the command line. */
  readonly formatGivesWay: boolean
  /** Whether what goes to stderr is JSON. */
  readonly jsonErrors: boolean
  readonly jqStyle?: JqStyle
}

/** What the flags ask for, or what `PANELCTL_OUTPUT`, else config.yaml prefers. */
function wanted(
  {json, output}: GlobalValues,
  env: Environment,
  {output: usual}: Preferred,
): {flag?: Format | undefined; preferred?: Format | undefined} {
  if (json && output !== undefined && output !== 'json') {
    throw usageError(`--json and -o ${output} contradict each other`, 'give one of them')
  }
  const flag = json ? 'json' : output
  if (flag !== undefined) return {flag}
  const preferred = env.PANELCTL_OUTPUT || usual
  if (preferred === undefined) return {}
  if (!isFormat(preferred)) {
    throw usageError(`PANELCTL_OUTPUT is "${preferred}"`, `set it to one of ${formatNames.join(', ')}`)
  }
  return {preferred}
}

/**
 * The format that the flags, else `PANELCTL_OUTPUT`, config.yaml or habit ask for. An expression takes JSON, whatever is preferred.
 * @throws PanelctlError USAGE for formats that contradict each other, `--jq`, or what there is
 */
export function askedFormat(flags: GlobalValues, env: Environment, usual: Preferred): AskedFormat {
  const {flag, preferred} = wanted(flags, env, usual)
  const asked = flag ?? preferred ?? 'table'
  const jsonErrors = formats[asked].isJson === true
  if (flags.jq === undefined) return {format: asked, formatGivesWay: preferred !== undefined, jsonErrors}
  if (flag === undefined) return {format: 'json', formatGivesWay: false, jsonErrors, jqStyle: 'raw'}
  if (!jsonErrors) throw usageError(`--jq prints texts or JSON, not ${flag}`, 'use -o json, or leave out -o')
  return {format: flag, formatGivesWay: false, jsonErrors, jqStyle: isPerElement(flag) ? 'lines' : 'indented'}
}
