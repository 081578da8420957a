import {spawn} from 'node:child_process'
import {usageError} from '../errors.js'
import type {AgentKind, AgentPlan} from './agent-kind.js'
import {isLoopback} from './install-url.js'
import {hasProgram, type Machine} from './machine.js'
import {canWrite, checkWorkFolder} from './work-folder.js'

/**
 * Whether this machine can take an agent: its system, our rights, the work folder, and what the script needs.
 * Changes nothing.
 * @throws PanelctlError USAGE saying what to do instead
 */
export async function checkMachine(kind: AgentKind, plan: AgentPlan, machine: Machine): Promise<void> {
  if (machine.platform !== 'linux') {
    throw usageError(
      `the install script is for Linux, and this is ${machine.platform}`,
      kind.script.elsewhere,
    )
  }
  await checkWorkFolder(kind, plan.workdir, machine)
  const writable = await canWrite(plan.workdir)
  // A script of this very machine is a stand-in, as the sandbox's, or somebody's own.
  if (isLoopback(plan.installUrl) && writable) return
  if (machine.userId !== 0) await checkSudo(kind, machine)
  if (!writable)
    throw usageError(`you cannot write ${plan.workdir}`, 'run it as root, or give a --workdir of your own')
  await checkTools(kind, machine)
}

async function checkSudo({script}: AgentKind, machine: Machine): Promise<void> {
  if (script.becomesRoot && (await canBecomeRoot(machine))) return
  const without = (await hasProgram(machine, 'sudo'))
    ? ', and sudo asks for a password here'
    : ', and there is no sudo'
  throw usageError(`installing an agent needs root${script.becomesRoot ? without : ''}`, 'run it as root')
}

async function checkTools({script}: AgentKind, machine: Machine): Promise<void> {
  const {interpreter} = script
  if (interpreter !== undefined && !(await hasProgram(machine, interpreter)))
    throw usageError(`the install script needs ${interpreter}`, `install ${interpreter} first`)
  const missing: string[] = []
  for (const tool of script.tools) if (!(await hasProgram(machine, tool))) missing.push(tool)
  if (missing.length === 0) return
  for (const manager of script.packageManagers) if (await hasProgram(machine, manager)) return
  throw usageError(
    `the install script needs ${missing.join(', ')}, and no package manager that it knows is here`,
    `install ${missing.join(', ')} first`,
  )
}

/** Whether sudo works without asking: in a session of its own, as the script has no terminal either. */
function canBecomeRoot({path}: Machine): Promise<boolean> {
  return new Promise(resolve => {
    const child = spawn('sudo', ['-n', 'true'], {stdio: 'ignore', detached: true, env: {PATH: path}})
    child.once('error', () => resolve(false))
    child.once('exit', code => resolve(code === 0))
  })
}
