import {printable} from '../../output/printable.js'
import {shellQuoted} from '../../shell-word.js'
import type {AgentKind, AgentPlan, NodeId} from '../agent-kind.js'
import {isLoopback} from '../install-url.js'
import {serviceName} from '../services.js'

/** The line that sets `$secret`: the only node's, or the one of the node that the machine is called. */
function secretOf(nodes: readonly EmittedNode[]): string[] {
  const [only, ...others] = nodes
  if (only && others.length === 0) return [`secret=${shellQuoted(only.secret)}`]
  return [
    // POSIX has no hostname.
    `name=\${NODE_NAME:-$(uname -n)}`,
    'case $name in',
    ...nodes.map(({name, secret}) => `  ${shellQuoted(name)}) secret=${shellQuoted(secret)} ;;`),
    `  *) fail 2 "no secret for $name: set NODE_NAME" ;;`,
    'esac',
  ]
}

function downloadOf({installUrl, sha256}: AgentPlan): string[] {
  const url = shellQuoted(installUrl.href)
  return [
    `if command -v curl >/dev/null 2>&1; then curl -fsSL -o "$script" ${url}; else wget -q -O "$script" ${url}; fi ||`,
    `  fail 6 'cannot download the install script'`,
    `read -r first <"$script" || :`,
    `case $first in '#!'*) ;; *) fail 10 'what was downloaded is not a script' ;; esac`,
    ...(sha256 === undefined
      ? []
      : [
          `echo ${shellQuoted(sha256)}"  $script" | sha256sum -c - >/dev/null || fail 10 'the script has another SHA-256'`,
        ]),
  ]
}

/** Lines for an agent of ours that is here: `$service` has its secret. One that is there as a whole is left, and at work. */
function finishing(
  {services, look}: AgentKind['installed'],
  isWhole: string,
  program: string,
): readonly string[] {
  const known = Object.entries(services).flatMap(([path, kind]) =>
    path.includes('*') ? [] : {path, ...kind(serviceName(path))},
  )
  return [
    `  if ${isWhole}; then`,
    ...known.flatMap(({path, isRunning, start}) => [
      `    if [ -e ${path} ] && ! ${isRunning} >/dev/null 2>&1; then`,
      `      { ${start}; } || fail 5 'its service does not start: ${look}'`,
      `      echo "${program}: its service was not at work, and is started"`,
      '      exit 0',
      '    fi',
    ]),
    `    echo "${program}: already installed"`,
    '    exit 0',
    '  fi',
    `  echo "${program}: only $service was left of it: it is installed anew"`,
    ...known.map(({path, stop}) => `  [ ! -e ${path} ] || { ${stop}; rm -f ${path}; }`),
    '  rm -f "$service"',
  ]
}

/** A POSIX shell script that installs the agent where it runs, and does nothing where it has done so. */
export function installScript(
  {panel, program, script, installed}: AgentKind,
  agent: AgentPlan,
  setSecret: readonly string[],
  names: readonly string[],
): string {
  const {workdir, installUrl} = agent
  // A script of this very machine is a stand-in, and makes no service.
  const isStandIn = isLoopback(installUrl)
  const {words, env} = agent.call('"$secret"')
  const environment = Object.entries(env).map(([name, value]) => `${name}=${value || "''"} `)
  const folder = shellQuoted(workdir)
  const listed = (paths: readonly string[]) => paths.map(path => path.replace(/^\./, folder)).join(' ')
  const services = Object.keys(installed.services)
  const [started, telling] = [listed(services), listed([...(installed.configurations ?? []), ...services])]
  const programs = listed(installed.programs)
  return `${[
    '#!/bin/sh',
    '# shellcheck disable=SC2016 # names are taken as they are',
    `# Installs the agent of ${names.map(name => printable(name)).join(', ')}. It holds a secret: keep it to yourself.`,
    `# Written by panelctl ${panel.name} node auto-register.`,
    '# All in a subshell: it may stand among other commands, which go on as they were.',
    '(',
    'set -u',
    'umask 077',
    `fail() { echo "${program}: $2" >&2; exit "$1"; }`,
    ...setSecret,
    ...(isStandIn ? [] : [`[ "$(id -u)" = 0 ] || fail 2 'run it as root'`]),
    'found() { for file; do [ ! -e "$file" ] || return 0; done; return 1; }',
    '# What a download saved in place of a program does not run.',
    `runs() { for file; do case $(head -c 4 "$file" 2>/dev/null) in ?ELF | '#!'*) return 0 ;; esac; done; return 1; }`,
    `# Run over an agent, the install script would ${script.overAgent} and say success.`,
    `for service in ${telling}; do`,
    '  [ -e "$service" ] || continue',
    '  grep -qF -- "$secret" "$service" ||',
    '    fail 5 "another agent is installed here, or one that does not say whose it is: $service"',
    ...finishing(installed, `runs ${programs}${isStandIn ? '' : ` && found ${started}`}`, program),
    '  break',
    'done',
    `mkdir -p ${folder} || fail 2 'cannot make the work folder'`,
    `cd ${folder} || fail 2 'cannot use the work folder'`,
    `script=$(mktemp ./${script.name}.XXXXXX) || fail 2 'cannot write the work folder'`,
    `trap 'rm -f "$script"' EXIT`,
    `trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM`,
    ...downloadOf(agent),
    'chmod 700 "$script"',
    `${environment.join('')}${['"$script"', ...words].join(' ')} </dev/null || fail 5 "the install script ended with exit code $?"`,
    '# It says success and exits with 0 whatever happened.',
    `found ${started}${isStandIn ? ` ${programs}` : ''} || fail 5 'the install script left no agent'`,
    ...(isStandIn ? [] : [`runs ${programs} || fail 5 'what the install script left is no program'`]),
    ')',
  ].join('\n')}\n`
}

/** One script for one machine, or for several that know themselves by name. */
export function emitShell(kind: AgentKind, agent: AgentPlan, nodes: readonly EmittedNode[]): string {
  return installScript(
    kind,
    agent,
    secretOf(nodes),
    nodes.map(({name}) => name),
  )
}

/** A registered node whose agent somebody else installs. */
export interface EmittedNode {
  readonly name: string
  /** Null where it cannot be told: two nodes of that name came at once. */
  readonly id: NodeId | null
  readonly tag: string
  /** Whether this run registered it; else an earlier one did, or its agent will. */
  readonly registered: boolean
  readonly secret: string
  /** What its agent reports as, where the secret is the account's. */
  readonly uuid?: string
}
